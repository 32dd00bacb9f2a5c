"""What torch's operations mean, on lifted arrays. No operation may be given a meaning that is not its own.

A view of a tensor shares its cells, as torch's shares its memory: what is written to one is seen in the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from operator import index
from typing import Any

import numpy as np
import sympy as sp

from .carrying import plain
from .errors import cannot_lift
from .folds import axes_of, count, every, fold, some
from .numpy import DuckArray, formula


def _clamp(a: Any, min: Any = None, max: Any = None, **_: Any) -> Any:
    low = a if min is None else np.maximum(a, min)
    return low if max is None else np.minimum(low, max)


def _times(factor: Any, a: Any) -> Any:
    return a if isinstance(factor, (int, float)) and factor == 1 else factor * a


def _sum(a: Any, dim: Any = None, keepdim: bool = False, **_: Any) -> Any:
    return fold("sum", a, dim, keepdim)


def _mean(a: Any, dim: Any = None, keepdim: bool = False, **_: Any) -> Any:
    return fold("sum", a, dim, keepdim) / _number(count(a, dim))


def _number(value: Any) -> DuckArray:
    return DuckArray(value, np.float64, weak=True)


def _variance(a: Any, dim: Any = None, unbiased: Any = True, correction: Any = None, keepdim: bool = False) -> Any:
    less = correction if correction is not None else int(unbiased)
    apart = a - _mean(a, dim, keepdim=True)
    many = count(a, dim)
    return fold("sum", apart * apart, dim, keepdim) / _number(many - less if less else many)


def _deviation(*args: Any, **options: Any) -> Any:
    return np.sqrt(_variance(*args, **options))


def _largest(a: Any, dim: Any = None, keepdim: bool = False) -> Any:
    if isinstance(dim, DuckArray):
        return np.maximum(a, dim)
    found = fold("max", a, dim, keepdim)
    return found if dim is None else (found, None)


def _smallest(a: Any, dim: Any = None, keepdim: bool = False) -> Any:
    if isinstance(dim, DuckArray):
        return np.minimum(a, dim)
    found = -fold("max", -a, dim, keepdim)
    return found if dim is None else (found, None)


def _amax(a: Any, dim: Any = None, keepdim: bool = False) -> Any:
    return fold("max", a, dim, keepdim)


def _amin(a: Any, dim: Any = None, keepdim: bool = False) -> Any:
    return -fold("max", -a, dim, keepdim)


def _extremes(a: Any, *, dim: Any = None, keepdim: bool = False) -> Any:
    return _amin(a, dim, keepdim), _amax(a, dim, keepdim)


def _close(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, **_: Any) -> Any:
    return np.less_equal(np.absolute(a - b), atol + rtol * np.absolute(b))


def _power_sum(a: Any, order: Any, dim: Any, keepdim: bool) -> Any:
    """The norm of an order that is a power of two, of either sign."""
    powers = np.power(np.absolute(a), order) if order % 2 else np.power(a, int(order))
    found: Any = fold("sum", powers, dim, keepdim)
    for _ in range(int(math.log2(abs(order)))):
        found = np.sqrt(found)
    return 1 / found if order < 0 else found


def _norm(a: Any, p: Any = 2, dim: Any = None, keepdim: bool = False, dtype: Any = None, ord: Any = None) -> Any:
    order = ord if ord is not None else p
    order = 2 if order in ("fro", None) else order
    if order == math.inf:
        return fold("max", np.absolute(a), dim, keepdim)
    if isinstance(order, str) or float(order) not in (1, 2, 4, -1, -2):
        raise cannot_lift(f"a norm of order {order}")
    if order == 1:
        return fold("sum", np.absolute(a), dim, keepdim)
    return np.sqrt(fold("sum", a * a, dim, keepdim)) if order == 2 else _power_sum(a, order, dim, keepdim)


def _linalg_norm(a: Any, ord: Any = None, dim: Any = None, keepdim: bool = False, **_: Any) -> Any:
    of_a_matrix = a.ndim == 2 if dim is None else isinstance(dim, (tuple, list)) and len(dim) == 2
    if of_a_matrix and ord not in (None, "fro"):
        raise cannot_lift(f"a matrix's norm of order {ord}")
    return _norm(a, 2 if ord is None else ord, dim, keepdim)


def _normalize(a: Any, p: float = 2.0, dim: int = 1, eps: float = 1e-12, **_: Any) -> Any:
    return a / np.maximum(_norm(a, p, dim, True), eps)


def _cosine(a: Any, b: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """Each norm is kept from 0 alone, as torch computes it."""
    return fold("sum", a * b, dim) / (np.maximum(_norm(a, 2, dim), eps) * np.maximum(_norm(b, 2, dim), eps))


def _divided(a: Any, b: Any, rounding_mode: Any = None) -> Any:
    if rounding_mode is not None:
        raise cannot_lift(f"a division rounded by {rounding_mode}")
    return a / b


def _power(a: Any, b: Any) -> Any:
    return np.power(a, b)


def _tanh(a: Any) -> Any:
    return 2 / (1 + np.exp(-2 * a)) - 1


def _copysign(a: Any, b: Any) -> Any:
    """Of b = 0 the sign is lost in the reals: what has none is taken as positive, as torch takes 0.0."""
    return np.where(np.less(b, 0), -np.absolute(a), np.absolute(a))


def _softplus(a: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    return np.where(np.greater(a * beta, threshold), a, np.log(1 + np.exp(a * beta)) / beta)


def _dot(a: Any, b: Any) -> Any:
    return fold("sum", a * b)


def _matmul(a: Any, b: Any) -> Any:
    """Products of rows and columns: each is a sum along what a's last axis and b's first are of."""
    if a.ndim > 2 or b.ndim > 2 or not a.ndim or not b.ndim:
        raise cannot_lift("a product of matrices in batches")
    left = a.cells if a.ndim == 2 else a.cells[None, :]
    right = b.cells if b.ndim == 2 else b.cells[:, None]
    found = np.empty((left.shape[0], right.shape[1]), object)
    products = DuckArray(left[:, :, None]) * DuckArray(right[None, :, :])
    if left.shape[1] == 1:
        found = products.cells[:, 0, :]
    elif right.shape[1] == 1:
        found = fold("sum", DuckArray(products.cells[:, :, 0]), 1, keepdim=True).cells
    elif left.shape[0] == 1:
        found = fold("sum", DuckArray(products.cells[0]), 0, keepdim=True).cells
    else:
        raise cannot_lift("a product of matrices")
    shape = [size for size, had in zip(found.shape, (a.ndim == 2, b.ndim == 2), strict=True) if had]
    return DuckArray(found.reshape(shape), a.dtype)


def _outer(a: Any, b: Any) -> Any:
    return DuckArray(a.cells[:, None], a.dtype) * DuckArray(b.cells[None, :], b.dtype)


def _stacked(parts: Any, dim: int = 0) -> DuckArray:
    return DuckArray(np.stack([part.cells for part in parts], dim), parts[0].dtype)


def _joined(parts: Any, dim: int = 0) -> DuckArray:
    return DuckArray(np.concatenate([part.cells for part in parts], dim), parts[0].dtype)


def _apart(a: Any, dim: int = 0) -> tuple[DuckArray, ...]:
    moved = np.moveaxis(a.cells, dim, 0)
    return tuple(DuckArray(moved[n, ...], a.dtype) for n in range(len(moved)))


def _split(a: Any, size: Any, dim: int = 0) -> tuple[DuckArray, ...]:
    moved, sizes = np.moveaxis(a.cells, dim, 0), size
    if not isinstance(size, (list, tuple)):
        sizes = [index(size)] * -(-len(moved) // index(size))
    ends = np.cumsum([0, *map(index, sizes)])
    return tuple(DuckArray(np.moveaxis(moved[i:j], 0, dim), a.dtype) for i, j in pairwise(ends))


def _shape(shape: Any) -> Any:
    return [index(n) for n in (shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape)]


def _reshaped(a: Any, *shape: Any, **_: Any) -> DuckArray:
    return DuckArray(a.cells.reshape(_shape(shape)), a.dtype)


def _expanded(a: Any, *shape: Any, **_: Any) -> DuckArray:
    to, ahead = _shape(shape), len(_shape(shape)) - a.ndim
    return DuckArray(
        np.broadcast_to(a.cells, [a.shape[k - ahead] if n == -1 else n for k, n in enumerate(to)]), a.dtype
    )


def _flattened(a: Any, start_dim: int = 0, end_dim: int = -1) -> DuckArray:
    last = end_dim % max(a.ndim, 1) + 1
    first = start_dim % max(a.ndim, 1)
    return DuckArray(a.cells.reshape([*a.shape[:first], -1, *a.shape[last:]]), a.dtype)


def _squeezed(a: Any, dim: Any = None) -> DuckArray:
    gone = [n for n in axes_of(dim, a.ndim) if a.shape[n] == 1]
    return DuckArray(a.cells.reshape([size for n, size in enumerate(a.shape) if n not in gone]), a.dtype)


def _unsqueezed(a: Any, dim: int) -> DuckArray:
    return DuckArray(np.expand_dims(a.cells, dim), a.dtype)


def _permuted(a: Any, *dims: Any) -> DuckArray:
    return DuckArray(np.transpose(a.cells, _shape(dims)), a.dtype)


def _swapped(a: Any, first: int, second: int) -> DuckArray:
    return DuckArray(np.swapaxes(a.cells, first, second), a.dtype)


def _turned(a: Any) -> DuckArray:
    return DuckArray(a.cells.T, a.dtype)


def _narrowed(a: Any, dim: int, start: int, length: int) -> DuckArray:
    return DuckArray(a.cells[(slice(None),) * (dim % a.ndim) + (slice(start, start + length),)], a.dtype)


def _item(a: Any, places: Any) -> DuckArray:
    """What is at a place that is known: a mask or places that are computed change the shape."""
    parts = places if isinstance(places, tuple) else (places,)
    if any(isinstance(part, (DuckArray, list)) for part in parts):
        raise cannot_lift("the elements that a mask or a list of places selects")
    return DuckArray(a.cells[(*parts, ...) if Ellipsis not in parts else parts], a.dtype)


def _filled(a: Any, *_: Any, value: Any, shape: Any = None) -> DuckArray:
    return DuckArray(np.full(a.shape if shape is None else shape, formula(value), object), a.dtype)


def _new(value: Any) -> Callable[..., Any]:
    return lambda a, *shape, **options: _filled(
        a, value=value, shape=_shape([options["size"]] if "size" in options else shape)
    )


def _chosen(which: Any, a: Any, b: Any) -> Any:
    return np.where(which, a, b)


def _compared(relation: Any) -> Callable[[Any, Any], Any]:
    """A comparison; with an infinite number, every formula's value compares as 0 does."""

    def apply(a: Any, b: Any) -> Any:
        if isinstance(b, float) and math.isinf(plain(b)):
            return _always(a) if relation(0.0, b) else _never(a)
        return relation(a, b)

    return apply


def _never(a: Any) -> Any:
    return DuckArray(np.full(a.shape, sp.false, object), np.bool_)


def _always(a: Any) -> Any:
    return DuckArray(np.full(a.shape, sp.true, object), np.bool_)


#: Views, which share the cells of the tensor that they are of.
VIEWS: dict[str, Callable[..., Any]] = {
    "detach": lambda a: a, "view": _reshaped, "reshape": _reshaped, "view_as": lambda a, b: _reshaped(a, b.shape),
    "reshape_as": lambda a, b: _reshaped(a, b.shape), "flatten": _flattened, "ravel": _flattened,
    "unsqueeze": _unsqueezed, "squeeze": _squeezed, "expand": _expanded, "real": lambda a: a, "conj": lambda a: a,
    "resolve_conj": lambda a: a, "t": _turned,
    "expand_as": lambda a, b: _expanded(a, b.shape), "broadcast_to": _expanded, "permute": _permuted,
    "transpose": _swapped, "swapaxes": _swapped, "unbind": _apart, "split": _split, "narrow": _narrowed,
    "select": lambda a, dim, n: _apart(a, dim)[n], "getitem": _item, "contiguous": lambda a, **_: a,
}  # fmt: skip
#: The operations that have a meaning as formulas; reals are never NaN, so that nan_to_num leaves them as they are.
OPERATIONS: dict[str, Callable[..., Any]] = VIEWS | {
    "add": lambda a, b, alpha=1: a + _times(alpha, b),
    "sub": lambda a, b, alpha=1: a - _times(alpha, b), "subtract": lambda a, b, alpha=1: a - _times(alpha, b),
    "rsub": lambda a, b, alpha=1: b - _times(alpha, a), "radd": lambda a, b: b + a,
    "mul": lambda a, b: a * b, "multiply": lambda a, b: a * b, "rmul": lambda a, b: b * a,
    "div": _divided, "truediv": lambda a, b: a / b, "true_divide": lambda a, b: a / b,
    "rtruediv": lambda a, b: b / a, "rdiv": lambda a, b: b / a, "divide": _divided,
    "pow": _power, "float_power": _power, "rpow": lambda a, b: np.power(b, a),
    "neg": np.negative, "negative": np.negative,
    "sqrt": np.sqrt, "rsqrt": lambda a: 1 / np.sqrt(a), "abs": np.absolute, "absolute": np.absolute, "sign": np.sign,
    "exp": np.exp, "log": np.log, "log1p": lambda a: np.log(1 + a), "expm1": lambda a: np.exp(a) - 1,
    "square": np.square, "reciprocal": np.reciprocal, "sgn": np.sign,
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)), "tanh": _tanh, "softplus": _softplus,
    "relu": lambda a, **_: np.maximum(a, 0), "hypot": lambda a, b: np.sqrt(a * a + b * b), "copysign": _copysign,
    "maximum": np.maximum, "minimum": np.minimum, "fmax": np.maximum, "fmin": np.minimum,
    "clamp": _clamp, "clip": _clamp,
    "clamp_min": lambda a, min: np.maximum(a, min), "clamp_max": lambda a, max: np.minimum(a, max),
    "lerp": lambda a, b, weight: a + weight * (b - a),
    "addcmul": lambda a, b, c, value=1: a + _times(value, b * c),
    "addcdiv": lambda a, b, c, value=1: a + _times(value, b / c),
    "where": _chosen, "masked_fill": lambda a, which, value: np.where(which, value, a),
    "copy": lambda a, b, *_, **__: b + np.zeros_like(a),
    "zero": np.zeros_like, "fill": lambda a, value: _filled(a, value=value), "clone": lambda a, **_: a.copy(),
    "to": lambda a, *_, **__: a.astype(a.dtype) if a.dtype != np.bool_ else a, "as_tensor": lambda a, *_, **__: a,
    "float": lambda a: a.astype(np.float32), "double": lambda a: a.astype(np.float64), "type": lambda a, *_: a,
    "type_as": lambda a, b: a.astype(b.dtype),
    "zeros_like": np.zeros_like, "ones_like": np.ones_like, "empty_like": np.zeros_like, "new_zeros": _new(0),
    "new_ones": _new(1), "new_empty": _new(0), "new_full": lambda a, size, fill_value, **_: _new(fill_value)(a, size),
    "new_tensor": lambda a, value, **_: _filled(a, value=value, shape=np.shape(value)),
    "full_like": lambda a, fill_value, **_: _filled(a, value=fill_value),
    "lt": _compared(np.less), "le": _compared(np.less_equal), "gt": _compared(np.greater),
    "ge": _compared(np.greater_equal), "eq": _compared(np.equal), "ne": _compared(np.not_equal),
    "not_equal": _compared(np.not_equal),
    "less": np.less, "less_equal": np.less_equal, "greater": np.greater, "greater_equal": np.greater_equal,
    "and": np.bitwise_and, "or": np.bitwise_or, "invert": np.invert, "logical_and": np.logical_and,
    "logical_or": np.logical_or, "logical_not": np.logical_not, "bitwise_and": np.bitwise_and,
    "bitwise_or": np.bitwise_or, "bitwise_not": np.invert, "all": every, "any": some,
    "isclose": _close, "allclose": lambda a, b, *rest, **options: every(_close(a, b, *rest, **options)),
    "isnan": _never, "isinf": _never, "isfinite": _always, "nan_to_num": lambda a, *_, **__: a,
    "norm": _norm, "vector_norm": lambda a, ord=2, dim=None, keepdim=False, **_: _norm(a, ord, dim, keepdim),
    "linalg_vector_norm": lambda a, ord=2, dim=None, keepdim=False, **_: _norm(a, ord, dim, keepdim),
    "linalg_norm": _linalg_norm, "normalize": _normalize, "cosine_similarity": _cosine,
    "sum": _sum, "mean": _mean, "var": _variance, "std": _deviation, "max": _largest, "min": _smallest,
    "amax": _amax, "amin": _amin, "aminmax": _extremes,
    "dot": _dot, "vdot": _dot, "inner": _dot, "matmul": _matmul, "mm": _matmul, "mv": _matmul, "outer": _outer,
    "ger": _outer, "rmatmul": lambda a, b: _matmul(b, a), "stack": _stacked, "cat": _joined,
}  # fmt: skip
