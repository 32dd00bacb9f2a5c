"""Search for a proof: directly, by cases, by induction or after a shift (untrusted)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from .certificate import Proof, Relation, Statement
from .checker import free_variables
from .conditions import settle, take
from .explorer import Explorer, Failed, explorer
from .normal import MEANS, Rejected, Undecided, put
from .positivity import Steps, show_sign
from .rewriting import rewrite_known
from .structure import show_term

MAX_SPLITS = 8


def find_proof(statement: Statement) -> Proof:
    """A proof of the statement, for the checker to judge; Failed where none is found."""
    try:
        return _direct(statement)
    except Failed as failure:
        reason = failure
    for t in statement.integers:
        try:
            first = _lower_bound(statement, t)
        except Failed:
            continue
        for attempt in (_induction, _strengthened, _shifted):
            try:
                return attempt(statement, t, first)
            except Failed as failure:
                if attempt is _strengthened and reason.relation is None:  # a side condition says more
                    reason = failure
    raise reason


def _direct(statement: Statement) -> Proof:
    return _prove_in(explorer(statement), statement.claim, (), 0)


def _lower_bound(statement: Statement, t: str) -> int:
    """The greatest n for which n <= t stands among the hypotheses, and no other hypothesis mentions t."""
    bounds = [r[1] for r in statement.given if r[0] == "<=" and r[2] == t and isinstance(r[1], Fraction)]
    others = [
        r for r in statement.given if t in free_variables(r) and not (r[0] == "<=" and r[2] == t and r[1] in bounds)
    ]
    if not bounds or others:
        raise Failed(f"no lower bound for the integer {t} alone")
    return int(max(bounds))


def _shifted(statement: Statement, t: str, first: int) -> Proof:
    """Prove it at t + first for t >= 0, so that recurrences unfold."""
    if first <= 0:
        raise Failed(f"nothing to shift in {t}")
    moved = {t: ("+", t, Fraction(first))}
    claim = tuple(put(r, moved) for r in statement.claim)
    given = tuple(put(r, moved) for r in statement.given)
    return ("shift", t, Fraction(first), _direct(replace(statement, claim=claim, given=given)))


def _induction(statement: Statement, t: str, first: int) -> Proof:
    start = Fraction(first)
    base = _prove_in(explorer(statement, without=t), tuple(put(r, {t: start}) for r in statement.claim), (), 0)
    later = tuple(put(r, {t: ("+", t, Fraction(1))}) for r in statement.claim)
    step = _prove_in(explorer(statement), later, statement.claim, 0)
    return ("induction", t, start, base, step)


def _strengthened(statement: Statement, t: str, first: int) -> Proof:
    """Induction together with the signs that the recurrences keep."""
    signs = _kept_signs(statement, t, first)
    if not signs:
        raise Failed("no certificate was found by induction")
    return ("strengthen", signs, _induction(replace(statement, claim=(*signs, *statement.claim)), t, first))


def _kept_signs(statement: Statement, t: str, first: int) -> tuple[Relation, ...]:
    """The relations 0 <= s(t), for defined sequences s, that induction proves."""
    kept: tuple[Relation, ...] = ()
    for sequence in statement.sequences:
        if sequence.body is None or not isinstance(sequence.initial, Fraction) or sequence.initial < 0:
            continue
        sign: Relation = ("<=", Fraction(0), ("at", sequence.name, t))
        try:
            _induction(replace(statement, claim=(*kept, sign)), t, first)
        except Failed:
            continue
        kept = (*kept, sign)
    return kept


# ---------------------------------------------------------------- one claim in one context
def _prove_in(context: Explorer, claim: tuple[Relation, ...], assumed: tuple[Relation, ...], splits: int) -> Proof:
    before = context.branch()
    steps: Steps = []
    try:
        for number, relation in enumerate(assumed):
            settle(context, steps, relation)
            step = ("assumed", Fraction(number))
            context.assume(relation)
            steps.append(step)
        rewrite_known(context, steps)
        combinations = [_establish(context, steps, relation) for relation in claim]
    except Undecided as undecided:
        if splits >= MAX_SPLITS:
            raise Failed("too many case distinctions") from undecided
        a, b = undecided.split
        below = _prove_in(before.branch(("<=", a, b)), claim, assumed, splits + 1)
        above = _prove_in(before.branch(("<", b, a)), claim, assumed, splits + 1)
        return ("cases", a, b, below, above)
    except Rejected as error:
        raise Failed(str(error)) from error
    return ("direct", tuple(steps), tuple(combinations))


def _establish(context: Explorer, steps: Steps, relation: Relation) -> Any:
    op, a, b = relation
    p = settle(context, steps, relation)
    found = None
    if op in ("<", "<="):
        difference = b if a == 0 else ("+", b, ("*", Fraction(-1), a))
        found = show_term(context, difference, op == "<")
    found = found or show_sign(context, p, op)
    if found is None:
        raise Failed(f"no certificate was found for {MEANS[op]} of {len(p)} terms")
    extra, combination = found
    take(context, steps, extra)
    return combination
