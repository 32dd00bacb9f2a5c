"""What a statement means at a point: an evaluator that owes nothing to the one under test."""

from fractions import Fraction
from math import isqrt
from types import MappingProxyType

import mpmath

COMPARE = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
}


CLOSE = mpmath.mpf(10) ** -60
NOTHING = MappingProxyType({})


class UndefinedError(Exception):
    """The term has no value at the point."""


class UntoldError(Exception):
    """The term's value cannot be told from others, or is not given."""


class Meaning:
    """A statement's terms at a point: Fractions, and 80 digits where a value is irrational."""

    def __init__(self, statement, point):
        self.point, self.sequences = point, {s.name: s for s in statement.sequences}
        self.terms = {}  # of the sequences

    def holds(self, relation, bound=NOTHING):
        op, left, right = relation[0], self.value(relation[1], bound), self.value(relation[2], bound)
        if isinstance(left, Fraction) and isinstance(right, Fraction):
            return COMPARE[op](left, right)
        return COMPARE[op](_told(mpmath.mpf(1) * left - right), 0)

    def holds_always(self, relation):
        """At every # >= 1, for free sequences that go on with their last value, and read at # alone."""
        length = max((len(v) for v in self.point.values() if isinstance(v, tuple)), default=1)
        return all(self.holds(relation, {"#": n}) for n in range(1, length + 1))

    def value(self, term, bound=NOTHING):
        if isinstance(term, (int, Fraction)):
            return Fraction(term)
        if isinstance(term, str):
            return self.number(bound[term] if term in bound else self.point[term])
        op, *args = term
        if op == "sum":
            low, high = (_integer(self.value(end, bound)) for end in args[1:3])
            return sum((self.value(args[3], {**bound, args[0]: n}) for n in range(low, high + 1)), Fraction(0))
        if op == "at":
            return self.term_of(args[0], _integer(self.value(args[1], bound)))
        if op == "root":  # in points alone
            return _zero_of(*args)
        if op == "if":
            return self.value(args[2] if self.holds(("<=", args[0], args[1]), bound) else args[3], bound)
        values = [self.value(arg, bound) for arg in args]
        zero = [isinstance(value, Fraction) and value == 0 for value in values]  # exact beside what is irrational
        if (op == "*" and any(zero)) or (op == "/" and zero[0] and _told(values[1]) != 0):
            return Fraction(0)
        if not all(isinstance(value, Fraction) for value in values) and op not in ("^", "max", "min", "exp", "log"):
            values = [mpmath.mpf(1) * value for value in values]
        return OPERATIONS[op](*values)

    def number(self, given):
        """What a point gives: a rational, or a term for an algebraic number."""
        if not isinstance(given, tuple):
            return Fraction(given)
        return self.value(given)

    def term_of(self, name, n):
        sequence = self.sequences[name]
        if sequence.body is None:
            if not 1 <= n <= len(self.point[name]):
                raise UntoldError
            return self.number(self.point[name][n - 1])
        if n < 0:
            raise UntoldError
        if (name, n) not in self.terms:
            try:
                self.terms[name, n] = self.value(sequence.body, {"#": n}) if n else self.value(sequence.initial)
            except UndefinedError:
                raise UntoldError from None  # a recurrence is a hypothesis: one without a value says nothing
        return self.terms[name, n]


def _told(number):
    """The number, if it is told from zero."""
    if not isinstance(number, Fraction) and abs(number) < CLOSE:
        raise UntoldError
    return number


def _integer(number):
    if not isinstance(number, Fraction):
        raise UntoldError
    if number.denominator != 1:
        raise UndefinedError
    return int(number)


def _product(*factors):
    total = Fraction(1)
    for factor in factors:
        total = total * factor
    return total


def _zero_of(coefficients, low, high):
    """The polynomial's zero between two rationals, by halving."""
    at = lambda x: sum(c * x**k for k, c in enumerate(coefficients))  # noqa: E731
    if at(low) * at(high) >= 0:
        raise UntoldError
    for _ in range(300):
        middle = (low + high) / 2
        low, high = (low, middle) if at(low) * at(middle) <= 0 else (middle, high)
    return mpmath.mpf(high.numerator) / high.denominator


def _quotient(a, b):
    if _told(b) == 0:
        raise UndefinedError
    return a / b if isinstance(b, Fraction) else mpmath.mpf(1) * a / b


def _power(a, n):
    if not isinstance(n, Fraction) or n.denominator != 1:
        return _real_power(a, n)
    whole = _product(*[a] * abs(_integer(n)))
    return whole if n >= 0 else _quotient(Fraction(1), whole)


def _real_power(a, b):
    if _told(a) > 0:
        return (mpmath.mpf(1) * a) ** (mpmath.mpf(1) * b)
    if a == 0 and _told(b) > 0:
        return Fraction(0)
    raise UndefinedError


def _exp(a):
    return mpmath.exp(mpmath.mpf(1) * a) if a != 0 else Fraction(1)


def _log(a):
    if _told(a) <= 0:
        raise UndefinedError
    return mpmath.log(mpmath.mpf(1) * a) if a != 1 else Fraction(0)


def _root(a):
    if _told(a) < 0:
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
    "exp": _exp,
    "log": _log,
    "abs": abs,
    "sign": lambda a: Fraction((_told(a) > 0) - (a < 0)),
    "max": lambda *args: max(args, key=lambda a: mpmath.mpf(1) * a),
    "min": lambda *args: min(args, key=lambda a: mpmath.mpf(1) * a),
}


def mentions_index(term):
    return term == "#" or (isinstance(term, tuple) and any(map(mentions_index, term)))


def judge(statement, point):
    """What the point says of the statement: "outside" its hypotheses, "true", "false", "undefined" or "untold"."""
    with mpmath.workdps(80):
        meaning = Meaning(statement, dict(point))
        try:
            if not all(Fraction(point[name]).denominator == 1 for name in statement.integers):
                return "outside"
            if not all(meaning.holds_always(r) if mentions_index(r) else meaning.holds(r) for r in statement.given):
                return "outside"
        except (UndefinedError, UntoldError, KeyError, TypeError, ValueError):
            return "outside"
        try:
            told = [meaning.holds(relation) for relation in statement.claim]  # each one, as any may be undefined
            return "true" if all(told) else "false"
        except UndefinedError:
            return "undefined"
        except (UntoldError, KeyError, TypeError, ValueError):
            return "untold"


def refutes(statement, point):
    """Does the point satisfy every hypothesis and break the claim? False too where something is undefined."""
    return judge(statement, point) == "false"
