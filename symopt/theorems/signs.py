"""States keep the signs that their rule declares, and so no radicand is ever negative."""

from collections.abc import Iterator

from sympy import Symbol

from symopt.language import Rule
from symopt.proof import trajectory

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)


@theorem(cites="follows from the recurrence: a sum of nonnegative terms")
def declared_signs(rule: Rule) -> Iterator[Claim]:
    """A state declared nonnegative is nonnegative after every step."""
    run = trajectory(rule)
    positive = [Symbol(h.name) > 0 for h in rule.program.hypers if h.name == "eps"]
    for state in rule.program.states:
        if state.nonnegative:
            value = getattr(run, state.name)(t)
            yield Claim(value >= 0, [run, *positive], mutant=value <= 0, of=state.name)
