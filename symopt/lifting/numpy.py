"""NumPy arrays that carry formulas: real NumPy code runs on them, and the formulas are read off.

A ``DuckArray`` answers NumPy's own protocols (``__array_ufunc__``, ``__array_function__``), so ``np.sqrt(v)``,
``m * beta1`` or ``out=`` build unevaluated SymPy trees in the order in which the code computes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp
from numpy.lib.mixins import NDArrayOperatorsMixin

from symopt.language import REDUCTIONS, exact

from . import paths
from .elements import ELEMENTS, folded, is_indexed
from .errors import cannot_lift
from .ufuncs import ARITHMETIC, LOGIC, UFUNCS, number, refuse_folded_cases, some, truth, where


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
        if isinstance(index, DuckArray):
            return Selection(self, mask_of(index, self.shape))
        return DuckArray(self.cells[index], self.dtype)

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(value, DuckArray) and not value.weak and not np.can_cast(value.dtype, self.dtype):
            raise cannot_lift(f"a {value.dtype} value is stored into a {self.dtype} array")
        if isinstance(index, DuckArray):
            mask = mask_of(index, self.shape)
            self.cells[...] = choose(mask, _selected(value, mask), self.cells)
        else:
            self.cells[index] = cells_of(value) if isinstance(value, DuckArray) and value.ndim else formula(value)

    def __bool__(self) -> bool:
        if self.cells.size != 1:
            raise cannot_lift("the truth of a whole array")
        condition = truth(self.cells.reshape(-1)[0])
        refuse_folded_cases(condition)
        return paths.decide(condition)

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
        cells = np.frompyfunc(truth if np.dtype(dtype) == np.bool_ else number, 1, 1)(self.cells)
        return DuckArray(cells, dtype)

    def reshape(self, *shape: Any, **_: Any) -> DuckArray:
        """The same cells in another shape."""
        return DuckArray(self.cells.reshape(*shape), self.dtype)

    def ravel(self, *_: Any) -> DuckArray:
        """The cells in one row."""
        return self.reshape(-1)

    def sum(self, axis: Any = None, dtype: Any = None, out: Any = None, **options: Any) -> DuckArray:
        """The sum over all elements, or over those of each row or column."""
        return fold(self, "sum", axis, dtype, out, **options)

    def max(self, axis: Any = None, out: Any = None, **options: Any) -> DuckArray:
        """The largest of all elements, or of those of each row or column."""
        return fold(self, "max", axis, None, out, **options)

    def min(self, axis: Any = None, out: Any = None, **options: Any) -> Any:
        """The smallest of all elements, or of those of each row or column."""
        return -fold(-self, "max", axis, None, out, **options)

    def mean(self, axis: Any = None, dtype: Any = None, out: Any = None, **options: Any) -> Any:
        """The mean of all elements, or of those of each row or column."""
        return mean_of(self, axis, dtype, out, **options)

    def var(self, axis: Any = None, **options: Any) -> Any:
        """The mean of the squares of what elements differ by from their mean."""
        return mean_of(np.square(self - mean_of(self, axis, keepdims=True)), axis, **options)

    def std(self, axis: Any = None, **options: Any) -> Any:
        """The root of the variance."""
        return np.sqrt(self.var(axis, **options))

    def any(self, axis: Any = None, out: Any = None, **options: Any) -> Any:
        """Whether one of the elements is true."""
        found = [some(truth(cell)) for cell in self.cells.reshape(-1)]
        if len({kind for _, kind in found}) != 1 or isinstance(self, Selection):
            raise cannot_lift("whether something holds for any element")
        numbers = np.asarray([number for number, _ in found] + [None], object)[:-1].reshape(self.shape)
        greatest = fold(DuckArray(numbers), "max", axis, None, out, **options)
        return greatest > 0 if found[0][1] is sp.Gt else greatest >= 0

    def all(self, axis: Any = None, out: Any = None, **options: Any) -> Any:
        """Whether none of the elements is false."""
        return ~(~self.astype(bool)).any(axis, out, **options)

    def clip(self, low: Any = None, high: Any = None, out: Any = None, **bounds: Any) -> Any:
        """The elements, or the bounds where they lie outside."""
        return clipped(self, low, high, out, **bounds)

    def dot(self, other: Any, out: Any = None) -> Any:
        """The sum of the products of elements."""
        return dot_of(self, other, out)

    def fill(self, value: Any) -> None:
        """Every cell becomes the value."""
        self[...] = value

    def __array_ufunc__(
        self, ufunc: Any, method: str, *inputs: Any, out: Any = None, where: Any = True, **options: Any
    ) -> Any:
        if ufunc.__name__ not in UFUNCS or method != "__call__" or options.keys() - {"casting", "order", "subok"}:
            raise cannot_lift(
                f"numpy.{ufunc.__name__}{'' if method == '__call__' else '.' + method} with {sorted(options)}"
            )
        if where is not True and (out is None or not isinstance(where, DuckArray)):
            raise cannot_lift(f"numpy.{ufunc.__name__} with ['where']")
        result = _apply(ufunc.__name__, ufunc.nin, inputs)
        if out is None:
            return result
        (target,) = out
        if not isinstance(target, DuckArray):
            raise cannot_lift(f"numpy.{ufunc.__name__} into an array that was made of plain numbers")
        if not target.ndim:  # a number does not change in place: ``b *= 2`` makes a new one
            return result
        if where is not True:
            result.cells = choose(mask_of(where, target.shape), result.cells, target.cells)
        target[...] = result
        return target

    def __array_function__(self, function: Any, _types: Any, args: Any, kwargs: Any) -> Any:
        from .array_functions import FUNCTIONS  # which is written in terms of this class

        if function.__name__ not in FUNCTIONS:
            raise cannot_lift(f"numpy.{function.__name__}")
        return FUNCTIONS[function.__name__](*args, **kwargs)


class Selection(DuckArray):
    """The elements of an array for which a condition holds; kept in their places, to which they can be put back."""

    def __init__(self, array: DuckArray, mask: Any) -> None:
        super().__init__(array.cells.copy(), array.dtype)
        self.mask = mask

    def _unknown(self) -> Any:
        raise cannot_lift("the shape of the elements that a condition selects")

    shape = property(_unknown)
    size = property(lambda self: np.sum(_truths(self.mask)))
    __len__ = _unknown

    def __getitem__(self, index: Any) -> DuckArray:
        raise cannot_lift("a part of the elements that a condition selects")

    def __setitem__(self, index: Any, value: Any) -> None:
        if index is not Ellipsis and index != slice(None):
            raise cannot_lift("a part of the elements that a condition selects")
        self.cells[...] = _selected(value, self.mask)

    def copy(self, *_: Any, **__: Any) -> DuckArray:
        """A copy, as of arrays."""
        return Selection(DuckArray(self.cells, self.dtype), self.mask)

    def astype(self, dtype: Any, *_: Any, **__: Any) -> DuckArray:
        """The same formulas, in another dtype."""
        return Selection(DuckArray(self.cells, self.dtype).astype(dtype), self.mask)


def _truths(mask: Any) -> DuckArray:
    """1 where the condition holds, else 0."""
    return DuckArray(mask, np.bool_).astype(np.int64)


def mask_of(index: DuckArray, shape: tuple[int, ...]) -> Any:
    """The conditions that an array is indexed by."""
    if index.dtype != np.bool_ or isinstance(index, Selection):
        raise cannot_lift("an array indexed by numbers that are computed")
    if index.shape != shape:
        raise cannot_lift(f"an array of shape {shape} indexed by conditions of shape {index.shape}")
    return index.cells.copy()


def _selected(value: Any, mask: Any) -> Any:
    """What the selected elements become: a number, or what was computed of elements selected by the same condition."""
    if isinstance(value, Selection):
        if not (value.mask == mask).all():
            raise cannot_lift("elements selected by one condition put where another one holds")
        return value.cells
    if np.ndim(value):
        raise cannot_lift("an array put where a condition holds")
    return formula(value)


def choose(mask: Any, then: Any, otherwise: Any) -> Any:
    """The formulas where each condition holds, and others where it does not."""
    return np.asarray(np.frompyfunc(where, 3, 1)(mask, then, otherwise), object)


def _apply(name: str, arity: int, inputs: Any) -> DuckArray:
    """A ufunc of arrays, or of what the same condition selects of them."""
    call = np.frompyfunc(UFUNCS[name], arity, 1)
    truths = any(isinstance(value, DuckArray) and value.dtype == np.bool_ for value in inputs)
    cells = [np.frompyfunc(number, 1, 1)(cells_of(v)) if truths and name not in LOGIC else cells_of(v) for v in inputs]
    dtype = dtype_of(inputs) if name in ARITHMETIC else np.dtype(np.bool_)
    if dtype == np.bool_ and name in ARITHMETIC:
        raise cannot_lift(f"numpy.{name} of truth values")
    result = DuckArray(call(*cells), dtype, weak=all(map(_is_weak, inputs)))
    chosen = [value for value in inputs if isinstance(value, Selection)]
    if not chosen:
        return result
    for value in inputs:
        _selected(value, chosen[0].mask)
    return Selection(result, chosen[0].mask)


def _size(a: DuckArray, axis: Any = None) -> Any:
    """How many elements: what stands for a tensor, a row or a column of any size has any number of them."""
    if isinstance(a, Selection):
        return a.size
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


def fold(
    a: Any, kind: str, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False, **options: Any
) -> DuckArray:
    """The fold of what all elements have in common, over a tensor, rows or columns of any size; a value is its own."""
    if out is not None or options or (axis is not None and a.ndim < 2):
        raise cannot_lift(f"numpy.{kind} with axis, out or {sorted(options)}")
    if isinstance(a, Selection):
        if kind != "sum" or axis is not None:
            raise cannot_lift(f"numpy.{kind} of the elements that a condition selects")
        a = DuckArray(choose(a.mask, a.cells, sp.Integer(0)), a.dtype)
    dtype = dtype or (np.int64 if a.dtype == np.bool_ else a.dtype)  # truth values are counted
    array = a.astype(dtype)
    axes = _long_axes(a, axis)
    if not axes:
        if any(map(is_indexed, array.cells.reshape(-1).tolist())) and a.cells.size == 1 and a.ndim < 2:
            raise cannot_lift(f"numpy.{kind} of a part of an array")
        cells = array.cells
    elif set(a.shape) - {1, ELEMENTS}:
        raise cannot_lift(f"numpy.{kind} of a part of an array")
    else:
        cells = np.frompyfunc(_reduction(kind, a, axes), 1, 1)(folded("the summand", array.cells, axes))
    gone = (
        ()
        if keepdims
        else range(a.ndim)
        if axis is None
        else {n % a.ndim for n in (axis if isinstance(axis, tuple) else (axis,))}
    )
    kept = [size for n, size in enumerate(np.shape(cells)) if n not in gone]
    return DuckArray(np.asarray(cells, object).reshape(kept), dtype, weak=a.weak and not axes)


def sum_of(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, **options: Any) -> DuckArray:
    """The sum over all elements, or along axes."""
    return fold(a, "sum", axis, dtype, out, **options)


def mean_of(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, **options: Any) -> Any:
    """The mean over all elements, or along axes."""
    return sum_of(a, axis, dtype, out, **options) / _size(a, axis)


def dot_of(a: Any, b: Any, out: Any = None) -> Any:
    """The sum of the products of elements."""
    if np.shape(a) != np.shape(b) or np.ndim(a) > 1:
        raise cannot_lift("numpy.dot of arrays that are not two vectors of one size")
    return sum_of(a * b, None, None, out)


def clipped(a: Any, low: Any = None, high: Any = None, out: Any = None, **bounds: Any) -> Any:
    """The elements, or the bounds where they lie outside."""
    if bounds.keys() - {"min", "max", "a_min", "a_max"}:
        raise cannot_lift(f"numpy.clip with {sorted(bounds)}")
    low = next((bounds[name] for name in ("min", "a_min") if name in bounds), low)
    high = next((bounds[name] for name in ("max", "a_max") if name in bounds), high)
    low_done = a if low is None else np.maximum(a, low)
    done = low_done if high is None else np.minimum(low_done, high)
    if out is None:
        return done
    out[...] = done
    return out


def full_like(like: DuckArray, value: Any, dtype: Any = None, **_: Any) -> DuckArray:
    """An array of one value."""
    return DuckArray(np.full(like.shape, formula(value), dtype=object), dtype or like.dtype)


def cells_of(value: Any) -> Any:
    """The formulas of a value."""
    if isinstance(value, DuckArray):
        return value.cells
    array = as_written(value) if hasattr(value, "dtype") else np.asarray(value, dtype=object)
    return np.frompyfunc(formula, 1, 1)(array) if array.ndim else formula(array[()])


def as_written(value: Any) -> Any:
    """An array of Python's numbers: of a narrow float, the decimal that it is written as, so that float32's 0.1 is."""
    array = np.asarray(value)
    if array.dtype.kind != "f" or array.dtype.itemsize >= 8:
        return array.astype(object)
    return np.array([float(str(number)) for number in array.reshape(-1)], object).reshape(array.shape)


def formula(value: Any) -> Any:
    """One formula: numbers are the decimals they are written as."""
    if isinstance(value, DuckArray):
        return value.cells.reshape(-1)[0]
    if isinstance(value, (bool, np.bool_)):
        return sp.true if value else sp.false
    if hasattr(value, "expr") and not isinstance(value, sp.Basic):  # a number that carries its formula
        return value.expr
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


def dtype_of(inputs: Any) -> Any:
    """NumPy's own promotion, Python numbers being weak."""
    kinds = [value.dtype for value in inputs if not _is_weak(value) and hasattr(value, "dtype")]
    return np.result_type(*kinds) if kinds else np.float64
