"""What a step keeps: nothing moves without a gradient, signs flip, x may be shifted, the step is linear in lr."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, combinations

import numpy as np
import sympy as sp
from sympy import Eq, Expr, Symbol

from symopt.language import GRADIENT, PARAMETER, STEP, Rule

from .statement import Claim, defined_step, theorem

x, g, c, lr = Symbol(PARAMETER), Symbol(GRADIENT), Symbol("c"), Symbol("lr")
CITES = "follows from the recurrence"


@theorem(cites=CITES)
def rests_without_gradient(rule: Rule) -> Iterator[Claim]:
    """From its initial states, a gradient of 0 moves neither x nor the states (of a rule without weight decay)."""
    start = {state.name: sp.Rational(state.initial) for state in rule.program.states}
    still = defined_step(rule, g=0, **start)
    with sp.evaluate(True):
        rests = all(value.doit() == start.get(name, x) for name, value in still.new.items())
    if rests:
        pushed = defined_step(rule, g=1, **start)
        claim = [Eq(still.new[name], start.get(name, x)) for name in still.new]
        yield Claim(claim, [still], mutant=Eq(pushed.new[PARAMETER], x), mutant_given=[pushed])


@theorem(cites=CITES)
def flips_with_the_gradient(rule: Rule) -> Iterator[Claim]:
    """With x, g and the states that are odd in g negated, their new values are: -g from -x0 gives -x(t)."""
    odd = _odd_states(rule)
    if odd is not None:
        step = defined_step(rule)
        flipped = defined_step(rule, **{name: -Symbol(name) for name in (PARAMETER, GRADIENT, *odd)})
        claim = [Eq(flipped.new[n], -value if n in (PARAMETER, *odd) else value) for n, value in step.new.items()]
        yield Claim(claim, [step], mutant=Eq(flipped.new[PARAMETER], step.new[PARAMETER]))


def _odd_states(rule: Rule) -> tuple[str, ...] | None:
    """The states that change their sign with x and g, seen at one point (negation is exact in floats); None if x's
    step has no such symmetry."""
    states = [state.name for state in rule.program.states]
    signed = [state.name for state in rule.program.states if not state.nonnegative]
    point = {hyper.name: float(hyper.default) for hyper in rule.hypers} | {STEP: 3.0, PARAMETER: 0.7, GRADIENT: 0.3}
    point |= {name: 0.2 + 0.1 * n for n, name in enumerate(states)}
    with np.errstate(all="ignore"), suppress(ArithmeticError):  # a rule may divide by 0 there
        after = rule.run(point)
        for odd in chain.from_iterable(combinations(signed, many) for many in range(len(signed) + 1)):
            other = rule.run({n: -value if n in (PARAMETER, GRADIENT, *odd) else value for n, value in point.items()})
            if all(other[n] == (-value if n in (PARAMETER, *odd) else value) for n, value in after.items()):
                return odd
    return None


@theorem(cites=CITES)
def shifts_with_x(rule: Rule) -> Iterator[Claim]:
    """From x + c the same step is taken as from x (by a rule without weight decay): from x0 + c it gives x(t) + c."""
    outputs = rule.program.outputs
    if _is_shift(outputs[PARAMETER]) and not any(x in outputs[s.name].free_symbols for s in rule.program.states):
        step, moved = defined_step(rule), defined_step(rule, x=x + c)
        claim = [Eq(moved.new[n], value + c if n == PARAMETER else value) for n, value in step.new.items()]
        yield Claim(claim, [step], mutant=Eq(moved.new[PARAMETER], step.new[PARAMETER]))


def _is_shift(value: Expr) -> bool:
    """Whether it is x plus what is free of x."""
    having = [term for term in value.args if x in term.free_symbols] if value.is_Add else []
    return bool(value == x or (len(having) == 1 and _is_shift(having[0])))


@theorem(cites=CITES)
def proportional_to_the_rate(rule: Rule) -> Iterator[Claim]:
    """With c lr in place of lr the step is c times as long, and the states are the same."""
    outputs = rule.program.outputs
    with sp.evaluate(True):
        slope = sp.diff(outputs[PARAMETER], lr)
    states = [state.name for state in rule.program.states]
    if slope != 0 and lr not in slope.free_symbols.union(*(outputs[name].free_symbols for name in states)):
        step, scaled = defined_step(rule), defined_step(rule, lr=c * lr)
        moved, claimed = step.new[PARAMETER] - x, scaled.new[PARAMETER] - x
        same = [Eq(scaled.new[name], step.new[name]) for name in states]
        yield Claim([Eq(claimed, c * moved), *same], [step, c > 0], mutant=Eq(claimed, moved))
