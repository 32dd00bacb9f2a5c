"""Plain step functions: ``step(x, g, state, t, *, hyperparameters) -> x_new`` or ``-> (x_new, state)``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy as sp

from symopt.language import PARAMETER, STEP, Domain, Hyper, InputError, Program, State, SymoptError, exact

from .counters import without_counters
from .errors import LiftError, raised
from .numpy import DuckArray
from .program import Inputs, run, scope_of_shape, scopes_of, to_program
from .size_conditions import MATRICES, VECTORS
from .surroundings import carrying_names
from .trees import as_lifted, flatten, rebuild

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
    hypers = hypers_of(step, fixed)
    return vector_or_matrix(lambda n: _lift(step, hypers, fixed, dtype, n), ndim)


def vector_or_matrix(lift: Callable[[int], LiftedStep], ndim: int | None) -> LiftedStep:
    """``lift(ndim)``; if that is not given, as a vector (1), or as a matrix (2) where a vector cannot be followed.

    A matrix, too, where that of vectors is another step; if neither can be followed, the error is the vector's, but the
    matrix's, where there is no optimizer of a vector. That a step is of matrices alone is a condition of it.
    """
    if ndim is not None:
        return lift(ndim)
    try:
        of_vectors = lift(1)
    except SymoptError as error:
        try:
            return _of_matrices(lift)
        except SymoptError as other:
            raise (other if isinstance(error, InputError) else error) from None
    if VECTORS in of_vectors.conditions:
        with suppress(SymoptError):
            return _of_matrices(lift)
    return of_vectors


def _of_matrices(lift: Callable[[int], LiftedStep]) -> LiftedStep:
    lifted = lift(2)
    return replace(lifted, conditions=(*lifted.conditions, MATRICES))


def _lift(step: StepFunction, hypers: tuple[Hyper, ...], fixed: Mapping[str, Any], dtype: str, ndim: int) -> LiftedStep:
    """The lifted step, on a vector or a matrix."""
    returned: dict[str, Any] = {}  # the state as it was last returned

    def call(state: dict[str, Any], t: Any) -> dict[str, Any]:
        inputs = Inputs(dtype, ndim)
        x, g = inputs.array(PARAMETER), inputs.array("g")
        numbers = {h.name: inputs.number(h.name, weak=True) for h in hypers}
        try:
            result = step(x, g, state, t, **numbers, **fixed)
        except (TypeError, ValueError, KeyError, AttributeError, IndexError, ZeroDivisionError) as error:
            raise raised(error) from error
        new = result if isinstance(result, tuple) else (result, state)
        if len(new) != 2 or not isinstance(new[1], dict):
            raise LiftError("a step must return x_new or (x_new, state) with state a dict")
        returned.clear()
        returned.update(new[1])
        leaves = {name: as_lifted(value) for name, value in flatten(new[1]).items()}
        kept = {name: value for name, value in leaves.items() if isinstance(value, DuckArray)}
        constants.append({name: value for name, value in leaves.items() if name not in kept})
        return {PARAMETER: x if new[0] is None else new[0], **kept}

    constants: list[dict[str, Any]] = []
    with carrying_names(step):
        first = run(lambda: call({}, 1), ndim)
    names, arranged = [name for name in first if name != PARAMETER], dict(returned)
    for name in names:
        if not isinstance(name, str) or not name.isidentifier():
            raise LiftError(f"the state's key {name!r} is not a name")
    before = {name: as_lifted(value) for name, value in flatten(arranged).items()}
    for name, value in constants[0].items():
        if not isinstance(value, (bool, str, type(None))):
            raise LiftError(f"the state {name!r} is a {type(value).__name__}, not an array or a number computed of t")
    inputs = Inputs(dtype, ndim)

    def later_state() -> Any:
        return rebuild(arranged, lambda n, value: inputs.state(n, before[n]) if n in names else value)

    with carrying_names(step):
        later = run(lambda: call(later_state(), inputs.number(STEP, weak=True)), ndim)
    if changed := sorted(set(map(str, later)) ^ set(map(str, first))):
        raise LiftError(f"the state {changed[0]!r} is not there at every step")
    for found in constants:
        if changed := [n for n in found.keys() | constants[0].keys() if found.get(n, ...) != constants[0].get(n, ...)]:
            raise LiftError(f"the state {changed[0]!r} is another one after later steps, and no array or number")
    shapes = flatten(returned)
    scopes = {name: scope_of_shape(np.shape(before[name])) for name in names}
    for name in names:
        if scope_of_shape(np.shape(shapes[name])) != scopes[name]:
            raise LiftError(f"the state {name!r} changes its shape after the first step")
    scopes |= scopes_of({n: later[n] for n in names if scopes[n] == "one"}, hypers)
    states = tuple(State(name=name, scope=scopes[name]) for name in names)
    title = getattr(step, "__name__", "step")
    return LiftedStep(*without_counters(to_program(title, later, hypers, states), first))


def hypers_of(step: StepFunction, fixed: Mapping[str, Any]) -> tuple[Hyper, ...]:
    """The hyperparameters of a step function; InputError for a signature that is not the contract's."""
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
