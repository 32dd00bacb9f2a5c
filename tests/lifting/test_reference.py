"""The hand-written NumPy steps are lifted and proved equal to their rules, at every step; planted bugs are refuted.

Verification proves it of every variant.
"""

import inspect
from fractions import Fraction

import numpy as np
import pytest

from symopt import reference, rules
from symopt.lifting import lift_step
from symopt.proof.equality import same_step

from ..catalog import COVERING

pytestmark = pytest.mark.usefixtures("certificates")


def later(rule, step):
    return same_step(rule.program, lift_step(step, rule.setting).program.outputs)


def first(rule, step):
    start = {state.name: state.initial for state in rule.program.states}
    return same_step(rule.program, lift_step(step, rule.setting).first, t=1, **start)


@pytest.mark.parametrize("rule", COVERING, ids=lambda rule: rule.label)
def test_the_step_by_hand_is_the_rule(rule):
    step = reference.find(rule.name)
    assert {s.name for s in lift_step(step, rule.setting).program.states} >= {s.name for s in rule.program.states}
    for answer in (first(rule, step), later(rule, step)):
        assert answer.proved, answer.reason


#: rule, bug -> (options, text of the step, what replaces it)
BUGS = {
    ("sgd", "sign"): ({}, "x - lr * g", "x + lr * g"),
    ("sgd", "decay of the gradient"): ({"decay": "coupled"}, "weight_decay * x", "weight_decay * g"),
    ("momentum", "nesterov without momentum"): ({"nesterov": True}, "g + momentum * v if", "g + v if"),
    ("momentum", "velocity not kept"): ({}, '{"v": v}', '{"v": g}'),
    ("adagrad", "square forgotten"): ({}, "+ g * g", "+ g"),
    ("adagrad", "sum not kept"): ({}, '{"a": a}', '{"a": g * g}'),
    ("rmsprop", "moved eps"): ({}, "np.sqrt(mean_square + eps)", "np.sqrt(mean_square) + eps"),
    ("rmsprop", "weights that do not sum to 1"): ({}, "(1 - rho) * g**2", "rho * g**2"),
    ("adadelta", "plus sign"): ({}, "x + lr * dx", "x - lr * dx"),
    ("adadelta", "update of u before its use"): ({}, "dx = -(rms(mean_dx2)", "dx = -(rms(mean_g2)"),
    ("adam", "exponent of beta"): ({}, "1 - beta2**t", "1 - beta2 ** (t - 1 + t)"),
    ("adam", "swapped beta"): ({}, "(1 - beta1) * g\n", "(1 - beta2) * g\n"),
    ("adam", "stale moment"): ({}, "m_hat = m / correction1", 'm_hat = state.get("m") * 0 + g / correction1'),
    ("adam", "no bias correction"): ({}, "v_hat = v / correction2", "v_hat = v"),
    ("adam", "wrong first state"): ({}, 'state.get("v", np.zeros_like(x))', 'state.get("v", np.ones_like(x))'),
    ("adam", "a wrong branch late"): ({}, "m_hat = m / correction1", "m_hat = m / correction1 if t < 3 else m"),
}


def planted(name, old, new):
    """The step's function with one text of it replaced."""
    function = reference.find(name)
    source = inspect.getsource(function)
    assert source.count(old) == 1, source
    namespace = {**function.__globals__}
    exec(compile(source.replace(old, new), "<planted>", "exec"), namespace)  # noqa: S102 - a copy of our own source
    return namespace[name]


def numbers(rule, answer, at):
    """The witness, with 1 for what the claim does not read."""
    return {name: Fraction(1) for name in rule.program.inputs} | at | dict(answer.witness)


@pytest.mark.parametrize(("name", "bug"), BUGS)
def test_a_planted_bug_is_refuted_and_its_witness_is_real(name, bug):
    options, old, new = BUGS[name, bug]
    rule, step = rules.find(name).with_options(**options), planted(name, old, new)
    start = {state.name: Fraction(state.initial) for state in rule.program.states} | {"t": Fraction(1)}
    refuted = [(a, at) for a, at in ((first(rule, step), start), (later(rule, step), {})) if a.verdict == "refuted"]
    assert refuted
    if bug == "wrong first state":
        assert later(rule, step).proved
    for answer, at in refuted:
        values = {n: np.float64(float(v)) for n, v in numbers(rule, answer, at).items()}
        states = {s.name: np.array([values[s.name]]) for s in rule.program.states} if not at else {}
        hypers = {h.name: float(values[h.name]) for h in rule.program.hypers}
        with np.errstate(all="ignore"):
            right = rule.run(values)
            x, state = step(
                np.array([values["x"]]), np.array([values["g"]]), states, int(values["t"]), **hypers, **rule.setting
            )
        found = {"x": x, **state}
        assert any(abs(found[n][0] - right[n]) > 1e-12 * (1 + abs(right[n])) for n in right), (values, found, right)
