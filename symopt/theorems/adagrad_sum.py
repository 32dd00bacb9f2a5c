"""AdaGrad's accumulator is the sum of the squares of all gradients."""

from collections.abc import Iterator

from sympy import Eq, Function, Sum, Symbol

from symopt.proof import trajectory
from symopt.rules import find

from .statement import Claim, theorem


@theorem(cites="Duchi, Hazan & Singer 2011, figure 1", rules=("adagrad",), article=(2,))
def adagrad_sum_of_squares() -> Iterator[Claim]:
    """a(t) = g(1)^2 + ... + g(t)^2."""
    t, i = Symbol("t", integer=True, nonnegative=True), Symbol("i", integer=True)
    run, g = trajectory(find("adagrad")), Function("g")
    yield Claim(
        Eq(run.a(t), Sum(g(i) ** 2, (i, 1, t))),
        [run],
        mutant=Eq(run.a(t), Sum(g(i) ** 2, (i, 1, t + 1))),
    )
