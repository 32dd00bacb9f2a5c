"""Properties that take any rule: they reach every rule that has them, and find the ones that do not."""

import math
from typing import Any

import pytest
import sympy as sp

from symopt.language import choice, decay, rate, rule, sign, small, sqrt, state, switch, weight, where
from symopt.rules import find, names
from symopt.theorems import about, coordinates, judge, load, lookahead, options, symmetries

#: What holds of every rule, by construction; and what holds of every rule without weight decay.
ALWAYS = ("commutes_with_permuting", "commutes_with_sharding", "lookahead_of_one_step")
UNDECAYED = ("rests_without_gradient", "flips_with_the_gradient", "shifts_with_x", "proportional_to_the_rate")
OPTIONS = ("coupled_decay_adds_to_the_gradient", "maximizing_negates_the_gradient")
FIRST = ("adadelta", "adagrad", "adam", "momentum", "rmsprop", "sgd")
LIBRARY = {theorem.name: theorem for theorem in load()}


@pytest.mark.parametrize("name", [name for name in names() if find(name).program.is_elementwise])
def test_every_rule_has_the_properties_of_all_rules(name):
    assert {f"{theorem}[{name}]" for theorem in ALWAYS} <= set(LIBRARY)


@pytest.mark.parametrize("name", FIRST)
def test_the_properties_reach_the_rules_that_have_them(name):
    assert {f"{theorem}[{name}]" for theorem in (*UNDECAYED, *OPTIONS)} <= set(LIBRARY)


def judged(item: Any, user_rule: Any) -> list[Any]:
    """What is said of a rule that is not in the catalog by one property."""
    found = [theorem for theorem in about(user_rule) if theorem.name.partition("[")[0] == item.name]
    return [judge(theorem) for theorem in found]


@rule(cites="a test", lr=rate(0.1), weight_decay=weight(0.01))
def decayed(s: Any) -> None:
    """Gradient descent with decoupled decay: neither at rest without a gradient nor the same from everywhere."""
    s.x = s.x - s.lr * (s.g + s.weight_decay * s.x)


@rule(cites="a test", lr=rate(0.1), eps=small("1e-8"), n=state(), v=state(nonnegative=True))
def counting(s: Any) -> None:
    """A rule with a state that moves by itself, and a step that is not odd in g."""
    s.n = s.n + 1
    s.v = s.v + where(s.g > 0, s.g**2, 0)
    s.x = s.x - s.lr**2 * s.g / (sqrt(s.v) + s.eps)


@rule(cites="a test", lr=rate(0.1), beta1=decay(0.9), m=state(), u=state())
def mixed(s: Any) -> None:
    """A rule with an odd state and an even one, and a sign."""
    s.m = s.beta1 * s.m + s.g
    s.u = s.beta1 * s.u + abs(s.g)
    s.x = s.x - s.lr * sign(s.m) * s.u


@pytest.mark.parametrize(
    ("item", "user_rule"),
    [
        (symmetries.rests_without_gradient, decayed),
        (symmetries.rests_without_gradient, counting),
        (symmetries.shifts_with_x, decayed),
        (symmetries.flips_with_the_gradient, counting),
        (symmetries.proportional_to_the_rate, counting),
        (options.coupled_decay_adds_to_the_gradient, decayed),
        (options.maximizing_negates_the_gradient, decayed),
    ],
    ids=lambda part: part.name,
)
def test_a_rule_without_the_property_is_left_alone(item, user_rule):
    assert judged(item, user_rule) == []


@pytest.mark.parametrize(
    ("item", "user_rule"),
    [
        (symmetries.flips_with_the_gradient, decayed),
        (symmetries.flips_with_the_gradient, mixed),
        (symmetries.proportional_to_the_rate, decayed),
        (symmetries.rests_without_gradient, mixed),
        (symmetries.shifts_with_x, mixed),
        (coordinates.commutes_with_permuting, mixed),
        (coordinates.commutes_with_sharding, counting),
        (lookahead.lookahead_of_one_step, counting),
    ],
    ids=lambda part: part.name,
)
def test_a_users_rule_with_the_property_is_proved_to_have_it(item, user_rule):
    (judgement,) = judged(item, user_rule)
    assert judgement.ok, judgement.reason


def test_states_that_change_their_sign_are_told_from_those_that_do_not():
    (claim,) = symmetries.flips_with_the_gradient.claims(mixed)
    x, m, u = (relation.rhs for relation in claim.claim)
    assert [side.is_Mul and side.args[0] == -1 for side in (x, m, u)] == [True, True, False]


@rule(cites="a test", lr=rate(0.1), weight_decay=weight(0.01))
def wrong_options(s: Any, *, decay: Any = choice("none", "coupled"), maximize: Any = switch()) -> None:
    """Decay with the wrong sign; maximizing that forgets to negate."""
    if decay == "coupled":
        s.g = s.g - s.weight_decay * s.x
    s.x = s.x - s.lr * (2 * s.g if maximize else s.g)


@pytest.mark.parametrize("item", [options.coupled_decay_adds_to_the_gradient, options.maximizing_negates_the_gradient])
def test_a_wrong_option_is_refuted(item):
    (judgement,) = judged(item, wrong_options)
    assert not judgement.ok
    assert judgement.verdict == "refuted"


# ---------------------------------------------------------------- coordinates
POINT = {"x1": 3, "x2": 4, "g1": 5, "g2": 12, "v1": 1, "v2": -2, "t": 1}
HYPERS = {"lr": 0.5, "momentum": 0.25, "weight_decay": 0.1, "trust": 0.01, "eps": 0.125, "max_norm": 2}


def at(value: sp.Expr) -> float:
    """An expression's value at the point."""
    return float(value.subs({sp.Symbol(name): number for name, number in {**POINT, **HYPERS}.items()}))


@pytest.mark.parametrize("over", ["12", "1"])
def test_norms_are_over_the_coordinates_that_they_are_said_to_be(over):
    x_norm, g_norm = (5, 13) if over == "12" else (3, 5)
    local = 0.01 * x_norm / (g_norm + 0.1 * x_norm + 0.125)
    expected = 0.25 * 1 + 0.5 * local * (5 + 0.1 * 3)
    for values in (coordinates.on_vector(coordinates.lars.program, over),) + (
        (coordinates.on_vector(coordinates.lars.program, "1", "12"),) if over == "12" else ()
    ):
        assert math.isclose(at(values["v", "1"]), expected)
        assert math.isclose(at(values["x", "1"]), 3 - expected)


def test_the_norm_of_a_line_is_taken_when_all_coordinates_have_it():
    values = coordinates.on_vector(coordinates.lamb.program, "12")
    step = [5 + 0.1 * 3, 12 + 0.1 * 4]
    for label, x, u in zip("12", (3, 4), step, strict=True):
        assert math.isclose(at(values["x", label]), x - 0.5 * 5 / math.hypot(*step) * u)


def test_a_rule_that_reads_a_norm_does_not_commute_with_sharding():
    judgement = judge(LIBRARY["norms_commute_with_sharding[clipped]"])
    assert judgement.verdict == "refuted"
    assert judgement.ok, judgement.reason
    assert {"g1", "g2", "max_norm"} <= set(judgement.witness)
