"""Hypotheses that contradict each other: reported as such, and nothing is proved or refuted from them."""

from fractions import Fraction as F

import pytest
import sympy as sp

from symopt.proof import Certificate, Rejected, Statement, check, every, prove

x, y, z = sp.symbols("x y z")
n = sp.Symbol("n", integer=True)
t = sp.Symbol("t", integer=True, nonnegative=True)
i = sp.Symbol("i", integer=True)
beta = sp.Symbol("beta", nonnegative=True)
f, g = sp.Function("f"), sp.Function("g")

COUNT = [sp.Eq(f(0), 0), sp.Eq(f(t), f(t - 1) + 1)]
SHOWN = {
    "x > 0 > x": lambda: [x > 0, x < 0],
    "two values": lambda: [sp.Eq(x, 1), sp.Eq(x, 2)],
    "a value and not": lambda: [sp.Eq(x, 1), sp.Ne(x, 1)],
    "a circle": lambda: [x > y, y > z, z > x],
    "a sum too small": lambda: [x >= 1, y >= 1, x + y < 2],
    "a negative square": lambda: [x**2 < 0],
    "a square of -1": lambda: [sp.Eq(x**2, -1)],
    "means": lambda: [x**2 + y**2 < 2 * x * y],
    "a product of zero": lambda: [sp.Eq(x, 0), sp.Eq(x * y, 1)],
    "a negative root": lambda: [x >= 0, sp.sqrt(x) < 0],
    "a negative modulus": lambda: [sp.Abs(x) < 0],
    "a maximum below": lambda: [sp.Max(x, y) < x],
    "a sign of 2": lambda: [sp.Eq(sp.sign(x), 2)],
    "a quotient": lambda: [x > 0, 1 / x <= 0],
    "a power": lambda: [beta <= 1, beta**t > 1],
    "a sum of squares": lambda: [sp.Sum(g(i) ** 2, (i, 1, t)) < 0],
    "a sequence": lambda: [*COUNT, sp.Eq(f(3), 5)],
    "one value of a sequence": lambda: [g(1) > 0, g(1) < 0],
    "every value": lambda: [every(i, g(i) > 1), g(2) < 0],
}
#: That these contradict each other takes more than real numbers and facts: it is only said that no point was found.
NOT_SHOWN = {
    "no integer between": lambda: [n > 0, n < 1],
    "no value": lambda: [every(i, g(i) ** 2 < 0)],
    "no half integer": lambda: [sp.Eq(2 * n, 1)],
    "no integer's square": lambda: [sp.Eq(n**2, 2)],
    "even and odd": lambda: [sp.Eq(n, 2 * t), sp.Eq(n, 2 * sp.Symbol("k", integer=True) + 1)],
    "a root of a negative number": lambda: [x < 0, sp.Eq(sp.sqrt(x), sp.sqrt(x))],
    "a division by zero": lambda: [sp.Eq(x, 0), sp.Eq(y / x, y / x)],
    "0 to a negative power": lambda: [sp.Eq(x, 0), sp.Eq(x**-2, x**-2)],
}
CLAIMS = {"1 = 2": lambda: sp.Eq(1, 2), "x = x": lambda: sp.Eq(x, x)}


def made(build):
    with sp.evaluate(False):
        return build()


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("name", SHOWN | NOT_SHOWN)
def test_nothing_follows_from_a_contradiction(name, claim):
    answer = prove(made(CLAIMS[claim]), made((SHOWN | NOT_SHOWN)[name]))
    assert (answer.verdict, answer.certificate, answer.witness) == ("unknown", None, None)
    if name in SHOWN:
        assert answer.reason == "the hypotheses contradict each other: anything would follow"
    else:
        assert "no point satisfying the hypotheses was found; they may contradict" in answer.reason


def test_hypotheses_that_hold_far_away_are_not_called_contradictory():
    answer = prove(made(lambda: sp.Eq(y, 0)), made(lambda: [sp.Eq(x**2, 12345**2), y > 0]))
    assert answer.verdict in ("refuted", "unknown")
    assert "anything would follow" not in answer.reason


@pytest.mark.parametrize("number", range(-3, 4))
def test_a_contradiction_is_no_proof_for_the_checker(number):
    """However right the reasoning: there is no point to go with it."""
    given = (("<", F(0), "x"), ("<", "x", F(0)))
    negative = ("*", F(-1), "x")
    absurd = ("absurd", (), ((), ((F(1), ("x",), F(1)), (F(1), (negative,), F(1))), ()))
    with pytest.raises(Rejected, match="the point does not satisfy the hypotheses"):
        check(Certificate(Statement((("=", F(1), F(2)),), given), {"x": F(number)}, absurd))
