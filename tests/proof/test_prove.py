"""What the engine must prove, each with a mutant that it must refute; its answers are data, and the same again."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import sympy as sp

from symopt import rules
from symopt.proof import check, prove, trajectory

ROOT = Path(__file__).parents[2]
t = sp.Symbol("t", integer=True, nonnegative=True)
i = sp.Symbol("i", integer=True)
beta, c, eps = sp.Symbol("beta", positive=True), sp.Symbol("c"), sp.Symbol("eps")
m, v, g = map(sp.Function, "mvg")
X, Y = sp.Function("X"), sp.Function("Y")
lr, mu, x0 = sp.symbols("lr mu x0")


def _mean(f, of):
    return [sp.Eq(f(0), 0), sp.Eq(f(t), beta * f(t - 1) + (1 - beta) * of), beta < 1]


def _closed_form(power):
    return sp.Eq(m(t), sp.Sum((1 - beta) * beta ** (t - i + power) * g(i), (i, 1, t))), _mean(m, g(t))


def _weights(offset):
    return sp.Sum((1 - beta) * beta ** (t - i), (i, 1, t)) / (offset - beta**t)


def _heavy_ball(sign):
    """Velocity form b = mu b + g, X = X - lr b, and the two-iterate form with Z the iterate before Y."""
    b, z = sp.Function("b"), sp.Function("Z")
    given = [
        sp.Eq(b(0), 0),
        sp.Eq(b(t), mu * b(t - 1) + g(t)),
        sp.Eq(X(0), x0),
        sp.Eq(X(t), X(t - 1) - lr * (mu * b(t - 1) + g(t))),
        sp.Eq(z(0), x0),
        sp.Eq(z(t), Y(t - 1) + 0 * z(t - 1)),
        sp.Eq(Y(0), x0),
        sp.Eq(Y(t), Y(t - 1) - lr * g(t) + sign * mu * (Y(t - 1) - z(t - 1))),
    ]
    return [sp.Eq(X(t), Y(t)), sp.Eq(Y(t) - z(t), -lr * b(t))], given


def _same_runs(placement, other_placement):
    b2 = sp.Symbol("beta2")
    adam = rules.find("adam").with_options(eps_placement=placement, bias_correction=False)
    rmsprop = rules.find("rmsprop").with_options(eps_placement=other_placement)
    one, other = trajectory(adam, "A", beta1=0, beta2=b2), trajectory(rmsprop, "R", rho=b2)
    claim = [sp.Eq(one.x(t), other.x(t)), sp.Eq(one.v(t), other.v(t))]
    return claim, [one, other, eps > 0]


def _constant_gradient(power):
    return sp.Eq(v(t) / (1 - beta**t), c**power), [*_mean(v, c**2), t >= 1]


#: name -> (question, mutant, kind of the certificate)
STATEMENTS = {
    "closed form of the running mean": (lambda: _closed_form(0), lambda: _closed_form(1), "induction"),
    "its weights sum to 1 - beta^t": (
        lambda: (sp.Eq(_weights(1 + beta**t), 1 - beta**t), [beta < 1]),
        lambda: (sp.Eq(_weights(1 + beta**t), 1 - beta ** (t + 1)), [beta < 1]),
        "induction",
    ),
    "corrected weights sum to 1": (
        lambda: (sp.Eq(_weights(1), 1), [beta < 1, t >= 1]),
        lambda: (sp.Eq(_weights(2), 1), [beta < 1, t >= 1]),
        "induction",
    ),
    "a constant gradient is given back": (
        lambda: (sp.Eq(m(t) / (1 - beta**t), c), [*_mean(m, c), t >= 1]),
        lambda: (sp.Eq(m(t), c), [*_mean(m, c), t >= 1]),
        "induction",
    ),
    "and its square": (lambda: _constant_gradient(2), lambda: _constant_gradient(1), "induction"),
    "heavy ball in two forms": (lambda: _heavy_ball(1), lambda: _heavy_ball(-1), "simulation"),
    "Adam without beta1 is RMSProp, eps inside": (
        lambda: _same_runs("inside", "inside"),
        lambda: _same_runs("inside", "outside"),
        "simulation",
    ),
    "Adam without beta1 is RMSProp, eps outside": (
        lambda: _same_runs("outside", "outside"),
        lambda: _same_runs("outside", "inside"),
        "simulation",
    ),
    "an identity": (
        lambda: (sp.Eq((c + beta) ** 2, c**2 + 2 * c * beta + beta**2), []),
        lambda: (sp.Eq((c + beta) ** 2, c**2 + c * beta + beta**2), []),
        "identity",
    ),
    "a sign": (
        lambda: (sp.Le(2 * c * beta, c**2 + beta**2), []),
        lambda: (sp.Lt(2 * c * beta, c**2 + beta**2), []),
        "positivity",
    ),
}


def built(question):
    with sp.evaluate(False):
        return question()


@pytest.mark.parametrize("name", STATEMENTS)
def test_it_is_proved_and_its_mutant_refuted(name, refutes):
    question, mutant, kind = STATEMENTS[name]
    answer = prove(*built(question))
    assert answer.verdict == "proved", answer.reason
    assert answer.certificate.kind == kind
    check(answer.certificate)
    other = prove(*built(mutant))
    assert other.verdict == "refuted", other.reason
    assert other.certificate.kind == "counterexample"
    assert refutes(other.certificate.statement, other.witness)


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_verdict_is_json(name):
    for question in STATEMENTS[name][:2]:
        answer = prove(*built(question))
        data = json.loads(json.dumps(answer.to_json()))
        assert data["verdict"] == answer.verdict
        assert data["certificate"]["kind"] == answer.certificate.kind
        assert (data["witness"] is None) == (answer.verdict == "proved")


def test_an_unknown_verdict_has_its_reason_and_no_certificate():
    answer = prove(built(lambda: sp.Eq(c / c, 1)))
    assert (answer.verdict, answer.certificate, answer.witness) == ("unknown", None, None)
    assert answer.reason
    json.dumps(answer.to_json())


ASK = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("asked", sys.argv[1])
asked = importlib.util.module_from_spec(spec)
spec.loader.exec_module(asked)
print(json.dumps(asked.answers()))
"""


def answers():
    """Every verdict as JSON, without its time."""
    found = []
    for question, mutant, _ in STATEMENTS.values():
        found += [{**prove(*built(q)).to_json(), "seconds": 0} for q in (question, mutant)]
    return found


def test_the_same_question_gets_the_same_answer():
    here = answers()
    assert answers() == here
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", ASK, __file__],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(run.stdout) == here
