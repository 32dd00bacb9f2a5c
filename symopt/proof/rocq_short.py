"""Short Rocq proofs of equations that hold whatever the parts are that both sides have in common.

Such an equation needs no certificate: ``reflexivity``, or ``ring`` with a variable for each common part.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from .certificate import Relation, Statement, Term
from .normal import Context, Rejected
from .polynomial import plus
from .rocq_terms import Printer, name_of

Lines = list[str]


def short_proof(statement: Statement, out: Printer) -> Lines | None:
    """Tactics that prove the claim's equations one by one, or None where one of them needs its certificate."""
    parts = [_equation(relation, out) for relation in statement.claim]
    if any(part is None or out.discrete(relation) for part, relation in zip(parts, statement.claim, strict=True)):
        return None
    *first, last = [part for part in parts if part is not None]
    lines = [line for part in first for line in ("split.", "{", *part, "}")]
    return [*lines, *last]


def _equation(relation: Relation, out: Printer) -> Lines | None:
    op, left, right = relation
    if op != "=":
        return None
    if left == right:
        return ["reflexivity."]
    shared = set(_parts(left)) & set(_parts(right))
    names: dict[Term, str] = {}
    sides = [_abstracted(side, shared, names) for side in (left, right)]
    if not all(map(_is_polynomial, sides)):
        return None
    try:
        context = Context(Statement(()))
        if plus(context.normal(sides[0]), context.normal(sides[1]), -1):
            return None
    except Rejected:
        return None
    return [*(f"generalize {out.real(part)}; intro {name_of(name)}." for part, name in names.items()), "ring."]


def _is_polynomial(term: Term) -> bool:
    """Whether ``ring`` reads all of a term."""
    if not isinstance(term, tuple):
        return True
    if term[0] == "^":
        return isinstance(term[2], Fraction) and term[2].denominator == 1 and term[2] >= 0 and _is_polynomial(term[1])
    return term[0] in ("+", "*") and all(map(_is_polynomial, term[1:]))


def _parts(term: Term) -> Iterator[Any]:
    """The compound terms inside a term."""
    for part in term[1:] if isinstance(term, tuple) else ():
        if isinstance(part, tuple):
            yield part
            yield from _parts(part)


def _abstracted(term: Term, shared: set[Any], names: dict[Term, str]) -> Term:
    """The term with a variable for each of its largest shared parts."""
    if term in shared:
        return names.setdefault(term, f"part{len(names) + 1}_")
    if not isinstance(term, tuple):
        return term
    return (term[0], *(_abstracted(part, shared, names) for part in term[1:]))
