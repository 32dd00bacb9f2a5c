"""What a counterexample's point may say: rational numbers, square roots, and isolated roots of polynomials."""

from fractions import Fraction as F

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symopt.proof import Certificate, Rejected, Sequence, Statement, check
from symopt.proof.algebraic import Root

from .algebraic_numbers import NO_ROOT, SQRT2, SQRT3, SQRT6, THREE, TWO, accepted, holds, minus, product


@pytest.mark.parametrize("name", NO_ROOT)
def test_what_isolates_no_root_is_refused(name):
    p, low, high = NO_ROOT[name]
    with pytest.raises(ValueError, match="no root of"):
        Root(p, F(low), F(high))
    value = ("root", p, F(low), F(high))
    assert not accepted(("=", F(0), F(1)), {"x": value}), "though nothing reads it"
    assert not accepted(("!=", ("^", "x", F(2)), F(2)), {"x": value})


@pytest.mark.parametrize(
    ("p", "low", "high", "number"),
    [
        (TWO, 1, 2, SQRT2),
        (TWO, -2, -1, minus(SQRT2)),
        (product(TWO, THREE), F(13, 10), F(15, 10), SQRT2),
        (product(TWO, THREE), F(16, 10), F(18, 10), SQRT3),
        (product(TWO, (F(-7, 5), F(1))), F(1411, 1000), F(1415, 1000), SQRT2),
        (product(TWO, (F(-7, 5), F(1))), F(139, 100), F(1405, 1000), F(7, 5)),
        (product(TWO, THREE, THREE), F(141, 100), F(1415, 1000), SQRT2),
        ((F(-7), F(5)), 1, 2, F(7, 5)),
        ((F(-1, 3), F(1, 7)), 2, 3, F(7, 3)),
        (tuple(2 * c for c in TWO), 1, 2, SQRT2),
        ((F(1), F(0), F(-10), F(0), F(1)), 3, 4, ("+", SQRT2, SQRT3)),
        ((F(-1), F(-1), F(1)), 1, 2, ("/", ("+", F(1), ("sqrt", F(5))), F(2))),
    ],
)
def test_a_root_is_the_number_that_it_is(p, low, high, number):
    root = ("root", p, F(low), F(high))
    assert holds(("=", root, number))
    assert not holds(("!=", root, number))
    assert not holds(("=", root, ("+", number, F(1, 10**130))))
    assert holds(("<", root, ("+", number, F(1, 10**130))))


def test_a_root_of_another_polynomial_is_another_number():
    root3 = ("root", THREE, F(1), F(2))
    squared = ("!=", ("^", "x", F(2)), F(2))
    assert accepted(squared, {"x": ("root", TWO, F(1), F(2))})
    assert not accepted(squared, {"x": root3})
    both = product(TWO, THREE)
    assert accepted(squared, {"x": ("root", both, F(13, 10), F(3, 2))})
    assert not accepted(squared, {"x": ("root", both, F(16, 10), F(18, 10))})


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.integers(-30, 30), min_size=2, max_size=6).filter(lambda c: c[-1]))
def test_the_size_of_a_root_bounds_its_conjugates(coefficients):
    with mpmath.workdps(60):
        zeros = mpmath.polyroots(coefficients[::-1], maxsteps=500, extraprec=2000)
    real = sorted(z.real for z in zeros if abs(z.imag) < mpmath.mpf(10) ** -12)
    for zero in real:
        near = F(int(zero * 10**9), 10**9)
        try:
            root = Root(tuple(map(F, coefficients)), near - F(1, 10**6), near + F(1, 10**6))
        except ValueError:
            continue
        n, d = root.size
        assert all(abs(coefficients[-1] * z) <= 2**n * (1 + mpmath.mpf(10) ** -9) for z in zeros)
        assert abs(coefficients[-1]) <= 2**d
        low, high = root.enclosure(100)
        assert root.low <= low <= high <= root.high
        assert high - low <= F(1, 2**100)
        assert abs(mpmath.mpf(low.numerator) / low.denominator - zero) < mpmath.mpf(10) ** -9


ILL_FORMED = {
    "a float": 1.5,
    "a truth value": True,
    "a text": "y",
    "nothing": None,
    "a list": ["sqrt", F(2)],
    "a float under a root": ("sqrt", 2.0),
    "a truth value under a root": ("sqrt", True),
    "a variable": ("+", "y", F(1)),
    "itself": ("+", "x", F(1)),
    "an operation without arguments": ("+",),
    "a root of two numbers": ("sqrt", F(2), F(3)),
    "a quotient of three": ("/", F(1), F(2), F(3)),
    "an unknown operation": ("cbrt", F(2)),
    "a case distinction": ("if", F(0), F(1), F(2), F(3)),
    "a modulus": ("abs", F(-1)),
    "a sum": ("sum", "i", F(1), F(2), "i"),
    "a value of a sequence": ("at", "g", F(1)),
    "a division by zero": ("/", F(1), F(0)),
    "a division by a hidden zero": ("/", F(1), ("+", ("*", SQRT2, SQRT3), minus(SQRT6))),
    "the root of a negative number": ("sqrt", F(-1)),
    "a broken exponent": ("^", F(-2), F(1, 2)),
    "an irrational exponent": ("^", F(-2), SQRT2),
    "a root without its ends": ("root", TWO),
    "a root with one end": ("root", TWO, F(1)),
    "a root with three ends": ("root", TWO, F(1), F(2), F(3)),
    "a root of a float": ("root", (-2.0, F(0), F(1)), F(1), F(2)),
    "a root between floats": ("root", TWO, 1.0, 2.0),
    "a root between terms": ("root", TWO, F(1), ("+", F(1), F(1))),
    "a root of a list": ("root", [F(-2), F(0), F(1)], F(1), F(2)),
    "a root of a number": ("root", F(2), F(1), F(2)),
    "a root of truth values": ("root", (F(-2), F(0), True), F(1), F(2)),
    "a root of a variable": ("root", (F(-2), "y", F(1)), F(1), F(2)),
    "a root of roots": ("root", (minus(SQRT2), F(0), F(1)), F(1), F(2)),
}


class Text(str):
    """A text that is more than a text."""

    __slots__ = ()


@pytest.mark.parametrize("value", [*ILL_FORMED.values(), (Text("sqrt"), F(2))], ids=[*ILL_FORMED, "a false text"])
def test_what_is_no_number_is_refused(value):
    false = ("=", F(0), F(1))
    assert accepted(false, {"y": F(1)})
    assert not accepted(false, {"x": value, "y": F(1)})
    assert not accepted(false, {"g": (F(1), value), "y": F(1)}, sequences=[Sequence("g")])


@pytest.mark.parametrize("value", [(F(1), F(2)), (), (SQRT2,)], ids=str)
def test_a_sequence_is_no_number(value):
    assert not accepted(("=", "x", F(0)), {"x": value})


def test_a_number_is_no_sequence():
    for n in (1, 2):
        assert not accepted(("=", ("at", "g", F(n)), F(5)), {"g": SQRT2, "sqrt": F(1)}, sequences=[Sequence("g")])
    assert accepted(("=", ("at", "g", F(1)), F(5)), {"g": (SQRT2,)}, sequences=[Sequence("g")])


def test_an_integer_variable_is_no_root():
    statement = Statement((("<", "n", F(0)),), (), ("n",))
    check(Certificate(statement, {"n": F(2)}, None))
    for value in (SQRT2, ("sqrt", F(4)), ("root", (F(-2), F(1)), F(1), F(3))):
        with pytest.raises(Rejected):
            check(Certificate(statement, {"n": value}, None))
