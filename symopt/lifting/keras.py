"""Keras 3: on its JAX backend an optimizer's ``stateless_apply``, through its jaxpr; on torch, as one of torch."""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symopt.language import InputError

from .errors import LiftError
from .function import LiftedStep
from .optax import lift_optax, run_optax
from .rerun import Runnable


def prefer_jax() -> None:
    """Let Keras run on JAX, if it is not there yet and no other backend is asked for in the environment."""
    if "keras" not in sys.modules:
        os.environ.setdefault("KERAS_BACKEND", "jax")


def lift_keras(make: Callable[..., Any], fixed: Mapping[str, Any] | None = None, ndim: int | None = None) -> LiftedStep:
    """Lift a Keras optimizer class, or a factory of one: x and the variables of its state after a step.

    Floats among the constructor's arguments become hyperparameters, those that are 0 only if ``fixed`` gives them.
    LiftError for what cannot be followed, and where Keras runs on another backend than JAX or torch.
    """
    backend, fixed = _backend(), dict(fixed or {})
    numbers = _numbers(make, fixed)
    if backend == "torch":
        from .keras_torch import on_torch
        from .torch import lift_torch

        return lift_torch(on_torch(make, numbers, fixed), {}, ndim)
    return lift_optax(_on_jax(make, numbers, fixed), _given(numbers, fixed), ndim)


def run_keras(make: Callable[..., Any], fixed: Mapping[str, Any], ndim: int) -> Runnable:
    """The steps that a Keras optimizer takes with one tensor of so many axes, in float32."""
    backend, numbers = _backend(), _numbers(make, fixed)
    if backend == "torch":
        from .keras_torch import on_torch
        from .torch_rerun import run_torch

        return run_torch(on_torch(make, numbers, fixed), {}, ndim)
    return run_optax(_on_jax(make, numbers, fixed), _given(numbers, fixed))


def _backend() -> str:
    prefer_jax()
    import keras

    backend = str(keras.backend.backend())
    if backend not in ("jax", "torch"):
        raise LiftError(f"Keras runs on {backend}; set KERAS_BACKEND=jax or torch to lift its optimizers")
    return backend


def _given(numbers: Mapping[str, float], fixed: Mapping[str, Any]) -> dict[str, float]:
    return {name: value for name, value in numbers.items() if name in fixed}


def _on_jax(make: Callable[..., Any], numbers: Mapping[str, float], fixed: Mapping[str, Any]) -> Callable[..., Any]:
    """A factory of what optax would make of the hyperparameters."""

    def factory(**hypers: Any) -> _Stepped:
        return _Stepped(make, fixed, hypers)

    factory.__name__ = getattr(make, "__name__", "keras")
    factory.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, default=value) for n, value in numbers.items()]
    )
    return factory


def _numbers(make: Callable[..., Any], fixed: Mapping[str, Any]) -> dict[str, float]:
    """The hyperparameters: arguments that are floats, and that the optimizer keeps under their names."""
    parameters = inspect.signature(make).parameters
    values = {n: fixed.get(n, p.default) for n, p in parameters.items()} | dict(fixed)
    try:
        made = make(**fixed)
    except Exception as error:
        raise InputError(f"target {make!r}: raised {type(error).__name__}: {error}") from error
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, float) and (value or name in fixed) and (name == "learning_rate" or hasattr(made, name))
    }


@dataclass(frozen=True)
class _Stepped:
    """An optimizer with ``init`` and ``step``, whose hyperparameters may be traced."""

    make: Callable[..., Any]
    fixed: Mapping[str, Any]
    hypers: Mapping[str, Any]

    def _built(self, params: Any) -> tuple[Any, list[Any]]:
        import jax
        import keras

        with jax.ensure_compile_time_eval():
            leaves = jax.tree_util.tree_leaves(params)
            variables = [keras.Variable(np.zeros(leaf.shape, np.float32), name="x") for leaf in leaves]
            made = self.make(**self.fixed)
        for variable, leaf in zip(variables, leaves, strict=True):
            variable._value = leaf  # states may begin at the parameters, which are traced here
        made.build(variables)
        for name, value in self.hypers.items():
            if name != "learning_rate":
                setattr(made, name, value)
        return made, variables

    def init(self, params: Any) -> dict[str, Any]:
        """The variables of the optimizer before the first step, but for its learning rate."""
        made, _ = self._built(params)
        return {name: v.value for name, v in _named(made) if not is_rate(v)}

    update = None  # optimizers have this or ``step``

    def step(self, grads: Any, state: Mapping[str, Any], params: Any) -> tuple[Any, dict[str, Any]]:
        """The parameters and variables after a step."""
        import jax
        import jax.numpy as jnp

        made, _ = self._built(params)
        leaves, structure = jax.tree_util.tree_flatten(params)
        rate = self.hypers.get("learning_rate")
        own = [
            (v.value if rate is None else jnp.asarray(rate, jnp.float32)) if is_rate(v) else state[name]
            for name, v in _named(made)
        ]
        new, after = made.stateless_apply(own, jax.tree_util.tree_leaves(grads), leaves)
        kept = {name: value for (name, v), value in zip(_named(made), after, strict=True) if not is_rate(v)}
        return jax.tree_util.tree_unflatten(structure, new), kept


def is_rate(variable: Any) -> bool:
    """Whether a variable of an optimizer is its learning rate."""
    return str(variable.path).endswith("/learning_rate")


def base_name(variable: Any) -> str:
    """The last part of a variable's name, without that of the parameter that it is for."""
    return re.sub(r"^(x|variable)(_\d+)?(_|$)", "", str(variable.path).rpartition("/")[2]) or "value"


def _named(made: Any) -> list[tuple[str, Any]]:
    """The optimizer's variables under the last parts of their names."""
    found: dict[str, Any] = {}
    for variable in made.variables:
        base = base_name(variable)
        name, count = base, 2
        while name in found:
            name, count = f"{base}{count}", count + 1
        found[name] = variable
    return list(found.items())
