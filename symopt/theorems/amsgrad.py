"""AMSGrad: Adam whose second moment never falls."""

from collections.abc import Iterator
from typing import Any

from sympy import Eq, Function, Piecewise, Symbol

from symopt.proof import one_step, trajectory
from symopt.rules import find

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
v, v_max, eps = (Symbol(name) for name in ("v", "v_max", "eps"))
REDDI = "Reddi, Kale & Kumar 2018, arXiv:1904.09237, Algorithm 2"


@theorem(cites=REDDI, rules=("amsgrad", "adam"))
def amsgrad_is_adam_while_v_grows() -> Iterator[Claim]:
    """AMSGrad (no correction) is Adam as long as v does not decrease: so(t) is 1 until it first does, then 0."""
    one, two = trajectory(find("amsgrad"), "'"), trajectory(find("adam", bias_correction=False))
    so = Function("so")
    grows = [Eq(so(0), 1), Eq(so(t), Piecewise((so(t - 1), two.v(t - 1) <= two.v(t)), (0, True)))]

    def while_so(left: Any, right: Any) -> Any:
        return Eq(Piecewise((left, so(t) >= 1), (right, True)), right)

    states = [Eq(one.m(t), two.m(t)), Eq(one.v(t), two.v(t))]
    yield Claim(
        [*states, while_so(one.v_max(t), two.v(t)), while_so(one.x(t), two.x(t))],
        [one, two, *grows, eps > 0],
        mutant=[*states, Eq(one.x(t), two.x(t))],
        using=[so(t) >= 0, two.v(t) >= 0, one.v_max(t) >= 0],
    )


@theorem(cites=REDDI, rules=("amsgrad", "adam"))
def amsgrad_divisor_never_decreases() -> Iterator[Claim]:
    """From any state v_max(t) >= v_max(t-1) and v_max(t) >= v(t): no rate grows, or exceeds Adam's, uncorrected."""
    step, adam = one_step(find("amsgrad")), one_step(find("adam", bias_correction=False))
    later = step.new["v_max"]
    yield Claim(
        [later >= v_max, later >= step.new["v"]],
        [step],
        mutant=adam.new["v"] >= v,
        mutant_given=[adam],
    )
