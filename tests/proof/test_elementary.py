"""exp, log, roots and real powers: what is proved and refuted of them, and how they are enclosed."""

from fractions import Fraction

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from symopt.proof import prove
from symopt.proof.certificate import Certificate, Statement
from symopt.proof.checker import Rejected, check
from symopt.proof.elementary import exp_between, log_between, rational_power

x, y, a = sp.symbols("x y a")
n = sp.Symbol("n", integer=True)


def third(value, times=1):
    return sp.Pow(value, sp.Rational(times, 3))


TRUE = {
    "exp is positive": lambda: (sp.exp(x) > 0, []),
    "a sigmoid lies below 1": lambda: (1 / (1 + sp.exp(-x)) < 1, []),
    "a sigmoid is at least a half": lambda: (sp.exp(-abs(x)) > 0, []),
    "exp of nothing": lambda: (sp.Eq(sp.exp(x - x), 1), []),
    "log of one": lambda: (sp.Eq(sp.log(1 + x - x), 0), []),
    "the cube of a cube root": lambda: (sp.Eq(third(x) ** 3, x), [x >= 0]),
    "two thirds": lambda: (sp.Eq(third(x, 2), third(x) ** 2), [x >= 0]),
    "minus two thirds": lambda: (sp.Eq(third(x, -2) * third(x) ** 2, 1), [x > 0]),
    "a power of what is at least 1": lambda: (sp.Pow(n, a) >= 1, [n >= 1, a >= 0]),
    "a power of one": lambda: (sp.Eq(sp.Pow(1 + x - x, a), 1), []),
}
FALSE = {
    "exp is at least 1": lambda: (sp.exp(x) >= 1, []),
    "log is not negative": lambda: (sp.log(x) >= 0, [x > 0]),
    "exp of a sum is a sum": lambda: (sp.Eq(sp.exp(x + y), sp.exp(x) + sp.exp(y)), []),
    "a cube root is at most its cube": lambda: (third(x) <= x, [x >= 0]),
    "a power is at least 1": lambda: (sp.Pow(n, a) >= 1, [n >= 1]),
}
#: Claims about what has no value somewhere: true wherever it has one, and proved only with the hypothesis.
UNDEFINED = {
    "log of a number that may be negative": lambda: (sp.Eq(sp.log(x) - sp.log(x), 0), []),
    "log of a number that may be 0": lambda: (sp.Eq(sp.log(x) - sp.log(x), 0), [x >= 0]),
    "a real power of a number that may be negative": lambda: (sp.Eq(sp.Pow(x, a) - sp.Pow(x, a), 0), []),
    "a cube root of a number that may be negative": lambda: (sp.Eq(third(x) - third(x), 0), []),
}


def ask(made):
    with sp.evaluate(False):
        claim, given_ = made()
    return prove(claim, given_)


@pytest.mark.parametrize("name", TRUE)
def test_what_is_true_is_proved(name):
    answer = ask(TRUE[name])
    assert answer.proved, answer.reason


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_refuted(name):
    assert ask(FALSE[name]).verdict == "refuted"


@pytest.mark.parametrize("name", UNDEFINED)
def test_what_may_have_no_value_is_not_proved(name):
    assert ask(UNDEFINED[name]).verdict != "proved"


@pytest.mark.parametrize(
    "claim",
    [
        ("<", Fraction(1), ("exp", "x")),
        ("=", ("log", "x"), ("log", "x")),
        ("=", ("^", "x", Fraction(1, 3)), ("^", "x", Fraction(1, 3))),
        ("<=", Fraction(0), ("log", Fraction(2))),
        ("=", ("exp", ("+", "x", "y")), ("*", ("exp", "x"), ("exp", "y"))),  # true, and no rule of the checker
    ],
    ids=str,
)
def test_the_checker_refuses_what_it_has_no_ground_for(claim):
    point = {name: Fraction(1) for name in ("x", "y") if name in str(claim)}
    with pytest.raises(Rejected):
        check(Certificate(Statement((claim,)), point, ("direct", (), (((), (), ()),))))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.fractions(min_value=-300, max_value=300, max_denominator=10**6), st.sampled_from([20, 80, 400]))
def test_enclosures_hold_the_value_and_are_narrow(value, bits):
    with mpmath.workprec(bits + 600):
        number = mpmath.mpf(value.numerator) / value.denominator
        cases = [(exp_between(value, value, bits), mpmath.exp(number))]
        if value > 0:
            cases.append((log_between(value, value, bits), mpmath.log(number)))
        for (low, high), exact in cases:
            below, above = (mpmath.mpf(end.numerator) / end.denominator for end in (low, high))
            assert below <= exact <= above
            assert above - below <= mpmath.mpf(2) ** -bits * max(abs(exact), 1)


def test_roots_that_are_rational():
    assert rational_power(Fraction(8, 27), Fraction(-2, 3)) == Fraction(9, 4)
    assert rational_power(Fraction(2), Fraction(1, 3)) is None
