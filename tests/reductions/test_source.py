"""The source of kernels with loops that sum: proved equal to its rule; no other source is."""

import pytest

from symopt.codegen import kernel_source
from symopt.lifting import LiftError, lift_source
from symopt.proof import check
from symopt.proof.equality import same_step

from .tensor_rules import RULES

BY_NAME = {rule.name: rule for rule in RULES}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.name)
def test_the_source_is_the_rule(rule, dtype):
    answer = same_step(rule.program, lift_source(kernel_source(rule.program, dtype), rule.program, dtype).outputs)
    assert answer.proved, answer.reason
    check(answer.certificate)


def planted(name, old, new, dtype="float64"):
    source = kernel_source(BY_NAME[name].program, dtype)
    assert source.count(old) == 1, source
    return source.replace(old, new)


DEFECTS = {
    "no square": ("normalized", "total1 += g_i * g_i", "total1 += g_i"),
    "no root": ("normalized", "np.sqrt(total1)", "total1"),
    "another array": ("normalized", "total1 += g_i * g_i", "total1 += x_i * x_i"),
    "a sum that starts at 1": ("normalized", "total1 = 0.0", "total1 = 1.0"),
    "a sum and not a mean": ("centralized", "total1 / size", "total1"),
    "a mean of twice as many": ("centralized", "np.float64(x.size)", "(2.0 * np.float64(x.size))"),
    "a square of what has its mean": ("standardized", "total2 += d * d", "total2 += g_i * g_i"),
    "the wrong guard": ("trusting", "0.0 < x_norm", "x_norm < 0.0"),
    "a forgotten state": ("remembering", "v[0] = v_1", "v[0] = v_0"),
    "the state before": ("remembering", "np.sqrt(v_1)", "np.sqrt(v_0)"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_refuted(defect):
    name, old, new = DEFECTS[defect]
    source = planted(name, old, new)
    if defect == "another array":
        source = source.replace("    for i in range(x.size):\n", "    for i in range(x.size):\n        x_i = x[i]\n", 1)
    program = BY_NAME[name].program
    answer = same_step(program, lift_source(source, program, "float64").outputs)
    assert answer.verdict == "refuted", answer.reason
    check(answer.certificate)


REFUSED = {
    "a neighbour": ("g_i = g[i]\n        total1", "g_i = g[i - 1]\n        total1", "couples the elements"),
    "the first element": ("g_i = g[i]\n        total1", "g_i = g[0]\n        total1", "couples the elements"),
    "a part of the elements": (
        "total1 = 0.0\n    for i in range(x.size)",
        "total1 = 0.0\n    for i in range(x.size - 1)",
        "is not a loop over all elements",
    ),
    "a sum in use": (
        "total1 += g_i * g_i",
        "total1 += g_i * g_i\n        y = total1",
        "used for more than adding a term of each element",
    ),
    "a sum of its own": (
        "total1 += g_i * g_i",
        "total1 += g_i * total1",
        "used for more than adding a term of each element",
    ),
    "two terms an element": (
        "total1 += g_i * g_i",
        "total1 += g_i\n        total1 += g_i",
        "used for more than adding a term of each element",
    ),
    "a narrow sum": ("total1 = 0.0", "total1 = np.float32(0.0)", "does not start as a float64 number"),
    "no start": ("    total1 = 0.0\n", "", "does not start as a float64 number"),
    "a value carried on": ("total1 += g_i * g_i", "total1 += g_i * y\n        y = g_i", "read where it has no value"),
    "a value carried on from before the loop": (
        "total1 = 0.0\n    for i in range(x.size):\n        g_i = g[i]\n        total1 += g_i * g_i",
        "total1 = 0.0\n    y = 1.0\n    for i in range(x.size):\n        total1 += y\n        y = g[i]",
        "read where it has no value",
    ),
    "the last element": ("np.sqrt(total1)", "np.sqrt(g_i)", "read where it has no value"),
    "a difference": ("total1 += g_i * g_i", "total1 -= g_i * g_i", "is no statement that a kernel may have"),
    "a condition": ("total1 += g_i * g_i", "if g_i > 0: total1 += g_i", "is no statement that a kernel may have"),
    "a loop in a loop": (
        "total1 += g_i * g_i",
        "for j in range(x.size):\n            total1 += g_i",
        "is no statement that a kernel may have",
    ),
    "a changed gradient": ("x[i] = x_1", "x[i] = x_1\n        g[i] = x_1", "couples the elements"),
    "a call": ("np.sqrt(total1)", "open(total1)", "is no expression that a kernel may have"),
    "another import": ("import numpy as np", "import os as np", "imports os"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_sum_over_all_elements_is_refused(name):
    old, new, message = REFUSED[name]
    program = BY_NAME["normalized"].program
    with pytest.raises(LiftError, match=message):
        lift_source(planted("normalized", old, new), program, "float64")


def test_a_state_of_the_tensor_is_read_outside_the_loops():
    program = BY_NAME["remembering"].program
    source = planted("remembering", "v[0] = v_1", "v[1] = v_1")
    with pytest.raises(LiftError, match="couples the elements"):
        lift_source(source, program, "float64")
