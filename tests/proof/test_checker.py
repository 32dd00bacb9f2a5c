"""The checker accepts what it should, and a certificate that was tampered with only where it still says the truth."""

from dataclasses import replace
from fractions import Fraction as F

import pytest
import sympy as sp

from symopt import rules
from symopt.proof import Certificate, Rejected, Sequence, Statement, check, prove, trajectory
from symopt.proof.witness import find_counterexample

ZERO = ((), (), ())
x, y = sp.symbols("x y")
t = sp.Symbol("t", integer=True, nonnegative=True)
i = sp.Symbol("i", integer=True)
beta = sp.Symbol("beta", positive=True)
m, g = sp.Function("m"), sp.Function("g")

HANDWRITTEN = {
    "an identity": Certificate(
        Statement((("=", ("^", ("+", "x", "y"), 2), ("+", ("*", "x", "x"), ("*", 2, "x", "y"), ("^", "y", 2))),)),
        {},
        ("direct", (), (ZERO,)),
    ),
    "a square is nonnegative": Certificate(
        Statement((("<=", 0, ("*", "x", "x")),)), {}, ("direct", (), (((), ((1, (), "x"),), ()),))
    ),
    "x/x, x not 0": Certificate(
        Statement((("=", ("/", "x", "x"), 1),), (("!=", "x", 0),)), {"x": F(1)}, ("direct", (), (ZERO,))
    ),
    "an equality by a hypothesis": Certificate(
        Statement((("=", ("*", "x", "y"), 0),), (("=", "x", 0),)),
        {"x": F(0)},
        ("direct", (), (((), (), ((("*", -1, "y"), "x"),)),)),
    ),
    "the modulus by cases": Certificate(
        Statement((("<=", 0, ("abs", "x")),)),
        {},
        (
            "cases",
            (),
            0,
            "x",
            ("direct", (), (((), ((1, ("x",), 1),), ()),)),
            ("direct", (), (((), ((1, (("*", -1, "x"),), 1),), ()),)),
        ),
    ),
    "a root by its square": Certificate(
        Statement((("=", ("sqrt", ("*", "x", "x")), "x"),), (("<=", 0, "x"),)),
        {"x": F(2)},
        ("direct", (("root", ("*", "x", "x"), "x"),), (ZERO,)),
    ),
    "a sequence that counts, by induction": Certificate(
        Statement(
            (("=", ("at", "s", "t"), "t"),),
            (("<=", 0, "t"),),
            ("t",),
            (Sequence("s", 0, ("+", ("at", "s", ("+", "#", F(-1))), 1)),),
        ),
        {"t": F(0)},
        (
            "induction",
            "t",
            0,
            ("direct", (), (ZERO,)),
            ("direct", (("assumed", 0),), (((), (), ((1, ("+", "t", ("*", -1, ("at", "s", "t")))),)),)),
        ),
    ),
    "an empty sum": Certificate(Statement((("=", ("sum", "i", 1, 0, "x"), 0),)), {}, ("direct", (), (ZERO,))),
    "a reversed sum": Certificate(Statement((("=", ("sum", "i", 5, 1, "x"), 0),)), {}, ("direct", (), (ZERO,))),
    "0^0": Certificate(Statement((("=", ("^", 0, 0), 1),)), {}, ("direct", (), (ZERO,))),
    "a counterexample": Certificate(Statement((("=", ("^", "x", 2), "x"),)), {"x": F(2)}, None),
    "a counterexample with roots": Certificate(Statement((("=", ("sqrt", "x"), ("/", "x", 2)),)), {"x": F(2)}, None),
    "an inner sum over the same name": Certificate(
        Statement((("=", ("sum", "i", 1, 2, ("sum", "i", 1, 3, "i")), 12),)), {}, ("direct", (), (ZERO,))
    ),
    "an inner index in an inner range": Certificate(
        Statement((("=", ("sum", "i", 1, 2, ("sum", "i", 1, "i", 1)), 3),)), {}, ("direct", (), (ZERO,))
    ),
}


@pytest.mark.parametrize("name", HANDWRITTEN)
def test_handwritten_certificates_are_accepted(name):
    check(HANDWRITTEN[name])


def _real():
    """Certificates that the engine finds, of every kind."""
    adam = rules.find("adam").with_options(eps_placement="inside", bias_correction=False)
    b2 = sp.Symbol("beta2")
    one = trajectory(adam, "A", beta1=0, beta2=b2)
    other = trajectory(rules.find("rmsprop").with_options(eps_placement="inside"), "R", rho=b2)
    with sp.evaluate(False):
        ema = [sp.Eq(m(0), 0), sp.Eq(m(t), beta * m(t - 1) + (1 - beta) * g(t)), beta < 1]
        weights = sp.Sum((1 - beta) * beta ** (t - i), (i, 1, t))
        p, q = sp.Symbol("p", positive=True), sp.Symbol("q", positive=True)
        claims = {
            "closed form": (sp.Eq(m(t), sp.Sum((1 - beta) * beta ** (t - i) * g(i), (i, 1, t))), ema),
            "weights": (sp.Eq(weights, 1 - beta**t), [beta < 1]),
            "corrected weights": (sp.Eq(weights / (1 - beta**t), 1), [beta < 1, t >= 1]),
            "root of a quotient": (sp.Eq(sp.sqrt(p / q), sp.sqrt(p) / sp.sqrt(q)), []),
            "root of a square": (sp.Eq(sp.sqrt(x**2), sp.Abs(x)), []),
            "means": (sp.Le(2 * x * y, x**2 + y**2), []),
            "identity": (sp.Eq((x + y) * (x - y), x**2 - y**2), []),
            "counterexample": (sp.Eq(x / (1 + x), y), [x > 0]),
            "simulation": (
                [sp.Eq(one.x(t), other.x(t)), sp.Eq(one.v(t), other.v(t))],
                [one, other, sp.Symbol("eps") > 0],
            ),
        }
    return {name: prove(*question).certificate for name, question in claims.items()}


@pytest.fixture(scope="module")
def real():
    return _real()


def test_the_engine_finds_every_kind(real):
    kinds = {"induction", "simulation", "identity", "radical", "positivity", "counterexample"}
    assert {c.kind for c in real.values()} == kinds
    assert real["simulation"].kind == "simulation"
    assert real["root of a quotient"].kind == "radical"
    assert real["simulation"].proof[0] in ("strengthen", "induction")


# ---------------------------------------------------------------- tampering
SWAPS = {
    "+": "*",
    "*": "+",
    "<": "<=",
    "<=": "<",
    "=": "!=",
    "!=": "=",
    "max": "min",
    "sqrt": "abs",
    "abs": "sqrt",
    "direct": "cases",
    "show": "given",
    "/": "*",
}


def tampered(data):
    """Every version of plain data with one thing changed."""
    if isinstance(data, (F, int)):
        yield from (data + 1, -data, data / F(2), float(data), None, "x")
    elif isinstance(data, str):
        yield from {SWAPS.get(data, f"{data}_"), "x", "", "#1", "t"} - {data}
    elif isinstance(data, tuple):
        for k, part in enumerate(data):
            yield (*data[:k], *data[k + 1 :])
            yield from ((*data[:k], new, *data[k + 1 :]) for new in tampered(part))
        if len(data) > 2:
            yield (*data[:-2], data[-1], data[-2])
        yield (*data, *data[-1:])


def tampered_statements(statement):
    for part in ("claim", "given", "integers"):
        yield from (replace(statement, **{part: new}) for new in tampered(getattr(statement, part)))
    for k, s in enumerate(statement.sequences):
        kept = statement.sequences
        yield replace(statement, sequences=(*kept[:k], *kept[k + 1 :]))
        for part in ("name", "initial", "body"):
            for new in tampered(getattr(s, part)):
                yield replace(statement, sequences=(*kept[:k], replace(s, **{part: new}), *kept[k + 1 :]))


def accepted(certificates):
    """Those that the checker accepts; it raises nothing but Rejected of the others."""
    found, total = [], 0
    for certificate in certificates:
        total += 1
        try:
            check(certificate)
        except Rejected:
            continue
        found.append(certificate)
    return found, total


NAMES = [
    "closed form",
    "weights",
    "corrected weights",
    "root of a quotient",
    "root of a square",
    "means",
    "counterexample",
    "simulation",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_tampered_statement_is_rejected_or_still_true(real, name, refutes):
    certificate = real[name]
    check(certificate)
    passed, total = accepted(replace(certificate, statement=s) for s in tampered_statements(certificate.statement))
    assert total > 20
    assert len(passed) < 0.2 * total or name == "counterexample"
    for each in passed:
        if each.proof is None:
            assert refutes(each.statement, each.point), each.statement
        else:
            assert find_counterexample(each.statement, 150) is None, f"accepted, but false: {each.statement}"


@pytest.mark.parametrize("name", [name for name in NAMES if name != "counterexample"])
def test_a_tampered_proof_rarely_passes(real, name):
    certificate = real[name]
    passed, total = accepted(replace(certificate, proof=proof) for proof in tampered(certificate.proof))
    assert total > 20
    assert len(passed) < 0.35 * total, "the proof's parts hardly matter"


@pytest.mark.parametrize("name", NAMES)
def test_a_tampered_point_satisfies_the_hypotheses_or_is_rejected(real, name, refutes):
    certificate = real[name]
    points = [
        certificate.point | {variable: new} for variable, value in certificate.point.items() for new in tampered(value)
    ]
    points += [{v: n for v, n in certificate.point.items() if v != variable} for variable in certificate.point]
    passed, _ = accepted(replace(certificate, point=point) for point in points)
    false = (("<", F(0), F(0)),)  # refuted exactly where the hypotheses hold
    for each in passed:
        asked = each.statement if each.proof is None else replace(each.statement, claim=false)
        assert refutes(asked, each.point), each.point


@pytest.mark.parametrize("name", NAMES)
def test_a_proof_of_another_statement_is_rejected(real, name):
    for other in NAMES:
        if other != name and real[other].proof is not None and real[name].proof is not None:
            with pytest.raises(Rejected):
                check(replace(real[name], proof=real[other].proof))
