"""Options that only change the gradient: coupled weight decay and maximizing."""

from collections.abc import Iterator

from sympy import Eq, Symbol

from symopt.language import GRADIENT, PARAMETER, Rule

from .statement import Claim, defined_step, theorem

x, g, weight_decay = Symbol(PARAMETER), Symbol(GRADIENT), Symbol("weight_decay")


def _offers(rule: Rule, option: str, value: object) -> bool:
    return any(o.name == option and value in o.values for o in rule.options)


@theorem(cites="Loshchilov & Hutter 2019, section 2")
def coupled_decay_adds_to_the_gradient(rule: Rule) -> Iterator[Claim]:
    """Coupled decay is the same rule on the gradient of f + weight_decay x^2/2, in x and in every state."""
    if _offers(rule, "decay", "coupled"):
        coupled, plain = defined_step(rule.with_options(decay="coupled")), defined_step(rule)
        other = defined_step(rule, g=g + weight_decay * x)
        claim = [Eq(coupled.new[name], other.new[name]) for name in other.new]
        yield Claim(claim, [coupled], mutant=Eq(coupled.new[PARAMETER], plain.new[PARAMETER]))


@theorem(cites="torch.optim")
def maximizing_negates_the_gradient(rule: Rule) -> Iterator[Claim]:
    """Maximizing f is the same rule on the gradient of -f, in x and in every state."""
    if _offers(rule, "maximize", True):
        climbing, plain = defined_step(rule.with_options(maximize=True)), defined_step(rule)
        other = defined_step(rule, g=-g)
        claim = [Eq(climbing.new[name], other.new[name]) for name in other.new]
        yield Claim(claim, [climbing], mutant=Eq(climbing.new[PARAMETER], plain.new[PARAMETER]))
