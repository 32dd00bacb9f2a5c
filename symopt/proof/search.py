"""Search for a proof: directly, by cases, by induction or after a shift (untrusted)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from typing import Any

from .certificate import Proof, Relation, Statement, Term
from .checker import free_variables
from .conditions import accept_pending, instantiate, settle, strip_facts, take
from .explorer import Explorer, Failed, explorer
from .normal import MEANS, Rejected, Undecided, put
from .polynomial import plus
from .positivity import Steps, show_absurd, show_hard_sign, show_sign
from .readback import term_of
from .rewriting import rewrite_known
from .structure import show_term
from .summation import closed_forms

MAX_SPLITS, MAX_ORDERED = 8, 3


def find_proof(statement: Statement, using: tuple[Relation, ...] = ()) -> Proof:
    """A proof of the statement, for the checker to judge; Failed where none is found. ``using``: proved with it."""
    if using:
        return ("strengthen", using, find_proof(replace(statement, claim=(*using, *statement.claim))))
    hard = getattr(statement, "hard", False)
    try:
        return _direct(statement)
    except Failed as failure:
        reason = failure
    for t in statement.integers:
        try:
            return _with_signs(statement, t)
        except Failed:
            pass
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
    for last_attempt in (_rounded_up, _summed, _ordered) if hard and reason.relation is None else ():
        try:
            return last_attempt(statement)
        except Failed:
            pass
    raise reason


def _direct(statement: Statement) -> Proof:
    return _prove_in(explorer(statement), statement.claim, (), 0)


def _ordered(statement: Statement) -> Proof:
    """Prove it separately for each order of its variables."""
    context = explorer(statement)
    context.ordering = True
    return _prove_in(context, statement.claim, (), 0)


def _rounded_up(statement: Statement) -> Proof:
    """Prove a + 1 <= b for a claim a < b between integers: an induction needs the room."""
    whole = frozenset(statement.integers)
    using = tuple(
        ("<=", ("+", r[1], Fraction(1)), r[2])
        for r in statement.claim
        if r[0] == "<" and all(_is_whole(side, whole) for side in r[1:])
    )
    if not using:
        raise Failed("no strict claim between integers")
    return find_proof(statement, using)


def _summed(statement: Statement) -> Proof:
    """Prove the closed forms of its sums by induction, a lemma, and it from them."""
    for t in statement.integers:
        forms = closed_forms(statement, t)
        if forms:
            lower = [r for r in statement.given if r[0] == "<=" and r[2] == t and isinstance(r[1], Fraction)]
            numbers = [n for n, r in enumerate(statement.given) if r in lower or t not in free_variables(r)]
            alone = replace(statement, claim=forms, given=tuple(statement.given[n] for n in numbers))
            lemma = _induction(alone, t, _lower_bound(alone, t))
            rest = _direct(replace(statement, given=(*statement.given, *forms)))
            return ("lemma", forms, tuple(map(Fraction, numbers)), lemma, rest)
    raise Failed("no sum with a closed form")


def _is_whole(term: Term, integers: frozenset[str]) -> bool:
    """Is the term an integer by its shape? Powers are taken to have natural exponents."""
    if isinstance(term, str):
        return term in integers
    if isinstance(term, (Fraction, int)):
        return term.denominator == 1
    if term[0] == "sum":
        return _is_whole(term[4], integers | {term[1]})
    return term[0] in ("+", "*", "^", "abs", "max", "min", "sign") and all(_is_whole(a, integers) for a in term[1:])


def _with_signs(statement: Statement, t: str) -> Proof:
    """Prove it directly from the signs that the recurrences keep, a lemma from the hypotheses that are about all t."""
    lower = [r for r in statement.given if r[0] == "<=" and r[2] == t and isinstance(r[1], Fraction)]
    numbers = [n for n, r in enumerate(statement.given) if r in lower or t not in free_variables(r)]
    alone = replace(statement, given=tuple(statement.given[n] for n in numbers))
    signs = _kept_signs(alone, t, _lower_bound(alone, t))
    if not signs:
        raise Failed("no sign is kept")
    lemma = _induction(replace(alone, claim=signs), t, _lower_bound(alone, t))
    rest = _direct(replace(statement, given=(*statement.given, *signs)))
    return ("lemma", signs, tuple(map(Fraction, numbers)), lemma, rest)


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
        for index in (t, *_earlier(statement.claim, t, first)):
            sign: Relation = ("<=", Fraction(0), ("at", sequence.name, index))
            try:
                _induction(replace(statement, claim=(*kept, sign)), t, first)
            except Failed:
                continue
            kept = (*kept, sign)
    return kept


def _earlier(term: Any, t: str, first: int) -> set[Term]:
    """The indices t - n, with t >= n, at which the claim reads sequences."""
    if not isinstance(term, tuple):
        return set()
    found = set[Term]().union(*(_earlier(part, t, first) for part in term))
    index = term[2] if term[0] == "at" and len(term) == 3 else None
    if isinstance(index, tuple) and index[0] == "+" and len(index) == 3 and t in index:
        offset = next((part for part in index if isinstance(part, Fraction)), Fraction(0))
        found |= {index} if -first <= offset < 0 else set()
    return found


# ---------------------------------------------------------------- one claim in one context
def _prove_in(context: Explorer, claim: tuple[Relation, ...], assumed: tuple[Relation, ...], splits: int) -> Proof:
    steps: Steps = []
    try:
        strip_facts(context, steps)
        for number, relation in enumerate(assumed):
            settle(context, steps, relation)
            step = ("assumed", Fraction(number))
            context.assume(relation)
            steps.append(step)
        _take_up(context, steps)
        rewrite_known(context, steps)
        combinations = []
        for relation in claim:
            combinations.append(_establish(context, steps, relation))
            take(context, steps, [("show", relation, combinations[-1])])  # a fact for the relations after it
    except Undecided as undecided:
        if splits >= MAX_SPLITS:
            raise Failed("too many case distinctions") from undecided
        return _split(context, claim, assumed, steps, *undecided.split, splits)
    except (Failed, Rejected) as error:
        contradiction = show_absurd(context) if splits else None
        if contradiction is not None:
            return ("absurd", tuple(steps), contradiction)
        pair = _unordered(context, claim) if context.ordering and splits < MAX_SPLITS else None
        if pair is not None:
            return _split(context, claim, assumed, steps, *pair, splits)
        raise error if isinstance(error, Failed) else Failed(str(error)) from error
    return ("direct", tuple(steps), tuple(combinations))


def _split(
    context: Explorer,
    claim: tuple[Relation, ...],
    assumed: tuple[Relation, ...],
    steps: Steps,
    a: Term,
    b: Term,
    splits: int,
) -> Proof:
    below = _prove_in(context.branch(("<=", a, b)), claim, assumed, splits + 1)
    above = _prove_in(context.branch(("<", b, a)), claim, assumed, splits + 1)
    return ("cases", tuple(steps), a, b, below, above)


def _suppose_contrary(context: Explorer, relation: Relation) -> None:
    """Split where the relation's contrary is not supposed yet: it may contradict the facts."""
    op, a, b = relation
    for low, high in {"<=": ((a, b),), "<": ((b, a),), "=": ((a, b), (b, a))}.get(op, ()):
        if not context.known(context.gap(low, high), ">=") and not context.known(context.gap(high, low), ">"):
            raise Undecided(low, high)


def _unordered(context: Explorer, claim: tuple[Relation, ...]) -> tuple[Term, Term] | None:
    """Two of the claim's few variables of which it is not known which is greater."""
    names = sorted(set().union(*(free_variables(r) for r in claim)) - context.integers)
    for a, b in combinations(names, 2) if len(names) <= MAX_ORDERED else ():
        gap = context.gap(a, b)
        if not context.known(gap, ">=") and not context.known(context.gap(b, a), ">="):
            return a, b
    return None


def _show_cleared(context: Explorer, relation: Relation) -> tuple[Steps, Any] | None:
    """Show a < b from n > 0 where b - a = n/d with d > 0: the gap is n d, so each term gets the factor d."""
    op, a, b = relation
    if op not in ("<", "<="):
        return None
    n, top = context.clear(plus(context.normal(b), context.normal(a), -1))
    divisors = [context.inverses[x] for x, power in top.items() if power % 2]
    if not divisors or not all(context.known(d, ">") for d in divisors):
        return None
    found = show_sign(context, n, op, deep=True)
    if found is None or any(step[0] != "show" for step in found[0]):
        return None
    steps, (scale, terms, zeros) = found
    more = tuple(term_of(context, d) for d in divisors)
    return steps, (scale, tuple((c, (*hs, *more), q) for c, hs, q in terms), zeros)


def _take_up(context: Explorer, steps: Steps) -> None:
    """Bring in the hypotheses that need side conditions or case distinctions of their own, as far as they go."""
    for number in list(context.pending):
        try:
            settle(context, steps, context.given[number])
        except Failed:
            continue
        accept_pending(context, steps)


def _establish(context: Explorer, steps: Steps, relation: Relation) -> Any:
    op, a, b = relation
    settle(context, steps, relation)
    instantiate(context, steps)
    p = settle(context, steps, relation)
    found: tuple[Steps, Any] | None = None
    if op in ("<", "<="):
        difference = b if a == 0 else ("+", b, ("*", Fraction(-1), a))
        found = show_term(context, difference, op == "<")
    found = found or _show_cleared(context, relation) or show_sign(context, p, op, deep=True)
    found = found or (show_hard_sign(context, p, op) if context.hard else None)
    if found is None:
        _suppose_contrary(context, relation)
        raise Failed(f"no certificate was found for {MEANS[op]} of {len(p)} terms")
    extra, combination = found
    take(context, steps, extra)
    return combination
