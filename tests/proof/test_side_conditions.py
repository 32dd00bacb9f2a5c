"""Divisors that may be zero, radicands that may be negative: nothing is proved until the hypotheses exclude them."""

import pytest
import sympy as sp

from symopt.proof import prove

from .meaning import refutes

x, y, z = sp.symbols("x y z")
n = sp.Symbol("n", integer=True)
t = sp.Symbol("t", integer=True, nonnegative=True)
i = sp.Symbol("i", integer=True)
beta = sp.Symbol("beta", nonnegative=True)
f, g = sp.Function("f"), sp.Function("g")

ROOT = sp.sqrt(x)
#: Claim, hypotheses that leave a gap, and the hypothesis that closes it. Built without evaluation.
OPEN = {
    # on both sides, where it looks like a truism
    "1/x = 1/x": lambda: (sp.Eq(1 / x, 1 / x), [], sp.Ne(x, 0)),
    "a root is itself": lambda: (sp.Eq(ROOT, ROOT), [], x >= 0),
    "a power is itself": lambda: (sp.Eq(x**n, x**n), [], n >= 0),
    # in quotients
    "of itself": lambda: (sp.Eq(x / x, 1), [], sp.Ne(x, 0)),
    "of a difference": lambda: (sp.Eq((x - y) / (x - y), 1), [], sp.Ne(x, y)),
    "of a modulus": lambda: (sp.Eq(sp.Abs(x) / sp.Abs(x), 1), [], x < 0),
    "of a quotient": lambda: (sp.Eq(1 / (1 / x), x), [], x > 0),
    "of a root": lambda: (sp.Eq(x / ROOT, ROOT), [x >= 0], sp.Ne(x, 0)),
    "of 1 - beta^t": lambda: (sp.Eq((1 - beta**t) / (1 - beta**t), 1), [beta < 1], t >= 1),
    "of 1 - beta": lambda: (sp.Eq((1 - beta**2) / (1 - beta), 1 + beta), [beta <= 1], sp.Ne(beta, 1)),
    # multiplied by 0, subtracted from itself
    "times 0": lambda: (sp.Eq(0 * (1 / x), 0), [], sp.Ne(x, 0)),
    "0 divided": lambda: (sp.Eq(0 / x, 0), [], sp.Ne(x, 0)),
    "a root times 0": lambda: (sp.Eq(0 * ROOT, 0), [], x >= 0),
    "minus itself": lambda: (sp.Eq(1 / x - 1 / x, 0), [], x > 0),
    # inside powers
    "in a square": lambda: (sp.Eq((1 / x) ** 2 * x**2, 1), [], sp.Ne(x, 0)),
    "a root in a square": lambda: (sp.Eq(ROOT**2, x), [], x >= 0),
    "a root in a fourth power": lambda: (sp.Eq(ROOT**4, x**2), [], x >= 0),
    "a root of a fourth power's root": lambda: (sp.Eq(sp.sqrt(ROOT) ** 4, x), [], x >= 0),
    "to the power 0": lambda: (sp.Eq((1 / x) ** 0, 1), [], sp.Ne(x, 0)),
    "a root to the power 0": lambda: (sp.Eq(ROOT**0, 1), [], x >= 0),
    "to the power t": lambda: (sp.Eq((1 / x) ** t, (1 / x) ** t), [], sp.Ne(x, 0)),
    # in inequalities
    "in a sign": lambda: (1 / x**2 > 0, [], sp.Ne(x, 0)),
    "a root in a sign": lambda: (ROOT >= 0, [], x >= 0),
    "against an order": lambda: (1 / x <= 1, [x >= 1 - y], sp.Eq(y, 0)),
    # in case distinctions
    "in a condition": lambda: (sp.Eq(sp.Piecewise((1, 1 / x > 0), (1, True)), 1), [], sp.Ne(x, 0)),
    "in the condition's right side": lambda: (sp.Eq(sp.Piecewise((y, y <= ROOT), (y, True)), y), [], x >= 0),
    "in a branch": lambda: (sp.Eq(sp.Piecewise((x / x, x >= y), (1, True)), 1), [y >= 0], y > 0),
    "in the other branch": lambda: (sp.Eq(sp.Piecewise((1, x > 0), (x / x, True)), 1), [], x > 0),
    "under max": lambda: (sp.Eq(sp.Max(1 / x, y), sp.Max(y, 1 / x)), [], sp.Ne(x, 0)),
    "under min": lambda: (sp.Min(ROOT, 0) <= 0, [], x >= 0),
    "under a modulus": lambda: (sp.Abs(1 / x) >= 0, [], sp.Ne(x, 0)),
    "under a sign": lambda: (sp.sign(ROOT) ** 2 <= 1, [], x >= 0),
    # in sums
    "in a sum": lambda: (sp.Eq(sp.Sum(1 / x, (i, 1, t)), t / x), [], sp.Ne(x, 0)),
    "an index in a sum": lambda: (sp.Eq(sp.Sum(i / i, (i, n, n + 2)), 3), [n >= 0], n >= 1),
    "one term of a sum": lambda: (sp.Eq(sp.Sum(1 / (i - x), (i, 1, 2)), 1 / (1 - x) + 1 / (2 - x)), [x <= 2], x < 1),
    "a root in a sum": lambda: (sp.Eq(sp.Sum(ROOT**2, (i, 1, t)), t * x), [], x >= 0),
    "a sum below": lambda: (sp.Eq(sp.Sum(x**2, (i, 1, t)) / sp.Sum(x**2, (i, 1, t)), 1), [x > 0], t >= 1),
    "a sum's empty range": lambda: (sp.Eq(t / sp.Sum(1, (i, 1, t)), 1), [], t >= 1),
    # in recurrences
    "in a recurrence": lambda: (
        sp.Eq(f(t), 1),
        [sp.Eq(f(0), 1), sp.Eq(f(t), f(t - 1) * x / x)],
        sp.Ne(x, 0),
    ),
    "a root in a recurrence": lambda: (
        sp.Eq(f(t), t * x),
        [sp.Eq(f(0), 0), sp.Eq(f(t), f(t - 1) + ROOT**2)],
        x >= 0,
    ),
    "a state below": lambda: (
        sp.Eq(f(t) / (f(t) + y), 1 - y / (f(t) + y)),
        [sp.Eq(f(0), 0), sp.Eq(f(t), f(t - 1) + g(t) ** 2), y >= 0],
        y > 0,
    ),
    "a start": lambda: (sp.Eq(f(t), 1 / x), [sp.Eq(f(0), 1 / x), sp.Eq(f(t), f(t - 1))], sp.Ne(x, 0)),
    # in hypotheses: what a hypothesis divides by is not known to be nonzero
    "in a hypothesis": lambda: (sp.Eq(y, x), [sp.Eq(y / x, 1)], x > 0),
    "a root in a hypothesis": lambda: (y <= z, [y <= ROOT, z >= ROOT], x >= 0),
    "a hypothesis about what it divides by": lambda: (sp.Eq(x / x, 1), [y <= 1 / x], x < 0),
    "a hypothesis multiplied out": lambda: (y <= x, [y / x <= 1], x > 0),
}


def made(name):
    with sp.evaluate(False):
        return OPEN[name]()


@pytest.mark.parametrize("name", OPEN)
def test_an_open_side_condition_leaves_the_claim_unknown(name):
    claim, given, _ = made(name)
    answer = prove(claim, given)
    assert answer.verdict != "proved"
    if answer.verdict == "refuted":  # elsewhere than at the gap
        assert refutes(answer.certificate.statement, answer.witness)


@pytest.mark.parametrize("name", OPEN)
def test_once_it_is_closed_the_claim_is_proved(name):
    claim, given, condition = made(name)
    answer = prove(claim, [*given, condition])
    assert answer.proved, answer.reason
