"""Signs that a term shows by its own shape: sums and products of what is known, squares, quotients (untrusted)."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

from .certificate import INDEX, Term
from .normal import Context, Rejected, put
from .positivity import Combination, Steps

Piece = tuple[Fraction, tuple[Term, ...], tuple[Term, ...]]  # c * (product of known factors) * (product)^2
MAX_PIECES = 64


def show_term(context: Context, term: Term, strict: bool) -> tuple[Steps, Combination] | None:
    """Steps and a combination that show 0 <= term (0 < term if strict), following the term's shape."""
    if isinstance(term, tuple) and term[0] == "/":
        return _show_quotient(context, term[1], term[2], strict)
    found = _pieces(context, term)
    if found is None or (strict and not any(_positive(context, piece) for piece in found)):
        return None
    terms = tuple((c, factors, ("*", Fraction(1), *roots) if roots else Fraction(1)) for c, factors, roots in found)
    return [], ((), terms, ())


def _show_quotient(context: Context, above: Term, below: Term, strict: bool) -> tuple[Steps, Combination] | None:
    shown = show_term(context, above, strict)
    if shown is None or not _known(context, below, ">"):
        return None
    steps = [*shown[0], ("show", ("<" if strict else "<=", Fraction(0), above), shown[1])]
    return steps, ((), ((Fraction(1), (above, below), Fraction(1)),), ())


def _positive(context: Context, piece: Piece) -> bool:
    return not piece[2] and all(_known(context, factor, ">") for factor in piece[1])


def _known(context: Context, term: Term, what: str) -> bool:
    try:
        return context.known(context.gap(Fraction(0), term), what)
    except Rejected:
        return False


def _pieces(context: Context, term: Term) -> list[Piece] | None:
    """The term as a sum of pieces, or None."""
    if isinstance(term, (Fraction, int)):
        return None if term < 0 else [(Fraction(term), (), ())] if term else []
    if _known(context, term, ">="):
        return [(Fraction(1), (term,), ())]
    if not isinstance(term, tuple):
        return None
    if term[0] == "at":
        body = _unfolded(context, term[1], term[2])
        return None if body is None else _pieces(context, body)
    if term[0] == "/":
        above = _pieces(context, term[1]) if _known(context, term[2], ">") else None
        return above and [(c, (*f, ("/", Fraction(1), term[2])), q) for c, f, q in above]
    if term[0] == "+":
        parts = [_pieces(context, arg) for arg in term[1:]]
        return None if any(part is None for part in parts) else [piece for part in parts for piece in part or ()]
    if term[0] in ("*", "^"):
        return _product(context, term)
    return None


def _unfolded(context: Context, name: str, index: Term) -> Term | None:
    """The body of a recurrence where the context unfolds it too."""
    sequence = context.sequences[name]
    form, offset = context.integer(index)
    if sequence.body is None or offset < 1 or not context.at_least(form, 1 - offset):
        return None
    return put(sequence.body, {INDEX: index})


def _product(context: Context, term: Term) -> list[Piece] | None:
    number, counts = _factors(term)
    if number == 0:
        return []
    roots: list[Term] = []
    total: list[Piece] = [(Fraction(1), (), ())]
    for factor, n in counts.items():
        if n % 2 == 0 and not _known(context, factor, ">"):
            roots += [factor] * (n // 2)
            continue
        part = None if factor == term else _pieces(context, factor)
        if part is None:
            negative = ("*", Fraction(-1), factor)
            if not _known(context, negative, ">="):
                return None
            part, number = [(Fraction(1), (negative,), ())], number * (-1) ** n
        for _ in range(n):
            total = [(a * b, (*f, *h), (*q, *r)) for a, f, q in total for b, h, r in part]
            if len(total) > MAX_PIECES:
                return None
    if number < 0:
        return None
    return [(number * c, factors, (*q, *roots)) for c, factors, q in total]


def _factors(term: Any) -> tuple[Fraction, Counter[Term]]:
    """The rational factor of a product, and its other factors with their exponents."""
    if isinstance(term, (Fraction, int)):
        return Fraction(term), Counter()
    if isinstance(term, tuple) and term[0] == "*":
        number, counts = Fraction(1), Counter[Term]()
        for arg in term[1:]:
            c, more = _factors(arg)
            number, counts = number * c, counts + more
        return number, counts
    if isinstance(term, tuple) and term[0] == "^" and isinstance(term[2], (Fraction, int)) and term[2] > 0:
        c, counts = _factors(term[1])
        n = int(term[2])
        return c**n, Counter({factor: power * n for factor, power in counts.items()})
    return Fraction(1), Counter({term: 1})
