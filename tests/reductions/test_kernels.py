"""Kernels of rules that sum over elements: within their bounds of the exact step, at every size."""

from decimal import Decimal

import numpy as np
import pytest

import symopt
from symopt.codegen import compile_program, lower
from symopt.conform.decimals import decimals, digits
from symopt.conform.regimes import REGIMES
from symopt.conform.survey import survey
from symopt.language import InputError

from .tensor_rules import BY_HAND, RULES, normalized, remembering, standardized, trusting

SHAPES = [(1,), (7,), (3, 4), (301,)]
DTYPES = ["float32", "float64"]


def draw(rule, shape, dtype, seed=3):
    rng = np.random.default_rng(seed)
    given = {name: rng.normal(size=shape).astype(dtype) for name in ("x", "g")}
    for state in rule.program.states:
        kind = shape if state.scope == "element" else (1,)
        given[state.name] = np.abs(rng.normal(size=kind)).astype(dtype)
    return given


def exact_step(rule, given, change=lambda name, value: value):
    """The step by hand on decimals; ``change`` alters a hyperparameter."""
    hypers = {h.name: change(h.name, Decimal(h.default.numerator) / h.default.denominator) for h in rule.program.hypers}
    wide = {name: decimals(array) for name, array in given.items()}
    return BY_HAND[rule.name](wide["x"], wide["g"], wide, hypers)


def within(rule, given, dtype, **changes):
    """Whether one step of the kernel is within its bound of the step by hand."""
    bounds, after = symopt.error_bound(rule, given | {"t": 1}, dtype), {n: a.copy() for n, a in given.items()}
    compile_program(rule, dtype)(**after, t=1)
    with digits(100):
        for name, exact in exact_step(rule, given, **changes).items():
            exact = np.broadcast_to(exact, after[name].shape)
            assert np.isfinite(bounds[name]).all()
            if not (np.abs(decimals(after[name]) - exact) <= decimals(bounds[name])).all():
                return False
    return True


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.name)
def test_a_step_is_within_its_bound_of_the_step_by_hand(rule, shape, dtype):
    assert within(rule, draw(rule, shape, dtype), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.name)
def test_another_step_is_not(rule, dtype):
    """A rate that is larger by 2**-16 of itself: far less than a loss would show."""

    def change(name, value):
        return value * (1 + Decimal(2) ** -16) if name == "lr" else value

    assert not within(rule, draw(rule, (301,), dtype), dtype, change=change)


@pytest.mark.parametrize("regime", ["default", "squares underflow", "huge gradients", "cancellation", "mixed scales"])
@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.name)
def test_the_bound_holds(rule, regime):
    assert regime in REGIMES
    seen = survey(rule, regime, 4000)
    assert seen.ok, seen
    assert seen.samples >= 4000


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.name)
def test_an_empty_tensor_stays_empty(rule):
    given = draw(rule, (0,), "float32")
    compile_program(rule, "float32")(**given, t=1)
    assert given["x"].size == 0


def test_an_empty_tensors_own_state_forgets():
    given = draw(remembering, (0,), "float64") | {"v": np.array([2.0])}
    compile_program(remembering, "float64")(**given, t=1)
    assert given["v"] == 2.0 * 0.9


def test_all_zero():
    zeros = {"x": np.zeros(4, "float32"), "g": np.zeros(4, "float32")}
    compile_program(trusting, "float32")(**zeros, t=1)
    assert not zeros["x"].any()


def test_loops():
    """One for each sum that needs another sum first."""
    assert len(lower(normalized.program, "float32").passes) == 1
    assert len(lower(standardized.program, "float32").passes) == 2
    assert len(lower(trusting.program, "float32").passes) == 1  # two sums in one loop


def test_states_of_the_tensor():
    kernel = compile_program(remembering, "float32")
    x = np.ones((2, 3), "float32")
    assert {name: array.shape for name, array in kernel.init(x).items()} == {"v": (1,), "m": (2, 3)}
    for shape in ((), (6,), (2, 3)):
        given = kernel.init(x) | {"v": np.zeros(shape, "float32")}
        before = {name: array.copy() for name, array in given.items()}
        with pytest.raises(InputError, match=r"shape of v = .*: must have shape \(1,\)"):
            kernel(x, x.copy(), **given, t=1)
        assert all(np.array_equal(given[name], before[name]) for name in given)
        assert (x == 1).all()
        with pytest.raises(InputError, match=r"shape of v"):
            symopt.error_bound(remembering, {"x": x, "g": x, **given, "t": 1})
