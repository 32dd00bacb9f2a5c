"""Witnesses: small rationals where there are some, algebraic numbers where there are none, in every form they take."""

import json
import shutil
from fractions import Fraction as F

import pytest
import sympy as sp

from symopt.present.steps import show_point, steps
from symopt.present.verdicts import sides
from symopt.proof import Certificate, check, prove, show, show_value
from symopt.proof.evaluation import is_term
from symopt.proof.rocq import run_rocq
from symopt.proof.store import keep, recall, remember

x, y, z = sp.symbols("x y z")
n = sp.Symbol("n", integer=True)
t = sp.Symbol("t", integer=True, nonnegative=True)
i = sp.Symbol("i", integer=True)
f, g, m = map(sp.Function, "fgm")
SQRT2, R = ("sqrt", F(2)), sp.Rational


def root(k):
    return sp.sqrt(sp.Integer(k))


def made(build):
    with sp.evaluate(False):
        return build()


#: name -> (claim, hypotheses, the witness as it is shown)
ALGEBRAIC = {
    "no rational squares to 2": (lambda: sp.Ne(x**2, 2), [], {"x": "sqrt(2)"}),
    "none cubes to 2": (lambda: sp.Ne(x**3, 2), [], {"x": "root of x^3 - 2 in (1, 2) = 1.25992..."}),
    "a bound that the hypotheses miss": (lambda: x > R(3, 2), [x > 0, sp.Eq(x**2, 2)], {"x": "sqrt(2)"}),
    "of degree 4": (lambda: sp.Ne(x**4 - 10 * x**2 + 1, 0), [], {"x": "sqrt(2) + sqrt(3)"}),
    "a square's only zeros": (lambda: (x**2 - 2) ** 2 > 0, [], {"x": "sqrt(2)"}),
    "a cubic's only zero": (lambda: (x**3 - x - 1) ** 2 > 0, [], {"x": "root of x^3 - x - 1 in (1, 2) = 1.32471..."}),
    "two variables": (lambda: (x**2 - 2) ** 2 + (y - 1) ** 2 > 0, [], {"x": "sqrt(2)", "y": "1"}),
    "two equations": (
        lambda: x < 1,
        [sp.Eq(x**2 + y**2, 3), sp.Eq(x * y, 1)],
        {"x": "(1/2) + (1/2)*sqrt(5)", "y": "(-1/2) + (1/2)*sqrt(5)"},
    ),
    "the top of a circle": (
        lambda: x + y < root(2),
        [sp.Eq(x**2 + y**2, 1)],
        {"x": "(1/2)*sqrt(2)", "y": "(1/2)*sqrt(2)"},
    ),
    "an inequality that leaves one point": (lambda: x < 0, [x**2 <= 2, x**2 >= 2], {"x": "sqrt(2)"}),
    "an end of an interval": (lambda: x < root(2), [x**2 <= 2], {"x": "sqrt(2)"}),
    "under a root": (lambda: sp.Ne(sp.sqrt(x) + x, 3), [x >= 0], {"x": "(7/2) + (-1/2)*sqrt(13)"}),
    "under a modulus": (lambda: sp.Ne(sp.Abs(x**2 - 3), 0), [], {"x": "sqrt(3)"}),
    "a value of a sequence": (lambda: sp.Ne(f(2), sp.sqrt(f(1))), [sp.Eq(f(1), 2)], {"f": "(2, sqrt(2))"}),
    "a recurrence": (
        lambda: sp.Ne(m(2), 1),
        [sp.Eq(m(0), 0), sp.Eq(m(t), x * m(t - 1) + x), x > 0],
        {"t": "0", "x": "(-1/2) + (1/2)*sqrt(5)"},
    ),
}
RATIONAL = {
    "roots alone": (lambda: sp.Ne(root(2) * root(3), root(6)), [], {}),
    "nested roots": (lambda: sp.Ne(sp.sqrt(5 + 2 * root(6)), root(2) + root(3)), [], {}),
    "near an irrational zero": (lambda: (x**2 - 2) ** 2 > R(1, 10**8), [], {"x": "1393/985"}),
    "near an irrational minimum": (lambda: x**4 - 4 * x**2 + R(3999, 1000) > 0, [], {"x": "140/99"}),
    "a line": (lambda: x * y < R(1, 5), [sp.Eq(x + y, 1)], None),
    "a plane": (lambda: x * y * z < R(1, 27), [x > 0, y > 0, z > 0, sp.Eq(x + y + z, 1)], dict.fromkeys("xyz", "1/3")),
    "a circle": (lambda: x + y <= R(139, 100), [sp.Eq(x**2 + y**2, 1)], None),
    "far away": (lambda: x <= 1000, [], {"x": "1001"}),
    "close to zero": (lambda: x >= R(1, 500), [x > 0], {"x": "1/1000"}),
    "an integer beyond its bound": (lambda: n <= 1000, [n >= 5], {"n": "1001"}),
    "a late step": (lambda: m(t) < 10, [sp.Eq(m(0), 0), sp.Eq(m(t), m(t - 1) + 1)], {"t": "10"}),
    "a long sequence": (lambda: sp.Sum(g(i), (i, 1, t)) <= 20, [t >= 8], None),
    "a late value": (lambda: sp.Eq(f(30), 0), [sp.Eq(f(29), 7)], None),
    "a small witness": (lambda: x**2 <= 10 * x, [x > 0], {"x": "11"}),
}


@pytest.mark.parametrize("name", ALGEBRAIC | RATIONAL)
def test_it_is_refuted_by_a_small_witness(name):
    claim, given, shown = (ALGEBRAIC | RATIONAL)[name]
    answer = prove(made(claim), made(lambda: given))
    assert answer.verdict == "refuted", answer.reason
    assert shown is None or {v: show_value(number) for v, number in answer.witness.items()} == shown
    check(answer.certificate)
    values = [n for v in answer.witness.values() for n in (v if isinstance(v, tuple) and not is_term(v) else (v,))]
    assert any(map(is_term, values)) == (name in ALGEBRAIC), "rational where a rational will do"
    assert all(abs(v.numerator) + v.denominator < 4000 for v in values if isinstance(v, F)), "small numbers"


NOT_EMPTY = {
    "a square": (lambda: x < R(3, 2), [x > 0, sp.Eq(x**2, 2)], "sqrt(2)"),
    "a cube": (lambda: x < R(13, 10), [sp.Eq(x**3, 2)], "root of x^3 - 2 in (1, 2) = 1.25992..."),
    "degree 5": (lambda: x**2 + 1 > 0, [sp.Eq(x**5 - x - 1, 0)], "root of x^5 - x - 1 in (1, 2) = 1.1673..."),
    "not below": (lambda: x**2 >= 2, [x > 0, x**2 >= 2, x**2 <= 2], "sqrt(2)"),
}


@pytest.mark.parametrize("name", NOT_EMPTY)
def test_what_holds_at_irrational_points_alone_is_proved_with_such_a_point(name):
    claim, given, shown = NOT_EMPTY[name]
    answer = prove(made(claim), made(lambda: given))
    assert answer.verdict == "proved", answer.reason
    assert show_value(answer.certificate.point["x"]) == shown
    check(answer.certificate)


@pytest.mark.parametrize(
    "given", [[sp.Eq(x**2, 2), sp.Eq(x**2, 3)], [sp.Eq(x**2, 2), x > 2], [sp.Eq(x**2, -1)]], ids=str
)
def test_no_point_is_made_up(given):
    answer = prove(made(lambda: sp.Eq(x, x + 1)), given)
    assert answer.verdict == "unknown"
    assert "contradict" in answer.reason


@pytest.mark.parametrize(
    "claim",
    [
        lambda: sp.Ne(x**2 + 2, 0),
        lambda: x**2 - 2 * x + 2 > 0,
        lambda: (x**2 - 2) ** 2 >= 0,
        lambda: sp.Ne(x**3, x**3 + 1),
        lambda: sp.Ne(sp.sqrt(x), -1),
        lambda: sp.Ne(1 / x, 0),
    ],
    ids=range(6),
)
def test_what_is_true_is_not_refuted(claim):
    assert prove(made(claim)).verdict != "refuted"


# ---------------------------------------------------------------- the forms of a witness
@pytest.fixture(params=["no rational squares to 2", "none cubes to 2", "a value of a sequence", "two equations"])
def answer(request):
    claim, given, _ = ALGEBRAIC[request.param]
    return prove(made(claim), made(lambda: given))


def plain(data):
    """A point from its JSON form: lists are tuples, texts that are numbers Fractions."""
    if isinstance(data, list):
        return tuple(map(plain, data))
    return F(data) if data[-1].isdigit() else data


def test_json_has_all_of_it(answer):
    for data in (answer.to_json()["witness"], answer.to_json()["certificate"]["point"]):
        point = {name: plain(value) for name, value in json.loads(json.dumps(data)).items()}
        assert point == dict(answer.witness)
        check(Certificate(answer.certificate.statement, point, None))


def test_it_is_kept_and_recalled(answer, tmp_path):
    remember(tmp_path)
    try:
        keep(answer.certificate)
        assert recall(answer.certificate.statement) == answer.certificate
        (file,) = tmp_path.iterdir()
        kept = json.loads(file.read_text())
        file.write_text(json.dumps([[[name, {"q": "3"}] for name, _ in kept[0]], kept[1]]))
        assert recall(answer.certificate.statement) is None
    finally:
        remember(None)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (F(1, 2), "1/2"),
        (SQRT2, "sqrt(2)"),
        ((F(1), SQRT2), "(1, sqrt(2))"),
        ((), "()"),
        (("root", (F(-2), F(0), F(0), F(1)), F(1), F(2)), "root of x^3 - 2 in (1, 2) = 1.25992..."),
        (("root", (F(1, 2), F(-1), F(0), F(-3)), F(0), F(1, 2)), "root of -3*x^3 - x + 1/2 in (0, 1/2) = 0.36001..."),
        (
            ("+", F(1), ("root", (F(-2), F(0), F(0), F(1)), F(1), F(2))),
            "1 + (root of x^3 - 2 in (1, 2)) = 2.25992...",
        ),
    ],
    ids=str,
)
def test_a_value_in_words(value, text):
    shown = show_value(value)
    assert shown == text
    assert show_point({"x": value}).replace("`", "").startswith("x") or value == ()


def test_a_witness_in_a_derivation():
    found = prove(made(lambda: (x**2 - 2) ** 2 > 0))
    assert steps(found.certificate) == ["1. At `x = sqrt(2)` the hypotheses hold and the claim fails."]
    assert sides(found.certificate.statement, found.witness) == "There the left side is 0, the right side 0."
    found = prove(made(lambda: x > R(3, 2)), [x > 0, sp.Eq(x**2, 2)])
    text = sides(found.certificate.statement, found.witness)
    assert text == "There the left side is 3/2, the right side about 1.41421356."
    assert show(SQRT2) == "sqrt(2)"


# ---------------------------------------------------------------- the second judge
rocq = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc (Debian's package coq) is not installed")


@rocq
@pytest.mark.parametrize("name", ["of degree 4", "the top of a circle", "a value of a sequence"])
def test_rocq_accepts_a_witness_of_square_roots(name):
    claim, given, _ = ALGEBRAIC[name]
    certificate = prove(made(claim), made(lambda: given)).certificate
    result = run_rocq(certificate)
    assert result.accepted, result.output or result.reason
    other = Certificate(certificate.statement, {v: F(1) for v in certificate.point if v != "f"}, None)
    assert not run_rocq(other).accepted


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("none cubes to 2", "a witness with the root of a polynomial that is no square root"),
        ("roots alone", "too close to tell apart"),
        ("under a modulus", "too close to tell apart"),
    ],
)
def test_what_rocq_does_not_get_is_said(name, says):
    claim, given, _ = (ALGEBRAIC | RATIONAL)[name]
    certificate = prove(made(claim), made(lambda: given)).certificate
    result = run_rocq(certificate)
    assert (result.accepted, result.rejected) == (False, False)
    assert says in result.reason
