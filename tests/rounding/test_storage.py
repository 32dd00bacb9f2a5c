"""States kept in narrower formats: their numbers widen exactly, and are rounded once more when they are stored."""

from fractions import Fraction

import numpy as np
import pytest

import symopt
from symopt import rounding, rules
from symopt.codegen import compile_program, lower
from symopt.conform.regimes import REGIMES, sample
from symopt.language import InputError
from symopt.rounding import bound, enclose, enclosure, order, run, straight  # noqa: F401 - parts of the package

from . import checks
from .machines import nearest

RULES = [rules.find(name) for name in rules.names()]


def kept(rule, inputs, form, names):
    """The inputs with some arrays rounded to a format, by exact rationals."""
    rounded = {n: [nearest(Fraction(float(v)), form) for v in inputs[n].flat] for n in names}
    return inputs | {
        n: np.array([np.inf if v is None else float(v) for v in vs], "float32").reshape(inputs[n].shape)
        for n, vs in rounded.items()
    }


@pytest.mark.parametrize("form", ["bfloat16", "float16"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_bound_holds_for_stored_states(rule, form):
    """The kernel's float32 results, rounded by exact rationals and compared with the exact step.

    A state that is a copy of another is stored as it is.
    """
    from symopt.conform.survey import ratios

    states = [s.name for s in rule.program.states]
    storage = dict.fromkeys(["x", *states], form)
    inputs = kept(rule, sample(rule.program, REGIMES["default"], "float32", 200), form, storage)
    bounds = symopt.error_bound(rule, inputs, storage=storage)
    kernel = compile_program(rule, "float32")

    def step(*arguments):
        kernel.function(*arguments)
        for array in (arguments[0], *arguments[2 : 2 + len(states)]):
            array.flat = [float(nearest(Fraction(float(value)), form)) for value in array.flat]

    from dataclasses import replace

    without = symopt.error_bound(rule, inputs)
    rounded = [output for output in bounds if without[output].any()]
    assert "x" in rounded
    for output, ratio in ratios(rule, replace(kernel, function=step), inputs, bounds).items():
        assert not (ratio > 1).any(), output
        assert output not in rounded or np.nanmax(ratio) > 0.9
    seen = ratios(rule, replace(kernel, function=step), inputs, without)
    assert all((seen[output] > 1).any() for output in rounded)


def test_machines_that_store():
    assert not list(checks.check_storage(rounding))


@pytest.mark.parametrize("form", ["bfloat16", "float16"])
def test_the_value_is_the_stored_one(form):
    rule = rules.find("adam")
    inputs = kept(rule, sample(rule.program, REGIMES["default"], "float32", 50), form, ["m"])
    lowered = lower(rule.program, "float32")
    stored, plain = enclose(lowered, inputs, {"m": form})["m"], enclose(lowered, inputs)["m"]
    assert [nearest(Fraction(float(v)), form) for v in plain.value] == [Fraction(float(v)) for v in stored.value]
    assert (stored.error >= plain.error).all()


def test_only_what_is_stored_otherwise_changes():
    inputs = sample(rules.find("adam").program, REGIMES["default"], "float32", 50)
    plain = symopt.error_bound("adam", inputs)
    same = symopt.error_bound("adam", inputs, storage={"m": "float32"})
    assert all(np.array_equal(plain[n], same[n]) for n in plain)
    inputs = kept(None, inputs, "float16", ["g"])
    read = symopt.error_bound("adam", inputs, storage={"g": "float16"})
    assert all(np.array_equal(read[n], symopt.error_bound("adam", inputs)[n]) for n in read)


def test_what_overflows_when_it_is_stored_is_not_bounded():
    inputs = {"x": np.array([64992.0, 1.0]), "g": np.array([-1e5, 1.0]), "t": 1}
    bounds = symopt.error_bound("sgd", inputs | {"lr": 1}, storage={"x": "float16"})
    assert np.isinf(bounds["x"][0])
    assert np.isfinite(bounds["x"][1])


@pytest.mark.parametrize(
    ("storage", "message"),
    [
        ({"w": "float16"}, "storage names 'w'; adam keeps x, g, m, v"),
        ({"m": "float8"}, "storage of m = 'float8': must be one of bfloat16, float16, float32"),
        ({"m": "float64"}, "storage of m = 'float64': must be one of bfloat16, float16, float32"),
        ({"m": "bfloat16"}, "m = 0.1.*: must be a number of bfloat16, in which it is stored"),
    ],
)
def test_wrong_storage_is_named(storage, message):
    inputs = {n: np.full(3, 0.1, "float32") for n in ("x", "g", "m", "v")} | {"t": 1}
    with pytest.raises(InputError, match=message):
        symopt.error_bound("adam", inputs, storage=storage)
