"""Kernels' own sources, lifted back, are proved equal to their rules (by verification, every variant's)."""

import pytest

from symopt import rules
from symopt.codegen import kernel_source
from symopt.lifting import LiftError, lift_source
from symopt.proof import check
from symopt.proof.equality import same_step

from ..catalog import COVERING

pytestmark = pytest.mark.usefixtures("certificates")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", COVERING, ids=lambda rule: rule.label)
def test_the_source_is_the_rule(rule, dtype):
    program = rule.program
    lifted = lift_source(kernel_source(program, dtype), program, dtype)
    assert lifted.inputs == program.inputs
    answer = same_step(program, lifted.outputs)
    assert answer.proved, answer.reason
    check(answer.certificate)


def test_a_source_of_another_dtype_is_refused():
    program = rules.find("adam").program
    with pytest.raises(LiftError, match="a float64 value is stored into a float32 array"):
        lift_source(kernel_source(program, "float64").replace("np.float64(", "("), program, "float32")


REFUSED = {
    "a literal in the loop": ("lr_f32 * m_hat", "2.5 * lr * m_hat"),
    "an argument that was not cast": ("x_i - lr_f32", "x_i - lr"),
    "a cast to float64": ("m[i] = m_1", "m[i] = np.float64(m_1)"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wide_value_in_a_float32_array_is_refused(name):
    old, new = REFUSED[name]
    program = rules.find("adam").program
    source = kernel_source(program, "float32")
    assert source.count(old) == 1
    with pytest.raises(LiftError, match="a float64 value is stored into a float32 array"):
        lift_source(source.replace(old, new), program, "float32")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("def step", "def stop", "step"),
        ("import numpy as np", "import os as np", "imports os"),
        ("x[i] = x_1", "x[i] = y_1", "y_1"),
        ("x[i] = x_1", "x[i] = (x_1", "SyntaxError"),
        ("x[i] = x_1", "x[i] = x[i - 1] + x_1", "couples"),
        ("range(x.size)", "range(1)", "elements"),
        ("np.sqrt(", "np.arctan(", "arctan"),
    ],
)
def test_a_source_that_cannot_be_followed_is_refused(old, new, says):
    program = rules.find("adam").program
    source = kernel_source(program, "float32")
    assert old in source
    with pytest.raises(LiftError, match=says):
        lift_source(source.replace(old, new), program, "float32")
