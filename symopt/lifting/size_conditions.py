"""For tensors of which sizes one and the same thing is done, where that is found out by asking for some."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import sympy as sp

from .errors import LiftError

Shape = tuple[int, ...]
#: Shapes that are asked for first, and lengths of axes where these do not all do the same.
SOME: dict[int, tuple[Shape, ...]] = {1: ((7,), (1031,)), 2: ((3, 5), (7, 4), (1031, 1999), (1999, 1031))}
ALIKE = ((1031,), (3, 5), (1999, 1031))
LENGTHS = (2, 40, 2000)
ROWS, COLUMNS, SIZE = sp.symbols("rows columns size")
#: What is done holds of tensors with one axis, or with two, alone.
VECTORS, MATRICES = (sp.Eq(sp.Symbol("axes"), sp.Integer(n), evaluate=False) for n in (1, 2))


class _Measure:
    """A length that a bound may be of, and the shape in which it is some number."""

    def __init__(self, expr: Any, of: Callable[[Shape], int], shape: Callable[[int], Shape]) -> None:
        self.expr, self.of, self.shape = expr, of, shape


_MEASURES = {
    1: (_Measure(SIZE, lambda s: s[0], lambda n: (n,)),),
    2: (
        _Measure(sp.Min(ROWS, COLUMNS), min, lambda n: (n, 4 * n)),
        _Measure(sp.Max(ROWS, COLUMNS), max, lambda n: (n // 4 + 1, n)),
        _Measure(ROWS, lambda s: s[0], lambda n: (n, 4 * n)),
        _Measure(COLUMNS, lambda s: s[1], lambda n: (4 * n, n)),
    ),
}  # fmt: skip


def conditions_of(same: Callable[[Shape], bool], ndim: int) -> tuple[Any, ...]:
    """Relations between numbers of rows and columns, where what is done is the same as for the smallest tensors.

    ``same``: whether it is for a shape. LiftError where no bound of one of them says that.
    """
    found = {shape: same(shape) for shape in (*SOME[ndim], *product(LENGTHS, repeat=ndim))}
    for order, holds in ((None, lambda s: True), (ROWS <= COLUMNS, lambda s: s[0] <= s[-1]),
                         (ROWS >= COLUMNS, lambda s: s[0] >= s[-1])):  # fmt: skip
        kept = {shape: answer for shape, answer in found.items() if holds(shape)}
        ordered = () if order is None else (order,)
        if not any(kept.values()) or any(answer for shape, answer in found.items() if shape not in kept):
            continue
        if all(kept.values()):
            return ordered
        for measure in _MEASURES[ndim]:
            bound = _bound(same, measure, kept, turned=order == (ROWS >= COLUMNS))
            if bound and all(_says(same, s, measure, bound) for s in _around(bound, ndim) if holds(s)):
                return (*ordered, sp.Le(measure.expr, bound, evaluate=False))
    raise LiftError("what is done depends on the size of the tensor, and not by a bound of it")


def _bound(same: Callable[[Shape], bool], measure: _Measure, found: dict[Shape, bool], *, turned: bool) -> int | None:
    """The greatest number up to which it is the same, if there is one."""
    low = max(measure.of(shape) for shape, answer in found.items() if answer)
    high = min(measure.of(shape) for shape, answer in found.items() if not answer)
    if low >= high:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        shape = measure.shape(middle)
        low, high = (middle, high) if same(shape[::-1] if turned else shape) else (low, middle)
    return low


def _around(bound: int, ndim: int) -> Sequence[Shape]:
    near = (n for n in (bound, bound + 1, 3 * bound) if n > 1)
    return list(product(near, repeat=ndim))


def _says(same: Callable[[Shape], bool], shape: Shape, measure: _Measure, bound: int) -> bool:
    return same(shape) == (measure.of(shape) <= bound)
