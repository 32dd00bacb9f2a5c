"""Steps of matrices of two rows and three columns, written out element by element: where witnesses are looked for."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import reduce
from typing import Any

import sympy as sp

from symopt.language import GRADIENT, PARAMETER, STEP, Program, Reduction, rebuild

from .certificate import Relation, Statement
from .claims import domain_of
from .normal import put
from .reading import to_term

ROWS, COLUMNS = (1, 2), (1, 2, 3)  # as many rows as columns would not tell their numbers apart


def small_matrix(program: Program, other: Mapping[str, sp.Expr], at: Mapping[str, Fraction]) -> Statement:
    """The statement that a program and other formulas give one result for the first element of a small matrix.

    g11 and g12 are the first row of g; of what there is for each row or column, r1 and r2. ``at``: inputs that are
    numbers. Rows and columns are all alike, so that the first element stands for every one.
    """
    scopes = {PARAMETER: "element", GRADIENT: "element", **{s.name: s.scope for s in program.states}}
    at = {_name(n, scopes.get(n, ""), i, j): value for n, value in at.items() for i in ROWS for j in COLUMNS}
    claim = tuple(
        ("=", put(to_term(write_out(own, scopes)), at), put(to_term(write_out(other[name], scopes)), at))
        for name, own in program.outputs.items()
    )
    signs = [
        ("<=", Fraction(0), name)
        for s in program.states
        if s.nonnegative
        for name in sorted({_name(s.name, s.scope, i, j) for i in ROWS for j in COLUMNS} - set(at))
    ]
    step: list[Relation] = [] if STEP in at else [("<=", Fraction(1), STEP)]
    numbers = () if STEP in at else (STEP,)
    return Statement(claim, (*domain_of(program, {}), *signs, *step), numbers)


def write_out(expr: Any, scopes: Mapping[str, str], row: int = 1, column: int = 1) -> Any:
    """A formula at one element, its sums and largest values over two rows and three columns written out."""
    if isinstance(expr, sp.Symbol):
        return sp.Symbol(_name(expr.name, scopes.get(expr.name, ""), row, column))
    if isinstance(expr, Reduction):
        rows = (row,) if expr.over == "row" else ROWS
        columns = (column,) if expr.over == "column" else COLUMNS
        cells = [write_out(expr.args[0], scopes, i, j) for i in rows for j in columns]
        with sp.evaluate(False):
            return reduce(lambda a, b: a + b if expr.fold == "sum" else sp.Max(a, b), cells)
    if not expr.args:
        return expr
    return rebuild(expr, tuple(write_out(arg, scopes, row, column) for arg in expr.args))


def _name(name: str, scope: str, row: int, column: int) -> str:
    return name + {"element": f"{row}{column}", "row": f"{row}", "column": f"{column}"}.get(scope, "")
