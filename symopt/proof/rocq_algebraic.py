"""Equalities of irrational numbers that Rocq's ``field`` can show from the squares of square roots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from .certificate import Statement, Term
from .normal import Context, Rejected
from .rocq_terms import Unsupported


def radicands_behind(a: Term, b: Term, numbers: Mapping[Term, Term]) -> list[Term]:
    """What square roots are taken of in a and b, the innermost first; a = b follows from the squares of these roots.

    ``numbers`` are the values of variables and sequences. Unsupported where a = b does not follow.
    """
    left, right = (_with_numbers(side, numbers) for side in (a, b))
    radicands = list(dict.fromkeys((*_radicands(left), *_radicands(right))))
    try:
        gap = Context(Statement((), tuple(("<=", Fraction(0), radicand) for radicand in radicands))).gap(left, right)
    except Rejected as error:
        raise Unsupported(f"an equality of irrational numbers: {error}") from error
    if gap:
        raise Unsupported("the values are too close to tell apart")
    return radicands


def _with_numbers(term: Term, numbers: Mapping[Term, Term]) -> Term:
    """The term with numbers put in; Unsupported where it is more than + * / ^ and square roots of them."""
    if isinstance(term, (Fraction, int)):
        return term
    if term in numbers:
        return numbers[term]
    if not isinstance(term, tuple) or term[0] not in ("+", "*", "/", "^", "sqrt"):
        raise Unsupported("an equality of irrational numbers with more than + * / ^ sqrt")
    return (term[0], *(_with_numbers(part, numbers) for part in term[1:]))


def _radicands(term: Term) -> Iterator[Term]:
    for part in term[1:] if isinstance(term, tuple) else ():
        yield from _radicands(part)
    if isinstance(term, tuple) and term[0] == "sqrt":
        yield term[1]
