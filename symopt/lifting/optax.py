"""Optax: a ``GradientTransformation``, or what makes one of hyperparameters, through its jaxprs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from symopt.language import Domain, Hyper, InputError, exact

from .errors import LiftError
from .function import LiftedStep, vector_or_matrix
from .optax_trace import BranchedError, Transformation, step
from .optax_walk import walk
from .rerun import (
    SEED,
    SHAPES,
    STEPS,
    CoupledError,
    NotFollowedError,
    Real,
    Runnable,
    at_defaults_and_others,
    compare,
    first_apart,
    rerun,
    where_it_shows,
)
from .size_conditions import VECTORS


def lift_optax(make: Callable[..., Any], fixed: Mapping[str, Any] | None = None, ndim: int | None = None) -> LiftedStep:
    """Lift what a factory of optax makes: x and the states after ``update`` and ``apply_updates``.

    Parameters of the factory whose default is a float other than 0, or which have none, become hyperparameters, and so
    do floats in ``fixed``; those on whose value the factory branches do not. A counter of steps is read as t - 1.
    LiftError for what cannot be followed, InputError where nothing comes out that has ``init`` and ``update``.
    """
    factory = _factory(make)
    return vector_or_matrix(lambda n: _lift(factory, dict(fixed or {}), n), ndim)


def run_optax(make: Callable[..., Any], fixed: Mapping[str, Any] | None = None) -> Runnable:
    """The steps that optax takes with one tensor, in float32."""
    hypers, others = _hypers(_factory(make), dict(fixed or {}))
    made = Transformation(_factory(make), tuple(h.name for h in hypers), others)

    return Runnable(hypers, "float32", _alone(made))


def _factory(make: Any) -> Callable[..., Any]:
    """What makes a transformation, itself for one that is a factory."""
    return (lambda: make) if hasattr(make, "init") and hasattr(make, "update") else make


def _lift(make: Callable[..., Any], fixed: dict[str, Any], ndim: int) -> LiftedStep:
    """As the step of one tensor; where others change it, as that of one of them with sums over all."""
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
    title = getattr(make, "__name__", "optax")
    lifted = replace(walk(trace, hypers, title), conditions=conditions)
    try:
        _hold(lifted, made, ndim)
    except CoupledError as coupled:
        if ndim == 2:
            raise
        try:
            return _hold_two(walk(made.trace_two(), hypers, title), made)
        except LiftError as error:
            raise NotFollowedError(f"{coupled}; {error}") from error
    if ndim == 2 or of_any_axes:
        return lifted
    try:
        _hold(lifted, made, 2)
        _, conditions, _ = made.trace(2)
    except LiftError:
        conditions = (VECTORS,)
    return replace(lifted, conditions=(*lifted.conditions, *conditions))


def _hold(lifted: LiftedStep, made: Transformation, ndim: int) -> None:
    """LiftError where optax does something else to a tensor alone, CoupledError where another one beside it does."""
    rerun(lifted, _alone(made), SHAPES[ndim], "float32")


def _alone(made: Transformation) -> Real:
    """The steps of one tensor; CoupledError where another one beside it changes them."""

    def real(x: Any, gradients: Sequence[Any], hypers: Mapping[str, float]) -> list[Any]:
        alone = [found[0] for found in _steps(made, hypers, [x], [[g] for g in gradients])]
        other, greater = np.ones((3, 2)), np.full((3, 2), 100.0)
        after = [found[0] for found in _steps(made, hypers, [x, other], [[g, greater] for g in gradients])]
        before = [found[1] for found in _steps(made, hypers, [other, x], [[greater, g] for g in gradients])]
        # XLA fuses two tensors otherwise than one: some roundings apart. The other's gradient, a hundred times as
        # large, would change a step by a factor.
        if first_apart(alone, after, x, "float32") or first_apart(alone, before, x, "float32"):
            raise CoupledError(getattr(made.make, "__name__", "optax"))
        return alone

    return real


def _hold_two(lifted: LiftedStep, made: Transformation) -> LiftedStep:
    """The lifted step with sums over all tensors, if optax does the same to one tensor and to two."""
    rng = np.random.default_rng(SEED)
    xs = [rng.normal(size=shape) for shape in (SHAPES[1], SHAPES[2])]
    gradients = [[rng.normal(size=x.shape) for x in xs] for _ in range(STEPS)]

    def hold(hypers: Mapping[str, float]) -> None:
        def held(own: Sequence[Any]) -> Sequence[Any]:
            given = [each[: len(own)] for each in gradients]
            found = _steps(made, hypers, own, given)
            compare(lifted, hypers, own, given, found, "float32")
            return found[-1]

        where_it_shows(held, xs[:1], "float32")
        where_it_shows(held, xs, "float32")

    return at_defaults_and_others(lifted, hold)


def _steps(
    made: Transformation, hypers: Mapping[str, float], xs: Sequence[Any], gradients: Sequence[Sequence[Any]]
) -> list[list[Any]]:
    """The tensors after each of the steps that optax itself takes, in float32. InputError where nothing is made."""
    try:
        transformation = made.make(**made.fixed, **hypers)
    except Exception as error:
        raise InputError(f"target {made.make!r}: raised {type(error).__name__}: {error}") from error
    keys = "abc"[: len(xs)]
    own = dict(zip(keys, map(_single, xs), strict=True))
    state, found = transformation.init(own), []
    for given in gradients:
        own, state = step(transformation, dict(zip(keys, map(_single, given), strict=True)), state, own)
        found.append([np.asarray(own[key], np.float64) for key in keys])
    return found


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
