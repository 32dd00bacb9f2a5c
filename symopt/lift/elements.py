"""What all elements of a lifted array have in common: each must be treated alike and alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from symopt.language import substitute

from .errors import LiftError

ELEMENTS = 2  # enough to see that one element depends on another


def symbols(name: str) -> list[sp.Symbol]:
    """A symbol for each element of an array."""
    return [sp.Symbol(f"{name}[{i}]") for i in range(ELEMENTS)]


def common(name: str, cells: Sequence[Any]) -> sp.Expr:
    """The formula that all cells of ``name`` share, in the names of whole arrays.

    LiftError if a cell depends on another element than its own, or has another formula.
    """
    formulas = []
    for i, cell in enumerate(cells):
        indexed = [s for s in cell.free_symbols if s.name.endswith("]")]
        if any(not s.name.endswith(f"[{i}]") for s in indexed):
            raise LiftError(f"{name} couples the elements of an array: element {i} is {cell}")
        formulas.append(substitute(cell, {s: sp.Symbol(s.name.rpartition("[")[0]) for s in indexed}))
    if any(formula != formulas[0] for formula in formulas):
        raise LiftError(f"{name} treats elements differently: {formulas[0]} against {formulas[1]}")
    return formulas[0]
