"""Is what was lifted the rule? Equality of the runs, proved by a relation between their states that each step keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

import sympy as sp

from symopt.language import PARAMETER, STEP, InputError, Program, Rule, fold, substitute
from symopt.lifting import LiftedStep
from symopt.proof import Verdict, prove, trajectory
from symopt.proof.equality import same_step
from symopt.proof.runs import same_run

from .decimals import digits
from .matching import AGREED, DIGITS, SAMPLES, Naming, fixed, generic, run
from .rewriting import alike, definitions, read_by_x, with_square_roots

#: Steps that are proved equal where no proof for all of them is found.
FIRST = 2


@dataclass(frozen=True)
class Simulation:
    """A verdict on the equality of two runs, for which steps, and which state is which ("own": "the rule's").

    ``refuted``: points at which a proof failed. Those of a single step need not be reached from the start.
    """

    verdict: Verdict | None
    scope: str
    states: tuple[tuple[str, str], ...] = ()
    refuted: tuple[Mapping[str, Any], ...] = ()


def simulate(lifted: LiftedStep, rule: Rule, naming: Naming) -> Simulation:
    """Prove that the lifted step is the rule's: for all steps, else for the first ones; "sampled" where neither is.

    For all gradients and x, and hyperparameters in their domains but for those that the naming fixes.
    """
    goal = fixed(rule.program, dict(naming.rule))
    renamed = with_square_roots(rename(lifted, naming, goal))
    states = tuple(state_map(renamed, goal))
    refuted: list[Mapping[str, Any]] = []
    attempts = (
        partial(_of_x, renamed, goal, states),
        partial(_stepwise, renamed, goal, states),
        partial(_by_trajectories, renamed, goal),
    )
    for attempt in attempts:
        try:
            verdict = attempt()
        except RecursionError:  # a formula too deep for the search for a proof
            return Simulation(None, "sampled", states, tuple(refuted))
        if verdict is not None and verdict.proved:
            return Simulation(verdict, "all steps", states)
        if verdict is not None and verdict.witness:
            refuted.append(verdict.witness)
    if refuted:
        return Simulation(None, "sampled", states, tuple(refuted))
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
    return replace(program, definitions=definitions(program, found))


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
    return replace(program, definitions=definitions(program, ordered))


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


def state_map(lifted: LiftedStep, goal: Program) -> Iterator[tuple[str, str]]:
    """The states of both that have the same values on the same gradients, each once."""
    pairs = [
        (run(told_apart(lifted), values, sample.steps), run(goal, values, sample.steps)) for sample, values in _at(goal)
    ]
    left = [s.name for s in goal.states]
    for state in lifted.program.states:
        for name in sorted(left, key=lambda n: n != state.name):
            if all(_same(mine, theirs, state.name, name) for mine, theirs in pairs):
                yield state.name, name
                left.remove(name)
                break


def _at(goal: Program) -> Iterator[tuple[Any, dict[str, Fraction]]]:
    for sample in SAMPLES:
        yield sample, {h.name: generic(h) if sample.generic else h.default for h in goal.hypers}


def _same(mine: Any, theirs: Any, own: str, name: str) -> bool:
    with digits(DIGITS):
        return all(
            f"{p:.{AGREED}e}" == f"{q:.{AGREED}e}"
            for a, b in zip(mine, theirs, strict=True)
            for p, q in zip(a[own].reshape(-1), b[name].reshape(-1), strict=True)
        )


def _stepwise(lifted: LiftedStep, goal: Program, states: tuple[tuple[str, str], ...]) -> Verdict | None:
    """The states being the rule's own, one by one: the first step is the rule's from its start, and every later one."""
    if len(states) != len(goal.states) or len(states) != len(lifted.program.states):
        return None
    images = {sp.Symbol(own): sp.Symbol(name) for own, name in states}
    scopes = {s.name: s for s in goal.states}
    names = dict(states)
    turned = _put(lifted, images, names, goal)
    if any(s.scope != scopes[s.name].scope for s in turned.program.states):
        return None
    start = {s.name: s.initial for s in goal.states}
    first = same_step(goal, turned.first, t=1, **start)
    return same_step(goal, turned.program.outputs) if first.proved else first


def _of_x(lifted: LiftedStep, goal: Program, states: tuple[tuple[str, str], ...]) -> Verdict | None:
    """The same of the states alone that x is computed of: whether it is the rule is asked of x."""
    own, rules = read_by_x(lifted), read_by_x(LiftedStep(goal, goal.outputs)).program
    mine, theirs = {s.name for s in own.program.states}, {s.name for s in rules.states}
    if len(mine) == len(lifted.program.states) and len(theirs) == len(goal.states):
        return None
    return _stepwise(own, rules, tuple((a, b) for a, b in states if a in mine and b in theirs))


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
