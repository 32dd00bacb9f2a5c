"""Reading SymPy trees: each becomes the operations that were written, in their order."""

import pytest
import sympy as sp

from symopt.codegen import Assign, LoweringError
from symopt.codegen.printing import print_expression
from symopt.codegen.read import read, read_expression

x, y, z, t = sp.symbols("x y z t")
HALF = sp.Rational(1, 2)


def add(*args):
    return sp.Add(*args, evaluate=False)


def mul(*args):
    return sp.Mul(*args, evaluate=False)


def pow_(*args):
    return sp.Pow(*args, evaluate=False)


CASES = [
    (add(x, y, z), "x + y + z"),
    (add(x, add(y, z)), "x + (y + z)"),
    (add(x, mul(-1, y)), "x - y"),
    (add(x, mul(-1, add(y, z))), "x - (y + z)"),
    (add(mul(-1, x), y), "y - x"),
    (add(mul(-1, x), mul(-1, y), z), "-x - y + z"),
    (add(x, -1), "x - 1.0"),
    (add(x, mul(-1, mul(-1, y))), "x + y"),
    (mul(x, y, z), "x * y * z"),
    (mul(x, mul(y, z)), "x * (y * z)"),
    (mul(-1, x, y), "-(x * y)"),
    (mul(-2, x), "-(2.0 * x)"),
    (mul(x, pow_(y, -1)), "x / y"),
    (mul(pow_(3, -1), x), "x / 3.0"),
    (mul(x, pow_(y, -1), z), "x / y * z"),
    (mul(x, pow_(mul(y, z), -1)), "x / (y * z)"),
    (mul(x, mul(y, pow_(z, -1))), "x * (y / z)"),
    (mul(x, pow_(y, -2)), "x / y**2.0"),
    (mul(-1, x, pow_(pow_(y, HALF), -1)), "-(x / y**0.5)"),
    (mul(sp.Rational(1, 3), x), "0.3333333333333333 * x"),
    (mul(sp.Float(0.1), x), "0.1 * x"),
    (pow_(x, t), "x**t"),
    (pow_(x, pow_(y, z)), "x**(y**z)"),
    (pow_(pow_(x, y), z), "(x**y)**z"),
    (pow_(mul(-1, x), 2), "(-x)**2.0"),
    (sp.Abs(x, evaluate=False), "np.abs(x)"),
    (sp.exp(mul(-1, x), evaluate=False), "np.exp(-x)"),
    (sp.log(add(1, x), evaluate=False), "np.log(1.0 + x)"),
    (sp.sign(x, evaluate=False), "np.sign(x)"),
    (sp.Max(x, y, evaluate=False), "np.maximum(x, y)"),
    (sp.Min(x, y, z, evaluate=False), "np.minimum(np.minimum(x, y), z)"),
    (sp.Piecewise((x, y < z), (y, True), evaluate=False), "x if y < z else y"),
    (sp.Piecewise((x, y > z), (y, True), evaluate=False), "x if z < y else y"),
    (sp.Piecewise((x, y >= z), (y, sp.Eq(x, z)), (z, True), evaluate=False), "x if z <= y else (y if x == z else z)"),
    (sp.Piecewise((x, sp.Ne(y, z)), (y, True), evaluate=False), "y if y == z else x"),
    (sp.Piecewise((x, sp.And(x < y, y < z)), (y, True), evaluate=False), "(x if y < z else y) if x < y else y"),
    (sp.Piecewise((x, sp.Or(x < y, y < z)), (y, True), evaluate=False), "x if x < y else (x if y < z else y)"),
]


@pytest.mark.parametrize(("expr", "text"), CASES, ids=[text for _, text in CASES])
def test_operations_are_those_written(expr, text):
    assert print_expression(read_expression(expr)) == text


def test_the_order_of_a_sum_is_kept():
    assert read_expression(add(x, y)) != read_expression(add(y, x))


UNKNOWN = [sp.sin(x), sp.gamma(x), sp.I, sp.pi, sp.Function("f")(x), sp.Piecewise((x, x < y)), sp.oo]


@pytest.mark.parametrize("expr", UNKNOWN, ids=str)
def test_what_has_no_operation_is_named_with_rule_and_line(expr, program):
    with pytest.raises(LoweringError, match=rf"rule planted, line m': cannot lower .*{type(expr).__name__}"):
        read(program(("m'", add(x, mul(x, expr)))))


def test_every_line_is_read_under_its_own_name(program):
    lines = read(program(("k", add(x, y)), ("m'", sp.Symbol("k"))))
    assert [line.name for line in lines] == ["k", "m'"]
    assert all(isinstance(line, Assign) for line in lines)
