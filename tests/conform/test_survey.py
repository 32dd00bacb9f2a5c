"""Kernels held against exact steps: a kernel that errs is seen, in whatever way the error is decided."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import symopt
from symopt import rules
from symopt.codegen import compile_program
from symopt.conform.decimals import MANY, decimals, digits, step_in_decimals
from symopt.conform.regimes import REGIMES, sample
from symopt.conform.survey import largest_error, ratios

DTYPES = ["float32", "float64"]
VARIANTS = [variant for name in rules.names() for variant in rules.find(name).variants()]


def wrong(kernel, change):
    """The kernel whose x is changed after each step."""

    def step(x, *rest):
        kernel.function(x, *rest)
        change(x)

    return replace(kernel, function=step)


def ulps(count):
    """Every x moved by so many units in the last place."""

    def change(x):
        for _ in range(count):
            x[...] = np.nextafter(x, np.inf, dtype=x.dtype)

    return change


@pytest.mark.parametrize("dtype", DTYPES)
def test_an_error_of_a_few_units_is_seen(dtype):
    rule = rules.find("sgd")
    kernel, inputs = compile_program(rule.program, dtype), sample(rule.program, REGIMES["default"], dtype, 200)
    assert (ratios(rule, kernel, inputs)["x"] <= 1).all()
    seen = ratios(rule, wrong(kernel, ulps(2)), inputs)["x"]
    assert (seen > 1).mean() > 0.9  # where lr * g is larger than x, two units of a sum that cancels may be within
    assert largest_error(rule, kernel).ok
    off = largest_error(rule, wrong(kernel, ulps(2)))
    assert not off.ok
    assert off.ulp >= 1


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_beyond_every_bound(value, dtype):
    rule = rules.find("adam")
    kernel = wrong(compile_program(rule.program, dtype), lambda x: x.__setitem__(7, value))
    seen = ratios(rule, kernel, sample(rule.program, REGIMES["default"], dtype, 20))["x"]
    assert np.isinf(seen[7])
    assert (np.delete(seen, 7) <= 1).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_an_error_where_none_is_allowed(dtype):
    """g = 0: x must not move at all, its bound is 0, and an error in it is infinitely much."""
    rule = rules.find("sgd")
    kernel = wrong(compile_program(rule.program, dtype), ulps(1))
    inputs = sample(rule.program, REGIMES["zero gradients"], dtype, 20)
    assert not symopt.error_bound(rule, inputs, dtype)["x"].any()
    assert np.isinf(ratios(rule, kernel, inputs)["x"]).all()
    found = largest_error(rule, kernel, "zero gradients", 20)
    assert np.isinf(found.ratio)
    assert np.isinf(found.ulp)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_bound_that_is_just_reached_is_decided_exactly(dtype):
    """With the errors themselves as bounds every ratio is 1, and with a little less every one is above."""
    rule = rules.find("momentum")
    kernel, inputs = compile_program(rule.program, dtype), sample(rule.program, REGIMES["default"], dtype, 100)
    after = {n: a.copy() if isinstance(a, np.ndarray) else a for n, a in inputs.items()}
    kernel(**after)
    with digits(MANY):
        numbers = {h.name: Decimal(h.default.numerator) / h.default.denominator for h in rule.program.hypers}
        arrays = {n: decimals(a) for n, a in inputs.items() if isinstance(a, np.ndarray)}
        exact = step_in_decimals(rule.program, arrays | numbers | {"t": Decimal(inputs["t"])})
        errors = {n: abs(decimals(after[n]) - exact[n]) for n in exact}
        least = {n: np.array([float(e) for e in error]) for n, error in errors.items()}
        above = {n: np.array([Decimal(float(v)) < e for v, e in zip(least[n], errors[n], strict=True)]) for n in least}
    for name, seen in ratios(rule, kernel, inputs, least).items():
        assert ((seen > 1) == above[name]).all()
    down = {n: np.nextafter(v, 0) for n, v in least.items()}
    for name, seen in ratios(rule, kernel, inputs, down).items():
        assert (seen[least[name] > 0] > 1).all()


def test_nothing_is_seen_where_nothing_is_promised():
    rule = rules.find("adam")
    inputs = sample(rule.program, REGIMES["overflow"], "float32", 50)
    bounds, seen = symopt.error_bound(rule, inputs), ratios(rule, compile_program(rule.program, "float32"), inputs)
    for name, ratio in seen.items():
        assert (np.isnan(ratio) == ~np.isfinite(bounds[name])).all()


RATIONAL = [v for v in VARIANTS if "sqrt" not in str([line.expr for line in v.program.definitions])]


@pytest.mark.parametrize("rule", RATIONAL, ids=lambda r: r.label)
def test_decimals_are_the_rules_own_fractions(rule):
    """The body on Fractions and the Program on decimals: two ways that share no arithmetic."""
    values = {name: Fraction(3 * n + 5, 7) for n, name in enumerate(rule.program.inputs)} | {"t": Fraction(3)}
    with digits(90):
        wide = {name: Decimal(v.numerator) / v.denominator for name, v in values.items()}
        for name, found in step_in_decimals(rule.program, wide).items():
            exact = Fraction(rule.run(values)[name])
            assert abs(Fraction(np.asarray(found, object).item()) - exact) <= abs(exact) * Fraction(1, 10**80)


def test_there_are_rules_without_roots():
    assert len(RATIONAL) > 5


@pytest.mark.parametrize("name", REGIMES)
def test_a_regime_is_the_same_every_time_and_inside_the_domains(name):
    for rule in VARIANTS:
        for dtype in DTYPES:
            first, again = (sample(rule.program, REGIMES[name], dtype, 9, seed=4) for _ in range(2))
            same = [np.array_equal(a, again[n], equal_nan=True) for n, a in first.items() if isinstance(a, np.ndarray)]
            assert all(same)
            assert all(first[h.name] in h.domain for h in rule.program.hypers if h.name in first)
            for state in rule.program.states:
                assert first[state.name].dtype == dtype
                assert not (first[state.name] < 0).any() or not state.nonnegative
