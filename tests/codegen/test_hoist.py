"""Scope: what reads no element is computed before the loop, in float64, and rounded once."""

from fractions import Fraction

import numpy as np
import pytest

from symopt import rules
from symopt.codegen import Assign, Const, Op, Var, lower
from symopt.codegen.lowering import hoist
from symopt.codegen.nodes import variables

VARIANTS = [rule for name in rules.names() for rule in rules.find(name).variants()]
ONE = Const(Fraction(1))
DECAYED = Op("sub", (ONE, Var("beta")))
LINE = Assign("y", Op("add", (Op("mul", (DECAYED, Var("g"))), Op("mul", (Var("beta"), Var("m"))))))


def run(*lines, dtype, results=()):
    kinds = {"beta": "once", "t": "once", "g": "element", "m": "element"}
    found = hoist(lines, kinds, dtype, results, frozenset({"beta", "t", "y"}))
    return found.lines["once"], found.lines["element"], found.homes


def test_float32_rounds_each_scalar_once():
    step, element, _ = run(LINE, dtype="float32")
    assert step == (
        Assign("c1", Op("cast", (DECAYED,), "float32")),
        Assign("beta_f32", Op("cast", (Var("beta"),), "float32")),
    )
    assert element[0].value == Op("add", (Op("mul", (Var("c1"), Var("g"))), Op("mul", (Var("beta_f32"), Var("m")))))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_scalar_that_is_read_twice_leaves_once(dtype):
    twice = Op("add", (Op("mul", (Var("beta"), Var("g"))), Op("mul", (DECAYED, Op("mul", (Var("beta"), Var("m")))))))
    step, _, _ = run(Assign("y", twice), Assign("z", Op("mul", (DECAYED, Var("y")))), dtype=dtype)
    assert [line.name for line in step] == (["beta_f32", "c1"] if dtype == "float32" else ["c1"])


def test_float64_takes_the_scalars_as_they_are():
    step, element, _ = run(LINE, dtype="float64")
    assert step == (Assign("c1", DECAYED),)
    assert element[0].value == Op("add", (Op("mul", (Var("c1"), Var("g"))), Op("mul", (Var("beta"), Var("m")))))


def test_the_largest_subexpression_leaves_whole():
    nested = Op("sqrt", (Op("sub", (ONE, Op("pow", (Var("beta"), Var("t"))))),))
    step, element, _ = run(Assign("y", Op("mul", (nested, Var("g")))), dtype="float64")
    assert step == (Assign("c1", nested),)
    assert element == (Assign("y", Op("mul", (Var("c1"), Var("g")))),)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numbers_leave_the_loop(dtype):
    step, element, _ = run(Assign("y", Op("mul", (Const(Fraction(1, 2)), Var("g")))), dtype=dtype)
    assert [line.name for line in step] == ["c1"]
    assert element[0].value == Op("mul", (Var("c1"), Var("g")))


def test_a_comparison_is_not_rounded():
    condition = Op("lt", (Var("t"), Const(Fraction(5))))
    step, _, _ = run(Assign("y", Op("select", (condition, Var("g"), Var("m")))), dtype="float32")
    assert step == (Assign("c1", condition),)


def test_a_result_of_step_scope_is_rounded_for_its_store():
    step, element, homes = run(Assign("y", DECAYED), dtype="float32", results=["y"])
    assert (step[-1], element, homes) == (Assign("y_f32", Op("cast", (Var("y"),), "float32")), (), ("y_f32",))


def test_hoisting_changes_no_bit(evaluate):
    names = {"beta": np.float64(0.9), "t": np.float64(3), "g": np.float64(0.123), "m": np.float64(-7.7)}
    step, element, _ = run(LINE, dtype="float64")
    assert evaluate([*step, *element], names)["y"] == evaluate([LINE], names)["y"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", VARIANTS, ids=lambda rule: rule.label)
def test_no_rule_leaves_work_in_the_loop(rule, dtype):
    lowered = lower(rule.program, dtype)
    loop = {variable for _, variable in lowered.loads} | {line.name for line in lowered.element}

    def is_of_elements(node):
        """Also what is made of a row's and a column's values."""
        return variables(node) & loop or len({lowered.kinds[n] for n in variables(node) if n in lowered.kinds}) == 2

    def leftovers(node):
        own = [] if isinstance(node, Var) or is_of_elements(node) else [node]
        return own + ([left for arg in node.args for left in leftovers(arg)] if isinstance(node, Op) else [])

    assert not [left for line in lowered.element for left in leftovers(line.value)]
