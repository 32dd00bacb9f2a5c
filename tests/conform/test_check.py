"""What check says of steps that are their rules, and of those that are not."""

import json
from fractions import Fraction

import numpy as np
import pytest

import symopt
from symopt.conform.edits import edits, find_edit
from symopt.conform.matching import FIXED, namings
from symopt.conform.simulation import told_apart
from symopt.conform.variants import find_variant
from symopt.lifting import lift_step
from symopt.rules import find, names

from .discrepancies import CASES, CORRECT, adam_lerp
from .judging import assert_really_differs, names_the_difference


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_step_that_is_another_one_differs_in_the_right_place_with_a_true_witness(case):
    found = symopt.check(case.step, case.rule)
    assert (found.verdict, found.witness is not None) == ("differs", True)
    assert names_the_difference(case, found), found.difference
    if case.variant == found.nearest.variant != case.rule:
        assert found.nearest.scope == "all steps"
    assert_really_differs(case.step, find_variant(case.rule), found)


@pytest.mark.parametrize("case", CORRECT, ids=lambda case: case.name)
def test_a_step_in_other_words_conforms_for_all_steps(case):
    found = symopt.check(case.step, case.rule)
    assert (found.verdict, found.scope) == ("conforms", "all steps")
    assert found.certificate is not None
    assert not found.fixed


def test_without_a_rule_the_variant_is_found():
    found = symopt.check(adam_lerp)
    assert (found.verdict, found.scope, found.nearest.variant) == ("conforms", "all steps", "adam")
    assert found.hyper_map == {"betas1": "beta1", "betas2": "beta2", "eps": "eps", "lr": "lr"}
    assert found.state_map == {"avg": "m", "sq": "v"}


def test_what_is_lifted_is_a_rule_like_any_other():
    rule = symopt.lift(adam_lerp)
    kernel, own = symopt.compile(rule), symopt.compile("adam")
    x, g, m, v = np.random.default_rng(3).normal(size=(4, 100)).astype(np.float32)
    inputs, v = {"x": x, "g": g, "t": 3}, v * v
    allowed = symopt.error_bound(rule, {**inputs, "avg": m, "sq": v})["x"]
    allowed = allowed + symopt.error_bound("adam", {**inputs, "m": m, "v": v})["x"]
    ours, theirs = x.copy(), x.copy()
    kernel(ours, g, t=3, avg=m.copy(), sq=v.copy())
    own(theirs, g, t=3, m=m.copy(), v=v.copy())
    assert (ours != x).all()
    assert (np.abs(ours.astype(float) - theirs) <= allowed).all()


def test_hyperparameters_that_are_written_as_numbers_are_found():
    def step(x, g, state, t, *, lr=1e-2):
        b = 0.9 * state.get("b", np.zeros_like(x)) + g
        return x - lr * b, {"b": b}

    own = told_apart(lift_step(step))
    assert next(namings(own, find("classical_momentum").program, FIXED)).rule == (("momentum", Fraction(9, 10)),)
    found = symopt.check(step, "classical_momentum")
    assert (found.verdict, found.fixed) == ("conforms", {"momentum": "9/10"})


def test_a_rule_at_an_odd_number_is_not_the_rule():
    def step(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.999):
        m = b1 * state.get("m", np.zeros_like(x)) + (1 - b1) * g
        v = b2 * state.get("v", np.zeros_like(x)) + (1 - b2) * g * g
        return x - lr * (m / (1 - b1**t)) / np.sqrt(v / (1 - b2**t)), {"m": m, "v": v}

    found = symopt.check(step, "adam")
    assert found.verdict == "differs"
    assert "eps = 0" in found.difference


@pytest.mark.parametrize("name", ["adam", "rmsprop", "lion"])
def test_an_edit_of_the_rule_is_found_again(name):
    """Planted: every fifth edit that changes what a step does is explained by some edit."""
    program = find(name).program
    planted = [edited for _, _, _, edited in list(edits(program))[::29]][:6]
    for edited in (e for e in planted if next(namings(e, e), None)):  # roots of negative numbers agree with nothing
        assert find_edit(edited, program) is not None or next(namings(edited, program), None) is not None


@pytest.mark.parametrize("label", ["adam[eps_placement=nope]", "adam[hat]", "nothing", "adam[nothing=1]"])
def test_an_unknown_variant_is_refused_by_name(label):
    with pytest.raises(symopt.InputError):
        symopt.check(adam_lerp, label)


def test_the_answer_is_plain_data():
    data = json.loads(json.dumps(symopt.check(CASES[0].step, CASES[0].rule).to_json()))
    keys = {"target", "rule", "verdict", "scope", "nearest", "difference", "witness", "hyper_map", "state_map"}
    assert keys <= set(data)


def test_every_rule_is_told_from_every_other_one():
    """No rule of the catalog is taken for another, but the one that is it at its defaults."""
    programs = {name: find(name).program for name in names()}
    same = [
        (a, b)
        for a, one in programs.items()
        for b, other in programs.items()
        if a < b and {h.name for h in one.hypers} == {h.name for h in other.hypers} and next(namings(one, other), None)
    ]
    assert same == [("classical_momentum", "momentum")]  # momentum, which has options, begins as the classical one


def begins_late(x, g, state, t, *, lr=0.1):
    return (x - lr * g, {"b": g}) if t > 1 else (x - lr * g, {})


def knows_its_length(x, g, state, t, *, lr=0.1):
    return x - lr * g * len(x) / 2, state


def whole_numbers(x, g, state, t, *, lr=0.1):
    return x - lr * g.astype(int), state


CALLS = []


def counts_its_calls(x, g, state, t, *, lr=0.1):
    CALLS.append(t)
    return x - lr * g / (1 + len(CALLS) // 8), state


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        (begins_late, ("conforms", "sampled")),
        (knows_its_length, ("unknown", "")),
        (whole_numbers, ("differs", "sampled")),
        (counts_its_calls, ("unknown", "")),
    ],
)
def test_what_the_formulas_do_not_hold_is_never_said_to_be_proved(step, answer):
    """Nor sampled, where a run has shown already that the formulas are wrong: what else would runs not show?"""
    found = symopt.check(step, "sgd")
    assert (found.verdict, found.scope) == answer
    assert found.reason


def test_hyperparameters_of_the_rules_own_names_are_not_exchanged():
    def step(x, g, state, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        m = beta2 * state.get("m", np.zeros_like(x)) + (1 - beta2) * g
        v = beta1 * state.get("v", np.zeros_like(x)) + (1 - beta1) * g * g
        return x - lr * (m / (1 - beta2**t)) / (np.sqrt(v / (1 - beta1**t)) + eps), {"m": m, "v": v}

    assert symopt.check(step, "adam").verdict == "differs"


def drops_large_gradients(x, g, state, t, *, lr=0.1):
    return x - lr * np.where(g > 1000, 0 * g, g), state


def remembers_no_large_gradients(x, g, state, t, *, lr=0.1, mu=0.9):
    b = mu * state.get("b", np.zeros_like(x)) + np.where(g > 1000, 0 * g, g)
    return x - lr * b, {"b": b}


def rests_after_a_hundred(x, g, state, t, *, lr=0.1):
    return x - lr * np.where(t > 100, 0 * g, g), state


@pytest.mark.parametrize(
    ("step", "label"),
    [
        (drops_large_gradients, "sgd"),
        (remembers_no_large_gradients, "classical_momentum"),
        (rests_after_a_hundred, "sgd"),
    ],
)
def test_what_agrees_on_ordinary_numbers_alone_differs(step, label):
    """Planted: no sample shows the difference, the proof finds it."""
    for asked in (label, None):
        found = symopt.check(step, asked)
        assert (found.verdict, found.scope) == ("differs", "")
        assert_really_differs(step, find_variant(label), found)
