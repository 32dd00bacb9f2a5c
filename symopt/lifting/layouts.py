"""How what is kept lies beside x: a value for each element, row or column, with or without the other axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from .elements import ELEMENTS, symbols
from .errors import cannot_lift
from .folds import ALL, SHORT, roles


@dataclass(frozen=True)
class Layout:
    """What there is a value for ("element", "row", "column" or "one"), and along which axes of x its own run."""

    scope: str
    axes: tuple[Any, ...]
    shape: tuple[int, ...]

    def symbols(self, name: str, ndim: int) -> Any:
        """A symbol for each value, in this arrangement."""
        if self.scope == "one":
            return np.full(self.shape, sp.Symbol(name))
        cells = symbols(name, ndim, self.scope)
        return (cells.T if self.axes == (1, 0) else cells).reshape(self.shape)

    def in_order(self, name: str, cells: Any, ndim: int) -> Any:
        """The cells in the order of x's own axes, which are kept at length 1. LiftError where they do not fit x."""
        lengths = {"one": (), "row": (ELEMENTS, 1), "column": (1, ELEMENTS), "element": (ELEMENTS,) * ndim}[self.scope]
        if int(np.prod(self.shape)) != int(np.prod(lengths)):
            raise cannot_lift(f"the state {name} of shape {self.shape}, which has no value for each element")
        return (cells.T if self.axes == (1, 0) else cells).reshape(lengths)


def layout(cells: Any, ndim: int) -> Layout:
    """The layout of an array of formulas beside x with ``ndim`` axes."""
    axes = tuple(role for role in roles(cells) if role is not SHORT)
    if ndim == 1 or axes == (ALL,):
        scope = "element" if axes else "one"
    else:
        scope = {(): "one", (0,): "row", (1,): "column"}.get(axes, "element")
    return Layout(scope, axes, cells.shape)
