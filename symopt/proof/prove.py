"""The question put to the engine: proved, refuted or unknown."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from .certificate import Certificate, Goal, Relation, Statement, Term, Verdict
from .checker import check
from .claims import Axiom, conjuncts, statement
from .explorer import Failed
from .normal import Rejected, is_universal
from .reading import to_relation, to_term
from .search import find_proof
from .store import keep, recall
from .witness import ask_for_counterexample, find_counterexample, find_point, solve_for_counterexample

EFFORT = 250  # linear programs in one search
QUICK = 60  # points tried before a proof is looked for
FEW = 500  # points tried for hypotheses that are about to be called contradictory
CONTRARY = {"=": "!=", "!=": "=", "<": "<=", "<=": "<"}  # the sides of < and <= are exchanged


def prove(claim: Any, given: Iterable[Any] = (), using: Iterable[Any] = (), hints: Iterable[Any] = ()) -> Verdict:
    """Prove or refute a claim about real numbers.

    ``claim``: a SymPy relation (or an And or a list of them) over real symbols, integer symbols, sequences f(t)
    and finite sums. ``given``: relations, recurrences ``Eq(f(0), a), Eq(f(t), ... f(t - 1) ...)``, and runs or steps of
    rules; ``axiom(name, relations)`` is named in the verdict. ``using``: relations that hold too and help, proved
    together with the claim (a stronger induction hypothesis, say). ``hints``: expressions whose squares may occur
    in a certificate of positivity.
    The verdict is "proved" only with a certificate that the checker accepted, "refuted" only with an exact
    witness of rational or algebraic numbers, and otherwise "unknown" with a reason; "oracle only: ..." where Z3, which
    proves nothing here, finds no counterexample. Raises InputError for what is not in the language.
    """
    given = list(given)
    question, axioms = statement(claim, given), tuple(part.name for part in given if isinstance(part, Axiom))
    with sp.evaluate(True):  # claims may be built, and this called, inside evaluate(False)
        return decide(question, tuple(map(to_relation, conjuncts(list(using)))), tuple(map(to_term, hints)), axioms)


def decide(
    question: Statement, using: tuple[Relation, ...] = (), hints: tuple[Term, ...] = (), axioms: tuple[str, ...] = ()
) -> Verdict:
    """The verdict on a statement; ``axioms`` are named in it."""
    started = time.perf_counter()

    def verdict(kind: str, **more: Any) -> Verdict:
        return Verdict(kind, str(question), axioms=axioms, seconds=time.perf_counter() - started, **more)

    certificate = recall(question, using, hints)
    if certificate is None:
        found = _search(question, using, hints)
        if isinstance(found, str):
            return verdict("unknown", reason=found)
        certificate = found
        keep(certificate, using, hints)
    if certificate.proof is not None:
        return verdict("proved", certificate=certificate)
    return verdict("refuted", certificate=certificate, witness=certificate.point)


def _search(question: Statement, using: tuple[Relation, ...], hints: tuple[Term, ...]) -> Certificate | str:
    """A certificate that the checker accepted, or the reason why there is none; quick looks come first, Z3 last."""
    found: Certificate | str | None = find_counterexample(question, QUICK)
    if found is None:
        point = find_point(question)
        if point is None:
            return _why_no_point(question)
        found = _prove_from(point, question, using, hints)
        if isinstance(found, str):
            found = find_counterexample(question) or solve_for_counterexample(question)
        if found is None:
            found = _prove_from(point, question, using, hints, hard=True)
        if isinstance(found, str):
            asked = ask_for_counterexample(question)
            found = f"oracle only: Z3 finds no counterexample; {found}" if asked == "unsat" else found
            found = asked if isinstance(asked, Certificate) else found
    if isinstance(found, Certificate):
        check(found)
    return found


def _prove_from(
    point: Mapping[str, Any],
    question: Statement,
    using: tuple[Relation, ...] = (),
    hints: tuple[Term, ...] = (),
    *,
    hard: bool = False,
) -> Certificate | str:
    """A proof that the checker accepted, or the reason why there is none; the point satisfies the hypotheses."""
    try:
        goal = Goal(question.claim, question.given, question.integers, question.sequences, hints, hard, [EFFORT])
        certificate = Certificate(question, point, find_proof(goal, using))
        check(certificate)
    except (Failed, Rejected) as failure:
        return str(failure)
    return certificate


def _why_no_point(question: Statement) -> str:
    """The hypotheses contradict each other if the contrary of one is proved from the others."""
    for n, (op, a, b) in enumerate(question.given):
        contrary = (CONTRARY[op], a, b) if op in ("=", "!=") else (CONTRARY[op], b, a)
        others = replace(question, claim=(contrary,), given=(*question.given[:n], *question.given[n + 1 :]))
        point = None if is_universal(contrary) else find_point(others, FEW)
        if point is not None and isinstance(_prove_from(point, others), Certificate):
            return "the hypotheses contradict each other: anything would follow"
    return "no point satisfying the hypotheses was found; they may contradict each other"
