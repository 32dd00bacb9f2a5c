"""The traps that SymPy lays for proofs: none of them reaches a verdict."""

from fractions import Fraction

import pytest
import sympy as sp

from symopt.language import InputError
from symopt.proof import prove, statement

x, y, z = sp.symbols("x y z")
n = sp.Symbol("n", integer=True)
t = sp.Symbol("t", integer=True, nonnegative=True)
i = sp.Symbol("i", integer=True)
f = sp.Function("f")


def made(build):
    with sp.evaluate(False):
        return build()


# ---------------------------------------------------------------- each trap that the design names is really there
def test_x_over_x_drops_its_side_condition():
    assert x / x == 1
    answer = prove(made(lambda: sp.Eq(x / x, 1)))
    assert answer.verdict == "unknown"
    assert "a divisor may be zero: it is not known that x != 0" in answer.reason
    assert prove(made(lambda: sp.Eq(x / x, 1)), [sp.Ne(x, 0)]).proved


SAYS = {
    "x * (1/x)": (lambda: sp.Eq(x * (1 / x), 1), "x != 0"),
    "(x^2 - y^2)/(x - y)": (lambda: sp.Eq((x**2 - y**2) / (x - y), x + y), "!= 0"),
    "the square of a root": (lambda: sp.Eq(sp.sqrt(x) ** 2, x), "radicand may be negative"),
    "the root of a difference": (lambda: sp.Eq(sp.sqrt(x - y) ** 2, x - y), "may be negative: (-x) + y"),
    "a power with an exponent that may be negative": (lambda: sp.Eq(x**n * x, x ** (n + 1)), "n"),
    "a divisor within a sum": (lambda: sp.Eq(sp.Sum(i / i, (i, 0, t)), t + 1), "divisor"),
    "a divisor that is a sum of signs": (lambda: sp.Eq((x + y) / (x + y), 1), "!= 0"),
}


@pytest.mark.parametrize("name", SAYS)
def test_the_reason_names_the_side_condition(name):
    build, says = SAYS[name]
    answer = prove(made(build))
    assert answer.verdict == "unknown"
    assert says in answer.reason


def test_an_empty_sum_is_zero():
    assert prove(made(lambda: sp.Eq(sp.Sum(x, (i, 1, 0)), 0))).proved
    assert prove(made(lambda: sp.Eq(sp.Sum(f(i), (i, 1, t)), 0)), [made(lambda: sp.Le(t, 0))]).verdict != "refuted"


def test_a_reversed_sum_is_zero_and_not_karrs():
    # SymPy: Sum(1, (i, 1, -2)).doit() is -2
    assert sp.Sum(1, (i, 1, -2)).doit() == -2
    assert prove(made(lambda: sp.Eq(sp.Sum(1, (i, 1, -2)), 0))).proved
    assert prove(made(lambda: sp.Eq(sp.Sum(1, (i, 1, -2)), -2))).verdict == "refuted"


def test_a_sum_to_any_integer_is_no_polynomial():
    answer = prove(made(lambda: sp.Eq(sp.Sum(1, (i, 1, n)), n)))
    assert answer.verdict == "refuted"
    assert answer.witness["n"] < 0
    assert prove(made(lambda: sp.Eq(sp.Sum(1, (i, 1, n)), n)), [n >= 0]).proved


def test_a_sum_of_powers_at_beta_zero():
    beta = sp.Symbol("beta", nonnegative=True)
    assert sp.Sum(beta ** (t - i), (i, 1, t)).doit().subs({beta: 0, t: 3}) is sp.nan
    assert prove(made(lambda: sp.Eq(sp.Sum(beta ** (t - i), (i, 1, t)), 1)), [sp.Eq(beta, 0), sp.Eq(t, 3)]).proved
    weights = made(lambda: sp.Sum((1 - beta) * beta ** (t - i), (i, 1, t)))
    assert prove(made(lambda: sp.Eq(weights, 1 - beta**t)), [beta < 1]).proved
    at_zero = made(lambda: sp.Sum(sp.Integer(0) ** (t - i), (i, 1, t)))
    assert prove(made(lambda: sp.Eq(at_zero, 1)), [t >= 1]).verdict != "refuted"
    assert prove(made(lambda: sp.Eq(at_zero, 1))).verdict == "refuted", "at t = 0 the sum is empty"


def test_two_symbols_of_one_name_are_refused():
    assert sp.Symbol("x", positive=True) != x
    with pytest.raises(InputError, match=r"two different symbols are both called 'x'"):
        prove(made(lambda: sp.Eq(x, sp.Symbol("x", positive=True))))
    with pytest.raises(InputError, match="both called 'x'"):
        prove(made(lambda: sp.Le(0, x)), [sp.Symbol("x", positive=True) > 1])


def test_a_decimal_is_the_number_that_is_written():
    assert sp.Float(0.9) != sp.Rational(9, 10)
    assert sp.Rational(0.9) != sp.Rational(9, 10)
    assert prove(made(lambda: sp.Eq(x * sp.Float("0.9"), x * sp.Rational(9, 10)))).proved
    assert prove(made(lambda: sp.Eq(x * 0.9 + x * 0.1, x))).proved
    assert statement(made(lambda: sp.Eq(x, sp.Float(0.9)))).claim == (("=", "x", Fraction(9, 10)),)


@pytest.mark.parametrize("claim", [True, False, sp.true, sp.false, sp.Eq(x, x), sp.Eq(x / x, 1)])
def test_a_claim_that_is_already_evaluated_is_refused(claim):
    with pytest.raises(
        InputError, match=r"evaluated it before it could be read; build it inside sympy.evaluate\(False\)"
    ):
        prove(claim)
    with pytest.raises(InputError, match="evaluated"):
        prove(made(lambda: sp.Eq(x, 1)), [claim])


NO_ANSWER = {
    "a sum split": (lambda: sp.Sum(f(i), (i, 1, t + 1)), lambda: sp.Sum(f(i), (i, 1, t)) + f(t + 1), "proved"),
    "a choice": (lambda: sp.Max(f(t), 0), lambda: sp.Piecewise((f(t), f(t) > 0), (0, True)), "proved"),
    "another term": (lambda: f(t), lambda: f(t + 1), "refuted"),
}


@pytest.mark.parametrize("name", NO_ANSWER)
def test_where_equals_answers_none_the_proof_decides(name):
    left, right, verdict = NO_ANSWER[name]
    assert left().equals(right()) is None
    assert prove(made(lambda: sp.Eq(left(), right()))).verdict == verdict


def test_a_limit_on_positive_symbols_is_refused_and_not_believed():
    beta, s = sp.Symbol("beta", positive=True), sp.Symbol("s", positive=True)
    with pytest.raises(NotImplementedError):
        sp.limit(beta**s / (1 - beta**s), s, sp.oo)
    with pytest.raises(InputError, match=r"Limit .* is not in the language of proofs"):
        prove(made(lambda: sp.Eq(sp.Limit(beta**s, s, sp.oo), 0)), [beta < 1])


@pytest.mark.parametrize(
    "claim",
    [
        lambda: sp.Eq(x / 0, x / 0),
        lambda: sp.Eq(x / y, x / y),
        lambda: sp.Eq(y * (x / y), y * (x / y)),
        lambda: sp.Eq(sp.Piecewise((x / y, y > 0), (x / y, True)), x / y),
    ],
    ids=["x/0 is x/0", "x/y is x/y", "times y", "in both cases"],
)
def test_division_is_not_total_as_it_is_in_z3(claim):
    answer = prove(made(claim))  # where division is total, each of these is valid
    assert answer.verdict == "unknown"
    assert "divisor" in answer.reason


# ---------------------------------------------------------------- and others
def test_a_claim_true_from_one_on_is_refuted_at_zero():
    claim = made(lambda: sp.Eq(sp.Sum(1, (i, 1, t)) / t, 1))
    assert prove(claim).verdict == "unknown", "0/0 at t = 0 is undefined, which refutes nothing"
    claim = made(lambda: sp.Le(1, t))
    assert prove(claim).witness == {"t": 0}
    beta = sp.Symbol("beta", positive=True)
    claim = made(lambda: sp.Le(beta**t, beta))
    answer = prove(claim, [beta < 1])
    assert answer.verdict == "refuted"
    assert answer.witness["t"] == 0
    assert prove(claim, [beta < 1, t >= 1]).proved


@pytest.mark.parametrize(
    ("assumption", "says"),
    [("even", "even"), ("odd", "odd"), ("prime", "prime"), ("irrational", "irrational"), ("zero", "zero")],
)
def test_an_assumption_that_no_hypothesis_says_is_refused(assumption, says):
    with pytest.raises(InputError, match=f"'s' is .*{says}"):
        prove(made(lambda: sp.Eq(sp.Symbol("s", **{assumption: True}), 0)))


@pytest.mark.parametrize("assumption", [{"complex": True}, {"imaginary": True}, {"real": False}])
def test_a_symbol_that_is_not_real_is_refused(assumption):
    with pytest.raises(InputError, match="'s' is not real"):
        prove(made(lambda: sp.Eq(sp.Symbol("s", **assumption), 0)))


def test_two_recurrences_of_one_sequence_are_refused():
    with sp.evaluate(False):
        given = [sp.Eq(f(0), 0), sp.Eq(f(t), f(t - 1) + 1), sp.Eq(f(t), f(t - 1) + 2)]
        with pytest.raises(InputError, match="two recurrences define f"):
            prove(sp.Eq(f(t), t), given)


def test_a_recurrence_that_looks_further_back_is_not_believed():
    with sp.evaluate(False):
        answer = prove(sp.Eq(f(t), 0), [sp.Eq(f(0), 0), sp.Eq(f(t), f(t - 2))])
    assert answer.verdict == "unknown"


@pytest.mark.parametrize(
    "expr",
    [
        sp.sin(x),
        sp.atan(x),
        sp.gamma(x),
        sp.pi * x,
        sp.I * x,
        sp.oo,
        sp.nan,
        sp.zoo,
        sp.Product(x, (i, 1, 3)),
        sp.Integral(x, x),
        f(x, y),
    ],
    ids=str,
)
def test_what_is_outside_the_language_is_refused(expr):
    with pytest.raises(InputError):
        prove(made(lambda: sp.Eq(expr, y)))


@pytest.mark.parametrize(
    "claim", [x, 1, "x = 1", None, x + 1, sp.Or(x > 0, y > 0), sp.Not(sp.Or(x > 0, y > 0))], ids=str
)
def test_what_is_no_relation_is_refused(claim):
    with pytest.raises(InputError, match="claim"):
        prove(claim)
