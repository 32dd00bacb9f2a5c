"""What a target's code calls by name, in forms that keep formulas: ``float(t)``, ``math.sqrt(t)``, ``np.zeros``.

Python's own numbers and NumPy's new arrays have no place for formulas, and no protocol to ask for one. While a step is
lifted, the names in the modules that it is written in stand for functions that do what they are called for, and make
``DuckArray`` where formulas may come in.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from .errors import cannot_lift, is_target
from .numpy import DuckArray, cells_of, full_like
from .rebinding import rebound
from .ufuncs import is_whole


class _Kind(type):
    """A class whose instances are those of another, and that makes no number of a lifted value."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls.__mro__[1])

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls.__mro__[1])

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        value = args[0] if args else 0
        if not isinstance(value, DuckArray):
            return cls.__mro__[1](*args, **kwargs)
        return _one(value, np.dtype(cls), weak=not issubclass(cls, np.generic))


def _one(value: DuckArray, dtype: Any, *, weak: bool) -> DuckArray:
    if value.size != 1:
        raise cannot_lift("a number is asked of a whole array")
    if dtype.kind in "iu" and not is_whole(value.cells.reshape(-1)[0]):
        raise cannot_lift(f"a whole number is asked of {value.cells.reshape(-1)[0]}")
    return DuckArray(value.cells.reshape(()), np.float64 if weak else dtype, weak=weak)


def _kind(real: type) -> type:
    return _Kind(real.__name__, (real,), {"dtype": np.dtype(real)})


def _function(real: Callable[..., Any], lifted: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        return (lifted if any(isinstance(a, DuckArray) for a in args) else real)(*args, **kwargs)

    return call


def _new(real: Callable[..., Any]) -> Callable[..., Any]:
    """A new array of numbers, which formulas can be written into."""

    def make(*args: Any, **kwargs: Any) -> Any:
        made = real(*args, **kwargs)
        return DuckArray(cells_of(made), made.dtype) if made.dtype.kind in "fiu" and made.ndim else made

    return make


def _as_array(copied: bool) -> Callable[..., Any]:
    def make(a: Any, dtype: Any = None, **options: Any) -> Any:
        if not copied and (dtype is None or np.dtype(dtype) == a.dtype):
            return a
        return a.astype(dtype or a.dtype)

    return make


def _full(shape: Any, value: Any, dtype: Any = None, **_: Any) -> DuckArray:
    return full_like(DuckArray(np.zeros(shape, object)), value, dtype)


_MATH: dict[str, Callable[..., Any]] = {
    "sqrt": np.sqrt, "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "pow": np.power,
    "fabs": np.absolute, "hypot": np.hypot, "tanh": np.tanh, "cbrt": np.cbrt, "isnan": np.isnan, "isinf": np.isinf,
    "isfinite": np.isfinite,
}  # fmt: skip
_ARRAYS: dict[str, Callable[..., Any]] = {
    **{name: _function(getattr(np, name), _as_array(copied=False)) for name in ("asarray", "asanyarray")},
    "ascontiguousarray": _function(np.ascontiguousarray, _as_array(copied=False)),
    "array": _function(np.array, _as_array(copied=True)),
    **{name: _new(getattr(np, name)) for name in ("zeros", "ones")},
    "full": _full,
}
_KINDS = {name: _kind(getattr(np, name)) for name in ("float32", "float64")}
_BUILTINS: dict[str, Any] = {"float": _kind(float), "int": _kind(int)}


class _Module(ModuleType):
    """A module with some of its names bound otherwise."""

    def __init__(self, real: ModuleType, names: dict[str, Any]) -> None:
        super().__init__(real.__name__)
        self.__dict__.update(names)
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


_MATH = {name: _function(getattr(math, name), lifted) for name, lifted in _MATH.items()}
_MODULES = {id(math): _Module(math, _MATH), id(np): _Module(np, _ARRAYS | _KINDS)}
_BY_VALUE: dict[int, Any] = {
    **_MODULES,
    **{id(getattr(math, name)): call for name, call in _MATH.items()},
    **{id(getattr(np, name)): call for name, call in (_ARRAYS | _KINDS).items()},
}


def carrying_names(step: Callable[..., Any]) -> AbstractContextManager[None]:
    """In the modules of a step and of what it calls, names keep formulas; afterwards they are what they were."""
    return rebound((names, _keeping(names)) for names in _namespaces(step))


def _keeping(names: Mapping[str, Any]) -> dict[str, Any]:
    """What names of a module are bound to instead, and Python's own that are not bound in it."""
    own = {name: _BY_VALUE[id(value)] for name, value in names.items() if id(value) in _BY_VALUE}
    return own | {name: kind for name, kind in _BUILTINS.items() if name not in names}


def _namespaces(step: Callable[..., Any]) -> list[dict[str, Any]]:
    """The globals of a function, and of the functions and modules of the target's that are named there."""
    found: dict[int, dict[str, Any]] = {}
    waiting: list[Any] = [step]
    home = _package(_globals(step) or {})
    while waiting:
        names = _globals(waiting.pop())
        if names is None or id(names) in found or not _is_near(names, home):
            continue
        found[id(names)] = names
        waiting += [v for v in names.values() if isinstance(v, (FunctionType, ModuleType, type))]
    return list(found.values())


def _is_near(names: dict[str, Any], home: str) -> bool:
    """Whether a module is the target's: of its package, or not installed."""
    file = str(names.get("__file__") or "")
    return is_target(file) and (_package(names) == home or (file != "" and "site-packages" not in file))


def _package(names: dict[str, Any]) -> str:
    return str(names.get("__name__", "")).partition(".")[0]


def _globals(value: Any) -> dict[str, Any] | None:
    if isinstance(value, partial):
        return _globals(value.func)
    if isinstance(value, ModuleType):
        return vars(value)
    if isinstance(value, type):
        module = sys.modules.get(value.__module__)
        return None if module is None else vars(module)
    return getattr(getattr(value, "__func__", value), "__globals__", None) or _globals(type(value))
