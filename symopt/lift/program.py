"""From lifted arrays to a Program: every element must be treated alike and alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from symopt.language import GRADIENT, PARAMETER, STEP, Hyper, Program, State, make_definitions, scope_of

from .elements import ELEMENTS, common, symbols
from .errors import LiftError
from .numpy import DuckArray
from .paths import explore


@dataclass(frozen=True)
class Inputs:
    """The symbols that an implementation is run on: arrays with a symbol for each element, and numbers."""

    dtype: str

    def array(self, name: str) -> DuckArray:
        """A one-dimensional array whose elements are symbols of their own."""
        return DuckArray(symbols(name), self.dtype)

    def state(self, name: str, before: DuckArray) -> DuckArray:
        """A state of the shape it had: with a symbol for each element, or one symbol where it has one value."""
        if is_elementwise(before):
            return self.array(name)
        return DuckArray(np.full(before.shape, sp.Symbol(name)), before.dtype, weak=before.weak)

    def number(self, name: str, *, weak: bool) -> DuckArray:
        """A float64 number; ``weak`` if it arrives as a Python number."""
        return DuckArray(sp.Symbol(name), np.float64, weak=weak)


def is_elementwise(value: DuckArray) -> bool:
    """Whether an array has a value for each element, and not a single one."""
    return value.cells.size != 1


def element(name: str, value: Any) -> sp.Expr:
    """The formula of one element of an output, in the names of whole arrays; LiftError if elements are coupled."""
    if not isinstance(value, DuckArray):
        raise LiftError(f"{name} comes out as {type(value).__name__}, not as an array computed from the inputs")
    return common(name, np.broadcast_to(value.cells, (ELEMENTS,)).tolist())


def run(compute: Callable[[], Mapping[str, Any]]) -> dict[str, sp.Expr]:
    """Every path of the computation, its outputs joined, as formulas of one element."""

    def once() -> dict[str, sp.Expr]:
        with sp.evaluate(False):
            outputs = compute()
        return {name: element(name, value) for name, value in outputs.items()}

    with sp.evaluate(False):
        return dict(explore(once))


def scopes_of(singles: Mapping[str, sp.Expr], hypers: tuple[Hyper, ...]) -> dict[str, str]:
    """The scopes of states that have one value, from their formulas: "step" unless they read what is not."""
    scopes = dict.fromkeys((STEP, *(h.name for h in hypers)), "step") | dict.fromkeys(singles, "step")
    for _ in singles:  # each may raise another's
        scopes |= {name: scope_of(expr, scopes) for name, expr in singles.items()}
    return {name: scopes[name] for name in singles}


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
    scopes = dict.fromkeys((STEP, *(h.name for h in hypers)), "step") | {s.name: s.scope for s in states}
    return Program(
        name=name,
        hypers=hypers,
        states=states,
        definitions=make_definitions(lines, scopes),
        results=tuple((n, sp.Symbol(f"{n}'")) for n in order),
    )
