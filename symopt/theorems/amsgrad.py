"""AMSGrad: Adam whose second moment never falls."""

from collections.abc import Iterator
from typing import Any

from sympy import Eq, Function, Piecewise, Symbol

from symopt.language import decay, rate, rule, small, state, where
from symopt.language import sqrt as root
from symopt.proof import one_step, trajectory
from symopt.rules import find

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
v, top, eps = (Symbol(name) for name in ("v", "top", "eps"))
REDDI = "Reddi, Kale & Kumar 2018, arXiv:1904.09237, Algorithm 2"


@rule(
    cites=REDDI,
    lr=rate(0.001),
    beta1=decay(0.9),
    beta2=decay(0.999),
    eps=small("1e-8"),
    m=state(),
    v=state(nonnegative=True),
    top=state(nonnegative=True),
)
def amsgrad(s: Any) -> None:
    """Adam that divides by the greatest second moment so far."""
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.v = s.beta2 * s.v + (1 - s.beta2) * s.g**2
    s.top = where(s.top <= s.v, s.v, s.top)
    s.x = s.x - s.lr * s.m / (root(s.top) + s.eps)


@theorem(cites=REDDI, rules=("adam",))
def amsgrad_is_adam_while_v_grows() -> Iterator[Claim]:
    """AMSGrad (no correction) is Adam as long as v does not decrease: so(t) is 1 until it first does, then 0."""
    one, two = trajectory(amsgrad, "'"), trajectory(find("adam", bias_correction=False))
    so = Function("so")
    grows = [Eq(so(0), 1), Eq(so(t), Piecewise((so(t - 1), two.v(t - 1) <= two.v(t)), (0, True)))]

    def while_so(left: Any, right: Any) -> Any:
        return Eq(Piecewise((left, so(t) >= 1), (right, True)), right)

    states = [Eq(one.m(t), two.m(t)), Eq(one.v(t), two.v(t))]
    yield Claim(
        [*states, while_so(one.top(t), two.v(t)), while_so(one.x(t), two.x(t))],
        [one, two, *grows, eps > 0],
        mutant=[*states, Eq(one.x(t), two.x(t))],
        using=[so(t) >= 0, two.v(t) >= 0, one.top(t) >= 0],
    )


@theorem(cites=REDDI, rules=("adam",))
def amsgrad_divisor_never_decreases() -> Iterator[Claim]:
    """From any state top(t) >= top(t-1) and top(t) >= v(t): no rate grows, or exceeds Adam's (without correction)."""
    step, adam = one_step(amsgrad), one_step(find("adam", bias_correction=False))
    later = step.new["top"]
    yield Claim(
        [later >= top, later >= step.new["v"]],
        [step],
        mutant=adam.new["v"] >= v,
        mutant_given=[adam],
    )
