"""NumPy's functions, beside the ufuncs, on lifted arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from .errors import cannot_lift
from .numpy import (
    DuckArray,
    Selection,
    cells_of,
    choose,
    clipped,
    dot_of,
    dtype_of,
    fold,
    full_like,
    mask_of,
    mean_of,
    sum_of,
)
from .ufuncs import truth


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    if x.ndim > 1 and axis is None and ord not in (None, "fro"):
        raise cannot_lift(f"numpy.linalg.norm of a matrix, of order {ord}")
    if ord == 1:
        return sum_of(np.absolute(x), axis, keepdims=keepdims)
    if ord == np.inf:
        return fold(np.absolute(x), "max", axis, keepdims=keepdims)
    if ord not in (None, 2, "fro"):
        raise cannot_lift(f"numpy.linalg.norm of order {ord}")
    return np.sqrt(sum_of(x * x, axis, keepdims=keepdims))


def _where_function(condition: Any, then: Any = None, otherwise: Any = None) -> DuckArray:
    if then is None or otherwise is None:
        raise cannot_lift("numpy.where with a condition alone")
    if any(isinstance(value, Selection) for value in (condition, then, otherwise)):
        raise cannot_lift("numpy.where of the elements that a condition selects")
    conditions = np.frompyfunc(truth, 1, 1)(cells_of(condition))
    return DuckArray(choose(conditions, cells_of(then), cells_of(otherwise)), dtype_of((then, otherwise)))


def _select(conditions: Any, choices: Any, default: Any = 0) -> Any:
    for condition, choice in zip(reversed(conditions), reversed(choices), strict=True):
        default = _where_function(condition, choice, default)
    return default


def _copyto(target: DuckArray, source: Any, where: Any = True, **options: Any) -> None:
    if options.keys() - {"casting"} or not (where is True or isinstance(where, DuckArray)):
        raise cannot_lift(f"numpy.copyto with {sorted(options)}")
    if where is True:
        target[...] = source
    else:
        target[...] = DuckArray(choose(mask_of(where, target.shape), cells_of(source), target.cells), target.dtype)


#: The functions, beside ufuncs, that have a meaning as formulas.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "zeros_like": lambda a, dtype=None, **_: full_like(a, 0, dtype),
    "empty_like": lambda a, dtype=None, **_: full_like(a, sp.Symbol("uninitialized"), dtype),
    "ones_like": lambda a, dtype=None, **_: full_like(a, 1, dtype),
    "full_like": full_like,
    "copy": lambda a, **_: a.copy(),
    "copyto": _copyto,
    "where": _where_function,
    "select": _select,
    "nan_to_num": lambda a, **_: a.copy(),
    "clip": clipped,
    "shape": lambda a: a.shape,
    "size": lambda a: a.size,
    "sum": sum_of,
    "max": lambda a, axis=None, out=None, **options: fold(a, "max", axis, None, out, **options),
    "amax": lambda a, axis=None, out=None, **options: fold(a, "max", axis, None, out, **options),
    "min": lambda a, axis=None, out=None, **options: a.min(axis, out, **options),
    "amin": lambda a, axis=None, out=None, **options: a.min(axis, out, **options),
    "any": lambda a, axis=None, out=None, **options: a.any(axis, out, **options),
    "all": lambda a, axis=None, out=None, **options: a.all(axis, out, **options),
    "count_nonzero": lambda a: np.sum(a.astype(bool).astype(np.int64)),
    "mean": mean_of,
    "var": lambda a, axis=None, **options: a.var(axis, **options),
    "std": lambda a, axis=None, **options: a.std(axis, **options),
    "norm": _norm,
    "dot": dot_of,
    "vdot": dot_of,
    "inner": dot_of,
    "ndim": lambda a: a.ndim,
    "ravel": lambda a, **_: a.ravel(),
    "reshape": lambda a, shape, **_: a.reshape(shape),
}
