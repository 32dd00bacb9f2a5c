"""What all elements of a lifted array have in common: each must be treated alike and alone.

The symbol of an element carries its index, ``g[0,1]``; a value of its row is ``r[0,:]``, one of its column ``c[:,1]``,
and what a sum runs over is ``*``: in the sum over row 0 stands ``g[0,*]``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import sympy as sp

from symopt.language import substitute

from .errors import LiftError

ELEMENTS = 2  # along each axis; enough to see that one element depends on another


def symbols(name: str, ndim: int = 1, scope: str = "element", length: int = ELEMENTS) -> Any:
    """A symbol for each element of an array, or for each row or column of a matrix."""
    shape = [length] * ndim
    if scope in ("row", "column"):
        shape[1 if scope == "row" else 0] = 1
    cells = np.empty(shape, object)
    for index in np.ndindex(*shape):
        parts = [":" if shape[n] == 1 else str(i) for n, i in enumerate(index)]
        cells[index] = sp.Symbol(f"{name}[{','.join(parts)}]")
    return cells


def is_indexed(cell: Any) -> bool:
    """Whether a formula depends on which element it is of."""
    return any(symbol.name.endswith("]") for symbol in cell.free_symbols)


def common(name: str, cells: Any) -> sp.Expr:
    """The formula that all cells of an array share, in the names of whole arrays.

    LiftError if a cell depends on another element than its own, or has another formula.
    """
    return _same(name, cells, tuple(range(cells.ndim)), plain=True)


def folded(name: str, cells: Any, axes: tuple[int, ...]) -> Any:
    """For the cells along the other axes, which stay at length 1: the formula that all cells along ``axes`` share."""
    every = len(axes) == cells.ndim
    rest = [range(1 if n in axes else size) for n, size in enumerate(cells.shape)]
    result = np.empty([len(part) for part in rest], object)
    for index in np.ndindex(*result.shape):
        part = cells[tuple(slice(None) if n in axes else slice(i, i + 1) for n, i in enumerate(index))]
        result[index] = _same(name, part, axes, plain=every, start=index)
    return result


def _same(name: str, cells: Any, axes: tuple[int, ...], *, plain: bool, start: tuple[int, ...] = ()) -> sp.Expr:
    formulas = []
    for place in np.ndindex(*cells.shape):
        index = tuple(a + b for a, b in zip(place, start or (0,) * len(place), strict=True))
        names = {}
        for symbol in (s for s in cells[place].free_symbols if s.name.endswith("]")):
            base, _, parts = symbol.name[:-1].rpartition("[")
            own = parts.split(",")
            if not _is_own(own, index, cells):
                raise LiftError(f"{name} couples the elements of an array: element {index} is {cells[place]}")
            starred = ["*" if n in axes and part != ":" else part for n, part in enumerate(own)]
            names[symbol] = sp.Symbol(base if plain else f"{base}[{','.join(starred)}]")
        formulas.append(substitute(cells[place], names))
    if any(formula != formulas[0] for formula in formulas):
        other = next(formula for formula in formulas if formula != formulas[0])
        raise LiftError(f"{name} treats elements differently: {formulas[0]} against {other}")
    return formulas[0]


def _is_own(parts: Iterable[str], index: tuple[int, ...], cells: Any) -> bool:
    return all(
        part in (":", "*") or (n < len(index) and cells.ndim and part == str(index[n])) for n, part in enumerate(parts)
    )
