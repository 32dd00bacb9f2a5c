"""Equality of one step: two Programs, for every input, wherever the first is defined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp

from symopt.language import STEP, Program, one_tensor, reductions, substitute

from .certificate import Relation, Statement, Verdict
from .checker import check
from .claims import domain_of, statement, tensor_step
from .conditions import undefined
from .matrices import small_matrix
from .normal import put
from .prove import decide
from .reading import to_term
from .scalars import without_common_scalars
from .tensors import SIZES
from .totals import Totals
from .witness import find_counterexample

TRIES = 300  # points of small matrices


def same_step(program: Program, other: Mapping[str, sp.Expr], **at: Any) -> Verdict:
    """Does one step of ``program`` give the same x and states as ``other``, formulas in its inputs' names?

    For all inputs: x and g real, states real with their declared signs, hyperparameters in their domains,
    t = 1, 2, ...; and where the program's own divisors and radicands make sense, which the statement says if it
    does not follow. The steps being equal from equal states, so are the runs, for all steps. ``at`` puts numbers
    for inputs (the first step: t = 1 and initial states).

    With sums over elements: for tensors of every size. The statement that is proved is then about any one element, with
    a number for each sum, and says that the summands are equal too; a witness is a whole tensor. An ``other`` without
    sums over all tensors is code that sees one tensor: the program is then taken where that one is all there is.
    """
    with sp.evaluate(True):
        at = {name: Fraction(value) for name, value in at.items()}
        if not any(total.over == "all" for expr in other.values() for total in reductions(expr)):
            program = one_tensor(program)
        answer = _of_one_element(program, other, at)
        if answer is not None:
            return answer
        if _reads_matrices(program, other):
            return _same_matrix(program, other, at)
        return _same_tensor(program, other, at)


def _of_one_element(program: Program, other: Mapping[str, sp.Expr], at: Mapping[str, Fraction]) -> Verdict | None:
    """The verdict of a comparison for one element; None where sums over elements leave more to try."""
    outputs = program.outputs
    if not any(any(reductions(expr)) for expr in (*outputs.values(), *other.values())):
        own, others = without_common_scalars(outputs, other, (STEP, *(h.name for h in program.hypers)))
        if own != outputs:
            answer = _same_element(program, [(own[name], others[name]) for name in own], (), at)
            if answer.proved:
                return answer
    for choices in (True, False):  # a choice as one number spares the proof its cases; which one it is may matter
        totals = Totals(program, at, choices)
        expected, given = totals.name(outputs), totals.match({name: other[name] for name in outputs})
        if given is not None:
            pairs = [*totals.pairs, *((expected[name], given[name]) for name in outputs)]
            answer = _same_element(program, pairs, totals.given(), at)
            if answer.proved or not totals.meanings:
                return answer
    return None


def _same_element(
    program: Program,
    pairs: list[tuple[sp.Expr, sp.Expr]],
    given: tuple[Relation, ...],
    at: Mapping[str, Fraction],
) -> Verdict:
    question = _defined(program, tuple(own for own, _ in pairs), given, tuple(at.items()))
    others = [put(to_term(expr), at) for _, expr in pairs]
    claim = tuple(("=", left, right) for (_, left, _), right in zip(question.claim, others, strict=True))
    return decide(replace(question, claim=claim))


@lru_cache(maxsize=256)
def _defined(
    program: Program, outputs: tuple[sp.Expr, ...], given: tuple[Relation, ...], at: tuple[tuple[str, Fraction], ...]
) -> Statement:
    """The outputs (as trivial equalities) under the hypotheses that make them defined."""
    numbers = dict(at)
    terms = [put(to_term(expr), numbers) for expr in outputs]
    signs = [("<=", Fraction(0), s.name) for s in program.states if s.nonnegative and s.name not in numbers]
    step = [] if STEP in numbers else [("<=", Fraction(1), STEP)]
    question = Statement(
        claim=tuple(("=", term, term) for term in terms),
        given=(*domain_of(program, {}), *signs, *step, *given),
        integers=() if STEP in numbers else (STEP,),
    )
    return replace(question, given=(*question.given, *undefined(question)))


def _reads_matrices(program: Program, other: Mapping[str, sp.Expr]) -> bool:
    """Whether anything but sums over whole tensors occurs, which statements have no words for."""
    found = (total for expr in (*program.outputs.values(), *other.values()) for total in reductions(expr))
    return program.has_matrices or any(type(total) not in SIZES for total in found)


def _same_matrix(program: Program, other: Mapping[str, sp.Expr], at: Mapping[str, Fraction]) -> Verdict:
    """A witness of two rows and three columns, or none: what holds of them need not of others."""
    question = small_matrix(program, other, at)
    found = find_counterexample(question, TRIES)
    if found is None:
        return Verdict(
            "unknown", str(question), reason="no proof was found, and no witness of two rows and three columns"
        )
    check(found)
    return Verdict("refuted", str(question), certificate=found, witness=found.point)


def _same_tensor(program: Program, other: Mapping[str, sp.Expr], at: Mapping[str, Fraction]) -> Verdict:
    """The same of a whole tensor: its elements are sequences, and sums are sums."""
    step = tensor_step(program, **at)
    known = {sp.Symbol(name): sp.Rational(value.numerator, value.denominator) for name, value in at.items()}
    claims = [sp.Eq(expr, substitute(other[name], known), evaluate=False) for name, expr in step.new.items()]
    question = statement(claims, [step])
    answer = decide(question)  # a witness shows by itself that the program is defined there
    if answer.verdict != "unknown":
        return answer
    own = replace(question, claim=tuple(("=", left, left) for _, left, _ in question.claim))
    return decide(replace(question, given=(*question.given, *undefined(own))))
