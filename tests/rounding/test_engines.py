"""Three engines, one bound: the order among them, boxes, and machines that compute otherwise than NumPy."""

import sys
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest

import symopt
from symopt import rounding, rules
from symopt.conform.regimes import REGIMES, sample
from symopt.rounding import bound, enclosure, order, run, straight  # noqa: F401 - parts of the package

from ..catalog import COVERING
from . import checks
from .local_rules import RULES

SEPARABLE = [
    rule for rule in (*RULES, *COVERING) if rule.program.is_separable
]  # sums over elements are held to exact steps in test_soundness, and to exact sums in checks


@pytest.mark.parametrize("dtype", checks.FORMS)
@pytest.mark.parametrize("rule", SEPARABLE, ids=lambda rule: rule.label)
def test_every_variable_on_every_machine(rule, dtype):
    """Products fused with sums or not, powers rounded either way: each variable keeps within its enclosure."""
    for regime in REGIMES:
        assert not list(checks.check_machines(rounding, rule, dtype, regime, elements=3))
    assert not list(checks.check_machines(rounding, rule, dtype, "default", "fractions", elements=3))


@pytest.mark.parametrize("dtype", checks.FORMS)
@pytest.mark.parametrize("rule", SEPARABLE, ids=lambda rule: rule.label)
def test_engines_agree(rule, dtype):
    for regime in ("default", "t = 1", "squares underflow, eps = 1e-30", "cancellation", "overflow"):
        assert not list(checks.check_engines(rounding, rule, dtype, regime))


@pytest.mark.parametrize("name", rules.names())
def test_arrays_are_as_good_as_fractions_in_float32(name):
    """Float64 has the digits to do without loss what Fractions do; for float64 kernels it has not.

    But for a 256th of a unit in the last place, where a sum is as good as exact and Fractions know by how little it is
    rounded.
    """
    inputs = checks.drawn(rules.find(name).program, "default", "float32", 30, 11)
    arrays, exact = (symopt.error_bound(name, inputs, engine=e) for e in ("arrays", "fractions"))
    largest = max(float(np.abs(a).max()) for a in inputs.values() if isinstance(a, np.ndarray))
    for output, allowed in arrays.items():
        assert all(isinstance(least, Fraction) for least in exact[output].flat)
        assert all(
            float(most) <= float(least) * (1 + 2.0**-10) + 2.0**-31 * largest
            for most, least in zip(allowed.flat, exact[output].flat, strict=True)
        )


@pytest.mark.parametrize("width", [1e-3, 0.5, 30.0])
@pytest.mark.parametrize("rule", SEPARABLE, ids=lambda rule: rule.label)
def test_the_bound_of_a_box_holds_in_it(rule, width):
    for dtype, regime in (("float32", "default"), ("float64", "mixed scales"), ("float32", "subnormal everything")):
        assert not list(checks.check_boxes(rounding, rule, dtype, regime, width, points=2))


@pytest.mark.parametrize("engine", bound.ENGINES)
def test_boxes_in_every_engine(engine):
    ones = np.ones(3)
    box = dict.fromkeys(("x", "g", "m", "v"), (ones, 2 * ones)) | {"t": 5}
    wide = symopt.error_bound("adam", box, engine=engine)
    narrow = symopt.error_bound("adam", box | dict.fromkeys(("x", "g", "m", "v"), 1.5 * ones), engine=engine)
    for output in wide:
        assert wide[output].shape == (3,)
        assert (wide[output] >= narrow[output]).all()
    over_zero = symopt.error_bound("adam", box | {"v": (0 * ones, ones), "g": (-ones, ones), "eps": 0}, engine=engine)
    assert not any(checks.promised(e) for e in over_zero["x"])  # the divisor may be 0
    assert all(checks.promised(e) for e in over_zero["v"])


def test_shapes():
    for shape in ((), (0,), (2, 3)):
        inputs = {n: np.ones(shape, "float32") for n in ("x", "g", "m", "v")} | {"t": 1}
        for engine in bound.ENGINES:
            assert {e.shape for e in symopt.error_bound("adam", inputs, engine=engine).values()} == {shape}


def test_a_hundred_thousand_elements_take_no_time_to_speak_of():
    """In work, not in seconds: as many calls, of Python's functions and of NumPy's, as for ten elements."""
    adam, counts = rules.find("adam").program, {}
    for size in (10, 10, 100_000):  # the first prepares
        inputs, calls = sample(adam, REGIMES["default"], "float32", size), Counter()
        sys.setprofile(lambda frame, event, arg, calls=calls: calls.update([event]))
        symopt.error_bound("adam", inputs)
        sys.setprofile(None)
        counts[size] = calls
    few, many = counts[10].total(), counts[100_000].total()
    assert few > 1000
    assert many < 1.1 * few  # which branches are taken depends on the numbers
