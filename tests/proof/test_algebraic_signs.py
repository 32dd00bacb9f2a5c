"""The signs of algebraic numbers are those that mpmath tells."""

from fractions import Fraction as F
from math import prod

import mpmath
from hypothesis import given, settings
from hypothesis import strategies as st

from symopt.proof import Statement
from symopt.proof.algebraic import TooClose
from symopt.proof.evaluation import Evaluation

from .algebraic_numbers import CUBE2, SQRT2, TWO, holds, number

SMALL = st.fractions(-5, 5, max_denominator=6)
POSITIVE = st.fractions(F(1, 6), 7, max_denominator=6)
ATOMS = st.one_of(
    SMALL,
    POSITIVE.map(lambda n: ("sqrt", n)),
    st.sampled_from([CUBE2, SQRT2, ("root", (F(-1), F(-1), F(0), F(1)), F(1), F(2)), ("root", TWO, F(1), F(2))]),
)


def grown(inner):
    squared = inner.map(lambda t: ("*", t, t))
    return st.one_of(
        st.tuples(st.just("+"), inner, inner),
        st.tuples(st.just("*"), inner, inner),
        st.tuples(st.just("/"), inner, squared.map(lambda t: ("+", F(1), t))),
        squared.map(lambda t: ("sqrt", t)),
        st.tuples(st.just("sqrt"), st.tuples(st.just("+"), POSITIVE, squared)),
        st.tuples(st.just("^"), inner, st.sampled_from([F(2), F(3), F(0)])),
    )


TERMS = st.recursive(ATOMS, grown, max_leaves=5)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(TERMS, TERMS)
def test_signs_agree_with_mpmath(a, b):
    try:
        told = [holds((op, a, b)) for op in ("<", "=", "<=", "!=")]
    except TooClose:
        assert degree_of(("+", a, b)) > 8
        return
    with mpmath.workdps(300):
        gap = number(b) - number(a)
        sign = 0 if abs(gap) < mpmath.mpf(10) ** -200 else gap
        assert told == [sign > 0, sign == 0, sign >= 0, sign != 0]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(TERMS, TERMS)
def test_identities_are_told(a, b):
    """(a + b)^2 = a^2 + 2 a b + b^2, unless the degree is too high."""
    left, right = ("^", ("+", a, b), F(2)), ("+", ("*", a, a), ("*", F(2), a, b), ("*", b, b))
    try:
        assert holds(("=", left, right))
    except TooClose:
        assert degree_of(left) > 8


def degree_of(term):
    evaluation = Evaluation(Statement(()), {})
    evaluation.value(term)
    return prod(degree for _, degree in evaluation.reals.roots.values())
