"""Lookahead: where it is the rule that it wraps."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from sympy import Eq, Function, Piecewise, Rational, Symbol

from symopt.language import PARAMETER, Definition, Program, Rule, rate
from symopt.proof import one_step

from .statement import Claim, defined_step, theorem

t = Symbol("t", integer=True, nonnegative=True)
lr, x0 = Symbol("lr"), Symbol("x0")
g = Function("g")
ZHANG = "Zhang, Lucas, Hinton & Ba 2019, arXiv:1907.08610, Algorithm 1"
ALPHA = "lookahead_alpha"


def lookahead(program: Program) -> Program:
    """Lookahead with k = 1: after each step of the rule, x(t-1) plus alpha times that step."""
    before, stepped = Symbol(PARAMETER), dict(program.results)[PARAMETER]
    new = Symbol(stepped.name + "'")
    return replace(
        program,
        name=f"lookahead_{program.name}",
        hypers=(*program.hypers, replace(rate(Fraction(1, 2)), name=ALPHA)),
        definitions=(*program.definitions, Definition(new, before + Symbol(ALPHA) * (stepped - before), "element")),
        results=((PARAMETER, new), *program.results[1:]),
    )


@theorem(cites=ZHANG)
def lookahead_of_one_step(rule: Rule) -> Iterator[Claim]:
    """Lookahead with k = 1 and alpha = 1 takes the steps of the rule that it wraps."""
    step = defined_step(rule)
    one, half = (one_step(lookahead(rule.program), **{ALPHA: value}) for value in (1, Rational(1, 2)))
    same = [Eq(one.new[name], step.new[name]) for name in step.new]
    yield Claim(same, [step], mutant=Eq(half.new[PARAMETER], step.new[PARAMETER]))


@theorem(cites=ZHANG, rules=("sgd",))
def lookahead_with_alpha_one() -> Iterator[Claim]:
    """With alpha = 1 Lookahead is gradient descent, whenever the slow weights are renewed (where sync(t) > 0)."""
    fast, slow, sync, y = (Function(name) for name in ("fast", "slow", "sync", "y"))

    def runs(alpha: Any) -> list[Any]:
        inner = fast(t - 1) - lr * g(t)
        renewed = slow(t - 1) + alpha * (inner - slow(t - 1))
        return [
            Eq(fast(0), x0),
            Eq(fast(t), Piecewise((renewed, sync(t) > 0), (inner, True))),
            Eq(slow(0), x0),
            Eq(slow(t), Piecewise((renewed, sync(t) > 0), (slow(t - 1), True))),
            Eq(y(0), x0),
            Eq(y(t), y(t - 1) - lr * g(t)),
        ]

    yield Claim(Eq(fast(t), y(t)), runs(1), mutant_given=runs(Rational(1, 2)))
