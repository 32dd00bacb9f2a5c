"""Deceptions that an earlier checker accepted: texts and iterators in place of tuples, what terms alone know."""

from fractions import Fraction as F

import pytest

from symopt.proof import Certificate, Rejected, Statement, check

from .attack import ZERO, T, certificate, direct, fact, minus

GAP = ("+", "t", minus("x"))
NONEMPTY = ((), ((1, (("+", "t", minus("k")),), 1), (1, (("+", "k", -1),), 1), (1, (), 1)), ())  # t - k + k - 1 + 1

FALSE = {
    # checker.py looks for the variable in `integers`, which may be a text: "ab" is in "ab"
    "an induction over a real that a text of integers contains": Certificate(
        Statement((("!=", F(1, 2), "ab"),), (("<=", 0, "ab"),), "ab"),
        {"a": F(0), "b": F(0), "ab": F(0)},
        (
            "induction",
            "ab",
            0,
            direct(((), ((F(1, 2), (-1,), 1),), ())),
            direct(((), ((1, ("ab",), 1), (F(1, 2), (), 1)), ())),
        ),
    ),
    # a relation may be the text "<xt", which `put` takes for a variable and leaves as it is
    "a lemma spelt as a text, which no shift moves": certificate(
        ("<", ("+", "x", 1), "t"),
        ("lemma", ("<xt",), (0,), direct(fact(GAP)), ("shift", "t", 1, direct(fact(GAP)))),
        [("<", "x", "t")],
        {"x": F(0), "t": F(2)},
        ["t"],
    ),
    "a hypothesis spelt as a text, which no shift moves": certificate(
        ("<", ("+", "x", 1), "t"), ("shift", "t", 1, direct(fact(GAP))), ["<xt"], {"x": F(0), "t": F(2)}, ["t"]
    ),
    # hypotheses are looked at more than once, and need not be a tuple
    "a counterexample to hypotheses that can be read but once": Certificate(
        Statement((("<", 0, "x"),), iter([("<", 0, "x")])), {"x": F(0)}, None
    ),
    # normal.py takes what is free of the index out of a sum, though only its terms are known to be defined:
    # 1/t where 1 <= i <= t, but not at t = 0, where the sum is empty and 0
    "a divisor that is nonzero for the terms of a sum alone": certificate(
        ("=", ("sum", "i", 1, "t", ("/", 1, "t")), 1),
        direct(ZERO, steps=[("within", "k", 1, "t", (("show", ("<", 0, "t"), NONEMPTY),))]),
        [("<=", 0, "t")],
        T,
        ["t"],
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_deception_is_rejected(name):
    with pytest.raises(Rejected):
        check(FALSE[name])
