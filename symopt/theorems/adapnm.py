"""AdaPNM: where it is Adam."""

from collections.abc import Iterator

from sympy import Eq, Rational, Symbol

from symopt.proof import trajectory
from symopt.rules import find

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
eps = Symbol("eps")


@theorem(cites="follows from Xie, Yuan, Zhu & Sugiyama 2021, algorithm AdaPNM", rules=("adapnm", "adam"))
def adapnm_is_adam() -> Iterator[Claim]:
    """AdaPNM without the maximum, with beta0 = 0 and beta1 = 0, is Adam with beta1 = 0."""
    rule, adam = find("adapnm", amsgrad=False), trajectory(find("adam"), beta1=0)
    one, half = (trajectory(rule, "'", beta0=value, beta1=0) for value in (0, Rational(1, 2)))
    claim = [Eq(one.m(t), adam.m(t)), Eq(one.v(t), adam.v(t)), Eq(one.x(t), adam.x(t))]
    yield Claim(claim, [one, adam, eps > 0], mutant_given=[half, adam, eps > 0])
