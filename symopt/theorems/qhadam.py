"""Quasi-hyperbolic Adam: where it is Adam."""

from collections.abc import Iterator
from typing import Any

from sympy import Eq, Rational, Symbol

from symopt.language import decay, rate, rule, small, sqrt, state
from symopt.proof import trajectory
from symopt.rules import find

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
eps = Symbol("eps")


@rule(
    cites="Ma & Yarats 2019, arXiv:1810.06801, Algorithm 2",
    lr=rate(0.001),
    beta1=decay(0.9),
    beta2=decay(0.999),
    eps=small("1e-8"),
    nu1=rate(0.7),
    nu2=rate(1),
    m=state(),
    v=state(nonnegative=True),
)
def qhadam(s: Any) -> None:
    """Adam that steps along a mixture of the gradient and its mean, nu1 and nu2 the shares of the means."""
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.v = s.beta2 * s.v + (1 - s.beta2) * s.g**2
    s.m_hat = s.m / (1 - s.beta1**s.t)
    s.v_hat = s.v / (1 - s.beta2**s.t)
    above = (1 - s.nu1) * s.g + s.nu1 * s.m_hat
    s.x = s.x - s.lr * above / (sqrt((1 - s.nu2) * s.g**2 + s.nu2 * s.v_hat) + s.eps)


@theorem(cites="Ma & Yarats 2019, section 4", rules=("adam",))
def qhadam_is_adam() -> Iterator[Claim]:
    """QHAdam with nu1 = nu2 = 1 is Adam."""
    one, two = trajectory(qhadam, "'", nu1=1, nu2=1), trajectory(find("adam"))
    half = trajectory(qhadam, "'", nu1=Rational(1, 2), nu2=1)
    claim = [Eq(one.m(t), two.m(t)), Eq(one.v(t), two.v(t)), Eq(one.x(t), two.x(t))]
    yield Claim(claim, [one, two, eps > 0], mutant_given=[half, two, eps > 0])
