"""Exact evaluation at a point: the part of the trusted checker that reads numbers (standard library only)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from .algebraic import Number, Reals, Root, TooClose
from .certificate import INDEX, Relation, Sequence, Statement, Term
from .normal import CASES, LIMIT, Rejected, is_universal, put

BITS, MOST_BITS = 400, 6400  # irrational values are enclosed to 2^-BITS, and to 2^-MOST_BITS if need be
ARITY = {"+": 0, "*": 0, "/": 2, "^": 2, "sqrt": 1, "root": 3}  # of the operations in points; + and * take any number


class Evaluation:
    """The values of a statement's terms at a point; Rejected where a term has none."""

    def __init__(self, statement: Statement, point: Mapping[str, Any], bits: int = BITS) -> None:
        self.statement, self.point, self.reals = statement, point, Reals(bits)
        self.sequences: dict[str, Sequence] = {s.name: s for s in statement.sequences}
        self.values: dict[tuple[str, int], Number] = {}
        for name in statement.integers:
            if not isinstance(point.get(name), (Fraction, int)) or Fraction(point[name]).denominator != 1:
                raise Rejected(f"the point gives {name} no integer value")

    def holds(self, relation: Relation) -> bool:
        """Whether the relation holds at the point, by finer enclosures where these are too wide."""
        try:
            return self.compare(relation)
        except TooClose:
            if self.reals.bits >= MOST_BITS:
                raise
        return Evaluation(self.statement, self.point, 4 * self.reals.bits).holds(relation)

    def compare(self, relation: Relation) -> bool:
        """Whether the relation holds, by these enclosures alone; TooClose where they do not tell."""
        if is_universal(relation):
            return self._compare_always(relation)
        op, a, b = relation[0], self.value(relation[1]), self.value(relation[2])
        if a[1] < b[0] or (op == "<=" and a[1] <= b[0]):
            return op != "="
        if b[1] < a[0] or (op == "<" and b[1] <= a[0]):
            return op == "!="
        gap = self.reals.sign(self.reals.combine("-", b, a))
        return {"=": gap == 0, "!=": gap != 0, "<": gap > 0, "<=": gap >= 0}[op]

    def _compare_always(self, relation: Relation) -> bool:
        """For every # >= 1; it reads free sequences at # only, so they can go on with their last number for ever."""
        read = {pair for side in relation[1:] for pair in uses(side)}
        if any(self.sequences[name].body is not None or index != INDEX for name, index in read):
            raise Rejected("a hypothesis about every # may read free sequences at # only")
        if is_universal(_without_sequences(relation)):  # such as # <= 1, which fails later on
            raise Rejected("a hypothesis about every # may use # as an index only")
        length = max((len(self.point.get(name, ())) for name, _ in read), default=1)
        return all(self.compare(put(relation, {INDEX: Fraction(n)})) for n in range(1, max(length, 1) + 1))

    def integer(self, term: Term) -> int:
        """The value of a term that must be an integer."""
        low, high, _ = self.value(term)
        if low != high or low.denominator != 1:
            raise Rejected("an exponent, an index or a sum's end is not an integer at the point")
        return int(low)

    def value(self, term: Term) -> Number:
        """The term's value."""
        if isinstance(term, (Fraction, int)):
            number = Fraction(term)
            return number, number, None
        if isinstance(term, str):
            given = self.point.get(term)
            if not isinstance(given, (Fraction, int)) and not is_term(given):
                raise Rejected(f"the point gives {term} no value")
            return self.value(given)
        op, *args = term
        if op in CASES:
            return self.value(CASES[op](*args))
        if op == "if":
            return self.value(args[2] if self.compare(("<=", args[0], args[1])) else args[3])
        if op == "at":
            return self.sequence(args[0], self.integer(args[1]))
        if op == "sum":
            low, high = self.integer(args[1]), self.integer(args[2])
            if high - low > LIMIT:
                raise Rejected(f"a sum of more than {LIMIT} terms")
            return self.value(("+", 0, *(put(args[3], {args[0]: Fraction(n)}) for n in range(low, high + 1))))
        if op == "^":
            base, exponent, product = self.value(args[0]), self.value(args[1]), self.value(1)
            if exponent[0] != exponent[1] or exponent[0].denominator != 1:
                return self.reals.power(base, exponent)
            n = int(exponent[0])
            if abs(n) > LIMIT:
                raise Rejected(f"an exponent beyond {LIMIT}")
            for _ in range(abs(n)):
                product = self.reals.combine("*", product, base)
            return product if n >= 0 else self.reals.combine("/", self.value(1), product)
        if op == "sqrt":
            return self.reals.square_root(self.value(args[0]), args[0])
        if op in ("exp", "log"):
            return self.reals.exp(self.value(args[0])) if op == "exp" else self.reals.log(self.value(args[0]))
        if op == "root":
            return self.reals.root(Root(tuple(map(Fraction, args[0])), Fraction(args[1]), Fraction(args[2])))
        total = self.value(args[0])
        for arg in args[1:]:
            total = self.reals.combine(op, total, self.value(arg))
        return total

    def sequence(self, name: str, n: int) -> Number:
        """The n-th value of a sequence."""
        s = self.sequences[name]
        if (name, n) not in self.values:
            if s.body is None or n < 0:
                given = self.point.get(name, ())
                if is_term(given) or not 1 <= n <= len(given):
                    raise Rejected(f"the point gives {name}({n}) no value")
                self.values[name, n] = self.value(given[n - 1])
            else:
                self.values[name, n] = self.value(s.initial if n == 0 else put(s.body, {INDEX: Fraction(n)}))
        return self.values[name, n]


def is_term(value: Any) -> bool:
    """Whether what a point gives is a term, and not a number or a sequence."""
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], str)


def check_point(point: Any) -> None:
    """Refuse what is not numbers or tuples of numbers: rationals, or terms that have a value without any variables."""
    if type(point) is not dict:
        raise Rejected("not a point")
    nowhere = Evaluation(Statement(()), {})
    for name, given in point.items():
        for number in given if type(given) is tuple and not is_term(given) else (given,):
            if type(name) is not str or not _is_plain(number):
                raise Rejected(f"the point's {name!r}: {given!r} is no number")
            nowhere.value(number)


def _is_plain(number: Any) -> bool:
    if type(number) is not tuple:
        return type(number) in (Fraction, int)  # and nothing derived from them: a truth value is no number
    op, *args = number
    if type(op) is not str or op not in ARITY or not args or len(args) != (ARITY[op] or len(args)):
        return False
    if op == "root":
        args = [*args[0], *args[1:]] if type(args[0]) is tuple else [None]
    return all(map(_is_plain, args))


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
