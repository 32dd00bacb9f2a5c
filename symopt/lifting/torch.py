"""torch optimizers: the real ``step`` runs on real tensors, each with a shadow of formulas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import sympy as sp

from symopt.language import PARAMETER, STEP, State, cases, input_scopes

from .carrying import Count, asking, counting_steps
from .errors import LiftError
from .function import LiftedStep, vector_or_matrix
from .paths import LoneError
from .program import run, scopes_of, spread, to_program
from .rerun import CoupledError, NotFollowedError
from .together import over_all
from .torch_rerun import rerun_alone, rerun_together
from .torch_trace import KeptError, Traced, title

#: Steps after which what is kept must have its final form; how many are run at least, and at most where t is compared
#: with numbers, to go beyond these.
LATEST, SHORTEST, LONGEST = 16, 8, 2000


def lift_torch(make: Callable[..., Any], fixed: Mapping[str, Any] | None = None, ndim: int | None = None) -> LiftedStep:
    """Lift a ``torch.optim.Optimizer`` subclass: x and what it keeps after ``step``.

    Floats among the defaults of its parameter groups become hyperparameters, but for those that are 0, which switch
    something off; ``fixed`` gives arguments of the constructor. What counts steps is read as t. ``ndim``:
    whether x is taken as a vector (1) or a matrix (2); if not given, as a matrix where a vector cannot be followed.
    LiftError for what cannot be followed, InputError where no optimizer is made.
    """
    return vector_or_matrix(lambda n: _lift(make, dict(fixed or {}), n), ndim)


def _lift(make: Callable[..., Any], fixed: dict[str, Any], ndim: int) -> LiftedStep:
    """As the step of one tensor; where others change it, as that of one of them with sums over all."""
    try:
        return _of(Traced(make, fixed, ndim))
    except CoupledError as coupled:
        try:
            return _of(Traced(make, fixed, ndim, together=True))
        except LiftError as error:
            raise NotFollowedError(f"{coupled}; {error}") from error


def _of(traced: Traced) -> LiftedStep:
    while True:
        try:
            with asking([h.name for h in traced.hypers]) as asked, counting_steps() as count:
                stages = _stages(traced, count)
            break
        except KeptError as kept:
            traced.keep(kept.name)
        except LoneError as lone:
            if lone.name in traced.unread:
                raise
            (traced.unread.add if lone.name in traced.kept else traced.keep)(lone.name)
    first, later = _joined(stages)
    conditions = {f"condition {n}": condition for n, condition in enumerate(dict.fromkeys(asked))}
    if traced.together:
        first, later, conditions = over_all(first), over_all(later), over_all(conditions)
    with sp.evaluate(False):
        for period, phase in count.periods.items():
            first[phase.name] = sp.Integer(1 % period)
            later[phase.name] = sp.Piecewise((sp.Integer(0), phase + 1 >= period), (phase + 1, True))
    names = [name for name in later if name not in traced.counters and name != PARAMETER]
    scopes = {name: traced.scopes.get(name, "one") for name in names}
    singles = {n: sp.Tuple(first[n], later[n]) for n in names if scopes[n] == "one"}
    scopes |= scopes_of(singles, traced.hypers)
    states = tuple(State(name=name, scope=scopes[name]) for name in names)
    known = input_scopes(traced.hypers, states)
    outputs = {name: spread(later[name], known) for name in (PARAMETER, *names)}
    program = to_program(title(traced.make), outputs, traced.hypers, states)
    lifted = LiftedStep(program, {n: spread(first[n], known) for n in outputs}, tuple(conditions.values()))
    steps = min(max(SHORTEST, count.ahead + 3), LONGEST)
    return rerun_together(lifted, traced, steps) if traced.together else rerun_alone(lifted, traced, steps)


def _stages(traced: Traced, count: Count) -> list[dict[str, sp.Expr]]:
    """The outputs of the first step, of those after which other things are kept, and last of every later one."""
    stages = [run(partial(traced.step, 0, every=False), traced.ndim)]
    for before in range(1, LATEST):
        count.least = before + 1
        error: LiftError | None = None
        try:
            later = run(partial(traced.step, before, every=True), traced.ndim)
        except KeptError:
            raise
        except LoneError as lone:
            if lone.name not in traced.kept:
                raise
            error, later = lone, {}
        except LiftError as found:
            error, later = found, {}
        if error is None and set(later) == traced.before:
            traced.check_counters(later, stages)
            bare = partial(traced.step, before, every=True, bare=True)
            if traced.unread and run(bare, traced.ndim) != later:
                raise LiftError(f"{title(traced.make)}: whether {', '.join(sorted(traced.unread))} is kept matters")
            return [*stages, later]
        if error is not None and not traced.changes:
            raise error
        stages.append(run(partial(traced.step, before, every=False), traced.ndim))
    raise LiftError(f"{title(traced.make)}: what is kept has another form after each of {LATEST} steps")


def _joined(stages: list[dict[str, sp.Expr]]) -> tuple[dict[str, sp.Expr], dict[str, sp.Expr]]:
    """The first step, and as one formula for each output the later ones; what is not there yet is 0."""
    first, *early, later = stages
    names = list(later)
    found = dict(later)
    for number, stage in reversed(list(enumerate(early, 2))):
        for name in names:
            own = stage.get(name, sp.Integer(0))
            if own != found[name]:
                with sp.evaluate(False):
                    found[name] = cases((own, sp.Symbol(STEP) <= number), (found[name], True))
    return {name: first.get(name, sp.Integer(0)) for name in names}, found
