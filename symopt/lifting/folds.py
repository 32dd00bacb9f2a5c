"""Sums and largest values along axes of tensors, which need not be those of x: what an axis runs along is read
off the symbols' own indices, so that of a matrix's row means without their second axis it is known that they are rows'.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import sympy as sp

from symopt.language import REDUCTIONS

from .elements import ELEMENTS, folded
from .errors import cannot_lift
from .numpy import DuckArray
from .together import LENGTH, ONE, marked

#: What an axis runs along: an axis of x (0 or 1), all of a matrix's elements in order, or nothing of any length.
ALL, SHORT = "all", None
#: The lengths of axes that stand for any length.
LENGTHS = (ELEMENTS, LENGTH)


def roles(cells: Any) -> list[Any]:
    """What each axis of an array runs along."""
    return [_role(np.moveaxis(cells, n, 0), n, cells.ndim) for n in range(cells.ndim)]


def _role(cells: Any, place: int, ndim: int) -> Any:
    length = len(cells)
    side = math.isqrt(length)
    if length not in LENGTHS and (side not in LENGTHS or side**2 != length):
        return SHORT
    parts_of = [cells[n, ...].reshape(-1) for n in range(length)]
    indices = [{tuple(parts) for cell in part for parts in _indices(cell)} for part in parts_of]
    if not any(indices):  # the same number everywhere is one for each; different ones are a list of them
        same = all(cell == cells.reshape(-1)[0] for cell in cells.reshape(-1))
        return (place if ndim == 2 else 0) if same and length in LENGTHS and ndim in (1, 2) else SHORT
    axes = max(len(parts) for found in indices for parts in found)
    if length not in LENGTHS:
        whole = [{(str(n // side), str(n % side))} for n in range(length)]
        return ALL if axes == 2 and indices == whole else SHORT
    for axis in range(axes):
        own = [{parts[axis] for parts in found} - {":", "*"} for found in indices]
        if all(part <= {str(n)} for n, part in enumerate(own)) and any(own):
            return axis
    if axes == 2 and ndim == 2 and all(":" in parts or "*" in parts for found in indices for parts in found):
        return place
    return SHORT


def _indices(cell: Any) -> Iterable[list[str]]:
    return (s.name[:-1].rpartition("[")[2].split(",") for s in cell.free_symbols if s.name.endswith("]"))


def one(cells: Any) -> Any:
    """The number 1 of each element, of x or of another tensor."""
    return ONE if is_other(cells) else sp.Integer(1)


def is_other(cells: Any) -> bool:
    """Whether what is in the cells belongs to another tensor than x."""
    return bool({LENGTH, LENGTH**2} & set(cells.shape))


def reduction(cells: Any, kind: str, over: str) -> Any:
    """What a fold of such cells makes of a summand."""
    whole = REDUCTIONS[kind, over]
    return (lambda summand: whole(marked(summand))) if is_other(cells) else whole


def is_matrix(cells: Any) -> bool:
    """Whether what is in the cells belongs to a matrix."""
    return cells.ndim == 2 or any(len(parts) == 2 for cell in cells.reshape(-1) for parts in _indices(cell))


def axes_of(dim: Any, ndim: int) -> tuple[int, ...]:
    """The axes that a framework's argument names."""
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        return tuple(range(ndim))
    return tuple(sorted(int(n) % max(ndim, 1) for n in (dim if isinstance(dim, (tuple, list)) else (dim,))))


def fold(kind: str, a: DuckArray, dim: Any = None, keepdim: bool = False) -> DuckArray:
    """The sum or the largest value along the axes."""
    if not a.ndim:
        return a
    gone = axes_of(dim, a.ndim)
    cells, matrix = a.astype(a.dtype).cells if a.dtype != np.bool_ else a.astype(np.float32).cells, is_matrix(a.cells)
    along = roles(cells)
    short = tuple(n for n in gone if along[n] is SHORT)
    long = tuple(n for n in gone if n not in short)
    if long:
        result = np.empty([1 if n in long else size for n, size in enumerate(cells.shape)], object)
        for place in np.ndindex(*(cells.shape[n] if along[n] is SHORT else 1 for n in range(cells.ndim))):
            part = tuple(slice(p, p + 1) if along[n] is SHORT else slice(None) for n, p in enumerate(place))
            result[part] = _along(kind, cells[part], long, along, matrix)
        cells = result
    if short:
        combine = sp.Add if kind == "sum" else sp.Max
        cells = np.apply_over_axes(lambda c, n: _listed(combine, c, n), cells, short)
    shape = [1 if n in gone else size for n, size in enumerate(cells.shape)]
    cells = cells.reshape(shape if keepdim else [size for n, size in enumerate(shape) if n not in gone])
    return DuckArray(cells, a.dtype if a.dtype.kind == "f" else np.float32)


def _listed(combine: Any, cells: Any, axis: int) -> Any:
    """What a list of values comes to, in their order."""
    moved = np.moveaxis(cells, axis, 0)
    result = moved[0, ...]
    for n in range(1, len(moved)):
        result = np.asarray(np.frompyfunc(combine, 2, 1)(result, moved[n, ...]), object)
    return np.expand_dims(result, axis)


def _along(kind: str, cells: Any, long: tuple[int, ...], along: list[Any], matrix: bool) -> Any:
    """The fold of cells along axes of x, put into the order of x's own axes and back."""
    shape = [1 if n in long else size for n, size in enumerate(cells.shape)]
    if any(along[n] == ALL for n in long):
        whole = folded("the summand", cells.reshape((math.isqrt(cells.size),) * 2), (0, 1))
        return np.frompyfunc(reduction(cells, kind, "tensor"), 1, 1)(whole).reshape(shape)
    own = [(n, role) for n, role in enumerate(along) if role is not SHORT]
    places = [role for _, role in own]
    if len(set(places)) < len(places):
        raise cannot_lift("a sum of what belongs to pairs of rows or of columns")
    laid = np.empty([cells.shape[own[places.index(k)][0]] if k in places else 1 for k in range(1 + matrix)], object)
    laid[...] = np.transpose(
        cells.reshape([size for n, size in enumerate(cells.shape) if along[n] is not SHORT]), np.argsort(places)
    ).reshape(laid.shape)
    axes = tuple(sorted(along[n] for n in long))
    over = "tensor" if len(axes) == laid.ndim else "row" if axes == (1,) else "column"
    found = np.frompyfunc(reduction(cells, kind, over), 1, 1)(folded("the summand", laid, axes))
    rest = found.reshape([found.shape[k] for k in sorted(places)])
    return np.transpose(rest, np.argsort(np.argsort(places))).reshape(shape)


def every(a: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """Whether it is true of every element: none of which it is not."""
    return _largest_is(0, np.where(a, 0, 1), dim, keepdim)


def some(a: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """Whether it is true of some element."""
    return _largest_is(1, np.where(a, 1, 0), dim, keepdim)


def _largest_is(number: int, a: Any, dim: Any, keepdim: bool) -> Any:
    if not all(cell.is_Integer for cell in a.cells.reshape(-1)):
        return np.equal(fold("max", a, dim, keepdim), number)
    known = np.asarray(np.max(a.cells, axis=axes_of(dim, a.ndim), keepdims=keepdim) == number)
    return DuckArray(np.frompyfunc(lambda is_so: sp.true if is_so else sp.false, 1, 1)(known.astype(object)), np.bool_)


def count(a: DuckArray, dim: Any = None) -> Any:
    """How many elements there are along the axes: any number of them along those of x."""
    along, number = roles(a.cells), sp.Integer(1)
    chosen = axes_of(dim, a.ndim)
    every = sorted(str(along[n]) for n in chosen if along[n] is not SHORT)
    short = math.prod(a.shape[n] for n in chosen if along[n] is SHORT)
    if every:
        whole = len(every) == 1 + is_matrix(a.cells) or ALL in every
        number = REDUCTIONS["sum", "tensor" if whole else "row" if every == ["1"] else "column"](one(a.cells))
    return number if short == 1 else number * short
