"""Quasi-hyperbolic Adam: where it is Adam."""

from collections.abc import Iterator

from sympy import Eq, Rational, Symbol

from symopt.proof import trajectory
from symopt.rules import find

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
eps = Symbol("eps")


@theorem(cites="Ma & Yarats 2019, section 4", rules=("qhadam", "adam"))
def qhadam_is_adam() -> Iterator[Claim]:
    """QHAdam with nu1 = nu2 = 1 is Adam."""
    one, two = trajectory(find("qhadam"), "'", nu1=1, nu2=1), trajectory(find("adam"))
    half = trajectory(find("qhadam"), "'", nu1=Rational(1, 2), nu2=1)
    claim = [Eq(one.m(t), two.m(t)), Eq(one.v(t), two.v(t)), Eq(one.x(t), two.x(t))]
    yield Claim(claim, [one, two, eps > 0], mutant_given=[half, two, eps > 0])
