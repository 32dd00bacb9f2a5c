"""What the tests of proofs share: an evaluator of statements that owes nothing to the one under test."""

from fractions import Fraction
from math import isqrt

import mpmath
import pytest

COMPARE = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
}


class UndefinedError(Exception):
    """The term has no value, or none that can be told from another, at the point."""


class Meaning:
    """A statement's terms at a point: Fractions, and 80 digits where a root is irrational."""

    def __init__(self, statement, point):
        self.point, self.sequences = point, {s.name: s for s in statement.sequences}

    def holds(self, relation):
        op, left, right = relation[0], self.value(relation[1]), self.value(relation[2])
        if isinstance(left, Fraction) and isinstance(right, Fraction):
            return COMPARE[op](left, right)
        difference = mpmath.mpf(1) * left - right
        if abs(difference) < mpmath.mpf(10) ** -60:
            raise UndefinedError
        return COMPARE[op](difference, 0)

    def whole(self, term):
        number = self.value(term)
        if not isinstance(number, Fraction) or number.denominator != 1:
            raise UndefinedError
        return int(number)

    def value(self, term, bound=None):
        names = self.point if bound is None else self.point | bound
        here = Meaning.__new__(Meaning)
        here.point, here.sequences = names, self.sequences
        return here._value(term)

    def _value(self, term):
        if isinstance(term, (int, Fraction)):
            return Fraction(term)
        if isinstance(term, str):
            return Fraction(self.point[term])
        op, *args = term
        if op == "sum":
            low, high = self.whole(args[1]), self.whole(args[2])
            return sum((self.value(args[3], {args[0]: n}) for n in range(low, high + 1)), Fraction(0))
        if op == "at":
            return self.term_of(args[0], self.whole(args[1]))
        if op == "if":
            return self.value(args[2] if self.holds(("<=", args[0], args[1])) else args[3])
        values = [self.value(arg) for arg in args]
        if op == "*" and any(isinstance(value, Fraction) and value == 0 for value in values):
            return Fraction(0)
        if not all(isinstance(value, Fraction) for value in values) and op not in ("^", "max", "min"):
            values = [mpmath.mpf(1) * value for value in values]
        return OPERATIONS[op](*values)

    def term_of(self, name, n):
        sequence = self.sequences[name]
        if sequence.body is None:
            if not 1 <= n <= len(self.point[name]):
                raise UndefinedError
            return Fraction(self.point[name][n - 1])
        if n < 0:
            raise UndefinedError
        return self.value(sequence.initial) if n == 0 else self.value(sequence.body, {"#": n})


def _product(*factors):
    total = Fraction(1)
    for factor in factors:
        total = total * factor
    return total


def _quotient(a, b):
    if b == 0 if isinstance(b, Fraction) else abs(b) < mpmath.mpf(10) ** -60:
        raise UndefinedError
    return a / b if isinstance(b, Fraction) else mpmath.mpf(1) * a / b


def _power(a, n):
    if not isinstance(n, Fraction) or n.denominator != 1:
        raise UndefinedError
    whole = _product(*[a] * abs(int(n)))
    return whole if n >= 0 else _quotient(Fraction(1), whole)


def _root(a):
    if a < 0:
        raise UndefinedError
    if isinstance(a, Fraction):
        root = Fraction(isqrt(a.numerator), isqrt(a.denominator))
        if root * root == a:
            return root
        return mpmath.sqrt(mpmath.mpf(a.numerator) / a.denominator)
    return mpmath.sqrt(a)


OPERATIONS = {
    "+": lambda *args: sum(args, Fraction(0)),
    "*": _product,
    "/": _quotient,
    "^": _power,
    "sqrt": _root,
    "abs": abs,
    "sign": lambda a: Fraction((a > 0) - (a < 0)),
    "max": lambda *args: max(args, key=lambda a: mpmath.mpf(1) * a),
    "min": lambda *args: min(args, key=lambda a: mpmath.mpf(1) * a),
}


@pytest.fixture(scope="session")
def refutes():
    """Does the point satisfy every hypothesis and break the claim? False too where something is undefined."""

    def judge(statement, point):
        with mpmath.workdps(80):
            meaning = Meaning(statement, dict(point))
            try:
                whole = all(Fraction(point[name]).denominator == 1 for name in statement.integers)
                return (
                    whole
                    and all(meaning.holds(relation) for relation in statement.given)
                    and False in tuple(meaning.holds(relation) for relation in statement.claim)
                )
            except (UndefinedError, KeyError, TypeError):
                return False

    return judge
