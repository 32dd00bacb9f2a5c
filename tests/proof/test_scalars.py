"""Scalars under roots that two formulas share are numbers for a comparison; those that differ are not."""

import pytest
import sympy as sp

from symopt.language import Domain, Hyper, Program, make_definitions
from symopt.proof.equality import same_step
from symopt.proof.scalars import without_common_scalars

x, g, t, b, c = sp.symbols("x g t b c")
RATIO = (t - 2 / (1 - b)) * (t - 3) / ((t - 1 / (1 - b)) * (t + b))
TURNED = (t - 3) * (t - 2 / (1 - b)) * (1 / ((t + b) * (t - 1 / (1 - b))))


def step(expr):
    return {"x": x - g * sp.sqrt(expr)}


def test_what_is_the_same_in_another_order_is_one_number():
    own, other = without_common_scalars(step(RATIO), {"x": -g * sp.sqrt(TURNED) + x}, ("t", "b"))
    assert own["x"] == x - g * sp.sqrt(sp.Symbol("scalar1")) == other["x"]


@pytest.mark.parametrize(
    ("own", "other"),
    [
        (RATIO, RATIO.subs(t - 3, t - 4)),  # another one
        (RATIO * g, RATIO * g),  # none of scalars alone
        (1 - b, 1 - b),  # nothing to be shown of it
    ],
)
def test_other_radicands_stay_as_they_are(own, other):
    assert without_common_scalars(step(own), step(other), ("t", "b")) == (step(own), step(other))


def test_names_that_are_there_are_not_taken():
    taken = sp.Symbol("scalar1")
    own, _ = without_common_scalars(step(RATIO * taken**0 + 0), {"x": taken + sp.sqrt(RATIO)}, ("t", "b"))
    assert own["x"].free_symbols == {x, g, sp.Symbol("scalar2")}


def program(outputs):
    results = (("x", sp.Symbol("x'")),)
    scopes = {"t": "step", "b": "step"}
    lines = make_definitions([(sp.Symbol("x'"), outputs["x"])], scopes)
    return Program("step", (Hyper(sp.Rational(1, 2), Domain(), "b"),), (), lines, results)


def test_steps_with_a_common_root_are_equal_without_its_divisors_being_shown():
    assert same_step(program(step(RATIO)), {"x": x - sp.sqrt(TURNED) * g}).proved


def test_steps_with_other_roots_are_not():
    assert same_step(program(step(RATIO)), step(RATIO / 4)).verdict != "proved"
    assert same_step(program(step(RATIO)), {"x": x - 2 * g * sp.sqrt(RATIO)}).verdict == "refuted"
