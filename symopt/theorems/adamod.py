"""AdaMod: where it is Adam."""

from collections.abc import Iterator

from sympy import Eq, Rational, Symbol

from symopt.proof import trajectory
from symopt.rules import find

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
eps = Symbol("eps")


@theorem(cites="Ding, Ren, Luo & Sun 2019", rules=("adamod", "adam"))
def adamod_is_adam() -> Iterator[Claim]:
    """AdaMod with beta3 = 0 is Adam: a rate is never more than itself."""
    one, half = (trajectory(find("adamod"), "'", beta3=value) for value in (0, Rational(1, 2)))
    adam = trajectory(find("adam"))
    claim = [Eq(one.m(t), adam.m(t)), Eq(one.v(t), adam.v(t)), Eq(one.x(t), adam.x(t))]
    yield Claim(claim, [one, adam, eps > 0], mutant_given=[half, adam, eps > 0])
