"""From lifted arrays to a Program: every element must be treated alike and alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from symopt.language import GRADIENT, PARAMETER, STEP, Hyper, Program, State, make_definitions, substitute

from .errors import LiftError
from .numpy import DuckArray
from .paths import explore

ELEMENTS = 2  # enough to see that one element depends on another


@dataclass(frozen=True)
class Inputs:
    """The symbols that an implementation is run on: arrays with a symbol for each element, and numbers."""

    dtype: str

    def array(self, name: str) -> DuckArray:
        """A one-dimensional array whose elements are symbols of their own."""
        return DuckArray([sp.Symbol(f"{name}[{i}]") for i in range(ELEMENTS)], self.dtype)

    def number(self, name: str, *, weak: bool) -> DuckArray:
        """A float64 number; ``weak`` if it arrives as a Python number."""
        return DuckArray(sp.Symbol(name), np.float64, weak=weak)


def element(name: str, value: Any) -> sp.Expr:
    """The formula of one element of an output, in the names of whole arrays; LiftError if elements are coupled."""
    if not isinstance(value, DuckArray):
        raise LiftError(f"{name} comes out as {type(value).__name__}, not as an array computed from the inputs")
    cells = np.broadcast_to(value.cells, (ELEMENTS,))
    formulas = []
    for i, cell in enumerate(cells):
        indexed = [s for s in cell.free_symbols if s.name.endswith("]")]
        if any(not s.name.endswith(f"[{i}]") for s in indexed):
            raise LiftError(f"{name} couples the elements of an array: element {i} is {cell}")
        formulas.append(substitute(cell, {s: sp.Symbol(s.name.rpartition("[")[0]) for s in indexed}))
    if any(formula != formulas[0] for formula in formulas):
        raise LiftError(f"{name} treats elements differently: {formulas[0]} against {formulas[1]}")
    return formulas[0]


def run(compute: Callable[[], Mapping[str, Any]]) -> dict[str, sp.Expr]:
    """Every path of the computation, its outputs joined, as formulas of one element."""

    def once() -> dict[str, sp.Expr]:
        with sp.evaluate(False):
            outputs = compute()
        return {name: element(name, value) for name, value in outputs.items()}

    with sp.evaluate(False):
        return dict(explore(once))


def to_program(
    name: str, outputs: Mapping[str, sp.Expr], hypers: tuple[Hyper, ...], states: tuple[State, ...]
) -> Program:
    """The Program whose one line for x and each state is its output's formula."""
    order = [PARAMETER, *(s.name for s in states)]
    unknown = {s.name for e in outputs.values() for s in e.free_symbols} - {
        GRADIENT,
        STEP,
        *order,
        *(h.name for h in hypers),
    }
    if unknown:
        raise LiftError(f"{name} depends on {', '.join(sorted(unknown))}, which is no input of a step")
    lines = [(sp.Symbol(f"{n}'"), outputs[n]) for n in order]
    steps = frozenset({STEP, *(h.name for h in hypers)})
    return Program(
        name=name,
        hypers=hypers,
        states=states,
        definitions=make_definitions(lines, steps),
        results=tuple((n, sp.Symbol(f"{n}'")) for n in order),
    )
