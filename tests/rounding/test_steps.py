"""Bounds of steps at different t, derived at once: those of each step by itself."""

import numpy as np
import pytest

import symopt
from symopt.conform.regimes import REGIMES, sample
from symopt.language import InputError
from symopt.rounding import bound

from ..catalog import COVERING

STEPS = np.array([[1], [2], [3], [1000], [10**6]])
#: NumPy rounds powers of arrays and of numbers otherwise; of a float32 scalar an end of the enclosure may then be the
#: next number, 2**-24 away, and no step has more than eight scalars.
ROUNDED = 8 * 2.0**-24
ALONE = [rule for rule in COVERING if rule.program.is_separable]


@pytest.mark.parametrize("rule", ALONE, ids=lambda rule: rule.label)
def test_as_if_each_were_by_itself(rule):
    for dtype, regime in (("float32", "default"), ("float64", "cancellation")):
        drawn = sample(rule.program, REGIMES[regime], dtype, len(STEPS) * 7)
        arrays = {n: a.reshape(len(STEPS), 7) for n, a in drawn.items() if isinstance(a, np.ndarray)}
        together = symopt.error_bound(rule, drawn | arrays | {"t": STEPS}, dtype)
        for place, (t,) in enumerate(STEPS):
            alone = symopt.error_bound(rule, drawn | {n: a[place] for n, a in arrays.items()} | {"t": int(t)}, dtype)
            for name, allowed in alone.items():
                np.testing.assert_allclose(together[name][place], allowed, rtol=ROUNDED)


@pytest.mark.parametrize("engine", bound.ENGINES)
def test_in_every_engine(engine):
    ones = np.ones((2, 3))
    both = symopt.error_bound("adam", dict.fromkeys("xgmv", ones) | {"t": np.array([[1], [9]])}, engine=engine)
    for place, t in enumerate((1, 9)):
        one = symopt.error_bound("adam", dict.fromkeys("xgmv", ones[0]) | {"t": t}, engine=engine)
        for name, allowed in one.items():
            np.testing.assert_allclose(both[name][place].astype(float), allowed.astype(float), rtol=ROUNDED)


def test_what_is_no_array_of_steps_is_refused():
    adam = dict.fromkeys("xgmv", np.ones((2, 3)))
    for t, message in (
        (np.ones((3, 1), int), r"shape of t = \(3, 1\): must broadcast to x's, \(2, 3\)"),
        (np.ones(3, int), "shape of t"),
        (np.ones((1, 2, 3), int), "shape of t"),
        (np.array([[1], [0]]), "t = 0"),
        (np.array([[1], [1.5]]), "t = 1.5"),
        ([[1], [2]], "must be a whole number"),
    ):
        with pytest.raises(InputError, match=message):
            symopt.error_bound("adam", adam | {"t": t})


def test_elements_that_depend_on_each_other_are_at_one_step():
    shared = [rule for rule in COVERING if not rule.program.is_separable]
    assert any(rule.program.is_elementwise for rule in shared)
    for rule in shared:
        inputs = sample(rule.program, REGIMES["default"], "float32", 4)
        with pytest.raises(InputError, match="must be a whole number"):
            symopt.error_bound(rule, inputs | {"t": np.array([1, 2, 3, 4])})
