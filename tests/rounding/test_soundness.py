"""A kernel's result is never farther from the exact step than its bound: every rule, in fair and foul regimes."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

import symopt
from symopt import rules
from symopt.conform.regimes import REGIMES, sample
from symopt.conform.survey import ELEMENTS, survey
from symopt.language import InputError, Reduction

from .local_rules import RULES, centred, centred_outside

# Those that a bound is most likely to be wrong in get all the elements.
HARD = ["default", "no memory", "squares underflow", "cancellation"]
FAIR = ["default", "no memory", "odd numbers", "eps = 1e-30", "t = 1", "t = 1000000", "mixed scales", "cancellation"]


#: Every rule with its variants in the regime "default", and alone in every third of the others; ``symopt verify
#: --deep`` takes all through all.
THIRD = [
    (name, regime)
    for row, name in enumerate(rules.names())
    for column, regime in enumerate(REGIMES)
    if regime == "default" or (row + column) % 3 == 0
]


@pytest.mark.parametrize(("name", "regime"), THIRD)
def test_the_bound_holds(name, regime):
    rule, elements = rules.find(name), ELEMENTS if regime in HARD else 3_000
    # Each variant in one regime; verify --deep takes all of them through all.
    seen = survey(rule, regime, elements, None if regime == "default" else [rule])
    assert seen.ok, seen
    assert seen.samples >= elements
    if regime in FAIR and (regime != "mixed scales" or rule.program.is_elementwise):  # there, sums overflow
        assert seen.bounded > 0.9


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_bound_holds_for_other_operations(rule, regime):
    """Differences that cancel (the variance of centred RMSProp among them), branches, bounds, powers."""
    hard = regime in HARD and rule in (centred, centred_outside)
    seen = survey(rule, regime, ELEMENTS if hard else 3_000)
    assert seen.ok, seen


def test_the_regimes_are_what_they_say():
    """Squares and states really underflow, differences really cancel, and what overflows is not bounded."""
    adam = rules.find("adam").program
    for dtype in ("float32", "float64"):
        drawn = {name: sample(adam, regime, dtype, 1000) for name, regime in REGIMES.items()}
        tiny = np.finfo(dtype).smallest_normal
        assert (np.abs(drawn["squares underflow"]["g"]) ** 2 < tiny).mean() > 0.9
        states = drawn["subnormal states"]["v"]
        assert ((states > 0) & (states < tiny)).mean() > 0.9
        assert np.abs(drawn["huge gradients"]["g"]).max() > 1e15
        assert adam.hypers[1].name == "beta1"
        cancelling, beta = drawn["cancellation"], float(adam.hypers[1].default)
        mean = np.abs(beta * cancelling["m"] + (1 - beta) * cancelling["g"])
        assert (mean < np.abs(cancelling["m"]) * 1e-5).mean() > 0.05
        difference = np.abs(cancelling["v"] - cancelling["m"] ** 2)
        assert (difference < cancelling["v"] * 1e-5).mean() > 0.9
        bounds = symopt.error_bound("adam", drawn["overflow"], dtype)
        assert np.isinf(bounds["v"]).mean() > 0.9
        assert np.isinf(bounds["x"]).mean() > 0.9


def test_nan_and_infinity_promise_nothing():
    for rule in (variant for name in rules.names() for variant in rules.find(name).variants()):
        inputs = sample(rule.program, REGIMES["default"], "float32", 24)
        for state in rule.program.states:
            if state.nonnegative:
                inputs[state.name] += np.float32(16)  # above the square of any mean, so that no variance is negative
        inputs["g"].flat[:3] = (np.nan, np.inf, -np.inf)
        bounds = symopt.error_bound(rule, inputs)
        assert np.isinf(bounds["x"].flat[:3]).all()
        if not rule.program.outputs["x"].has(Reduction):
            assert np.isfinite(bounds["x"].flat[3:]).all()
        else:  # a sum takes them to every element
            assert np.isinf(bounds["x"]).all()


def test_wrong_inputs_are_named():
    inputs = sample(rules.find("adam").program, REGIMES["default"], "float32", 24)
    for change, message in (
        ({"w": 1.0}, "unknown: w"),
        ({"g": np.ones(3, "float32")}, "must have one shape"),
        ({"lr": -1}, "lr = -1"),
        ({"t": 0}, "t = 0"),
        ({"g": (np.ones(24), np.zeros(24))}, "g: a box needs two arrays of one shape, the first nowhere above"),
        ({"g": (np.ones(24), np.ones(3))}, "g: a box needs two arrays of one shape"),
    ):
        with pytest.raises(InputError, match=message):
            symopt.error_bound("adam", inputs | change)
    with pytest.raises(InputError, match="missing: v"):
        symopt.error_bound("adam", {n: a for n, a in inputs.items() if n != "v"})
    with pytest.raises(InputError, match="dtype = 'float16'"):
        symopt.error_bound("adam", inputs, "float16")
    with pytest.raises(InputError, match="engine = 'guess': must be one of arrays, intervals, fractions"):
        symopt.error_bound("adam", inputs, engine="guess")


def test_a_hyperparameter_is_the_decimal_that_it_is_written_as():
    """0.1 is a tenth and not the float64 next to it; a float32 is the number that it holds."""
    inputs = {"x": np.full(1, 0.5), "g": np.ones(1), "t": 1}
    (as_decimal,) = symopt.error_bound("sgd", inputs | {"lr": 0.1}, "float64", engine="fractions")["x"]
    (as_binary,) = symopt.error_bound("sgd", inputs | {"lr": 0.125}, "float64", engine="fractions")["x"]
    assert as_decimal >= abs(Fraction(0.1) - Fraction(1, 10)) > as_binary == 0
    single = symopt.error_bound("sgd", inputs | {"lr": np.float32(0.1)}, "float64")["x"]
    assert np.array_equal(single, symopt.error_bound("sgd", inputs | {"lr": float(np.float32(0.1))}, "float64")["x"])


def test_a_planted_bug_in_a_kernel_is_seen(monkeypatch):
    """One unit in the last place too much, in one element of a thousand."""
    from symopt.codegen import compile_program
    from symopt.conform import survey as module

    def off(rule, dtype):
        kernel = compile_program(rule, dtype)

        def step(x, *rest):
            kernel.function(x, *rest)
            x[::1000] = np.nextafter(np.nextafter(x[::1000], np.inf), np.inf)

        return replace(kernel, function=step)

    monkeypatch.setattr(module, "compile_program", off)
    seen = survey(rules.find("adam"), "default", 20_000)
    assert not seen.ok
    assert seen.worst.startswith("x of adam")
