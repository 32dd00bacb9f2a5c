"""What the tests of the passes share: lines evaluated on numbers, and small Programs of one's own."""

import operator
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from symopt.codegen import Const, Var
from symopt.language import PARAMETER, Program, make_definitions, rate, state

MEANING = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "pow": operator.pow,
    "neg": operator.neg,
    "sqrt": np.sqrt,
    "abs": abs,
    "sign": np.sign,
    "max": np.maximum,
    "min": np.minimum,
    "lt": operator.lt,
    "le": operator.le,
    "eq": operator.eq,
    "select": lambda condition, then, otherwise: then if condition else otherwise,
}


def value_of(node, names):
    """A tree on numbers: float64, but for casts and typed constants."""
    if isinstance(node, Var):
        return names[node.name]
    if isinstance(node, Const):
        return np.float64(float(node.value))
    args = [value_of(arg, names) for arg in node.args]
    return np.dtype(node.type).type(args[0]) if node.op == "cast" else MEANING[node.op](*args)


@pytest.fixture
def evaluate():
    """Lines on a dict of numbers: the numbers with every line's value added."""

    def run(lines, names):
        names = dict(names)
        for line in lines:
            names[line.name] = value_of(line.value, names)
        return names

    return run


@pytest.fixture
def program():
    """A Program of lines (name, expression): hyperparameters a and b, states m and v."""

    def make(*lines, name="planted"):
        made = [(sp.Symbol(line), expr) for line, expr in lines]
        results = [(array, sp.Symbol(f"{array}'")) for array in (PARAMETER, "m", "v")]
        written = {symbol for symbol, _ in made}
        return Program(
            name=name,
            hypers=tuple(_named(rate(Fraction(1, 2)), hyper) for hyper in "ab"),
            states=tuple(_named(state(), held) for held in "mv"),
            definitions=make_definitions(made, dict.fromkeys("abt", "step")),
            results=tuple((n, symbol if symbol in written else sp.Symbol(n)) for n, symbol in results),
        )

    return make


def _named(declared, name):
    return type(declared)(**{**declared.__dict__, "name": name})
