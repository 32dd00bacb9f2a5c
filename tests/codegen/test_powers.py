"""Powers: known exponents become products and roots, all others stay."""

from fractions import Fraction

import numpy as np
import pytest

from symopt.codegen import Assign, Const, Op, Var
from symopt.codegen.powers import expand_powers, power
from symopt.codegen.printing import print_expression

X = Var("x")
FORMS = {
    "0": "1.0",
    "1": "x",
    "2": "x * x",
    "3": "x * x * x",
    "4": "x * x * (x * x)",
    "-1": "1.0 / x",
    "-2": "1.0 / (x * x)",
    "1/2": "np.sqrt(x)",
    "-1/2": "1.0 / np.sqrt(x)",
    "3/2": "x * np.sqrt(x)",
    "5/2": "x * x * np.sqrt(x)",
    "2/5": "x**0.4",
    "100": "x**100.0",
}


@pytest.mark.parametrize(("exponent", "form"), FORMS.items())
def test_form(exponent, form):
    assert print_expression(power(X, Fraction(exponent))) == form


@pytest.mark.parametrize(("exponent", "root"), [("1/3", 1), ("2/3", 2), ("-1/3", -1)])
def test_thirds_are_powers_of_cube_roots(exponent, root):
    assert power(X, Fraction(exponent)) == power(Op("cbrt", (X,)), Fraction(root))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_cube_root_is_printed_as_a_power(dtype):
    """Numba compiles np.cbrt with fast-math flags."""
    assert print_expression(Op("cbrt", (Var("x", dtype),), dtype)) == f"x**np.{dtype}(1.0 / 3.0)"


@pytest.mark.parametrize("numerator", range(-20, 21))
def test_the_value_is_the_power(numerator, evaluate):
    exponent = Fraction(numerator, 2)
    lines = expand_powers((Assign("y", Op("pow", (X, Const(exponent)))),))
    found = evaluate(lines, {"x": np.float64(1.7)})["y"]
    assert found == pytest.approx(1.7 ** float(exponent), rel=1e-14)


def test_symbolic_exponents_stay():
    line = Assign("y", Op("pow", (Var("beta"), Var("t"))))
    assert expand_powers((line,)) == (line,)


def test_powers_inside_powers_are_found():
    inner = Op("pow", (X, Const(Fraction(2))))
    (line,) = expand_powers((Assign("y", Op("pow", (inner, Var("t")))),))
    assert print_expression(line.value) == "(x * x)**t"
