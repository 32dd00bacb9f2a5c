"""A body that runs on numbers gives what its Program says."""

import math
import operator
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import reduce

import numpy as np
import pytest
import sympy as sp

from symopt import rules
from symopt.language import (
    InputError,
    Reduction,
    cbrt,
    exp,
    log,
    maximum,
    mean,
    minimum,
    norm,
    shape_of,
    sign,
    size,
    sqrt,
    total,
    where,
)

VARIANTS = [variant for name in rules.names() for variant in rules.find(name).variants()]


FUNCTIONS = {
    sp.Max: maximum, sp.Min: minimum, sp.Abs: abs, sp.sign: sign,
    sp.Lt: operator.lt, sp.Le: operator.le, sp.Gt: operator.gt, sp.Ge: operator.ge,
}  # fmt: skip


def evaluate(expr, values):
    """The tree's value, one operation per node; a divisor is divided by."""
    if isinstance(expr, sp.Symbol):
        return values[expr.name]
    if isinstance(expr, sp.Rational):
        number = values["one"]
        return int(expr) if expr.is_Integer else number * expr.p / expr.q
    if isinstance(expr, sp.Pow) and expr.exp == sp.Rational(1, 2):
        return sqrt(evaluate(expr.base, values))
    if isinstance(expr, sp.Pow) and expr.exp == sp.Rational(1, 3):
        return cbrt(evaluate(expr.base, values))
    if isinstance(expr, (sp.exp, sp.log)):
        return (exp if isinstance(expr, sp.exp) else log)(evaluate(expr.args[0], values))
    if isinstance(expr, sp.Pow) and expr.exp == -1:
        return values["one"] / evaluate(expr.base, values)
    if isinstance(expr, sp.Pow):
        return evaluate(expr.base, values) ** evaluate(expr.exp, values)
    if isinstance(expr, (sp.Abs, sp.sign)):
        value = evaluate(expr.args[0], values)
        return abs(value) if isinstance(expr, sp.Abs) else sign(value)
    if isinstance(expr, Reduction):
        return folded(expr, np.asarray(evaluate(expr.args[0], values)), np.shape(values["x"]))
    if isinstance(expr, sp.Piecewise):
        *cases, (last, _) = expr.args
        value = evaluate(last, values)
        for then, condition in reversed(cases):
            value = where(RELATIONS[type(condition)](*operands(condition, values)), evaluate(then, values), value)
        return value
    return reduce(OPERATIONS[type(expr)], operands(expr, values))


def folded(expr, array, shape):
    """A sum or largest value, by NumPy: over what has one value for each row, an axis more is filled up."""
    axes = {"row": (len(shape) - 1,), "column": tuple(range(len(shape) - 1))}.get(expr.over, tuple(range(len(shape))))
    if not shape:
        return array[()]
    full = tuple(n if i in axes else 1 for i, n in enumerate(shape))
    array = np.broadcast_to(array, np.broadcast_shapes(array.shape, full))
    kept = expr.over in ("row", "column")
    return (np.sum if expr.fold == "sum" else np.max)(array, axis=axes, keepdims=kept)


def operands(expr, values):
    return [evaluate(arg, values) for arg in expr.args]


OPERATIONS = {
    sp.Add: operator.add,
    sp.Mul: operator.mul,
    sp.Max: maximum,
    sp.Min: minimum,
}
RELATIONS = {
    sp.StrictGreaterThan: operator.gt,
    sp.GreaterThan: operator.ge,
    sp.StrictLessThan: operator.lt,
    sp.LessThan: operator.le,
    sp.Equality: operator.eq,
    sp.Unequality: operator.ne,
}


def run_program(program, values):
    values = dict(values)
    for line in program.definitions:
        values[line.symbol.name] = evaluate(line.expr, values)
    return {name: values[symbol.name] for name, symbol in program.results}


def inputs(program, number):
    """Some value of every input, made by ``number`` from a ratio."""
    values = {"x": number(7, 4), "g": number(-3, 8), "t": number(3, 1), "one": number(1, 1)}
    values |= {state.name: number(5 + k, 16) for k, state in enumerate(program.states)}
    return values | {hyper.name: number(3 + k, 16) for k, hyper in enumerate(program.hypers)}


@pytest.mark.parametrize("found", VARIANTS, ids=lambda r: r.label)
def test_on_sixty_digits(found):
    with localcontext(prec=60):
        values = inputs(found.program, lambda p, q: Decimal(p) / Decimal(q))
        ran, evaluated = found.run(values), run_program(found.program, values)
        assert ran.keys() == evaluated.keys()
        assert all(abs(ran[name] - evaluated[name]) < Decimal("1e-55") for name in ran)


@pytest.mark.parametrize("found", VARIANTS, ids=lambda r: r.label)
def test_on_float64_arrays(found):
    shape = (2, 3) if found.program.has_matrices else (3,)
    values = inputs(found.program, lambda p, q: p / q)
    scopes = {"x": "element", "g": "element"} | {state.name: state.scope for state in found.program.states}
    shapes = {name: shape_of(scope, shape) for name, scope in scopes.items() if scope in ("element", "row", "column")}
    values |= {name: values[name] + np.arange(math.prod(own)).reshape(own) / 4 for name, own in shapes.items()}
    ran, evaluated = found.run(values), run_program(found.program, values)
    for name in ran:
        assert np.asarray(ran[name]).dtype == np.float64
        assert np.shape(ran[name]) == shapes.get(name, ())
        # Products and quotients are taken in another order; every value is of size 1.
        np.testing.assert_allclose(ran[name], evaluated[name], rtol=2**-45, atol=2**-45)


@pytest.mark.parametrize(
    "found", [r for r in VARIANTS if not any(line.expr.has(sp.Rational(1, 2)) for line in r.program.definitions)],
    ids=lambda r: r.label,
)  # fmt: skip
def test_on_fractions_exactly(found):
    values = inputs(found.program, Fraction)
    ran = found.run(values)
    assert ran == run_program(found.program, values)
    assert all(isinstance(value, (int, Fraction)) for value in ran.values())


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


def test_sums_over_elements_on_numbers_and_arrays():
    assert (total(3), mean(Fraction(3)), norm(Fraction(-3)), size(3)) == (3, 3, 3, 1)
    array = np.array([[3.0, -4.0], [0.0, 0.0]])
    for over in ("tensor", "all"):
        assert (total(array, over), mean(array, over), norm(array, over), size(array, over)) == (-1, -0.25, 5, 4)
    exact = np.array([Fraction(1, 3), Fraction(1, 6)], object)
    assert (total(exact), mean(exact)) == (Fraction(1, 2), Fraction(1, 4))
    assert norm(np.array([Decimal(3), Decimal(4)], object)) == 5
    assert total(np.zeros(0)) == 0
    for call in (total, mean, norm):
        with pytest.raises(InputError, match=r"^over = 'each': must be one of tensor, all, row, column$"):
            call(array, "each")


def test_sums_are_taken_in_order_in_float64():
    """As a kernel does: not pairwise, and not in float32."""
    array = np.array([2.0**53, 1.0, 1.0, -(2.0**53)])
    assert total(array) == 0.0
    assert total(array[[1, 2, 0, 3]]) == 2.0
    narrow = np.full(1001, 0.1, np.float32)
    assert total(narrow) == sum(float(value) for value in narrow)
    assert total(narrow).dtype == np.float64
    assert total(narrow.astype(np.longdouble)).dtype == np.longdouble
    assert not np.signbit(total(np.array([-0.0])))
