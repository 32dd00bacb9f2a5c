"""Bounds are not needlessly wide.

Around each of 500 points of the default regime lie 200 neighbours, within 2**-10 of it. Their largest observed error
is compared with their largest bound: how much of what is allowed near the point does occur there? The median of this
over the points is at least three tenths, for x and each state of every rule: 10**5 samples each.
Points near which nothing is promised (a variance may be negative there) do not count, nor do states that are exact.

Of a sum over the 10**5 elements the bound is one for any order of its terms, 10**5 units in the last place of float64;
in the kernel's order a thousandth of that occurs, and it is all that there is in float64. A state that has one number
for all elements has one error here, of which there is no median.
"""

import numpy as np
import pytest

import symopt
from symopt import rules
from symopt.codegen import compile_program
from symopt.conform.regimes import REGIMES, sample
from symopt.conform.survey import ratios

from ..catalog import COVERING

POINTS, NEIGHBOURS, WIDTH = 500, 200, 2.0**-10
#: In a matrix, a point's neighbours would share its row or its column.
VECTORS = [rule for rule in COVERING if not rule.program.has_matrices]


def around(inputs, rng):
    """Every point's neighbours, one after the other."""
    moved = {}
    for name, array in inputs.items():
        if isinstance(array, np.ndarray) and array.size == POINTS:
            near = np.repeat(array.astype(float), NEIGHBOURS)
            array = (near * (1 + rng.uniform(-WIDTH, WIDTH, size=near.size))).astype(array.dtype)
        moved[name] = array
    return moved


def reached(rule, dtype, wider=1):
    """For x and each state, the median over the points of the largest error near it over the largest bound."""
    rng = np.random.default_rng(1)
    inputs = around(sample(rule.program, REGIMES["default"], dtype, POINTS, 3), rng)
    bounds = {n: wider * b for n, b in symopt.error_bound(rule, inputs, dtype).items()}
    medians = {}
    for output, ratio in ratios(rule, compile_program(rule, dtype), inputs, bounds).items():
        if ratio.size == 1 or not bounds[output].any():
            assert (ratio <= 1).all()
            continue
        assert ratio.size == 10**5
        errors = (ratio * bounds[output]).reshape(POINTS, NEIGHBOURS).max(axis=1)
        allowed = bounds[output].reshape(POINTS, NEIGHBOURS).max(axis=1)
        counts = np.isfinite(allowed) & (allowed > 0)
        assert counts.sum() > POINTS / 3
        medians[output] = float(np.median(errors[counts] / allowed[counts]))
    return medians


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", VECTORS, ids=lambda rule: rule.label)
def test_three_tenths_of_the_bound_occur(rule, dtype):
    medians = reached(rule, dtype)
    least = 0.3 if rule.program.is_elementwise or dtype == "float32" else 0.001
    assert medians.keys() >= {"x"}
    assert min(medians.values()) >= least, medians


def test_a_bound_that_is_four_times_too_wide_is_seen():
    assert min(reached(rules.find("adam"), "float32", wider=4).values()) < 0.3
