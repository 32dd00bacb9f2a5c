"""Types: float64 before the loop up to the casts, the element type inside it, nowhere anything else."""

from fractions import Fraction

import pytest

from symopt import rules
from symopt.codegen import Assign, Const, Op, Var, lower
from symopt.codegen.lower import freeze

COMBINATIONS = [rule for name in rules.names() for rule in rules.find(name).combinations()]


def nodes(node):
    yield node
    if isinstance(node, Op):
        for arg in node.args:
            yield from nodes(arg)


def test_casts_carry_the_element_type_on():
    step = (Assign("c", Op("cast", (Op("sub", (Const(Fraction(1)), Var("a"))),), "float32")),)
    element = (Assign("y", Op("select", (Op("lt", (Var("x"), Var("c"))), Var("x"), Var("c")))),)
    step, element = freeze(step, element, {"a": "float64", "x": "float32"}, "float32")
    assert [node.type for node in nodes(step[0].value)] == ["float32", "float64", "float64", "float64"]
    types = [node.type for node in nodes(element[0].value)]
    assert types == ["float32", "bool", "float32", "float32", "float32", "float32"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", COMBINATIONS, ids=lambda rule: rule.label)
def test_every_rule_is_typed_throughout(rule, dtype):
    lowered = lower(rule.program, dtype)
    assert {node.type for line in lowered.element for node in nodes(line.value)} == {dtype}
    for line in lowered.step:
        top, *rest = nodes(line.value)
        assert top.type == (dtype if isinstance(top, Op) and top.op == "cast" else "float64")
        assert {node.type for node in rest} <= {"float64"}


@pytest.mark.parametrize("rule", COMBINATIONS, ids=lambda rule: rule.label)
def test_every_name_is_assigned_once_and_before_it_is_read(rule):
    lowered = lower(rule.program, "float32")
    known = {*lowered.scalars}
    lines = [*lowered.step, *(Assign(variable, Const(Fraction(0))) for _, variable in lowered.loads), *lowered.element]
    for line in lines:
        assert {node.name for node in nodes(line.value) if isinstance(node, Var)} <= known
        assert line.name not in known
        known.add(line.name)
    assert {variable for _, variable in lowered.stores} <= known


def test_an_unknown_operation_cannot_be_built():
    with pytest.raises(ValueError, match="'hypot'"):
        Op("hypot", (Var("a"), Var("b")))


def test_only_two_element_types():
    with pytest.raises(ValueError, match="float16"):
        lower(COMBINATIONS[0].program, "float16")
