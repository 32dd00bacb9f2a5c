"""The generated kernel's own source, lifted back: the statements are run as they stand, on arrays of formulas."""

from __future__ import annotations

import builtins
from types import SimpleNamespace
from typing import Any

import numpy as np

from symopt.language import GRADIENT, PARAMETER, STEP, Program

from .errors import LiftError
from .numpy import DuckArray
from .program import Inputs, run, to_program


def lift_source(source: str, program: Program, dtype: str) -> Program:
    """The Program that a kernel source computes, with ``program``'s inputs.

    Numba is left out: the function's body is Python, and runs on formulas with the types that Numba gives it
    (arrays of ``dtype``, numbers float64, so that a literal in the loop that would widen is refused). Raises
    LiftError if the source cannot be followed.
    """
    step = _step_function(source)
    states = [state.name for state in program.states]

    def compute() -> dict[str, Any]:
        inputs = Inputs(dtype)
        arrays = {name: inputs.array(name) for name in (PARAMETER, GRADIENT, *states)}
        numbers = {name: inputs.number(name, weak=False) for name in (STEP, *(h.name for h in program.hypers))}
        try:
            step(**arrays, **numbers)
        except (TypeError, NameError, AttributeError, IndexError) as error:
            raise LiftError(f"the kernel's source does not run: {type(error).__name__}: {error}") from error
        return {name: arrays[name] for name in (PARAMETER, *states)}

    return to_program(program.name, run(compute), program.hypers, program.states)


def _step_function(source: str) -> Any:
    """Define the source's functions with NumPy's casts and Numba's decorator replaced by ours."""
    namespace: dict[str, Any] = {"__name__": "lifted", "__builtins__": {**vars(builtins), "__import__": _import}}
    try:
        exec(compile(source, "<kernel source>", "exec"), namespace)  # noqa: S102 - our own generator's output
        return namespace["step"]
    except (SyntaxError, NameError, TypeError, AttributeError, ImportError, KeyError) as error:
        raise LiftError(f"the kernel's source does not run: {type(error).__name__}: {error}") from error


class _NumPy:
    """NumPy as the source sees it: casts keep the formula and note the type; all else is NumPy's own."""

    def __getattr__(self, name: str) -> Any:
        if name in ("float32", "float64"):
            return lambda value: _cast(value, name)
        return getattr(np, name)


def _cast(value: Any, dtype: str) -> Any:
    if isinstance(value, DuckArray):
        return DuckArray(value.cells, dtype)
    return DuckArray(np.positive(DuckArray(0, dtype) + value).cells, dtype) if value else DuckArray(0, dtype)


class _Types:
    """Stands for ``numba.types``, which only the decorator reads."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None


def _njit(*_: Any, **__: Any) -> Any:
    return lambda function: function


def _import(name: str, *args: Any, **kwargs: Any) -> Any:
    if name == "numpy":
        return _NumPy()
    if name == "numba":
        return SimpleNamespace(njit=_njit, types=_Types())
    raise ImportError(f"kernel source imports {name}; only numpy and numba are expected")
