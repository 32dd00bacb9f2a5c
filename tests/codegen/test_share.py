"""Common subexpressions: equal trees are computed once, and nothing else changes."""

import numpy as np

from symopt.codegen import Assign, Op, Var
from symopt.codegen.lowering import share

A, B = Var("a"), Var("b")
SUM, REVERSED = Op("add", (A, B)), Op("add", (B, A))


def test_an_equal_tree_is_named_once():
    shared = share((Assign("y", Op("mul", (SUM, SUM))),), frozenset("ab"))
    assert shared == (Assign("s1", SUM), Assign("y", Op("mul", (Var("s1"), Var("s1")))))


def test_a_line_serves_for_its_own_value():
    shared = share((Assign("y", SUM), Assign("z", Op("sqrt", (SUM,)))), frozenset("ab"))
    assert shared == (Assign("y", SUM), Assign("z", Op("sqrt", (Var("y"),))))


def test_only_equal_trees_are_merged():
    lines = (Assign("y", SUM), Assign("z", Op("mul", (REVERSED, A))))
    assert share(lines, frozenset("ab")) == lines


def test_the_largest_common_tree_is_taken():
    root = Op("sqrt", (SUM,))
    shared = share((Assign("y", Op("neg", (root,))), Assign("z", Op("abs", (root,)))), frozenset("ab"))
    assert [line.name for line in shared] == ["s1", "y", "z"]
    assert shared[0].value == root


def test_a_name_in_use_is_passed_over():
    shared = share((Assign("y", Op("mul", (SUM, SUM))),), frozenset({"a", "b", "s1"}))
    assert shared[0].name == "s2"


def test_sharing_changes_no_bit(evaluate):
    cube = Op("mul", (Op("mul", (SUM, SUM)), SUM))
    lines = (Assign("y", Op("div", (cube, Op("sqrt", (SUM,))))), Assign("z", Op("sub", (cube, Var("y")))))
    names = {"a": np.float64(0.1), "b": np.float64(0.7)}
    before, after = evaluate(lines, names), evaluate(share(lines, frozenset("abyz")), names)
    assert (before["y"], before["z"]) == (after["y"], after["z"])
