"""Plain step functions: ``step(x, g, state, t, *, hyperparameters) -> x_new`` or ``-> (x_new, state)``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from symopt.language import PARAMETER, STEP, Domain, Hyper, InputError, Program, State, exact

from .errors import LiftError, cannot_lift
from .numpy import DuckArray
from .program import Inputs, run, scope_of_shape, scopes_of, to_program

StepFunction = Callable[..., Any]


@dataclass(frozen=True)
class LiftedStep:
    """What a step function computes at any later step, and at the first one (t = 1, empty state).

    ``conditions``: relations, what the code asked of its hyperparameters' values on the way; elsewhere it may do
    something else.
    """

    program: Program
    first: Mapping[str, sp.Expr]
    conditions: tuple[Any, ...] = ()


def lift_step(
    step: StepFunction, fixed: Mapping[str, Any] | None = None, dtype: str = "float64", ndim: int | None = None
) -> LiftedStep:
    """Lift a step function. Keyword arguments whose default is a number or missing become hyperparameters;
    ``fixed`` gives the others (options), or replaces a hyperparameter by a number.

    ``ndim``: whether x is taken as a vector (1) or as a matrix (2); if not given, as a matrix where a vector cannot be
    followed. Raises InputError for a signature that is not the contract's, LiftError for what cannot be followed.
    """
    fixed = dict(fixed or {})
    hypers = _hypers(step, fixed)
    return vector_or_matrix(lambda n: _lift(step, hypers, fixed, dtype, n), ndim)


def vector_or_matrix(lift: Callable[[int], LiftedStep], ndim: int | None) -> LiftedStep:
    """``lift(ndim)``; if that is not given, as a vector (1), or as a matrix (2) where a vector cannot be followed."""
    if ndim is not None:
        return lift(ndim)
    try:
        return lift(1)
    except LiftError as error:
        try:
            return lift(2)
        except LiftError:
            raise error from None


def _lift(step: StepFunction, hypers: tuple[Hyper, ...], fixed: Mapping[str, Any], dtype: str, ndim: int) -> LiftedStep:
    """The lifted step, on a vector or a matrix."""

    shapes: dict[str, Any] = {}  # the states as they were last returned

    def call(state: dict[str, Any], t: Any) -> dict[str, Any]:
        inputs = Inputs(dtype, ndim)
        x, g = inputs.array(PARAMETER), inputs.array("g")
        numbers = {h.name: inputs.number(h.name, weak=True) for h in hypers}
        try:
            result = step(x, g, state, t, **numbers, **fixed)
        except (TypeError, ValueError, KeyError, AttributeError, IndexError, ZeroDivisionError) as error:
            raise cannot_lift(f"the step raised {type(error).__name__}: {error}") from error
        new = result if isinstance(result, tuple) else (result, state)
        if len(new) != 2 or not isinstance(new[1], dict):
            raise LiftError("a step must return x_new or (x_new, state) with state a dict")
        shapes.update(new[1])
        return {PARAMETER: x if new[0] is None else new[0], **new[1]}

    first = run(lambda: call({}, 1), ndim)
    names = [name for name in first if name != PARAMETER]
    for name in names:
        if not isinstance(name, str) or not name.isidentifier():
            raise LiftError(f"the state's key {name!r} is not a name")
    inputs, before = Inputs(dtype, ndim), {name: shapes[name] for name in names}
    for name in names:
        if not isinstance(before[name], DuckArray):
            raise LiftError(
                f"the state {name!r} is a {type(before[name]).__name__}, not an array or a number computed of t"
            )
    later = run(lambda: call({n: inputs.state(n, before[n]) for n in names}, inputs.number(STEP, weak=True)), ndim)
    if changed := sorted(set(map(str, later)) ^ set(map(str, first))):
        raise LiftError(f"the state {changed[0]!r} is not there at every step")
    scopes = {name: scope_of_shape(before[name].shape) for name in names}
    for name in names:
        if scope_of_shape(shapes[name].shape) != scopes[name]:
            raise LiftError(f"the state {name!r} changes its shape after the first step")
    scopes |= scopes_of({n: later[n] for n in names if scopes[n] == "one"}, hypers)
    states = tuple(State(name=name, scope=scopes[name]) for name in names)
    title = getattr(step, "__name__", "step")
    return LiftedStep(to_program(title, later, hypers, states), first)


def _hypers(step: StepFunction, fixed: Mapping[str, Any]) -> tuple[Hyper, ...]:
    parameters = list(inspect.signature(step).parameters.values())
    if len(parameters) < 4 or any(p.kind is p.KEYWORD_ONLY for p in parameters[:4]):
        raise InputError(f"target {step!r}: must be step(x, g, state, t, *, hyperparameters)")
    unknown = set(fixed) - {p.name for p in parameters[4:]}
    if unknown:
        raise InputError(f"target {step!r} takes no {', '.join(sorted(unknown))}")
    hypers = []
    for parameter in parameters[4:]:
        if parameter.name in fixed or parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        default = parameter.default
        if default is parameter.empty:
            default = 0
        if isinstance(default, (bool, str)) or default is None:
            continue
        hypers.append(Hyper(exact(default), Domain(), parameter.name))
    return tuple(hypers)
