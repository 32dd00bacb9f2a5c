"""Optax: a ``GradientTransformation``, or what makes one of hyperparameters, through its jaxprs."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import sympy as sp

from symopt.language import GRADIENT, PARAMETER, STEP, Domain, Hyper, InputError, State, SymoptError, exact

from .elements import ELEMENTS
from .errors import LiftError
from .function import LiftedStep, vector_or_matrix
from .jaxpr import evaluate
from .numpy import DuckArray, as_written
from .program import Inputs, run, scope_of_shape, scopes_of, to_program
from .rerun import SHAPES, rerun


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
            traced = _trace(make, tuple(h.name for h in hypers), fixed, ndim)
            break
        except _BranchedError as branched:
            (stuck,) = [h for h in hypers if h.name == branched.name]
            hypers = tuple(h for h in hypers if h is not stuck)
            fixed[stuck.name] = float(stuck.default)
    lifted = traced.lift(hypers, getattr(make, "__name__", "optax"))
    return rerun(lifted, lambda x, gs, values: _real(partial(make, **fixed, **values), x, gs), SHAPES[ndim], "float32")


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
            own, state = _step(transformation, given, state, own)
            steps.append(np.asarray(own["a"], np.float64))
        found.append(steps)
    # XLA fuses two tensors otherwise than one: some roundings apart. The other's gradient, a hundred times as large,
    # would change a step by a factor.
    if not np.allclose(found[0], found[1], rtol=1e-4, atol=1e-6, equal_nan=True):
        raise LiftError("what happens to one tensor depends on the others, as by a global norm")
    return found[0]


def _step(transformation: Any, grads: Any, state: Any, params: Any) -> tuple[Any, Any]:
    """New parameters and state: by its ``step`` where it has one, else what it adds is added."""
    import jax

    if hasattr(transformation, "step"):
        new, state = transformation.step(grads, state, params)
        return new, state
    updates, state = transformation.update(grads, state, params)
    return jax.tree_util.tree_map(lambda x, update: x + update, params, updates), state


def _single(array: Any) -> Any:
    import jax.numpy as jnp

    return jnp.asarray(array, jnp.float32)


#: What has to be given and is not, is this.
RATE = 0.01
RATES = ("learning_rate", "lr")


class _BranchedError(Exception):
    """The factory asked for a hyperparameter's value."""

    def __init__(self, name: str) -> None:
        self.name = name


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
class _Traced:
    """The jaxprs of init and of a step, and the state's leaves."""

    init: Any
    step: Any
    names: tuple[str, ...]
    leaves: tuple[Any, ...]
    ndim: int

    def lift(self, hypers: tuple[Hyper, ...], title: str) -> LiftedStep:
        inputs = Inputs("float64", self.ndim)
        numbers = [inputs.number(h.name, weak=True) for h in hypers]
        x, g = inputs.array(PARAMETER), inputs.array(GRADIENT)
        shapes: dict[str, Any] = {}

        def step(states: list[Any]) -> dict[str, Any]:
            new_x, *after = evaluate(self.step.jaxpr, self.step.consts, [*numbers, x, g, *states])
            shapes.update(zip(self.names, after, strict=True))
            return {PARAMETER: new_x} | {n: _array(a) for n, a in zip(self.names, after, strict=True)}

        def start() -> dict[str, Any]:
            return step(evaluate(self.init.jaxpr, self.init.consts, [*numbers, x]))

        first = run(start, self.ndim)
        counters = [
            n for n, leaf in zip(self.names, self.leaves, strict=True) if leaf.dtype.kind in "iu" and not leaf.ndim
        ]
        still = {name for name in counters if first[name] == 0}  # integers that never count
        later = run(
            lambda: step([self._state(inputs, n, leaf, still=n in still) for n, leaf in self._leaves()]), self.ndim
        )
        for name in (n for n in counters if n not in still):
            if sp.expand(later[name].doit() - sp.Symbol(STEP)) != 0 or first[name] != 1:
                raise LiftError(f"the counter {name} does not count the steps: it becomes {later[name]}")
        kept = [name for name in self.names if name not in counters]
        scopes = {n: scope_of_shape(leaf.shape) for n, leaf in self._leaves() if n in kept}
        scopes |= scopes_of({n: later[n] for n in kept if scopes[n] == "one"}, hypers)
        states = tuple(State(name=name, scope=scopes[name]) for name in kept)
        outputs = {PARAMETER: later[PARAMETER]} | {n: later[n] for n in kept}
        return LiftedStep(to_program(title, outputs, hypers, states), {n: first[n] for n in outputs})

    def _leaves(self) -> Any:
        return zip(self.names, self.leaves, strict=True)

    def _state(self, inputs: Inputs, name: str, leaf: Any, *, still: bool) -> Any:
        if still:
            return np.zeros((), leaf.dtype)
        if leaf.dtype.kind in "iu" and not leaf.ndim:
            with sp.evaluate(True):
                return DuckArray(sp.Symbol(STEP) - 1, leaf.dtype)
        return inputs.state(name, DuckArray(np.full(leaf.shape, sp.Integer(0)), leaf.dtype))


def _array(value: Any) -> DuckArray:
    if isinstance(value, DuckArray):
        return value
    return DuckArray(np.frompyfunc(lambda v: sp.Rational(*exact(v).as_integer_ratio()), 1, 1)(as_written(value)))


def _trace(make: Callable[..., Any], names: tuple[str, ...], fixed: Mapping[str, Any], ndim: int) -> _Traced:
    """The jaxprs of a transformation made of traced hyperparameters."""
    import jax
    import jax.numpy as jnp

    x = jnp.ones((ELEMENTS,) * ndim, jnp.float32)
    shape = jax.tree_util

    def made(values: tuple[Any, ...]) -> Any:
        found = make(**dict(zip(names, values, strict=True)), **fixed)
        if not hasattr(found, "init") or not hasattr(found, "update"):
            raise InputError(f"target {make!r}: must make what has init and update")
        return found

    def init(values: tuple[Any, ...], params: Any) -> Any:
        return shape.tree_leaves(made(values).init(params))

    def update(values: tuple[Any, ...], params: Any, grads: Any, leaves: list[Any]) -> Any:
        transformation = made(values)
        state = shape.tree_unflatten(structure, leaves)
        params, state = _step(transformation, grads, state, params)
        return [params, *shape.tree_leaves(state)]

    values = tuple(jnp.float32(0.5) for _ in names)
    try:
        state = jax.eval_shape(lambda v, p: made(v).init(p), values, x)
        paths, structure = shape.tree_flatten_with_path(state)
        leaves = [leaf for _, leaf in paths]
        return _Traced(
            jax.make_jaxpr(init)(values, x),
            jax.make_jaxpr(update)(values, x, x, leaves),
            _names(shape.keystr(path) for path, _ in paths),
            tuple(leaves),
            ndim,
        )
    except jax.errors.TracerBoolConversionError:
        raise _BranchedError(_asked(make, names, fixed, x)) from None
    except SymoptError:
        raise
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise LiftError(f"tracing it raised {type(error).__name__}: {reason}") from error


def _asked(make: Callable[..., Any], names: tuple[str, ...], fixed: Mapping[str, Any], x: Any) -> str:
    """The first hyperparameter whose value the factory branches on."""
    import jax

    for name in names:
        others = {n: 0.5 for n in names if n != name}

        def init(value: Any, name: str = name, others: Mapping[str, float] = others) -> Any:
            transformation = make(**{name: value}, **others, **fixed)
            return _step(transformation, x, transformation.init(x), x)[0]

        try:
            jax.make_jaxpr(init)(0.5)
        except jax.errors.TracerBoolConversionError:
            return name
    raise LiftError("the factory branches on several hyperparameters together")


def _names(paths: Any) -> tuple[str, ...]:
    """A name for each leaf: the last of its path that is a word, with a number where it is taken."""
    names: list[str] = []
    for path in paths:
        words = re.findall(r"[A-Za-z_]\w*", path)
        base = words[-1] if words else "state"
        name, count = base, 2
        while name in names or name in (PARAMETER, GRADIENT, STEP):
            name, count = f"{base}{count}", count + 1
        names.append(name)
    return tuple(names)
