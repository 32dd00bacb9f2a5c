"""Sizes of tensors that carry what they are for a tensor of any size."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp
import torch

from symopt.language import REDUCTIONS

from . import paths
from .carrying import Carrying, expression
from .errors import cannot_lift
from .folds import ALL, SHORT, is_matrix, one, roles


class Size:
    """How many elements, rows or columns there are, with the formula of it: no ``int``, which would lose that.

    As an index or a shape it is what it is in the tensor that is traced; LiftError for what has no formula, as
    remainders and plain numbers.
    """

    def __init__(self, number: int, expr: Any) -> None:
        self.number, self.expr = number, expr

    def __index__(self) -> int:
        return self.number

    def __hash__(self) -> int:
        return hash(self.number)

    def __bool__(self) -> bool:
        return True  # there are tensors of no elements; of them no step is lifted

    def __neg__(self) -> Any:
        return -self.carrying

    def __repr__(self) -> str:
        return str(self.number)

    @property
    def carrying(self) -> Carrying:
        """The same as a float."""
        return Carrying(float(self.number), self.expr)


class Shape(tuple[Any, ...]):
    """The lengths of the axes of a tensor."""

    __slots__ = ()

    def numel(self) -> Any:
        """How many elements there are."""
        found: Any = 1
        for length in self:
            found = found * length
        return found


def _arithmetic(name: str, *, turned: bool) -> Callable[[Any, Any], Any]:
    apply_to = getattr(operator, name)

    def apply(self: Size, other: Any) -> Any:
        theirs = other.carrying if isinstance(other, Size) else other
        if not torch.is_tensor(other) and (not isinstance(theirs, (int, float)) or isinstance(other, bool)):
            return NotImplemented
        found = apply_to(theirs, self.carrying) if turned else apply_to(self.carrying, theirs)
        if isinstance(found, Carrying) and isinstance(other, (int, Size)) and name in ("add", "sub", "mul"):
            return Size(int(float.__float__(found)), found.expr)
        return found

    return apply


def _comparison(name: str, relation: Any) -> Callable[[Any, Any], Any]:
    def apply(self: Size, other: Any) -> Any:
        if not isinstance(other, (int, float, Size)):
            return NotImplemented
        theirs = expression(other)
        if theirs == self.expr:
            return name in ("eq", "le", "ge")
        if theirs.is_Rational and theirs < 1:  # there is at least one
            return name in ("gt", "ge", "ne")
        return paths.decide(relation(self.expr, theirs))

    return apply


def _refused(name: str) -> Callable[..., Any]:
    def apply(self: Size, *_: Any) -> Any:
        raise cannot_lift(f"{name} of the size of a tensor")

    return apply


for _name in ("add", "sub", "mul", "truediv", "pow"):
    setattr(Size, f"__{_name}__", _arithmetic(_name, turned=False))
    setattr(Size, f"__r{_name}__", _arithmetic(_name, turned=True))
for _name, _relation in {"lt": sp.Lt, "le": sp.Le, "gt": sp.Gt, "ge": sp.Ge, "eq": sp.Eq, "ne": sp.Ne}.items():
    setattr(Size, f"__{_name}__", _comparison(_name, _relation))
for _name in ("mod", "rmod", "floordiv", "rfloordiv", "divmod", "rdivmod", "int", "float", "trunc", "floor", "ceil"):
    setattr(Size, f"__{_name}__", _refused(_name))


def sizes(cells: Any) -> list[Any]:
    """The length of each axis."""
    return [_length(int(n), role, cells) for n, role in zip(cells.shape, roles(cells), strict=True)]


def _length(number: int, role: Any, cells: Any) -> Any:
    if role is SHORT:
        return number
    over = "tensor" if role == ALL or not is_matrix(cells) else ("column", "row")[role]
    return Size(number, REDUCTIONS["sum", over](one(cells)))


def shape(cells: Any) -> Any:
    """The shape of a tensor."""
    lengths = sizes(cells)
    return Shape(lengths) if any(isinstance(n, Size) for n in lengths) else torch.Size(lengths)


def number(cells: Any) -> Any:
    """How many elements a tensor has."""
    lengths = sizes(cells)
    long = [n for n in lengths if isinstance(n, Size)]
    found: Any = 1
    if len(long) == 1 + is_matrix(cells):
        found = Size(int(np.prod([n.number for n in long])), REDUCTIONS["sum", "tensor"](one(cells)))
    elif long:
        found = long[0]
    rest = int(np.prod([n for n in lengths if not isinstance(n, Size)], dtype=int))
    return found if rest == 1 else rest * found
