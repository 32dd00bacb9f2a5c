"""Terms of statements and proofs made shorter to read: 1 * a is a, 0 + a is a, and (t + 1) - 1 is t."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from symopt.proof import Statement
from symopt.proof.certificate import Relation, Term


def tidy(term: Term) -> Term:
    """The term without factors 1, exponents 1 and summands 0, and with the numbers of a sum added up.

    A sum begins with a summand that has no minus sign, where there is one.

    For print alone: what is proved is the term as it stands.
    """
    if not isinstance(term, tuple):
        return Fraction(term) if isinstance(term, int) else term
    op, *args = term
    args = [tidy(arg) for arg in args]
    if op == "*":
        return _joined("*", [arg for arg in args if arg != 1], Fraction(1))
    if op == "+":
        parts = [part for arg in args for part in (arg[1:] if isinstance(arg, tuple) and arg[0] == "+" else (arg,))]
        numbers = [part for part in parts if isinstance(part, Fraction)]
        if len(numbers) > 1:
            parts = [part for part in parts if not isinstance(part, Fraction)] + [sum(numbers, Fraction(0))]
        parts = [part for part in parts if part != 0]
        first = next((n for n, part in enumerate(parts) if not _is_negative(part)), 0)
        return _joined("+", [*parts[first : first + 1], *parts[:first], *parts[first + 1 :]], Fraction(0))
    return args[0] if op == "^" and args[1] == 1 else (op, *args)


def tidy_relation(relation: Relation) -> Relation:
    """The relation between the tidy terms."""
    return (relation[0], tidy(relation[1]), tidy(relation[2]))


def relevant(statement: Statement) -> Statement:
    """The statement without the recurrences that neither its claim nor its hypotheses read, directly or not."""
    bodies = {s.name: (s.initial, s.body) for s in statement.sequences}
    wanted: set[str] = set()
    new = sequences_in((statement.claim, statement.given))
    while new:
        wanted |= new
        new = set().union(*(sequences_in(bodies.get(name)) for name in new)) - wanted
    kept = tuple(s for s in statement.sequences if s.name in wanted)
    return Statement(statement.claim, statement.given, statement.integers, kept)


def sequences_in(parts: Any) -> set[str]:
    """The names of the sequences that terms or relations read."""
    if not isinstance(parts, tuple):
        return set()
    found = {parts[1]} if len(parts) == 3 and parts[0] == "at" else set()
    return found.union(*(sequences_in(part) for part in parts))


def _is_negative(term: Term) -> bool:
    if isinstance(term, tuple) and term[0] in ("*", "/"):
        return _is_negative(term[1])
    return isinstance(term, Fraction) and term < 0


def _joined(op: str, args: list[Term], neutral: Fraction) -> Term:
    return neutral if not args else args[0] if len(args) == 1 else (op, *args)
