"""Is what was lifted the rule? Equality of the runs, proved by a relation between their states that each step keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from symopt.language import PARAMETER, STEP, InputError, Program, Rule, fold, rebuild, substitute, with_lines
from symopt.lifting import LiftedStep
from symopt.proof import Verdict, prove, trajectory
from symopt.proof.equality import same_step
from symopt.proof.programming import limited
from symopt.proof.runs import same_run

from .matching import Naming, fixed
from .multiples import Multiple, multiples
from .rewriting import alike, read_by_x, with_square_roots

#: Steps that are proved equal where no proof for all of them is found.
FIRST = 2
#: How many terms the search for one proof may multiply out.
TERMS = 2_000_000
T = sp.Symbol(STEP)


@dataclass(frozen=True)
class Simulation:
    """A verdict on the equality of two runs, for which steps, and which state is which ("own": "the rule's").

    ``refuted``: points at which a proof failed. Those of a single step need not be reached from the start.
    """

    verdict: Verdict | None
    scope: str
    states: tuple[tuple[str, str], ...] = ()
    refuted: tuple[Mapping[str, Any], ...] = ()


def simulate(lifted: LiftedStep, rule: Rule, naming: Naming, *, runs: bool = True) -> Simulation:
    """Prove that the lifted step is the rule's: for all steps, else for the first ones; "sampled" where neither is.

    For all gradients and x, and hyperparameters in their domains but for those that the naming fixes. ``runs``: whether
    to look at whole runs too where comparing a step decides nothing, which takes longer.
    """
    goal = fixed(rule.program, dict(naming.rule))
    renamed = with_square_roots(rename(lifted, naming, goal))
    found = tuple(multiples(told_apart(renamed), goal))
    states = tuple((state.own, str(state)) for state in found)
    refuted: list[Mapping[str, Any]] = []
    attempts = (
        partial(_of_x, renamed, goal, found),
        partial(_stepwise, renamed, goal, found),
        *([partial(_by_trajectories, renamed, goal)] if runs else ()),
    )
    for attempt in attempts:
        try:
            with limited(TERMS):
                verdict = attempt()
        except RecursionError:  # a formula too deep for the search for a proof
            return Simulation(None, "sampled", states, tuple(refuted))
        if verdict is not None and verdict.proved:
            return Simulation(verdict, "all steps", states)
        if verdict is not None and verdict.witness:
            refuted.append(verdict.witness)
    if refuted or not runs:
        return Simulation(None, "sampled", states, tuple(refuted))
    with limited(TERMS):
        count, verdict = _first_steps(renamed, goal)
    return Simulation(verdict, f"first {count} steps" if count else "sampled", states)


def told_apart(lifted: LiftedStep) -> Program:
    """The lifted step from states that are 0, with its first step as a case of its own where it is another one."""
    program, t = lifted.program, sp.Symbol(STEP)
    start = {sp.Symbol(s.name): sp.Integer(0) for s in program.states} | {t: sp.Integer(1)}
    outputs = program.outputs
    found = []
    with sp.evaluate(False):
        for name, symbol in program.results:
            later, first = fold(outputs[name]), fold(lifted.first[name])
            same = alike(fold(substitute(later, start)), fold(substitute(first, start)))
            found.append((symbol, later if same else sp.Piecewise((first, t <= 1), (later, True))))
    return with_lines(program, found)


def whole(lifted: LiftedStep) -> Program:
    """The lifted step with its start: the first is told apart only where it is not proved to be like the others."""
    plain = told_apart(lifted)
    start = {s.name: s.initial for s in lifted.program.states}
    if plain.outputs != {name: fold(expr) for name, expr in lifted.program.outputs.items()} and (
        same_step(lifted.program, lifted.first, t=1, **start).proved
    ):
        return lifted.program
    return plain


def lines(program: Program) -> Program:
    """The Program with the new values of states named where x and other states are computed of them."""
    known: dict[Any, sp.Symbol] = {}
    ordered = []
    waiting = [(name, symbol, program.outputs[name]) for name, symbol in program.results if name != PARAMETER]
    while waiting:
        ready = next((w for w in waiting if not any(_contains(w[2], o[2]) for o in waiting if o is not w)), waiting[0])
        waiting.remove(ready)
        ordered.append((ready[1], substitute(ready[2], known)))
        known[ready[2]] = ready[1]
    x = dict(program.results)[PARAMETER]
    ordered.append((x, substitute(program.outputs[PARAMETER], known)))
    return with_lines(program, ordered)


def _contains(expr: Any, part: Any) -> bool:
    return expr != part and (part in expr.args or any(_contains(arg, part) for arg in expr.args))


def rename(lifted: LiftedStep, naming: Naming, goal: Program) -> LiftedStep:
    """The lifted step with the rule's hyperparameters, their domains, and states that take none of their names."""
    program = lifted.program
    names = dict(naming.names)
    images: dict[Any, Any] = {sp.Symbol(own): sp.Symbol(name) for own, name in names.items()}
    images |= {sp.Symbol(n): sp.Rational(v.numerator, v.denominator) for n, v in naming.own}
    taken = {h.name for h in goal.hypers}
    states = {s.name: f"{s.name}_" if s.name in taken else s.name for s in program.states}
    images |= {sp.Symbol(a): sp.Symbol(b) for a, b in states.items() if a != b}
    return _put(lifted, images, states, goal)


def _put(lifted: LiftedStep, images: Mapping[Any, Any], states: Mapping[str, str], goal: Program) -> LiftedStep:
    program = lifted.program
    lines = tuple(replace(line, expr=substitute(line.expr, images)) for line in program.definitions)
    kept = tuple(replace(s, name=states[s.name]) for s in program.states)
    results = tuple((states.get(n, n), symbol) for n, symbol in program.results)
    first = {states.get(name, name): substitute(expr, images) for name, expr in lifted.first.items()}
    return LiftedStep(replace(program, hypers=goal.hypers, states=kept, definitions=lines, results=results), first)


def _stepwise(lifted: LiftedStep, goal: Program, states: tuple[Multiple, ...]) -> Verdict | None:
    """The states being multiples of the rule's: the first step is the rule's from its start, and every later one."""
    if len(states) != len(goal.states) or len(states) != len(lifted.program.states):
        return None
    scopes, own_scopes = ({s.name: s.scope for s in p.states} for p in (goal, lifted.program))
    if any(own_scopes[s.own] != scopes[s.name] for s in states):
        return None
    later, first = (_turned(outputs, states) for outputs in (lifted.program.outputs, lifted.first))
    start = {s.name: s.initial for s in goal.states}
    begun = same_step(goal, first, t=1, **start)
    if not begun.proved:
        return begun
    lines = tuple(replace(line, expr=_from_second(line.expr)) for line in goal.definitions)
    return same_step(replace(goal, definitions=lines), {name: _from_second(expr) for name, expr in later.items()})


def _turned(outputs: Mapping[str, Any], states: tuple[Multiple, ...]) -> dict[str, Any]:
    """The new values of x and of the rule's states, in its names."""
    with sp.evaluate(False):
        images = {sp.Symbol(s.own): _times(s.factor, sp.Symbol(s.name)) for s in states}
        new = {s.name: _times(s.inverse, substitute(outputs[s.own], images)) for s in states}
        return {PARAMETER: substitute(outputs[PARAMETER], images), **new}


def _times(factor: Any, value: Any) -> Any:
    return value if factor == 1 else sp.Mul(factor, value)


def _from_second(expr: Any) -> Any:
    """An expression at the steps t = 2, 3, ..., without the cases that are of the first step alone."""
    if isinstance(expr, sp.Piecewise):
        cases = [(_from_second(value), _holds(condition)) for value, condition in expr.args]
        kept = [(value, condition) for value, condition in cases if condition != sp.false]
        return kept[0][0] if kept[0][1] == sp.true else rebuild(expr, tuple(kept))
    return expr if not expr.args else rebuild(expr, tuple(map(_from_second, expr.args)))


def _holds(condition: Any) -> Any:
    """The condition, or its truth where it compares t > 1 with 1."""
    if isinstance(condition, Relational) and T in condition.args and sp.Integer(1) in condition.args:
        return condition.func(*(sp.Integer(2) if side == T else side for side in condition.args), evaluate=True)
    return condition


def _of_x(lifted: LiftedStep, goal: Program, states: tuple[Multiple, ...]) -> Verdict | None:
    """The same of the states alone that x is computed of: whether it is the rule is asked of x."""
    own, rules = read_by_x(lifted), read_by_x(LiftedStep(goal, goal.outputs)).program
    mine, theirs = {s.name for s in own.program.states}, {s.name for s in rules.states}
    if len(mine) == len(lifted.program.states) and len(theirs) == len(goal.states):
        return None
    return _stepwise(own, rules, tuple(s for s in states if s.own in mine and s.name in theirs))


def _by_trajectories(lifted: LiftedStep, goal: Program) -> Verdict | None:
    try:
        return same_run(trajectory(goal), trajectory(whole(lifted), "'"))
    except InputError:  # statements about whole runs have no sums over elements
        return None


def _first_steps(lifted: LiftedStep, goal: Program) -> tuple[int, Verdict | None]:
    """How many first steps are proved to be the same."""
    try:
        one, two = trajectory(goal), trajectory(whole(lifted), "'")
    except InputError:
        return 0, None
    proved, last = 0, None
    for count in range(1, FIRST + 1):
        with sp.evaluate(False):
            claim = sp.Eq(one.x(sp.Integer(count)), two.x(sp.Integer(count)))
        verdict = prove(claim, [one, two])
        if not verdict.proved:
            return proved, last or verdict
        proved, last = count, verdict
    return proved, last
