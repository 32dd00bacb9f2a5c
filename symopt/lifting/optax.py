"""Optax: a ``GradientTransformation``, or what makes one of hyperparameters, through its jaxprs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import sympy as sp

from symopt.language import GRADIENT, PARAMETER, STEP, Domain, Hyper, InputError, State, exact

from .errors import LiftError
from .function import LiftedStep, vector_or_matrix
from .jaxpr import evaluate
from .layouts import Layout, layout
from .numpy import DuckArray, as_written
from .optax_trace import BranchedError, Trace, Transformation, step
from .program import Inputs, run, scopes_of, to_program
from .rerun import SHAPES, first_apart, rerun
from .size_conditions import VECTORS


def lift_optax(make: Callable[..., Any], fixed: Mapping[str, Any] | None = None, ndim: int | None = None) -> LiftedStep:
    """Lift what a factory of optax makes: x and the states after ``update`` and ``apply_updates``.

    Parameters of the factory whose default is a float other than 0, or which have none, become hyperparameters, and so
    do floats in ``fixed``; those on whose value the factory branches do not. A counter of steps is read as t - 1.
    LiftError for what cannot be followed, InputError where nothing comes out that has ``init`` and ``update``.
    """
    if hasattr(make, "init") and hasattr(make, "update"):
        made = make
        make = lambda: made  # noqa: E731 - a factory without arguments
    return vector_or_matrix(lambda n: _lift(make, dict(fixed or {}), n), ndim)


def _lift(make: Callable[..., Any], fixed: dict[str, Any], ndim: int) -> LiftedStep:
    hypers, fixed = _hypers(make, fixed)
    while True:
        try:
            made = Transformation(make, tuple(h.name for h in hypers), fixed)
            trace, conditions, of_any_axes = made.trace(ndim)
            break
        except BranchedError as branched:
            (stuck,) = [h for h in hypers if h.name == branched.name]
            hypers = tuple(h for h in hypers if h is not stuck)
            fixed[stuck.name] = float(stuck.default)
    lifted = replace(_Lifting(trace, ndim).lift(hypers, getattr(make, "__name__", "optax")), conditions=conditions)

    def held(ndim: int) -> LiftedStep:
        return rerun(
            lifted, lambda x, gs, values: _real(partial(make, **fixed, **values), x, gs), SHAPES[ndim], "float32"
        )

    held(ndim)
    if ndim == 2 or of_any_axes:
        return lifted
    try:
        held(2)
        _, conditions, _ = made.trace(2)
    except LiftError:
        conditions = (VECTORS,)
    return replace(lifted, conditions=(*lifted.conditions, *conditions))


def _real(make: Callable[[], Any], x: Any, gradients: Sequence[Any]) -> list[Any]:
    """x after each of the steps that optax itself takes, in float32.

    LiftError where another tensor changes that: what is lifted is one tensor's step. InputError where nothing is made.
    """
    try:
        transformation = make()
    except Exception as error:
        raise InputError(f"target {make!r}: raised {type(error).__name__}: {error}") from error
    found = []
    for beside in (False, True):
        own = {"a": _single(x)} | ({"b": _single(np.ones((3, 2)))} if beside else {})
        state, steps = transformation.init(own), []
        for g in gradients:
            given = {"a": _single(g)} | ({"b": _single(np.full((3, 2), 100.0))} if beside else {})
            own, state = step(transformation, given, state, own)
            steps.append(np.asarray(own["a"], np.float64))
        found.append(steps)
    # XLA fuses two tensors otherwise than one: some roundings apart. The other's gradient, a hundred times as large,
    # would change a step by a factor.
    if first_apart(found[0], found[1], x, "float32"):
        raise LiftError("what happens to one tensor depends on the others, as by a global norm")
    return found[0]


def _single(array: Any) -> Any:
    import jax.numpy as jnp

    return jnp.asarray(array, jnp.float32)


#: What has to be given and is not, is this.
RATE = 0.01
RATES = ("learning_rate", "lr")


def _hypers(make: Callable[..., Any], fixed: dict[str, Any]) -> tuple[tuple[Hyper, ...], dict[str, Any]]:
    parameters = inspect.signature(make).parameters.values()
    unknown = set(fixed) - {p.name for p in parameters}
    if unknown:
        raise InputError(f"target {make!r} takes no {', '.join(sorted(unknown))}")
    found = []
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        needed = parameter.default is parameter.empty or (parameter.default is None and parameter.name in RATES)
        default = fixed.get(parameter.name, RATE if needed else parameter.default)
        if isinstance(default, float) and (default or parameter.name in fixed):
            found.append(Hyper(exact(default), Domain(), parameter.name))
            fixed.pop(parameter.name, None)
    return tuple(found), fixed


@dataclass(frozen=True)
class _Lifting:
    """A trace that is walked on formulas."""

    trace: Trace
    ndim: int

    def lift(self, hypers: tuple[Hyper, ...], title: str) -> LiftedStep:
        inputs = Inputs("float64", self.ndim)
        numbers = [inputs.number(h.name, weak=True) for h in hypers]
        x, g = inputs.array(PARAMETER), inputs.array(GRADIENT)
        layouts: dict[str, Layout] = {}

        def step(states: list[Any]) -> dict[str, Any]:
            new_x, *after = evaluate(self.trace.step.jaxpr, self.trace.step.consts, [*numbers, x, g, *states])
            found = {PARAMETER: new_x}
            for name, value in zip(self.trace.names, after, strict=True):
                array = _array(value)
                own = layouts.setdefault(name, layout(array.cells, self.ndim))
                if layout(array.cells, self.ndim) != own:
                    raise LiftError(f"the state {name} is of something else after later steps")
                found[name] = DuckArray(own.in_order(name, array.cells, self.ndim), array.dtype)
            return found

        def start() -> dict[str, Any]:
            return step(evaluate(self.trace.init.jaxpr, self.trace.init.consts, [*numbers, x]))

        first = run(start, self.ndim)
        counters = [
            n
            for n, leaf in zip(self.trace.names, self.trace.leaves, strict=True)
            if leaf.dtype.kind in "iu" and not leaf.ndim
        ]
        still = {name for name in counters if first[name] == 0}  # integers that never count
        later = run(
            lambda: step([self._state(layouts[n], n, leaf, still=n in still) for n, leaf in self._leaves()]),
            self.ndim,
        )
        for name in (n for n in counters if n not in still):
            if sp.expand(later[name].doit() - sp.Symbol(STEP)) != 0 or first[name] != 1:
                raise LiftError(f"the counter {name} does not count the steps: it becomes {later[name]}")
        kept = [name for name in self.trace.names if name not in counters]
        scopes = {n: layouts[n].scope for n in kept}
        scopes |= scopes_of({n: later[n] for n in kept if scopes[n] == "one"}, hypers)
        states = tuple(State(name=name, scope=scopes[name]) for name in kept)
        outputs = {PARAMETER: later[PARAMETER]} | {n: later[n] for n in kept}
        return LiftedStep(to_program(title, outputs, hypers, states), {n: first[n] for n in outputs})

    def _leaves(self) -> Any:
        return zip(self.trace.names, self.trace.leaves, strict=True)

    def _state(self, own: Layout, name: str, leaf: Any, *, still: bool) -> Any:
        if still:
            return np.zeros((), leaf.dtype)
        if leaf.dtype.kind in "iu" and not leaf.ndim:
            with sp.evaluate(True):
                return DuckArray(sp.Symbol(STEP) - 1, leaf.dtype)
        return DuckArray(own.symbols(name, self.ndim), leaf.dtype)


def _array(value: Any) -> DuckArray:
    if isinstance(value, DuckArray):
        return value
    return DuckArray(np.frompyfunc(lambda v: sp.Rational(*exact(v).as_integer_ratio()), 1, 1)(as_written(value)))
