"""The article's reading of Adam, in which the corrected moments overwrite the state, is another algorithm."""

from collections.abc import Iterator
from typing import Any

from sympy import Eq, Integer, Symbol

from symopt.language import decay, rate, rule, small, sqrt, state
from symopt.proof import trajectory
from symopt.rules import find

from .statement import Claim, theorem


@rule(
    cites="the article's formula read literally",
    lr=rate(0.001),
    beta1=decay(0.9),
    beta2=decay(0.999),
    eps=small("1e-8"),
    m=state(),
    v=state(nonnegative=True),
)
def adam_overwriting(s: Any) -> None:
    """Adam whose corrected moments are written back into the states."""
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.v = s.beta2 * s.v + (1 - s.beta2) * s.g**2
    s.m = s.m / (1 - s.beta1**s.t)
    s.v = s.v / (1 - s.beta2**s.t)
    s.x = s.x - s.lr * s.m / (sqrt(s.v) + s.eps)


@theorem(cites="the article, Adam", expected="refuted", rules=("adam",), article=(20,))
def overwriting_is_adam() -> Iterator[Claim]:
    """Overwriting the moments with their corrected values changes nothing (false from t = 2 on, true at t = 1)."""
    t = Symbol("t", integer=True, nonnegative=True)
    wrong, right = trajectory(adam_overwriting, "'"), trajectory(find("adam"))
    yield Claim(
        Eq(wrong.x(t), right.x(t)),
        [wrong, right, Symbol("eps") > 0],
        mutant=Eq(wrong.x(Integer(1)), right.x(Integer(1))),
    )
