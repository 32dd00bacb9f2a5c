"""Exact evaluation at a point: the part of the trusted checker that reads numbers (standard library only).

Rationals stay exact, irrational roots are enclosed in narrow intervals.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import isqrt
from typing import Any

from .certificate import INDEX, Relation, Sequence, Statement, Term
from .normal import CASES, LIMIT, Rejected, is_universal, put

Interval = tuple[Fraction, Fraction]
PRECISION = 2**400  # irrational values are enclosed to one part of this


class Evaluation:
    """The values of a statement's terms at a point; Rejected where a term has none."""

    def __init__(self, statement: Statement, point: Mapping[str, Any]) -> None:
        self.point = point
        self.sequences: dict[str, Sequence] = {s.name: s for s in statement.sequences}
        self.values: dict[tuple[str, int], Interval] = {}
        for name in statement.integers:
            if name not in point or Fraction(point[name]).denominator != 1:
                raise Rejected(f"the point gives {name} no integer value")

    def holds(self, relation: Relation) -> bool:
        """True or False; Rejected where an enclosure is too wide to tell."""
        if is_universal(relation):
            return self._holds_always(relation)
        op, (al, ah), (bl, bh) = relation[0], self.value(relation[1]), self.value(relation[2])
        if op in ("<", "<="):
            if ah < bl or (op == "<=" and ah <= bl):
                return True
            if al > bh or (op == "<" and al >= bh):
                return False
        else:
            if ah < bl or bh < al:
                return op == "!="
            if al == ah == bl == bh:
                return op == "="
        raise Rejected("the values are too close to tell apart")

    def _holds_always(self, relation: Relation) -> bool:
        """For every # >= 1; it reads free sequences at # only, so they can go on with their last number for ever."""
        read = {pair for side in relation[1:] for pair in uses(side)}
        if any(self.sequences[name].body is not None or index != INDEX for name, index in read):
            raise Rejected("a hypothesis about every # may read free sequences at # only")
        if is_universal(_without_sequences(relation)):  # such as # <= 1, which fails later on
            raise Rejected("a hypothesis about every # may use # as an index only")
        length = max((len(self.point.get(name, ())) for name, _ in read), default=1)
        return all(self.holds(put(relation, {INDEX: Fraction(n)})) for n in range(1, max(length, 1) + 1))

    def integer(self, term: Term) -> int:
        """The value of a term that must be an integer."""
        low, high = self.value(term)
        if low != high or low.denominator != 1:
            raise Rejected("an exponent, an index or a sum's end is not an integer at the point")
        return int(low)

    def value(self, term: Term) -> Interval:
        """An interval that holds the term's value, one point where it is rational."""
        if isinstance(term, (Fraction, int)):
            return Fraction(term), Fraction(term)
        if isinstance(term, str):
            if not isinstance(self.point.get(term), (Fraction, int)):
                raise Rejected(f"the point gives {term} no rational value")
            return Fraction(self.point[term]), Fraction(self.point[term])
        op, *args = term
        if op in CASES:
            return self.value(CASES[op](*args))
        if op == "if":
            return self.value(args[2] if self.holds(("<=", args[0], args[1])) else args[3])
        if op == "at":
            return self.sequence(args[0], self.integer(args[1]))
        if op == "sum":
            low, high = self.integer(args[1]), self.integer(args[2])
            if high - low > LIMIT:
                raise Rejected(f"a sum of more than {LIMIT} terms")
            return self.value(("+", 0, *(put(args[3], {args[0]: Fraction(n)}) for n in range(low, high + 1))))
        if op == "^":
            n = self.integer(args[1])
            if abs(n) > LIMIT:
                raise Rejected(f"an exponent beyond {LIMIT}")
            product = ("*", 1, *[args[0]] * abs(n))
            return self.value(product if n >= 0 else ("/", 1, product))
        parts = [self.value(arg) for arg in args]
        total = _root(parts[0]) if op == "sqrt" else parts[0]
        for part in parts[1:]:
            total = _combine(op, total, part)
        return total

    def sequence(self, name: str, n: int) -> Interval:
        """The n-th value of a sequence."""
        s = self.sequences[name]
        if (name, n) not in self.values:
            if s.body is None or n < 0:
                given = self.point.get(name, ())
                if not 1 <= n <= len(given):
                    raise Rejected(f"the point gives {name}({n}) no value")
                self.values[name, n] = (Fraction(given[n - 1]), Fraction(given[n - 1]))
            else:
                self.values[name, n] = self.value(s.initial if n == 0 else put(s.body, {INDEX: Fraction(n)}))
        return self.values[name, n]


def _without_sequences(term: Any) -> Any:
    """The term or relation with a number in place of every value of a sequence."""
    if not isinstance(term, tuple):
        return term
    return Fraction(0) if term[0] == "at" else tuple(map(_without_sequences, term))


def uses(term: Term) -> set[tuple[str, Term]]:
    """The sequences that a term reads, each with its index."""
    if not isinstance(term, tuple):
        return set()
    own = {(term[1], term[2])} if term[0] == "at" else set()
    return own.union(*map(uses, term[1:]))


def _combine(op: str, a: Interval, b: Interval) -> Interval:
    if op == "+":
        return _outward((a[0] + b[0], a[1] + b[1]))
    if op == "/":
        if b[0] <= 0 <= b[1]:
            raise Rejected("a divisor is zero at the point, or too close to it")
        b = (1 / b[1], 1 / b[0])
    ends = [x * y for x in a for y in b]
    return _outward((min(ends), max(ends)))


def _root(a: Interval) -> Interval:
    if a[0] < 0:
        raise Rejected("a radicand is negative at the point")
    low, high = (Fraction(isqrt(int(x * PRECISION**2)), PRECISION) for x in a)
    if a[0] == a[1]:
        exact = Fraction(isqrt(a[0].numerator), isqrt(a[0].denominator))
        if exact * exact == a[0]:
            return exact, exact
    return low, high + Fraction(1, PRECISION)


def _outward(a: Interval) -> Interval:
    """Round an interval outward, so that its ends stay short; a point stays as it is."""
    if a[0] == a[1]:
        return a
    return Fraction(a[0] * PRECISION // 1, PRECISION), Fraction(-(-a[1] * PRECISION // 1), PRECISION)
