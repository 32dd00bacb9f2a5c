"""What torch's operations mean, on lifted arrays. No operation may be given a meaning that is not its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .errors import cannot_lift


def _clamp(a: Any, min: Any = None, max: Any = None) -> Any:
    low = a if min is None else np.maximum(a, min)
    return low if max is None else np.minimum(low, max)


def _norm(
    a: Any, p: Any = 2, dim: Any = None, keepdim: bool = False, dtype: Any = None, ord: Any = None, **_: Any
) -> Any:
    if (ord if ord is not None else p) not in (2, "fro", None) or dim is not None:
        raise cannot_lift(f"a norm of order {p} over axes {dim}")
    return np.sqrt(np.sum(a * a))


def _times(factor: Any, a: Any) -> Any:
    return a if isinstance(factor, (int, float)) and factor == 1 else factor * a


def _sum(a: Any, dim: Any = None, keepdim: bool = False, **_: Any) -> Any:
    return np.sum(a) if dim is None else a.sum(axis=tuple(dim) if isinstance(dim, list) else dim, keepdims=keepdim)


def _mean(a: Any, dim: Any = None, keepdim: bool = False, **_: Any) -> Any:
    return np.mean(a) if dim is None else a.mean(axis=tuple(dim) if isinstance(dim, list) else dim, keepdims=keepdim)


def _divided(a: Any, b: Any, rounding_mode: Any = None) -> Any:
    if rounding_mode is not None:
        raise cannot_lift(f"a division rounded by {rounding_mode}")
    return a / b


#: The operations that have a meaning as formulas; reals are never NaN, so that nan_to_num leaves them as they are.
OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b, alpha=1: a + _times(alpha, b),
    "sub": lambda a, b, alpha=1: a - _times(alpha, b), "subtract": lambda a, b: a - b,
    "rsub": lambda a, b, alpha=1: b - _times(alpha, a), "radd": lambda a, b: b + a,
    "mul": lambda a, b: a * b, "multiply": lambda a, b: a * b, "rmul": lambda a, b: b * a,
    "div": _divided, "truediv": lambda a, b: a / b, "true_divide": lambda a, b: a / b,
    "rtruediv": lambda a, b: b / a, "rdiv": lambda a, b: b / a, "divide": lambda a, b: a / b,
    "pow": lambda a, b: np.power(a, b), "rpow": lambda a, b: np.power(b, a),
    "neg": np.negative, "negative": np.negative,
    "sqrt": np.sqrt, "rsqrt": lambda a: 1 / np.sqrt(a), "abs": np.absolute, "absolute": np.absolute, "sign": np.sign,
    "exp": np.exp, "log": np.log, "square": np.square, "reciprocal": np.reciprocal,
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "maximum": np.maximum, "minimum": np.minimum, "clamp": _clamp, "clip": _clamp,
    "clamp_min": lambda a, low: np.maximum(a, low), "clamp_max": lambda a, high: np.minimum(a, high),
    "lerp": lambda a, b, weight: a + weight * (b - a),
    "addcmul": lambda a, b, c, value=1: a + _times(value, b * c),
    "addcdiv": lambda a, b, c, value=1: a + _times(value, b / c),
    "where": lambda which, a, b: np.where(which, a, b), "copy": lambda a, b, **_: b + np.zeros_like(a),
    "zero": np.zeros_like, "fill": lambda a, value: np.full_like(a, value), "clone": lambda a: a.copy(),
    "detach": lambda a: a, "to": lambda a, *_: a, "as_tensor": lambda a, *_: a, "float": lambda a: a,
    "double": lambda a: a, "contiguous": lambda a: a,
    "zeros_like": np.zeros_like, "ones_like": np.ones_like, "empty_like": np.zeros_like,
    "full_like": lambda a, fill_value, **_: np.full_like(a, fill_value),
    "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "eq": np.equal, "ne": np.not_equal,
    "type_as": lambda a, b: a, "expand_as": lambda a, b: a + np.zeros_like(b), "norm": _norm, "vector_norm": _norm,
    "linalg_vector_norm": _norm, "sum": _sum, "mean": _mean, "dot": np.dot,
    "view": lambda a, *shape: a.reshape(*shape), "reshape": lambda a, *shape: a.reshape(*shape),
    "flatten": lambda a, *_: a.ravel(), "view_as": lambda a, b: a.reshape(b.shape), "squeeze": lambda a: a,
    "real": lambda a: a, "nan_to_num": lambda a, *_, **__: a, "masked_fill": lambda a, which, b: np.where(which, b, a),
}  # fmt: skip
