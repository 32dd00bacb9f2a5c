"""Z3 may find witnesses, which the checker judges; whatever else it says is no verdict."""

import subprocess
import sys
from collections import Counter
from fractions import Fraction as F
from pathlib import Path

import pytest
import sympy as sp

from symopt import theorems
from symopt.proof import Certificate, Statement, check, prove, statement
from symopt.proof import witness as witnesses
from symopt.proof.oracle import Answer, ask
from symopt.theorems import OPPOSITE

pytest.importorskip("z3", reason="the oracle extra is not installed")

ROOT = Path(__file__).parents[2]
x, y = sp.symbols("x y")
n, k = sp.symbols("n k", integer=True)
t = sp.Symbol("t", integer=True, nonnegative=True)
f = sp.Function("f")


def made(build):
    with sp.evaluate(False):
        return build()


def asked(claim, given=()):
    return ask(statement(made(lambda: claim()), made(lambda: given() if callable(given) else given)), refuting=True)


#: Found by Z3 and by nothing else here: the claim, its hypotheses.
ONLY_Z3 = {
    "factors": (lambda: sp.Ne(n * k, 391), [n > 1, k > n]),
    "an algebraic point far out": (lambda: sp.Ne(x**3 * y - y**3 + x, sp.Rational(7, 3)), [x > 17, y < -23]),
}


@pytest.mark.parametrize("name", ONLY_Z3)
def test_a_witness_that_only_z3_finds_is_judged_and_counts(name):
    claim, given = ONLY_Z3[name]
    question = statement(made(claim), given)
    assert witnesses.find_counterexample(question) is None
    assert witnesses.solve_for_counterexample(question) is None
    answer = prove(made(claim), given)
    assert answer.verdict == "refuted"
    check(answer.certificate)


def test_a_point_that_only_z3_finds_shows_that_the_hypotheses_can_be_met():
    answer = prove(made(lambda: n * k > 0), [sp.Eq(n * k, 391), n > 1, k > n])
    assert answer.verdict == "proved"
    assert answer.certificate.point == {"n": 17, "k": 23}


#: True, or nowhere false, and not proved here.
NO_COUNTEREXAMPLE = {
    "x/x": (lambda: sp.Eq(x / x, 1), []),
    "0/x": (lambda: sp.Eq(0 / x, 0), []),
    "the square of a root": (lambda: sp.Eq(sp.sqrt(x) ** 2, x), []),
    "a root is not negative": (lambda: sp.sqrt(x) >= 0, []),
    "a product of roots": (lambda: sp.Eq(sp.sqrt(x) * sp.sqrt(y), sp.sqrt(x * y)), []),
    "what has no value there is not false": (lambda: sp.Ne(1 / x, 1 / x + sp.Abs(x)), []),
    "different irrationals": (lambda: sp.Ne(x, y), [sp.Eq(x**2, 2), sp.Eq(y**3, 3), x > 0]),
}


@pytest.mark.parametrize("name", NO_COUNTEREXAMPLE)
def test_what_only_z3_says_is_unknown(name):
    claim, given = NO_COUNTEREXAMPLE[name]
    assert asked(claim, given).says == "unsat"
    answer = prove(made(claim), given)
    assert (answer.verdict, answer.certificate) == ("unknown", None)
    assert answer.reason.startswith("oracle only: Z3 finds no counterexample; ")


#: What has no value is not false; what Z3 itself makes of a quotient or a root would say otherwise.
STATEMENTS = {
    "a quotient of zero": (Statement((("=", ("/", "x", "x"), F(1)),)), "unsat"),
    "a quotient that is not one": (Statement((("=", ("/", "x", F(2)), "x"),)), "sat"),
    "a root of what is negative": (Statement((("<=", F(0), ("+", "x", ("*", F(0), ("sqrt", "x")))),)), "unsat"),
    "a claim after one without value": (
        Statement((("=", ("/", F(1), "x"), ("/", F(1), "x")), ("!=", "x", F(0)))),
        "unsat",
    ),
    "a claim before one without value": (
        Statement((("!=", "x", F(0)), ("=", ("/", F(1), "x"), ("/", F(1), "x")))),
        "sat",
    ),
    "a hypothesis without value": (
        Statement((("!=", "x", F(0)),), (("=", ("/", F(1), "x"), ("/", F(1), "x")),)),
        "unsat",
    ),
    "a hypothesis with a value": (Statement((("!=", "x", F(0)),), (("<=", F(0), ("sqrt", "x")),)), "sat"),
    "the branch not taken": (
        Statement((("<=", ("if", F(1), "x", ("sqrt", ("+", "x", F(-1))), F(0)), F(5)),), (("<=", "x", F(0)),)),
        "unsat",
    ),
    "the branch not taken has no value": (
        Statement((("!=", ("if", F(0), "x", "x", ("sqrt", ("*", F(-1), "x"))), F(3)),), (("<", F(2), "x"),)),
        "sat",
    ),
    "the branch taken has no value": (
        Statement((("!=", ("if", F(0), "x", "x", ("sqrt", "x")), F(3)),), (("<", "x", F(2)),)),
        "unsat",
    ),
    "the power 0 of what has no value": (
        Statement((("=", ("^", ("/", F(1), "x"), F(0)), "x"),), (("=", "x", F(0)),)),
        "unsat",
    ),
    "0^0": (Statement((("=", ("^", "x", F(0)), F(0)),), (("=", "x", F(0)),)), "sat"),
    "a negative power": (Statement((("=", ("^", "x", F(-2)), F(4)),), (("<", F(0), "x"),)), "sat"),
    "an empty sum": (Statement((("!=", ("sum", "i", F(3), F(1), ("/", F(1), "x")), "x"),)), "sat"),
    "a short sum": (Statement((("!=", ("sum", "i", F(1), F(3), ("*", "i", "x")), F(3)),)), "sat"),
    "an integer": (Statement((("!=", ("*", F(2), "n"), F(1)),), (), ("n",)), "unsat"),
    "a real": (Statement((("!=", ("*", F(2), "n"), F(1)),)), "sat"),
    "sign, max, min, abs": (
        Statement((("=", ("max", ("sign", "x"), ("min", ("abs", "x"), F(-2))), F(-1)),), (("<", "x", F(0)),)),
        "unsat",
    ),
    "a sequence": (Statement((("=", ("at", "g", F(1)), F(1)),)), "unknown"),
    "a symbolic exponent": (Statement((("=", ("^", "x", "n"), F(1)),), (), ("n",)), "unknown"),
    "a symbolic end": (Statement((("=", ("sum", "i", F(1), "n", "i"), F(1)),), (), ("n",)), "unknown"),
    "every index": (Statement((("=", "x", F(1)),), (("<", "#", "x"),)), "unknown"),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_quotients_and_roots_mean_what_they_mean_to_the_checker(name):
    question, says = STATEMENTS[name]
    answer = ask(question, refuting=True)
    assert answer.says == says
    assert (answer.point is not None) == (says == "sat")
    if says == "sat":
        check(Certificate(question, answer.point, None))


@pytest.mark.parametrize(
    ("given", "says"), [([x > 0, sp.Eq(x**3, 2)], "sat"), ([x > 0, x < 0], "unsat"), ([sp.Eq(f(1), 1)], "unknown")]
)
def test_points_of_the_hypotheses(given, says):
    answer = ask(statement(sp.Ne(x, y), given), refuting=False)
    assert answer.says == says
    if says == "sat":
        assert answer.point == {"x": ("root", (F(-2), F(0), F(0), F(1)), F(1), F(2))}


@pytest.mark.parametrize(
    "answer",
    [
        Answer("sat", {"x": F(1)}),
        Answer("sat", {"x": ("sqrt", F(-1))}),
        Answer("sat", {}),
        Answer("sat"),
        Answer("sat", {"x": "x"}),
    ],
)
def test_a_lie_is_no_verdict(answer, monkeypatch):
    """Whatever Z3 says: a false point refutes nothing, and a proof is no proof of Z3's."""
    monkeypatch.setattr(witnesses, "ask", lambda *_, **__: answer)
    told = prove(made(lambda: sp.Eq(x / x, 1)))
    assert (told.verdict, told.certificate) == ("unknown", None)
    assert "oracle" not in told.reason
    told = prove(made(lambda: sp.Eq(x, x + 1)), [sp.Eq(f(1000), 1)])
    assert told.verdict == "unknown"


def test_unsat_refutes_nothing_and_proves_nothing(monkeypatch):
    monkeypatch.setattr(witnesses, "ask", lambda *_, **__: Answer("unsat"))
    assert prove(made(lambda: x**2 >= 0)).proved
    assert prove(made(lambda: x**2 > 0)).verdict == "refuted"
    claim = sp.Ne(n * k, 391)  # false, at 17 and 23
    told = prove(claim, [n > 1, k > n])
    assert told.verdict == "unknown"
    assert told.reason.startswith("oracle only: ")


SHORT = [
    theorem for theorem in theorems.load() if not theorem.statement.sequences and len(str(theorem.statement)) < 400
]


def test_z3_contradicts_no_verdict_of_the_library():
    """As far as its answers go: no counterexample to what is proved, and one to what is refuted."""
    assert len(SHORT) > 50
    answers = Counter()
    for theorem in SHORT:
        for question, verdict in ((theorem.statement, theorem.expected), (theorem.mutant, OPPOSITE[theorem.expected])):
            answers[verdict, ask(question, refuting=True).says] += 1
    assert not answers["proved", "sat"]
    assert not answers["refuted", "unsat"]
    assert answers["proved", "unsat"] > 50
    assert answers["refuted", "sat"] > 50


def test_the_same_answer_twice():
    for claim, given in (*ONLY_Z3.values(), *NO_COUNTEREXAMPLE.values()):
        assert asked(claim, given) == asked(claim, given)


WITHOUT = """
import sys
sys.modules["z3"] = None  # as if it were not installed
import sympy as sp
from symopt.proof import prove

x, n, k = sp.Symbol("x"), *sp.symbols("n k", integer=True)
with sp.evaluate(False):
    answers = [prove(sp.Eq(x / x, 1)), prove(sp.Ne(n * k, 391), [n > 1, k > n]), prove(sp.Ne(x**2, 2))]
print([(a.verdict, a.reason[:6]) for a in answers])
"""


def test_without_z3_nothing_else_changes():
    run = subprocess.run([sys.executable, "-c", WITHOUT], cwd=ROOT, capture_output=True, text=True, check=True)
    answers = [("unknown", "a divi"), ("unknown", "no cer"), ("refuted", "")]
    assert run.stdout.strip() == str(answers)


LOADED = """
import sys, sympy as sp
from symopt.proof import prove
x = sp.Symbol("x")
assert prove(x**2 >= 0).proved and prove(x**2 > x).verdict == "refuted"
print("z3" in sys.modules)
"""


def test_z3_is_loaded_only_where_all_else_failed():
    run = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
