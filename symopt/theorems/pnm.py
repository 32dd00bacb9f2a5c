"""PNM: where it is gradient descent."""

from collections.abc import Iterator

from sympy import Eq, Rational, Symbol

from symopt.proof import trajectory
from symopt.rules import find

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)


@theorem(cites="follows from Xie, Yuan, Zhu & Sugiyama 2021, algorithm PNM", rules=("pnm", "sgd"))
def pnm_is_sgd() -> Iterator[Claim]:
    """PNM with beta0 = 0 and beta1 = 0 is gradient descent."""
    one, sgd = trajectory(find("pnm"), "'", beta0=0, beta1=0), trajectory(find("sgd"))
    half = trajectory(find("pnm"), "'", beta0=Rational(1, 2), beta1=0)
    yield Claim(Eq(one.x(t), sgd.x(t)), [one, sgd], mutant_given=[half, sgd])
