"""The Program: one optimizer step as plain data, the hub that every engine takes as an argument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from .domain import Hyper, State

#: Symbol names with a meaning of their own in every Program.
PARAMETER, GRADIENT, STEP = "x", "g", "t"


@dataclass(frozen=True)
class Definition:
    """One named line ``symbol = expr``; ``scope`` is "step" (hyperparameters and t only) or "element".

    A name that is assigned again gets a primed symbol: ``m`` is the state before the step, ``m'`` after.
    """

    symbol: sp.Symbol
    expr: sp.Expr
    scope: str

    @property
    def name(self) -> str:
        """The name of the line in the algorithm."""
        return base_name(self.symbol)


@dataclass(frozen=True)
class Program:
    """One step of an optimizer.

    ``definitions`` are the lines of the algorithm in its own order, each referring to inputs and to
    earlier lines only. ``results`` gives, for ``x`` and every state, the symbol of its new value.
    Expressions are SymPy trees that were never evaluated, so the order of operations and every
    divisor are those of the rule as written.
    """

    name: str
    hypers: tuple[Hyper, ...]
    states: tuple[State, ...]
    definitions: tuple[Definition, ...]
    results: tuple[tuple[str, sp.Symbol], ...]
    options: tuple[tuple[str, str | bool], ...] = ()
    cites: str = ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Every input name: x, g, t, the states, the hyperparameters."""
        states = tuple(state.name for state in self.states)
        return (PARAMETER, GRADIENT, STEP, *states, *(hyper.name for hyper in self.hypers))

    @property
    def outputs(self) -> Mapping[str, sp.Expr]:
        """The new value of x and of every state, written in the inputs alone."""
        known: dict[sp.Symbol, sp.Expr] = {}
        for line in self.definitions:
            known[line.symbol] = substitute(line.expr, known)
        return {name: known.get(symbol, symbol) for name, symbol in self.results}


def base_name(symbol: sp.Symbol) -> str:
    """The name as the rule's author wrote it, without the primes of later assignments."""
    return str(symbol.name).rstrip("'")


def rebuild(expr: Any, args: tuple[Any, ...]) -> Any:
    """``expr`` with other arguments and no evaluation: x/x stays x/x, and terms keep their order."""
    with sp.evaluate(False):
        return expr.func(*args)


def substitute(expr: Any, known: Mapping[Any, Any]) -> Any:
    """Replace whole subtrees by their images, without evaluating (``xreplace`` would simplify)."""
    if expr in known:
        return known[expr]
    if not expr.args:
        return expr
    args = tuple(substitute(arg, known) for arg in expr.args)
    return expr if args == expr.args else rebuild(expr, args)


def make_definitions(lines: list[tuple[sp.Symbol, sp.Expr]], step_names: frozenset[str]) -> tuple[Definition, ...]:
    """Give each line its scope: "step" when it reads only hyperparameters, t and other step lines."""
    step = set(step_names)
    definitions = []
    for symbol, expr in lines:
        scope = "step" if {s.name for s in expr.free_symbols} <= step else "element"
        if scope == "step":
            step.add(symbol.name)
        definitions.append(Definition(symbol, expr, scope))
    return tuple(definitions)
