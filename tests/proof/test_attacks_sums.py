"""Certificates made to deceive about what stands inside sums: facts about an index, choices, their total."""

from fractions import Fraction as F

import pytest

from symopt.proof import Rejected, Sequence, Statement, check, decide

from .attack import DIRECT, ZERO, certificate, direct, fact

T_FROM_0 = (("<=", F(0), "t"),)
AT_0 = {"t": F(0)}
G = (Sequence("g"),)


def total(body, low=F(1), high="t"):
    return ("sum", "i", low, high, body)


def within(*steps, low=F(1), high="t"):
    return ("within", "k", low, high, tuple(steps))


def show(relation, combination=ZERO):
    return ("show", relation, combination)


def about(claim, *steps, shown=ZERO, given=(), point=None):
    return certificate(claim, direct(shown, steps=steps), (*T_FROM_0, *given), {**AT_0, **(point or {})}, ["t"], G)


SQUARE = ("^", ("at", "g", "i"), 2)
FALSE = {
    "a sign inside a sum that nothing shows": about(
        ("<=", 0, total(("at", "g", "i"))),
        within(show(("<=", 0, ("at", "g", "k")), fact(("at", "g", "k")))),
        shown=fact(total(("at", "g", "i"))),
        point={"g": ()},
    ),
    "an index said to be at least 2": about(
        ("<=", ("*", 2, "t"), total("i")),
        within(show(("<=", 2, "k"), fact(("+", "k", -2)))),
        shown=fact(("+", total("i"), ("*", -2, "t"))),
    ),
    "an index said to be below the end of its sum": about(
        ("=", total(("/", 1, ("+", "t", ("*", -1, "i")))), total(("/", 1, ("+", "t", ("*", -1, "i"))))),
        within(show(("<", "k", "t"), fact(("+", "t", ("*", -1, "k"))))),
    ),
    "a fact about an empty sum's index used outside": certificate(
        ("<=", 1, 0),
        direct(
            fact(("*", -1, "x")),
            steps=[("within", "k", F(1), F(0), (show(("<=", 1, 0), fact(("+", "k", -1), ("*", -1, "k"))),))],
        ),
        point={"x": F(0)},
    ),
    "a fact from one sum used in a longer one": about(
        ("<=", 0, total(("+", "t", ("*", -1, "i")), high=("+", "t", 1))),
        within(show(("<=", "k", "t"), fact(("+", "t", ("*", -1, "k"))))),
        shown=fact(total(("+", "t", ("*", -1, "i")), high=("+", "t", 1))),
    ),
    "a hypothesis about every index from 1 used from 0": certificate(
        ("<=", 0, total(("at", "g", ("+", "i", -1)))),
        direct(
            fact(total(("at", "g", ("+", "i", -1)))),
            steps=[within(("instance", F(1), ("+", "k", -1)))],
        ),
        (*T_FROM_0, ("<=", 0, ("at", "g", "#"))),
        {"t": F(0), "g": ()},
        ["t"],
        G,
    ),
    "a divisor inside a sum that may vanish": about(
        ("=", total(("/", 1, ("at", "g", "i"))), total(("/", 1, ("at", "g", "i")))), point={"g": ()}
    ),
    "a choice inside a sum said to be its first branch": about(
        ("=", total(("abs", ("at", "g", "i"))), total(("at", "g", "i"))), point={"g": ()}
    ),
    "a choice inside a sum said to be positive": about(
        ("<=", 0, total(("max", ("at", "g", "i"), -1))),
        shown=fact(total(("max", ("at", "g", "i"), -1))),
        point={"g": ()},
    ),
    "a root in one branch of a choice inside a sum": about(
        (
            "=",
            total(("if", 0, "x", ("sqrt", ("at", "g", "i")), 0)),
            total(("if", 0, "x", ("sqrt", ("at", "g", "i")), 0)),
        ),
        point={"g": (), "x": F(0)},
    ),
    "a step inside a sum that is no step": about(("=", total("i"), total("i")), within(("suppose", ("<=", 2, "k")))),
    "a name renamed into an operation": about(
        ("<=", 0, total(("at", "g", "i"))),
        ("within", "at", F(1), "t", (show(("<=", 0, ("at", "g", "at")), fact(("at", "g", "at"))),)),
        shown=fact(total(("at", "g", "i"))),
        point={"g": ()},
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_it_is_rejected(name):
    with pytest.raises(Rejected):
        check(FALSE[name])


TRUE = {
    "squares add up to a nonnegative sum": about(
        ("<=", 0, total(("^", ("+", ("at", "g", "i"), -1), 2))),
        within(
            show(("<=", 0, ("^", ("+", ("at", "g", "k"), -1), 2)), ((), ((1, (), ("+", ("at", "g", "k"), -1)),), ()))
        ),
        shown=fact(total(("^", ("+", ("at", "g", "i"), -1), 2))),
        point={"g": ()},
    ),
    "what is shown of the index": about(
        ("=", total(("/", 1, ("+", "i", 1))), total(("/", 1, ("+", "i", 1)))),
        within(show(("<", 0, ("+", "k", 1)), ((), ((1, (("+", "k", -1),), 1), (2, (), 1)), ()))),
    ),
    "moduli": certificate(
        ("<=", 0, total(("abs", ("at", "g", "i")))),
        direct(fact(total(("abs", ("at", "g", "i"))))),
        T_FROM_0,
        {"t": F(0), "g": ()},
        ["t"],
        G,
    ),
}


@pytest.mark.parametrize("name", TRUE)
def test_its_true_neighbour_is_accepted(name):
    check(TRUE[name])


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [
        (("sum", "i", F(1), "t", ("/", F(1), ("sqrt", "i"))), ("*", F(2), ("sqrt", "t")), "proved"),
        (
            ("abs", ("sum", "i", F(1), "t", ("at", "g", "i"))),
            ("sum", "i", F(1), "t", ("abs", ("at", "g", "i"))),
            "proved",
        ),
        (
            ("sum", "i", F(1), "t", ("abs", ("at", "g", "i"))),
            ("abs", ("sum", "i", F(1), "t", ("at", "g", "i"))),
            "refuted",
        ),
        (("sum", "i", F(1), "t", ("/", F(1), ("*", "i", ("+", "i", F(1))))), F(1), "proved"),
        (F(0), ("sum", "i", F(1), "t", ("max", ("at", "g", "i"), F(0))), "proved"),
    ],
)
def test_the_search_reaches_inside_sums(left, right, verdict):
    assert decide(Statement((("<=", left, right),), T_FROM_0, ("t",), G)).verdict == verdict


def test_a_direct_proof_alone_is_no_proof():
    with pytest.raises(Rejected):
        check(certificate(("<=", 0, total(("at", "g", "i"))), DIRECT, T_FROM_0, {"t": F(0), "g": ()}, ["t"], G))
