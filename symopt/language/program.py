"""The Program: one optimizer step as plain data, the hub that every engine takes as an argument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp
from sympy.functions.elementary.piecewise import ExprCondPair

from .domain import INDICES, Hyper, State, join
from .totals import Reduction, over_one_tensor, reductions

#: Symbol names with a meaning of their own in every Program.
PARAMETER, GRADIENT, STEP = "x", "g", "t"


@dataclass(frozen=True)
class Definition:
    """One named line ``symbol = expr``.

    ``scope`` says how often it is computed: once for a "step" (from hyperparameters and t), once for all tensors
    ("global", a sum over all of them), once for a "tensor", or once for each "row", "column" or "element".
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
    def is_elementwise(self) -> bool:
        """Whether no element's step depends on another element."""
        return not any(True for line in self.definitions for _ in reductions(line.expr))

    @property
    def has_matrices(self) -> bool:
        """Whether the rows and columns of a tensor matter, and not its elements alone."""
        scopes = {line.scope for line in self.definitions} | {state.scope for state in self.states}
        found = (found for line in self.definitions for found in reductions(line.expr))
        return bool(scopes & {"row", "column"}) or any(one.over in ("row", "column") for one in found)

    @property
    def is_separable(self) -> bool:
        """Whether every element is stepped on its own: elementwise, and no state is shared by all elements."""
        return self.is_elementwise and all(state.scope == "element" for state in self.states)

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
    if isinstance(expr, ExprCondPair):
        return _case(*args)
    if isinstance(expr, sp.Piecewise):
        return cases(*(getattr(arg, "args", arg) for arg in args))
    with sp.evaluate(False):
        return expr.func(*args)


def cases(*pairs: tuple[Any, Any]) -> Any:
    """A value for each condition, the first that holds, as written.

    SymPy's own constructor works on conditions that have cases of their own, and draws these out of sums.
    """
    kept = []
    for value, condition in pairs:
        if condition not in (False, sp.false):
            kept.append(_case(value, condition))
        if condition in (True, sp.true):
            break
    return kept[0].args[0] if kept[0].args[1] == sp.true else sp.Basic.__new__(sp.Piecewise, *kept)


def _case(value: Any, condition: Any) -> Any:
    return sp.Tuple.__new__(ExprCondPair, value, sp.sympify(condition, strict=True))


def substitute(expr: Any, known: Mapping[Any, Any]) -> Any:
    """Replace whole subtrees by their images, without evaluating (``xreplace`` would simplify)."""
    if expr in known:
        return known[expr]
    if not expr.args:
        return expr
    args = tuple(substitute(arg, known) for arg in expr.args)
    return expr if args == expr.args else rebuild(expr, args)


def input_scopes(hypers: Iterable[Hyper], states: Iterable[State] = ()) -> dict[str, str]:
    """The scopes of t, of hyperparameters and of states; x and g, which are not there, have one value per element."""
    return dict.fromkeys((STEP, *(h.name for h in hypers)), "step") | {s.name: s.scope for s in states}


def with_outputs(program: Program, outputs: Mapping[str, sp.Expr]) -> Program:
    """The Program with one line for x and each state, these formulas; states that have none are left out."""
    states = tuple(s for s in program.states if s.name in outputs)
    results = tuple((name, symbol) for name, symbol in program.results if name in outputs)
    kept = replace(program, states=states, results=results)
    return with_lines(kept, [(symbol, outputs[name]) for name, symbol in results])


def with_lines(program: Program, lines: Iterable[tuple[sp.Symbol, sp.Expr]]) -> Program:
    """The Program with these lines in place of its own."""
    return replace(program, definitions=make_definitions(lines, input_scopes(program.hypers, program.states)))


def one_tensor(program: Program) -> Program:
    """The Program where a single tensor is all there is, as for code that sees one tensor."""
    return with_lines(program, [(line.symbol, over_one_tensor(line.expr)) for line in program.definitions])


def make_definitions(lines: Iterable[tuple[sp.Symbol, sp.Expr]], scopes: Mapping[str, str]) -> tuple[Definition, ...]:
    """Give each line its scope from those of the inputs it reads; an input that ``scopes`` lacks is "element"."""
    known = dict(scopes)
    definitions = []
    for symbol, expr in lines:
        known[symbol.name] = scope_of(expr, known)
        definitions.append(Definition(symbol, expr, known[symbol.name]))
    return tuple(definitions)


def scope_of(expr: Any, scopes: Mapping[str, str]) -> str:
    """The scope of an expression: that of all it reads, where a sum over elements is one value."""
    if isinstance(expr, Reduction):
        if expr.over in ("tensor", "all"):
            return "tensor" if expr.over == "tensor" else "global"
        kept = INDICES[scope_of(expr.args[0], scopes)] - {expr.along}
        return join(["tensor", *(scope for scope, own in INDICES.items() if own == kept)])
    if isinstance(expr, sp.Symbol):
        return scopes.get(expr.name, "element")
    return join(scope_of(arg, scopes) for arg in expr.args)
