"""A Program as a Rule: what was lifted from code can be shown, proved about, chained and compiled like any rule."""

from __future__ import annotations

from typing import Any

import sympy as sp

from .evaluation import evaluate
from .program import Program, substitute
from .stating import Rule


def restate(program: Program, summary: str = "") -> Rule:
    """The Rule without options whose body assigns the Program's lines in their order."""
    read = {symbol for line in program.definitions for symbol in line.expr.free_symbols}

    def body(s: Any) -> None:
        known = {symbol: getattr(s, symbol.name) for symbol in read if symbol.name in program.inputs}
        symbolic = all(isinstance(value, sp.Basic) for value in known.values())
        for line in program.definitions:
            value = substitute(line.expr, known) if symbolic else evaluate(line.expr, known)
            setattr(s, line.name, value)
            known[line.symbol] = getattr(s, line.name)

    return Rule(
        name=program.name,
        body=body,
        hypers=program.hypers,
        states=program.states,
        options=(),
        cites=program.cites,
        summary=summary,
    )
