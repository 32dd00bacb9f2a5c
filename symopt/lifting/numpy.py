"""NumPy arrays that carry formulas: real NumPy code runs on them, and the formulas are read off.

A ``DuckArray`` answers NumPy's own protocols (``__array_ufunc__``, ``__array_function__``), so ``np.sqrt(v)``,
``m * beta1`` or ``out=`` build unevaluated SymPy trees in the order in which the code computes.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp
from numpy.lib.mixins import NDArrayOperatorsMixin
from sympy.logic.boolalg import Boolean

from symopt.language import REDUCTIONS, exact, substitute

from . import paths
from .elements import ELEMENTS, folded, is_indexed
from .errors import cannot_lift


def _where(condition: Any, then: Any, otherwise: Any) -> Any:
    if condition in (sp.true, sp.false):
        return then if condition == sp.true else otherwise
    cases_in = (p for p in sp.preorder_traversal(condition) if isinstance(p, sp.Piecewise))  # atoms have no order
    inner = next((p for p in cases_in if not any(c.has(sp.Piecewise) for _, c in p.args)), None)
    if inner is not None:  # SymPy tries to solve a condition that has cases of its own; the cases go outside
        *cases, (last, _) = inner.args
        whole = _where(substitute(condition, {inner: last}), then, otherwise)
        for value, which in reversed(cases):
            whole = _where(which, _where(substitute(condition, {inner: value}), then, otherwise), whole)
        return whole
    return sp.Piecewise((then, condition), (otherwise, True))


def _number(cell: Any) -> Any:
    return _where(cell, sp.Integer(1), sp.Integer(0)) if isinstance(cell, Boolean) and not cell.is_Symbol else cell


def _power(base: Any, exponent: Any) -> Any:
    return sp.Integer(1) if exponent == 0 else base**exponent


def _quotient(a: Any, b: Any) -> Any:
    """a/b with the 1 of 1/b kept, so that c*(1/b), which rounds twice, is not taken for c/b."""
    return sp.Mul(a, sp.Pow(b, -1))


#: The ufuncs that have a meaning as formulas.
UFUNCS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": _quotient,
    "negative": operator.neg,
    "positive": lambda a: a,
    "power": _power,
    "float_power": _power,
    "square": lambda a: a**2,
    "reciprocal": lambda a: _quotient(sp.Integer(1), a),
    "sqrt": sp.sqrt,
    "cbrt": lambda a: sp.Pow(a, sp.Rational(1, 3)),
    "exp": sp.exp,
    "log": sp.log,
    "absolute": sp.Abs,
    "fabs": sp.Abs,
    "sign": sp.sign,
    "maximum": sp.Max,
    "minimum": sp.Min,
    "less": sp.Lt,
    "less_equal": sp.Le,
    "greater": sp.Gt,
    "greater_equal": sp.Ge,
    "equal": sp.Eq,
    "not_equal": sp.Ne,
}


class DuckArray(NDArrayOperatorsMixin):
    """An array of formulas with a shape and a dtype; of no dimension, it stands for a number.

    ``weak`` marks what stands for a Python number, which takes the dtype of the array that it meets.
    """

    def __init__(self, cells: Any, dtype: Any = np.float64, *, weak: bool = False) -> None:
        self.cells = np.asarray(cells, dtype=object)
        self.dtype = np.dtype(dtype)
        self.weak = weak

    shape = property(lambda self: self.cells.shape)
    size = property(lambda self: _size(self))
    ndim = property(lambda self: self.cells.ndim)
    T = property(lambda self: DuckArray(self.cells.T, self.dtype))

    def __len__(self) -> int:
        return len(self.cells)

    def __getitem__(self, index: Any) -> DuckArray:
        return DuckArray(self.cells[index], self.dtype)

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(value, DuckArray) and not value.weak and not np.can_cast(value.dtype, self.dtype):
            raise cannot_lift(f"a {value.dtype} value is stored into a {self.dtype} array")
        self.cells[index] = _cells(value) if isinstance(value, DuckArray) and value.ndim else formula(value)

    def __bool__(self) -> bool:
        if self.cells.size != 1:
            raise cannot_lift("the truth of a whole array")
        cell = self.cells.reshape(-1)[0]
        return paths.decide(cell if isinstance(cell, Boolean) and not cell.is_Symbol else sp.Ne(cell, 0))

    def _concrete(self, *_: Any, **__: Any) -> Any:
        raise cannot_lift(f"a plain number is asked of the lifted value {self.cells.tolist()}")

    __float__ = __int__ = __index__ = __array__ = item = tolist = _concrete

    def copy(self, *_: Any, **__: Any) -> DuckArray:
        """A copy, as of arrays."""
        return DuckArray(self.cells.copy(), self.dtype)

    def astype(self, dtype: Any, *_: Any, **__: Any) -> DuckArray:
        """The same formulas, in another dtype; of truth values, 1 and 0."""
        if self.dtype.kind == "f" and np.dtype(dtype).kind in "iu":
            raise cannot_lift("a conversion to whole numbers")
        cells = self.cells.copy() if np.dtype(dtype) == np.bool_ else np.frompyfunc(_number, 1, 1)(self.cells)
        return DuckArray(cells, dtype)

    def reshape(self, *shape: Any, **_: Any) -> DuckArray:
        """The same cells in another shape."""
        return DuckArray(self.cells.reshape(*shape), self.dtype)

    def ravel(self, *_: Any) -> DuckArray:
        """The cells in one row."""
        return self.reshape(-1)

    def sum(self, axis: Any = None, dtype: Any = None, out: Any = None, **options: Any) -> DuckArray:
        """The sum over all elements, or over those of each row or column."""
        return _fold(self, "sum", axis, dtype, out, **options)

    def max(self, axis: Any = None, out: Any = None, **options: Any) -> DuckArray:
        """The largest of all elements, or of those of each row or column."""
        return _fold(self, "max", axis, None, out, **options)

    def mean(self, axis: Any = None, dtype: Any = None, out: Any = None, **options: Any) -> Any:
        """The mean of all elements, or of those of each row or column."""
        return _mean(self, axis, dtype, out, **options)

    def dot(self, other: Any, out: Any = None) -> Any:
        """The sum of the products of elements."""
        return _dot(self, other, out)

    def fill(self, value: Any) -> None:
        """Every cell becomes the value."""
        self[...] = value

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        if ufunc.__name__ not in UFUNCS or method != "__call__" or options.keys() - {"casting", "order", "subok"}:
            raise cannot_lift(
                f"numpy.{ufunc.__name__}{'' if method == '__call__' else '.' + method} with {sorted(options)}"
            )
        call = np.frompyfunc(UFUNCS[ufunc.__name__], ufunc.nin, 1)
        result = DuckArray(call(*map(_cells, inputs)), _dtype(inputs), weak=all(map(_is_weak, inputs)))
        if out is None:
            return result
        (target,) = out
        if not target.ndim:  # a number does not change in place: ``b *= 2`` makes a new one
            return result
        target[...] = result
        return target

    def __array_function__(self, function: Any, _types: Any, args: Any, kwargs: Any) -> Any:
        if function.__name__ not in FUNCTIONS:
            raise cannot_lift(f"numpy.{function.__name__}")
        return FUNCTIONS[function.__name__](*args, **kwargs)


def _size(a: DuckArray, axis: Any = None) -> Any:
    """How many elements: what stands for a tensor, a row or a column of any size has any number of them."""
    axes = _long_axes(a, axis)
    return DuckArray(_reduction("sum", a, axes)(1), np.int64, weak=True) if axes else 1


def _long_axes(a: DuckArray, axis: Any) -> tuple[int, ...]:
    """The axes among those named that stand for any length."""
    chosen = range(a.ndim) if axis is None else [n % a.ndim for n in (axis if isinstance(axis, tuple) else (axis,))]
    return tuple(n for n in sorted(chosen) if a.shape[n] == ELEMENTS)


def _reduction(fold: str, a: DuckArray, axes: tuple[int, ...]) -> Any:
    """What a fold along these axes is: of a tensor, or of each row or column of a matrix."""
    over = "tensor" if len(axes) == a.ndim else "row" if axes == (a.ndim - 1,) else "column"
    return REDUCTIONS[fold, over]


def _fold(
    a: Any, fold: str, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False, **options: Any
) -> DuckArray:
    """The fold of what all elements have in common, over a tensor, rows or columns of any size; a value is its own."""
    if out is not None or options or (axis is not None and a.ndim < 2):
        raise cannot_lift(f"numpy.{fold} with axis, out or {sorted(options)}")
    array = a.astype(dtype or a.dtype)
    axes = _long_axes(a, axis)
    if not axes:
        if any(map(is_indexed, array.cells.reshape(-1).tolist())) and a.cells.size == 1 and a.ndim < 2:
            raise cannot_lift(f"numpy.{fold} of a part of an array")
        cells = array.cells
    elif set(a.shape) - {1, ELEMENTS}:
        raise cannot_lift(f"numpy.{fold} of a part of an array")
    else:
        kind = _reduction(fold, a, axes)
        cells = np.frompyfunc(kind, 1, 1)(folded("the summand", array.cells, axes))
    gone = (
        ()
        if keepdims
        else range(a.ndim)
        if axis is None
        else {n % a.ndim for n in (axis if isinstance(axis, tuple) else (axis,))}
    )
    kept = [size for n, size in enumerate(np.shape(cells)) if n not in gone]
    return DuckArray(np.asarray(cells, object).reshape(kept), dtype or a.dtype, weak=a.weak and not axes)


def _sum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, **options: Any) -> DuckArray:
    return _fold(a, "sum", axis, dtype, out, **options)


def _mean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, **options: Any) -> Any:
    return _sum(a, axis, dtype, out, **options) / _size(a, axis)


def _dot(a: Any, b: Any, out: Any = None) -> Any:
    if np.shape(a) != np.shape(b) or np.ndim(a) > 1:
        raise cannot_lift("numpy.dot of arrays that are not two vectors of one size")
    return _sum(a * b, None, None, out)


def _norm(x: Any, ord: Any = None, axis: Any = None, **options: Any) -> Any:
    if ord not in (None, 2) or options:
        raise cannot_lift(f"numpy.linalg.norm of order {ord} with {sorted(options)}")
    return np.sqrt(_sum(x * x, axis))


def _full_like(like: DuckArray, value: Any, dtype: Any = None, **_: Any) -> DuckArray:
    return DuckArray(np.full(like.shape, formula(value), dtype=object), dtype or like.dtype)


def _where_function(condition: Any, then: Any, otherwise: Any) -> DuckArray:
    cells = np.frompyfunc(_where, 3, 1)(_cells(condition), _cells(then), _cells(otherwise))
    return DuckArray(cells, _dtype((then, otherwise)))


def _clip(a: Any, low: Any = None, high: Any = None, out: Any = None) -> Any:
    low_done = a if low is None else np.maximum(a, low)
    done = low_done if high is None else np.minimum(low_done, high)
    if out is None:
        return done
    out[...] = done
    return out


def _copyto(target: DuckArray, source: Any, **options: Any) -> None:
    if options.keys() - {"casting"}:
        raise cannot_lift(f"numpy.copyto with {sorted(options)}")
    target[...] = source


#: The functions, beside ufuncs, that have a meaning as formulas.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "zeros_like": lambda a, dtype=None, **_: _full_like(a, 0, dtype),
    "ones_like": lambda a, dtype=None, **_: _full_like(a, 1, dtype),
    "full_like": _full_like,
    "copy": lambda a, **_: a.copy(),
    "copyto": _copyto,
    "where": _where_function,
    "clip": _clip,
    "shape": lambda a: a.shape,
    "size": lambda a: a.size,
    "sum": _sum,
    "max": lambda a, axis=None, out=None, **options: _fold(a, "max", axis, None, out, **options),
    "amax": lambda a, axis=None, out=None, **options: _fold(a, "max", axis, None, out, **options),
    "mean": _mean,
    "norm": _norm,
    "dot": _dot,
    "vdot": _dot,
    "inner": _dot,
    "ndim": lambda a: a.ndim,
    "ravel": lambda a, **_: a.ravel(),
    "reshape": lambda a, shape, **_: a.reshape(shape),
}


def _cells(value: Any) -> Any:
    if isinstance(value, DuckArray):
        return value.cells
    array = np.asarray(value, dtype=object)
    return np.frompyfunc(formula, 1, 1)(array) if array.ndim else formula(array[()])


def formula(value: Any) -> Any:
    """One formula: numbers are the decimals they are written as."""
    if isinstance(value, DuckArray):
        return value.cells.reshape(-1)[0]
    if isinstance(value, (bool, np.bool_)):
        return sp.true if value else sp.false
    if isinstance(value, (int, float, np.number)):
        try:
            number = exact(value.item() if isinstance(value, np.number) else value)
        except ValueError:
            raise cannot_lift(f"the number {value}") from None
        return sp.Rational(number.numerator, number.denominator)
    if isinstance(value, sp.Basic):
        return value
    raise cannot_lift(f"a value of type {type(value).__name__}")


def _is_weak(value: Any) -> bool:
    return (
        value.weak
        if isinstance(value, DuckArray)
        else isinstance(value, (int, float)) and not isinstance(value, np.generic)
    )


def _dtype(inputs: Any) -> Any:
    """NumPy's own promotion, Python numbers being weak."""
    kinds = [value.dtype for value in inputs if not _is_weak(value) and hasattr(value, "dtype")]
    return np.result_type(*kinds) if kinds else np.float64
