"""What cannot be lifted is run: within derived tolerances it is "sampled", beyond them it differs, with a witness."""

from fractions import Fraction

import numpy as np
import pytest

import symopt
from symopt.conform.variants import find_variant

from .judging import assert_really_differs


def numbers(function, *arrays):
    """Each element through Python's own numbers, which no lifter follows."""
    rows = zip(*(np.ravel(a).tolist() for a in arrays), strict=True)
    return np.array([function(*row) for row in rows]).reshape(np.shape(arrays[0]))


def adam(x, g, state, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = numbers(lambda m, g: beta1 * m + (1 - beta1) * g, state.get("m", np.zeros_like(x)), g)
    v = numbers(lambda v, g: v + (1 - beta2) * (g * g - v), state.get("v", np.zeros_like(x)), g)
    rate = lr / (1 - beta1**t)
    return numbers(lambda x, m, v: x - rate * m / ((v / (1 - beta2**t)) ** 0.5 + eps), x, m, v), {"m": m, "v": v}


def adam_hat(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.999, epsilon=1e-8):
    m = b1 * state.get("m", np.zeros_like(x)) + (1 - b1) * g
    v = b2 * state.get("v", np.zeros_like(x)) + (1 - b2) * g * g
    rate = lr * (1 - b2**t) ** 0.5 / (1 - b1**t)
    return numbers(lambda x, m, v: x - rate * m / (v**0.5 + epsilon), x, m, v), {"m": m, "v": v}


def momentum(x, g, state, t, *, learning_rate=0.01, mu=0.9):
    u = numbers(lambda u, g: mu * u + g, state.get("u", np.zeros_like(x)), g)
    return x - learning_rate * u, {"u": u}


def a_little_more(x, g, state, t, *, lr=0.1):
    return numbers(lambda x, g: x - lr * g * (1 + 1e-6), x, g)


def as_float32(x, g, state, t, *, lr=0.1):
    return numbers(lambda x, g: x - float(np.float32(lr)) * g, x, g)


def at_random(x, g, state, t, *, lr=0.1):
    return numbers(lambda x, g: x - lr * g * np.random.random(), x, g)


def raises(x, g, state, t, *, lr=0.1):
    return numbers(lambda x, g: x / 0, x, g)


def called_otherwise(x, g, state, t, *, one=0.1, two=0.2):
    return numbers(lambda x, g: x - one * g / two, x, g)


@pytest.mark.parametrize(
    ("step", "rule", "form"), [(adam, "adam", "float64"), (momentum, "momentum", "float64"), (as_float32, "sgd", "32")]
)
def test_runs_within_the_tolerances_are_sampled_and_never_more(step, rule, form):
    found = symopt.check(step, rule)
    assert (found.verdict, found.scope, found.nearest.variant) == ("conforms", "sampled", rule)
    assert found.certificate is None
    assert "test_sampling.py" in found.reason
    assert f"within the rounding of float{form.removeprefix('float')}" in found.reason
    assert symopt.check(step).nearest.variant in (rule, "classical_momentum")  # the same at a constant rate


@pytest.mark.parametrize(
    ("step", "rule", "nearest"),
    [
        (adam_hat, "adam", "adam[eps_placement=hat]"),
        (adam, "amsgrad", "adam"),
        (a_little_more, "sgd", "sgd"),
    ],
)
def test_runs_beyond_the_tolerances_differ_with_a_true_witness(step, rule, nearest):
    found = symopt.check(step, rule)
    assert (found.verdict, found.scope, found.nearest.variant) == ("differs", "sampled", nearest)
    assert_really_differs(step, find_variant(rule), found)
    assert Fraction(found.witness.target[0]) != Fraction(found.witness.rule[0])


def other_names(x, g, state, t, *, one=0.1, two=0.9):
    """Momentum with the mean's weight in the place of momentum itself, by names that say nothing."""
    u = numbers(lambda u, g: (1 - two) * u + g, state.get("u", np.zeros_like(x)), g)
    return x - one * u, {"u": u}


def test_what_differs_under_names_that_tell_nothing_is_unknown():
    found = symopt.check(other_names, "momentum")
    assert found.verdict == "unknown"
    assert "no hyperparameters were found" in found.reason


@pytest.mark.parametrize(
    ("step", "reason"),
    [(at_random, "two runs are not the same"), (raises, "cannot be run"), (called_otherwise, "no hyperparameters")],
)
def test_what_runs_do_not_decide_is_unknown(step, reason):
    found = symopt.check(step, "sgd")
    assert found.verdict == "unknown"
    assert reason in found.reason


@pytest.mark.frameworks
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "settings", "rule", "verdict", "nearest"),
    [
        ("Adam", {}, "adam", "conforms", "adam"),
        ("AdamW", {}, "adamw", "conforms", "adamw"),
        ("SGD", {"momentum": 0.9}, "momentum", "conforms", "momentum"),
        ("Adagrad", {}, "adagrad", "conforms", "adagrad"),
        ("Adam", {}, "adam[eps_placement=hat]", "differs", "adam"),
        ("Adam", {"amsgrad": True}, "amsgrad", "differs", "amsgrad[correction=after]"),
    ],
)
def test_fused_kernels_of_torch_are_sampled(name, settings, rule, verdict, nearest):
    pytest.importorskip("torch")
    found = symopt.check(f"torch.optim:{name}", rule, fused=True, **settings)
    assert (found.verdict, found.scope, found.nearest.variant) == (verdict, "sampled", nearest)
    assert f"_fused_{name.lower()}_ (at " in found.reason
