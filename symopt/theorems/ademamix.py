"""AdEMAMix: where it is AdamW."""

from collections.abc import Iterator

from sympy import Eq, Rational, Symbol

from symopt.proof import trajectory
from symopt.rules import find

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
eps = Symbol("eps")


@theorem(cites="Pagliardini, Ablin & Grangier 2024, section 3", rules=("ademamix", "adamw"))
def ademamix_is_adamw() -> Iterator[Claim]:
    """AdEMAMix with alpha = 0 is AdamW, also where alpha grows."""
    adamw = trajectory(find("adamw"))
    for schedule in ("none", "alpha"):  # "both" divides by what is not known to be nonzero
        rule = find("ademamix", schedule=schedule)
        one, half = (trajectory(rule, "'", alpha=value) for value in (0, Rational(1, 2)))
        claim = [Eq(one.m1(t), adamw.m(t)), Eq(one.v(t), adamw.v(t)), Eq(one.x(t), adamw.x(t))]
        yield Claim(claim, [one, adamw, eps > 0], mutant_given=[half, adamw, eps > 0], of=schedule)
