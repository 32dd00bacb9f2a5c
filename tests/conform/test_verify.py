"""Verification of a rule: every rule passes, and a bug planted at any stage is found there, with a witness."""

import importlib
import json
from dataclasses import replace

import numpy as np
import pytest

from symopt import reference, rules
from symopt.codegen import kernel as kernels
from symopt.codegen import lowering, powers, printing
from symopt.conform import difference, verify
from symopt.conform.difference import compare
from symopt.conform.verify import verify_rule, verify_variant
from symopt.language import sqrt
from symopt.lifting import lift_step
from symopt.rounding.enclosure import Enclosure

from ..catalog import DEFAULTS

pytestmark = pytest.mark.usefixtures("certificates")

FILE = '''
from symopt.language import decay, rate, rule, state

@rule(cites="nobody", lr=rate("0.1"), momentum=decay("0.9"), v=state())
def heavy(s):
    """Heavy ball."""
    s.v = s.momentum * s.v + s.g
    s.x = s.x - s.lr * s.v
'''


@pytest.fixture
def fresh_sources():
    """Forget printed sources before and after, so that a planted printer prints, and its prints are forgotten."""
    kernels._source.cache_clear()
    yield
    kernels._source.cache_clear()


def stages(row):
    return {failure.stage for failure in row.failures}


def said(row, stage):
    return " ".join(failure.message for failure in row.failures if failure.stage == stage)


def assert_found(row, *expected):
    """Not ok; at these stages, at least; each proof that failed shows where: numbers for the inputs."""
    assert not row.ok
    assert set(expected) <= stages(row), row.failures
    for stage in {"source", "reference"} & set(expected):
        assert "not the rule: at " in said(row, stage)
        assert " = " in said(row, stage)
    data = json.loads(json.dumps(row.to_json()))
    assert data["rule"] == row.rule
    assert data["ok"] is False
    assert {f["stage"] for f in data["failures"]} == stages(row)


@pytest.mark.parametrize("rule", DEFAULTS[::8], ids=lambda rule: rule.label)
def test_rules_are_verified(rule):
    """Every eighth with its defaults: ``symopt verify`` does the same with all rules and variants."""
    row = verify_rule(rule)
    assert row.ok, row.failures
    assert row.source == "proved"
    assert [d.dtype for d in row.differences] == ["float32", "float64"]
    assert all(d.samples > 1000 and d.ratio <= 1 for d in row.differences)
    data = json.loads(json.dumps(row.to_json()))
    assert data["ok"] is True
    assert data["failures"] == []
    assert data["theorems"] == {"proved": row.proved, "refuted": row.refuted}


def test_a_variant_by_its_name_and_options():
    row = verify_variant(("adagrad", {"eps_placement": "inside"}))
    assert row.ok, row.failures
    assert row.rule == rules.find("adagrad", eps_placement="inside").label


def test_a_rule_of_ones_own_has_no_twin(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(FILE)
    row = verify_rule(rules.find(f"{path}:heavy"))
    assert row.ok, row.failures
    assert row.source == "proved"
    assert row.difference == "no twin"


def test_a_catalog_rule_without_a_twin_fails(monkeypatch):
    monkeypatch.setattr(reference, "names", list)
    row = verify_rule(rules.find("sgd"))
    assert stages(row) == {"reference"}
    assert "symopt/reference/sgd.py is missing" in said(row, "reference")


WRONG_BODIES = {
    "sgd": lambda s, **_: setattr(s, "x", s.x + s.lr * s.g),
    "momentum": lambda s, **_: (
        setattr(s, "v", s.momentum * s.v - s.g),
        setattr(s, "x", s.x - s.lr * s.v),
    ),
    "adagrad": lambda s, **_: (
        setattr(s, "a", s.a + s.g**2),
        setattr(s, "x", s.x + s.lr * s.g / (sqrt(s.a) + s.eps)),
    ),
    "rmsprop": lambda s, **_: (
        setattr(s, "v", s.rho * s.v + (1 - s.rho) * s.g**2),
        setattr(s, "x", s.x - s.lr * s.g / (sqrt(s.v) + s.eps)),
    ),
    "adadelta": lambda s, **_: (
        setattr(s, "v", s.rho * s.v + (1 - s.rho) * s.g**2),
        setattr(s, "delta", sqrt(s.u + s.eps) / sqrt(s.v + s.eps) * s.g),
        setattr(s, "u", s.rho * s.u + (1 - s.rho) * s.delta),
        setattr(s, "x", s.x - s.lr * s.delta),
    ),
    "adam": lambda s, **_: (
        setattr(s, "m", s.beta1 * s.m + (1 - s.beta1) * s.g),
        setattr(s, "v", s.beta2 * s.v + (1 - s.beta2) * s.g**2),
        setattr(s, "m_hat", s.m / (1 - s.beta2**s.t)),
        setattr(s, "v_hat", s.v / (1 - s.beta2**s.t)),
        setattr(s, "x", s.x - s.lr * s.m_hat / (sqrt(s.v_hat) + s.eps)),
    ),
}


@pytest.mark.parametrize("name", WRONG_BODIES)
def test_a_bug_in_a_rule(name):
    """A sign, epsilon's place, a lost square, the other beta; found against the twin, by proof and by numbers."""
    row = verify_rule(replace(rules.find(name), body=WRONG_BODIES[name]))
    assert_found(row, "reference", "difference")
    assert row.source == "proved"  # the kernel is still the kernel of the rule as written


@pytest.mark.parametrize("name", WRONG_BODIES)
def test_a_bug_in_the_catalog_breaks_theorems(name, monkeypatch):
    wrong = replace(rules.find(name), body=WRONG_BODIES[name])
    monkeypatch.setattr(importlib.import_module(f"symopt.rules.{name}"), name, wrong)
    row = verify_rule(rules.find(name))
    assert_found(row, "theorem", "reference", "difference")


def bugged(step, change):
    def wrong(x, g, state, t, **named):
        new, after = step(x, g, state, t, **named)
        return change(x, new), after

    wrong.__signature__ = importlib.import_module("inspect").signature(step)
    return wrong


@pytest.mark.parametrize("name", rules.names()[::3])
@pytest.mark.parametrize(
    "change",
    [lambda x, new: x - (new - x), lambda x, new: new + (new - x) * 1e-3, lambda x, new: x],
    ids=["sign", "a thousandth", "no step"],
)
def test_a_bug_in_a_twin(name, change, monkeypatch):
    step = bugged(reference.find(name), change)
    monkeypatch.setattr(reference, "find", lambda _: step)
    assert_found(verify_rule(rules.find(name)), "reference", "difference")


PRINTER_BUGS = {
    "minus as plus": lambda m: m.setitem(printing._INFIX, "sub", ("+", 3)),
    "times as plus": lambda m: m.setitem(printing._INFIX, "mul", ("+", 4)),
    "divided as times": lambda m: m.setitem(printing._INFIX, "div", ("*", 4)),
    "root as absolute value": lambda m: m.setitem(printing._NUMPY, "sqrt", "np.abs"),
    "no brackets": lambda m: m.setitem(printing._INFIX, "add", ("+", 9)),
}


@pytest.mark.usefixtures("fresh_sources")
@pytest.mark.parametrize("bug", PRINTER_BUGS)
def test_a_bug_in_the_printer(bug, monkeypatch):
    PRINTER_BUGS[bug](monkeypatch)
    row = verify_rule(rules.find("adam"))
    assert_found(row, "source", "difference")
    assert row.source != "proved"


def first_power(base, exponent):
    """A planted pass: every whole power is the base itself."""
    return base if exponent.denominator == 1 else powers.Op("sqrt", (base,))


def backwards(lines, taken):
    """A planted pass: a line that is a difference is turned round."""
    ops = [getattr(line.value, "op", None) for line in lines]
    return tuple(
        replace(line, value=replace(line.value, args=line.value.args[::-1])) if op == "sub" else line
        for line, op in zip(lines, ops, strict=True)
    )


def test_a_bug_in_the_phases(monkeypatch):
    honest = verify.phases_source
    monkeypatch.setattr(verify, "phases_source", lambda *a: honest(*a).replace("m[i] = m_1", "m[i] = m_i"))
    row = verify_rule(rules.find("adam"))
    assert stages(row) == {"source"}
    assert "the phases of many tensors are not the kernel" in said(row, "source")


@pytest.mark.usefixtures("fresh_sources")
@pytest.mark.parametrize(
    ("module", "name", "planted"), [(powers, "power", first_power), (lowering, "share", backwards)]
)
def test_a_bug_in_a_lowering_pass(module, name, planted, monkeypatch):
    monkeypatch.setattr(module, name, planted)
    row = verify_rule(rules.find("adagrad"))
    assert not row.ok
    assert "source" in stages(row)
    assert said(row, "source")


def test_machine_code_that_is_not_its_source(monkeypatch):
    """What no proof about source sees, the numbers do."""
    load = kernels.cache.load

    class Wrong:
        def __init__(self, function):
            self.function = function

        def __getattr__(self, name):
            return getattr(self.function, name)

        def __call__(self, x, g, *rest):
            self.function(x, g, *rest)
            np.negative(x, out=x)

    def wrong(name, source):
        function, path = load(name, source)
        return Wrong(function), path

    monkeypatch.setattr(kernels.cache, "load", wrong)
    row = verify_rule(rules.find("rmsprop"))
    assert stages(row) == {"machine", "error", "difference"}  # the machine is tried on a kernel too
    assert "bound" in said(row, "error")
    assert "bound" in said(row, "difference")


def test_a_kernel_that_cannot_be_cached(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no directory")
    monkeypatch.setenv("SYMOPT_CACHE_DIR", str(tmp_path / "file"))
    row = verify_rule(rules.find("sgd"))
    assert stages(row) == {"kernel"}
    assert "file" in said(row, "kernel")


@pytest.mark.parametrize("ulps", [16, 1000])
def test_a_difference_of_some_ulps_is_found(ulps):
    """Which no proof would see: a twin that rounds badly."""
    rule, step = rules.find("sgd"), reference.find("sgd")

    def off(x, g, state, t, **named):
        new, after = step(x, g, state, t, **named)
        return new + ulps * np.spacing(new), after

    kernel, lifted = kernels.compile_program(rule, "float32"), lift_step(step, rule.setting)
    assert compare(rule, kernel, step, lifted).ok
    seen = compare(rule, kernel, off, lifted)
    assert not seen.ok
    assert seen.ulp >= ulps / 2
    assert "x differs by" in seen.worst


@pytest.mark.parametrize(("name", "at"), [("adamw", 100_007), ("adam", 9), ("lamb", 100_007)])
def test_a_difference_in_one_element_of_one_step_is_found(name, at):
    """In a rule whose twin is rounded otherwise anyway, in one that is the same to the bit, and in one with sums."""
    rule, step = rules.find(name), reference.find(name)

    def off(x, g, state, t, **named):
        new, after = step(x, g, state, t, **named)
        new[17] += 5000 * np.spacing(new[17]) * (t == at)
        return new, after

    kernel, lifted = kernels.compile_program(rule, "float64"), lift_step(step, rule.setting)
    assert compare(rule, kernel, step, lifted).ok
    seen = compare(rule, kernel, off, lifted)
    assert not seen.ok
    assert f"t = {at})" in seen.worst


def test_what_is_equal_is_within_any_bound_and_what_has_none_is_no_sample(monkeypatch):
    """Numbers that differ count where a bound is known; planted here: there is none."""
    everything = 5 * 12 * 257  # regimes, steps, elements
    sgd, rmsprop = rules.find("sgd"), rules.find("rmsprop")
    lifted = {rule: lift_step(reference.find(rule.name), rule.setting) for rule in (sgd, rmsprop)}

    def seen(rule):
        return compare(rule, kernels.compile_program(rule, "float32"), reference.find(rule.name), lifted[rule])

    assert seen(rmsprop).samples == 2 * everything
    assert seen(rmsprop).ulp > 0
    unknown = {"x": Enclosure(-np.inf, np.inf, np.full((12, 257), np.inf))}
    monkeypatch.setattr(difference, "enclosures", lambda lowered, _: unknown | {"v": unknown["x"]})
    assert seen(rmsprop).samples < 2 * everything
    assert seen(rmsprop).ulp == 0
    assert (seen(sgd).samples, seen(sgd).ratio) == (everything, 0)
