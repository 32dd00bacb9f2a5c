"""Numbers that are not rational, what isolates no root, and what the checker says of them."""

from fractions import Fraction as F
from functools import cache

import mpmath

from symopt.proof import Certificate, Rejected, Statement, check
from symopt.proof.evaluation import Evaluation

CUBE2 = ("root", (F(-2), F(0), F(0), F(1)), F(1), F(2))
SQRT2, SQRT3, SQRT6 = (("sqrt", F(n)) for n in (2, 3, 6))


def minus(term):
    return ("*", F(-1), term)


def accepted(claim, point, given_=(), sequences=()):
    """Does the checker take the point for a counterexample?"""
    try:
        check(Certificate(Statement((claim,), tuple(given_), (), tuple(sequences)), point, None))
    except Rejected:
        return False
    return True


def holds(relation, point=None):
    return Evaluation(Statement(()), point or {}).holds(relation)


def product(*factors):
    total = (F(1),)
    for p in factors:
        size = len(total) + len(p) - 1
        total = tuple(
            sum((total[i] * p[k - i] for i in range(len(total)) if 0 <= k - i < len(p)), F(0)) for k in range(size)
        )
    return total


TWO, THREE = (F(-2), F(0), F(1)), (F(-3), F(0), F(1))  # x^2 - 2, x^2 - 3
NO_ROOT = {
    "two roots": (TWO, -2, 2),
    "three roots": ((F(0), F(-1), F(0), F(1)), -2, 2),
    "three roots, the sign changing": (product(TWO, (F(-1), F(1))), -2, 2),
    "none": ((F(1), F(0), F(1)), 0, 1),
    "none in the interval": (TWO, 2, 3),
    "a double root": (product(TWO, TWO), 1, 2),
    "a triple root": (product(TWO, TWO, TWO), 1, 2),
    "a low end that is a root": ((F(-1), F(0), F(1)), 1, 2),
    "a high end that is a root": ((F(-4), F(0), F(1)), 1, 2),
    "both ends": (product((F(-1), F(1)), (F(-2), F(1))), 1, 2),
    "no polynomial": ((), 1, 2),
    "the polynomial 0": ((F(0),), 1, 2),
    "a constant": ((F(1),), 1, 2),
    "a leading coefficient that is 0": ((F(-2), F(0), F(1), F(0)), 1, 2),
    "ends in the wrong order": (TWO, 2, 1),
    "equal ends": (TWO, 1, 1),
    "a slope that may vanish": ((F(1, 100), F(-1), F(0), F(1)), 0, 2),
}


def number(term):
    """The value in mpmath's arithmetic."""
    if isinstance(term, (int, F)):
        return mpmath.mpf(F(term).numerator) / F(term).denominator
    op, *args = term
    if op == "root":
        return zero_of(term, mpmath.mp.dps)
    a, *rest = map(number, args)
    for b in rest:
        a = a + b if op == "+" else a * b if op == "*" else a / b if op == "/" else a ** int(b)
    return mpmath.sqrt(a) if op == "sqrt" else a


@cache
def zero_of(term, digits):
    """By Newton's method from the middle of the interval."""
    _, p, low, high = term
    with mpmath.workdps(digits + 10):
        c, x = [number(n) for n in reversed(p)], number((low + high) / 2)
        for _ in range(60):
            value, slope = mpmath.polyval(c, x, derivative=True)
            x -= value / slope
        assert number(low) < x < number(high)
        return x
