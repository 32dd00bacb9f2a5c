"""Types: float64 before the loop up to the casts, the element type inside it, nowhere anything else."""

from fractions import Fraction

import pytest

from symopt import rules
from symopt.codegen import Assign, Const, Op, Var, lower
from symopt.codegen.lowering import freeze
from symopt.codegen.nodes import is_total

VARIANTS = [rule for name in rules.names() for rule in rules.find(name).variants()]


def nodes(node):
    yield node
    if isinstance(node, Op):
        for arg in node.args:
            yield from nodes(arg)


def test_casts_carry_the_element_type_on():
    step = (Assign("c", Op("cast", (Op("sub", (Const(Fraction(1)), Var("a"))),), "float32")),)
    element = (Assign("y", Op("select", (Op("lt", (Var("x"), Var("c"))), Var("x"), Var("c")))),)
    types = {"a": "float64", "x": "float32"}
    step = freeze(step, types, "float64")
    element = freeze(element, types | {"c": step[0].value.type}, "float32")
    assert [node.type for node in nodes(step[0].value)] == ["float32", "float64", "float64", "float64"]
    types = [node.type for node in nodes(element[0].value)]
    assert types == ["float32", "bool", "float32", "float32", "float32", "float32"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", VARIANTS, ids=lambda rule: rule.label)
def test_every_rule_is_typed_throughout(rule, dtype):
    lowered = lower(rule.program, dtype)
    for line in lowered.element:
        assert {node.type for node in nodes(line.value)} <= {dtype, "bool"}
    for line in lowered.step:
        top, *rest = nodes(line.value)
        assert top.type in ({dtype} if isinstance(top, Op) and top.op == "cast" else {"float64", "bool"})
        assert {node.type for node in rest} <= {"float64", "bool"}


@pytest.mark.parametrize("rule", VARIANTS, ids=lambda rule: rule.label)
def test_every_name_is_assigned_once_and_before_it_is_read(rule):
    lowered = lower(rule.program, "float32")
    known, values = {*lowered.scalars, *(variable for _, variable in lowered.scalar_loads)}, {}

    def assign(lines):
        for line in lines:
            assert {node.name for node in nodes(line.value) if isinstance(node, Var)} <= known
            assert values.get(line.name, line.value) == line.value
            values[line.name] = line.value
            known.add(line.name)

    assign(lowered.step)
    for loop in (*lowered.passes, lowered):
        outside = set(known)
        known |= {variable for _, variable in loop.loads}
        assign(loop.element)
        if loop is not lowered:
            kept = {line.name for line in loop.element if is_total(line) or loop.over != "element"}
            known = outside | kept
            assign(loop.scalars)
    assert {variable for _, variable in (*lowered.stores, *lowered.scalar_stores)} <= known


def test_an_unknown_operation_cannot_be_built():
    with pytest.raises(ValueError, match="'hypot'"):
        Op("hypot", (Var("a"), Var("b")))


def test_only_two_element_types():
    with pytest.raises(ValueError, match="float16"):
        lower(VARIANTS[0].program, "float16")
