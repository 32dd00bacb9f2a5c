"""From lifted arrays to a Program: every element must be treated alike and alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from symopt.language import (
    GRADIENT,
    INDICES,
    PARAMETER,
    Hyper,
    Program,
    Reduction,
    State,
    input_scopes,
    make_definitions,
    rebuild,
    scope_of,
)

from .elements import ELEMENTS, common, is_indexed, symbols
from .errors import LiftError
from .numpy import DuckArray
from .paths import explore


@dataclass(frozen=True)
class Inputs:
    """The symbols that an implementation is run on: arrays with a symbol for each element, and numbers.

    ``ndim``: the tensor is a vector (1) or a matrix (2).
    """

    dtype: str
    ndim: int = 1

    def array(self, name: str) -> DuckArray:
        """An array whose elements are symbols of their own."""
        return DuckArray(symbols(name, self.ndim), self.dtype)

    def state(self, name: str, before: DuckArray) -> DuckArray:
        """A state of the shape it had: a symbol for each element, row or column, or one where it has one value."""
        scope = scope_of_shape(before.shape)
        if scope in ("row", "column"):
            return DuckArray(symbols(name, self.ndim, scope), before.dtype)
        if scope == "element":
            return self.array(name)
        return DuckArray(np.full(before.shape, sp.Symbol(name)), before.dtype, weak=before.weak)

    def number(self, name: str, *, weak: bool) -> DuckArray:
        """A float64 number; ``weak`` if it arrives as a Python number."""
        return DuckArray(sp.Symbol(name), np.float64, weak=weak)


def scope_of_shape(shape: tuple[int, ...]) -> str:
    """What an array of that shape has a value for; "one" where there is a single value."""
    if len(shape) == 2 and shape != (ELEMENTS, ELEMENTS) and ELEMENTS in shape:
        return "row" if shape[0] == ELEMENTS else "column"
    return "element" if ELEMENTS in shape else "one"


def element(name: str, value: Any, ndim: int = 1) -> sp.Expr:
    """The formula of one element of an output, in the names of whole arrays; LiftError if elements are coupled."""
    if not isinstance(value, DuckArray):
        raise LiftError(f"{name} comes out as {type(value).__name__}, not as an array computed from the inputs")
    if value.ndim < ndim and is_indexed(sp.Tuple(*value.cells.reshape(-1))):
        raise LiftError(f"{name} has fewer axes than x: rows and columns keep theirs, at length 1 (keepdims=True)")
    return common(name, np.broadcast_to(value.cells, (ELEMENTS,) * ndim))


def run(compute: Callable[[], Mapping[str, Any]], ndim: int = 1) -> dict[str, sp.Expr]:
    """Every path of the computation, its outputs joined, as formulas of one element."""

    def once() -> dict[str, sp.Expr]:
        with sp.evaluate(False):
            outputs = compute()
        return {name: element(name, value, ndim) for name, value in outputs.items()}

    with sp.evaluate(False):
        return dict(explore(once))


def scopes_of(singles: Mapping[str, sp.Expr], hypers: tuple[Hyper, ...]) -> dict[str, str]:
    """The scopes of states that have one value, from their formulas: "step" unless they read what is not."""
    scopes = input_scopes(hypers) | dict.fromkeys(singles, "step")
    for _ in singles:  # each may raise another's
        scopes |= {name: scope_of(expr, scopes) for name, expr in singles.items()}
    return {name: scopes[name] for name in singles}


def spread(expr: Any, scopes: Mapping[str, str]) -> Any:
    """The formula, in which a sum of what is the same for every element is that times their number."""
    if not expr.args:
        return expr
    args = tuple(spread(arg, scopes) for arg in expr.args)
    made = expr if args == expr.args else rebuild(expr, args)
    if not isinstance(made, Reduction) or made.args[0] == 1:
        return made
    along = {made.along} if made.along else INDICES["element"]
    if INDICES[scope_of(made.args[0], scopes)] & along - INDICES["tensor"]:
        return made
    with sp.evaluate(False):
        return made.args[0] if made.fold == "max" else sp.Mul(made.args[0], made.func(sp.Integer(1)))


def to_program(
    name: str, outputs: Mapping[str, sp.Expr], hypers: tuple[Hyper, ...], states: tuple[State, ...]
) -> Program:
    """The Program whose one line for x and each state is its output's formula."""
    order = [PARAMETER, *(s.name for s in states)]
    scopes = input_scopes(hypers, states)
    unknown = {s.name for e in outputs.values() for s in e.free_symbols} - {PARAMETER, GRADIENT, *scopes}
    if unknown:
        raise LiftError(f"{name} depends on {', '.join(sorted(unknown))}, which is no input of a step")
    lines = [(sp.Symbol(f"{n}'"), outputs[n]) for n in order]
    return Program(
        name=name,
        hypers=hypers,
        states=states,
        definitions=make_definitions(lines, scopes),
        results=tuple((n, sp.Symbol(f"{n}'")) for n in order),
    )
