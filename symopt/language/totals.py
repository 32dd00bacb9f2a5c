"""Sums and largest values over the elements of a row, a column, a tensor or all tensors; means and norms.

As in ``functions``, each runs on SymPy expressions (tracing), on arrays, on object arrays of exact numbers, on
lifted arrays, and on a single number, which is a tensor of one element. A tensor's rows run along its last axis; a
column has the same place in every row; a vector is one row. What there is for each row or column keeps the axes, at
length 1, so that it broadcasts against the tensor.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import sympy as sp

from .errors import refuse
from .functions import sqrt


class Reduction(sp.Function):  # type: ignore[misc]
    """An expression at many elements, added up ("sum") or the largest of them ("max"); never evaluated.

    ``over``: what the elements are of; ``along``: the index that a row or a column runs through.
    """

    nargs = 1
    fold: ClassVar[str]
    over: ClassVar[str]
    along: ClassVar[str] = ""


class TensorSum(Reduction):
    """The sum over the elements of the tensor that is updated."""

    fold, over = "sum", "tensor"


class GlobalSum(Reduction):
    """The sum over the elements of all tensors that one optimizer updates."""

    fold, over = "sum", "all"


class RowSum(Reduction):
    """The sum over the elements of the row."""

    fold, over, along = "sum", "row", "column"


class ColumnSum(Reduction):
    """The sum over the elements of the column."""

    fold, over, along = "sum", "column", "row"


class TensorMax(Reduction):
    """The largest over the elements of the tensor that is updated."""

    fold, over = "max", "tensor"


class GlobalMax(Reduction):
    """The largest over the elements of all tensors that one optimizer updates."""

    fold, over = "max", "all"


class RowMax(Reduction):
    """The largest over the elements of the row."""

    fold, over, along = "max", "row", "column"


class ColumnMax(Reduction):
    """The largest over the elements of the column."""

    fold, over, along = "max", "column", "row"


REDUCTIONS: dict[tuple[str, str], Any] = {
    (kind.fold, kind.over): kind
    for kind in (TensorSum, GlobalSum, RowSum, ColumnSum, TensorMax, GlobalMax, RowMax, ColumnMax)
}
OVER = tuple(dict.fromkeys(over for _, over in REDUCTIONS))


def total(value: Any, over: str = "tensor") -> Any:
    """The sum of ``value`` over the elements of each row, of each column, of the tensor or of "all" tensors.

    An array stands for its own tensor, and for all of them. Floating-point arrays are summed in the order of their
    elements, in float64 or their own wider type. InputError for another ``over``.
    """
    return _reduce(value, "sum", over)


def largest(value: Any, over: str = "tensor") -> Any:
    """The largest ``value`` among the elements of each row, of each column, of the tensor or of "all" tensors.

    Of no elements, minus infinity. InputError for another ``over``.
    """
    return _reduce(value, "max", over)


def _reduce(value: Any, fold: str, over: str) -> Any:
    if over not in OVER:
        raise refuse("over", over, f"must be one of {', '.join(OVER)}")
    if isinstance(value, sp.Basic):
        return REDUCTIONS[fold, over](value)
    if not hasattr(value, "__array_function__") or (not np.ndim(value) and over in ("row", "column")):
        return value
    return fold_axes(value, fold, axes_of(over, np.ndim(value)))


def axes_of(over: str, ndim: int) -> tuple[int, ...] | None:
    """The axes that a row, a column or a tensor runs along; None for all of them."""
    return None if over in ("tensor", "all") else (ndim - 1,) if over == "row" else tuple(range(ndim - 1))


def fold_axes(array: Any, fold: str, axes: tuple[int, ...] | None) -> Any:
    """An array's sum or largest value along axes, which are kept at length 1; a single number along all of them."""
    if fold == "max":
        least: dict[str, Any] = (
            {"initial": -np.inf} if isinstance(array, np.ndarray) and array.dtype.kind == "f" else {}
        )
        return np.max(array, axis=axes, keepdims=axes is not None, **least)
    if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
        return np.sum(array, axis=axes, keepdims=axes is not None) if axes is not None else np.sum(array)
    # np.sum adds pairwise; the last of the running sums is the sum in order. An empty array has none.
    wide = np.result_type(array, np.float64)
    kept = range(array.ndim) if axes is None else axes
    rest = [n for n in range(array.ndim) if n not in kept]
    rows = np.transpose(array, [*rest, *kept]).reshape(*(array.shape[n] for n in rest), -1)
    running = np.cumsum(rows, axis=-1, dtype=wide)
    sums = running[..., -1] + 0.0 if running.shape[-1] else np.zeros(running.shape[:-1], wide)
    return wide.type(sums) if axes is None else np.expand_dims(sums, axes)


def size(value: Any, over: str = "tensor") -> Any:
    """How many elements there are in each row, column, tensor or all: ``value`` is anything that has one for each."""
    if isinstance(value, sp.Basic):
        return total(sp.Integer(1), over)
    axes = axes_of(over, np.ndim(value))
    if axes is None or not np.ndim(value):
        return np.size(value)
    return (
        math.prod(value.shape[n] for n in axes) if isinstance(value, np.ndarray) else total(np.ones_like(value), over)
    )


def mean(value: Any, over: str = "tensor") -> Any:
    """The mean of ``value`` over the elements: its total divided by their number."""
    many = isinstance(value, sp.Basic) or np.ndim(value) > 0
    return total(value, over) / size(value, over) if many else value


def norm(value: Any, over: str = "tensor") -> Any:
    """The Euclidean norm: the root of the total of the squares."""
    return sqrt(total(value**2, over))


def reductions(expr: Any) -> Iterator[Any]:
    """Every sum or largest value in an expression, those inside others first."""
    for arg in expr.args:
        yield from reductions(arg)
    if isinstance(expr, Reduction):
        yield expr


def over_one_tensor(expr: Any) -> Any:
    """The expression where a single tensor is all there is: its sums over all tensors are sums over that one."""
    if not expr.args:
        return expr
    args = tuple(over_one_tensor(arg) for arg in expr.args)
    alone = isinstance(expr, Reduction) and expr.over == "all"
    with sp.evaluate(False):
        return (REDUCTIONS[expr.fold, "tensor"] if alone else expr.func)(*args)
