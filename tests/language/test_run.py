"""A body that runs on numbers gives what its Program says."""

from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from symopt import rules
from symopt.language import InputError, maximum, minimum, sign, sqrt, where

COMBINATIONS = [combination for name in rules.names() for combination in rules.find(name).combinations()]


def evaluate(expr, values):
    """The tree's value, one operation per node; a divisor is divided by."""
    if isinstance(expr, sp.Symbol):
        return values[expr.name]
    if isinstance(expr, sp.Rational):
        number = values["one"]
        return int(expr) if expr.is_Integer else number * expr.p / expr.q
    if isinstance(expr, sp.Pow) and expr.exp == sp.Rational(1, 2):
        return sqrt(evaluate(expr.base, values))
    if isinstance(expr, sp.Pow) and expr.exp == -1:
        return 1 / evaluate(expr.base, values)
    if isinstance(expr, sp.Pow):
        return evaluate(expr.base, values) ** evaluate(expr.exp, values)
    operands = [evaluate(arg, values) for arg in expr.args]
    total = operands[0]
    for operand in operands[1:]:
        total = total + operand if isinstance(expr, sp.Add) else total * operand
    return total


def run_program(program, values):
    values = dict(values)
    for line in program.definitions:
        values[line.symbol.name] = evaluate(line.expr, values)
    return {name: values[symbol.name] for name, symbol in program.results}


def inputs(program, number):
    """Some value of every input, made by ``number`` from a ratio."""
    values = {"x": number(7, 4), "g": number(-3, 8), "t": 3, "one": number(1, 1)}
    values |= {state.name: number(5 + k, 16) for k, state in enumerate(program.states)}
    return values | {hyper.name: number(3 + k, 16) for k, hyper in enumerate(program.hypers)}


@pytest.mark.parametrize("found", COMBINATIONS, ids=lambda r: r.label)
def test_on_sixty_digits(found):
    with localcontext(prec=60):
        values = inputs(found.program, lambda p, q: Decimal(p) / Decimal(q))
        ran, evaluated = found.run(values), run_program(found.program, values)
        assert ran.keys() == evaluated.keys()
        assert all(abs(ran[name] - evaluated[name]) < Decimal("1e-55") for name in ran)


@pytest.mark.parametrize("found", COMBINATIONS, ids=lambda r: r.label)
def test_on_float64_arrays(found):
    shift = np.array([0.0, 0.25, 0.5])
    values = inputs(found.program, lambda p, q: p / q)
    values |= {name: values[name] + shift for name in ("x", "g", *(state.name for state in found.program.states))}
    ran, evaluated = found.run(values), run_program(found.program, values)
    for name in ran:
        assert ran[name].dtype == np.float64
        # Products and quotients are taken in another order; every value is of size 1.
        np.testing.assert_allclose(ran[name], evaluated[name], rtol=2**-45, atol=2**-45)


@pytest.mark.parametrize(
    "found", [r for r in COMBINATIONS if not any(line.expr.has(sp.Rational(1, 2)) for line in r.program.definitions)],
    ids=lambda r: r.label,
)  # fmt: skip
def test_on_fractions_exactly(found):
    values = inputs(found.program, Fraction)
    ran = found.run(values)
    assert ran == run_program(found.program, values)
    assert all(isinstance(value, Fraction) for value in ran.values())


def test_a_missing_value_is_named():
    with pytest.raises(InputError, match="no value was given for lr"):
        rules.find("sgd").run({"x": 1, "g": 1, "t": 1})


def test_functions_on_numbers_and_arrays():
    assert sqrt(Fraction(9, 4)) == Fraction(3, 2)
    with pytest.raises(InputError, match="radicand"):
        sqrt(2)
    with pytest.raises(InputError, match="radicand"):
        sqrt(Fraction(-1))
    assert (maximum(1, 2), minimum(1, 2), sign(Fraction(-3))) == (2, 1, -1)
    assert where(Fraction(1) > 0, 5, 6) == 5
    left, right = np.array([1.0, -2.0]), np.array([0.0, 3.0])
    np.testing.assert_array_equal(maximum(left, right), [1, 3])
    np.testing.assert_array_equal(minimum(left, right), [0, -2])
    np.testing.assert_array_equal(sign(left), [1, -1])
    np.testing.assert_array_equal(where(left > 0, left, right), [1, 3])
