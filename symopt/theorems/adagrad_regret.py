"""AdaGrad: the sum at the heart of its regret bound."""

from collections.abc import Iterator

from sympy import Eq, Function, Symbol, sqrt

from symopt.proof import trajectory
from symopt.rules import find

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
eps = Symbol("eps")
g, r = Function("g"), Function("r")


@theorem(cites="Duchi, Hazan & Singer 2011, lemma 4", rules=("adagrad",))
def adagrad_regret_sum() -> Iterator[Claim]:
    """g(1)^2/sqrt(a(1) + eps) + ... + g(t)^2/sqrt(a(t) + eps) <= 2 sqrt(a(t) + eps) - 2 sqrt(eps)."""
    run = trajectory(find("adagrad", eps_placement="inside"))
    total = [Eq(r(0), 0), Eq(r(t), r(t - 1) + g(t) ** 2 / sqrt(run.a(t) + eps))]
    rise = sqrt(run.a(t) + eps) - sqrt(eps)
    yield Claim(
        r(t) <= 2 * rise,
        [run, *total, eps > 0],
        mutant=r(t) <= rise,
        using=[run.a(t) >= 0],
        hints=[sqrt(run.a(t + 1) + eps) - sqrt(run.a(t) + eps)],
    )
