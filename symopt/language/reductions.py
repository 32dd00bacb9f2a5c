"""Sums over all elements of a tensor, or of all tensors, and what is made of them: means and norms.

As in ``functions``, each runs on SymPy expressions (tracing), on arrays, on object arrays of exact numbers, on
lifted arrays, and on a single number, which is a tensor of one element.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import sympy as sp

from .errors import refuse
from .functions import sqrt


class TensorSum(sp.Function):  # type: ignore[misc]
    """The sum of an expression over the elements of the tensor that is updated; never evaluated."""

    nargs = 1


class GlobalSum(sp.Function):  # type: ignore[misc]
    """The sum of an expression over the elements of all tensors that one optimizer updates; never evaluated."""

    nargs = 1


REDUCTIONS: dict[str, Any] = {"tensor": TensorSum, "all": GlobalSum}


def total(value: Any, over: str = "tensor") -> Any:
    """The sum of ``value`` over the elements of the tensor (``over="tensor"``) or of all tensors ("all").

    An array stands for its own tensor, and for all of them. Floating-point arrays are summed in the order of their
    elements, in float64 or their own wider type. InputError for another ``over``.
    """
    if over not in REDUCTIONS:
        raise refuse("over", over, f"must be one of {', '.join(REDUCTIONS)}")
    if isinstance(value, sp.Basic):
        return REDUCTIONS[over](value)
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        # np.sum adds pairwise; the last of the running sums is the sum in order. An empty array has none.
        running = np.cumsum(value, dtype=np.result_type(value, np.float64))
        return running[-1] + 0.0 if running.size else running.dtype.type(0)
    return np.sum(value) if hasattr(value, "__array_function__") else value


def size(value: Any, over: str = "tensor") -> Any:
    """How many elements there are: ``value`` is anything that has one for each."""
    return total(sp.Integer(1), over) if isinstance(value, sp.Basic) else np.size(value)


def mean(value: Any, over: str = "tensor") -> Any:
    """The mean of ``value`` over the elements: its total divided by their number."""
    many = isinstance(value, sp.Basic) or np.ndim(value) > 0
    return total(value, over) / size(value, over) if many else value


def norm(value: Any, over: str = "tensor") -> Any:
    """The Euclidean norm: the root of the total of the squares."""
    return sqrt(total(value**2, over))


def reductions(expr: Any) -> Iterator[Any]:
    """Every sum in an expression, those inside others first."""
    for arg in expr.args:
        yield from reductions(arg)
    if isinstance(expr, (TensorSum, GlobalSum)):
        yield expr


def over_one_tensor(expr: Any) -> Any:
    """The expression where a single tensor is all there is: its sums over all tensors are sums over that one."""
    if not expr.args:
        return expr
    args = tuple(over_one_tensor(arg) for arg in expr.args)
    with sp.evaluate(False):
        return (TensorSum if isinstance(expr, GlobalSum) else expr.func)(*args)
