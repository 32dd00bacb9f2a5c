"""Equality of one step: two Programs, for every input, wherever the first is defined."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from symopt.language import STEP, Program

from .certificate import Relation, Statement, Verdict
from .claims import domain_of, to_term
from .normal import put
from .prove import decide
from .search import undefined


def same_step(program: Program, other: Mapping[str, sp.Expr], **at: Any) -> Verdict:
    """Does one step of ``program`` give the same x and states as ``other``, formulas in its inputs' names?

    For all inputs: x and g real, states real with their declared signs, hyperparameters in their domains,
    t = 1, 2, ...; and where the program's own divisors and radicands make sense, which the statement says if it
    does not follow. The steps being equal from equal states, so are the runs, for all steps. ``at`` puts numbers
    for inputs (the first step: t = 1 and initial states).
    """
    with sp.evaluate(True):
        return decide(_equality(program, other, {name: Fraction(value) for name, value in at.items()}))


def _equality(program: Program, other: Mapping[str, sp.Expr], at: Mapping[str, Fraction]) -> Statement:
    claim: tuple[Relation, ...] = tuple(
        ("=", put(to_term(expr), at), put(to_term(other[name]), at)) for name, expr in program.outputs.items()
    )
    signs = [("<=", Fraction(0), s.name) for s in program.states if s.nonnegative and s.name not in at]
    step = [] if STEP in at else [("<=", Fraction(1), STEP)]
    statement = Statement(
        claim=claim,
        given=(*domain_of(program, {}), *signs, *step),
        integers=() if STEP in at else (STEP,),
    )
    return Statement(claim, (*statement.given, *undefined(statement)), statement.integers)
