"""Equality of one step: two Programs, for every input, wherever the first is defined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp

from symopt.language import STEP, Program

from .certificate import Statement, Verdict
from .claims import domain_of, to_term
from .conditions import undefined
from .normal import put
from .prove import decide


def same_step(program: Program, other: Mapping[str, sp.Expr], **at: Any) -> Verdict:
    """Does one step of ``program`` give the same x and states as ``other``, formulas in its inputs' names?

    For all inputs: x and g real, states real with their declared signs, hyperparameters in their domains,
    t = 1, 2, ...; and where the program's own divisors and radicands make sense, which the statement says if it
    does not follow. The steps being equal from equal states, so are the runs, for all steps. ``at`` puts numbers
    for inputs (the first step: t = 1 and initial states).
    """
    with sp.evaluate(True):
        numbers = {name: Fraction(value) for name, value in at.items()}
        question = _defined(program, tuple(numbers.items()))
        claim = (
            ("=", left, put(to_term(other[name]), numbers))
            for (_, left, _), name in zip(question.claim, program.outputs, strict=True)
        )
        return decide(replace(question, claim=tuple(claim)))


@lru_cache(maxsize=256)
def _defined(program: Program, at: tuple[tuple[str, Fraction], ...]) -> Statement:
    """The program's outputs (as trivial equalities) under the hypotheses that make them defined."""
    numbers = dict(at)
    outputs = [put(to_term(expr), numbers) for expr in program.outputs.values()]
    signs = [("<=", Fraction(0), s.name) for s in program.states if s.nonnegative and s.name not in numbers]
    step = [] if STEP in numbers else [("<=", Fraction(1), STEP)]
    question = Statement(
        claim=tuple(("=", output, output) for output in outputs),
        given=(*domain_of(program, {}), *signs, *step),
        integers=() if STEP in numbers else (STEP,),
    )
    return replace(question, given=(*question.given, *undefined(question)))
