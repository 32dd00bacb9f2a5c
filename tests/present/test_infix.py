"""The printed expression is the expression: read back, it has the value, and in the catalog the very tree."""

import ast
import operator
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from symopt import language, rules
from symopt.language import maximum, where
from symopt.present.infix import infix
from symopt.present.notation import decimal

VARIANTS = [variant for name in rules.names() for variant in rules.find(name).variants()]
OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
COMPARISONS = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: sp.Eq,
    ast.NotEq: sp.Ne,
}
FUNCTIONS = {"abs": abs} | {
    name: getattr(language, name)
    for name in (
        "sqrt",
        "sign",
        "maximum",
        "minimum",
        "where",
        "total",
        "mean",
        "norm",
        "size",
        "exp",
        "log",
        "cbrt",
        "largest",
    )
}


def read(text, names, number, functions):
    """The value of a printed expression; a small reader of its own, nothing is executed."""

    def value(node):
        match node:
            case ast.Constant():
                return number(ast.get_source_segment(source, node))
            case ast.Name():
                return names[node.id.replace("_prime", "'")]
            case ast.UnaryOp(op=ast.USub()):
                return -value(node.operand)
            case ast.BinOp():
                return OPERATORS[type(node.op)](value(node.left), value(node.right))
            case ast.Compare():
                return COMPARISONS[type(node.ops[0])](value(node.left), value(node.comparators[0]))
            case ast.Call(args=[*operands, ast.Constant(value=str(over))]):
                return functions[node.func.id](*map(value, operands), over)
            case ast.Call():
                return functions[node.func.id](*map(value, node.args))
        raise AssertionError(f"cannot read {ast.dump(node)}")

    source = text.replace("'", "_prime")
    return value(ast.parse(source, mode="eval").body)


@pytest.mark.parametrize("found", VARIANTS, ids=lambda r: r.label)
def test_the_catalogs_lines_read_back_as_the_same_trees(found):
    program = found.program
    names = {name: sp.Symbol(name) for name in program.inputs}
    names |= {line.symbol.name: line.symbol for line in program.definitions}
    with sp.evaluate(False):
        for line in program.definitions:
            again = read(infix(line.expr), names, lambda text: sp.Rational(Fraction(text)), FUNCTIONS)
            assert again == line.expr
            assert again.args == line.expr.args, "the order is kept"


POINT = {"a": Fraction(7, 3), "b": Fraction(-5, 11), "c": Fraction(13, 17)}


def stand_in(value):
    """Some rational function in the place of the root."""
    return value * value + 3


def evaluate(expr):
    match expr:
        case sp.Symbol():
            return POINT[expr.name]
        case sp.Rational():
            return Fraction(expr.p, expr.q)
        case sp.Pow() if expr.exp == sp.Rational(1, 2):
            return stand_in(evaluate(expr.base))
        case sp.Pow():
            return evaluate(expr.base) ** int(expr.exp)
        case sp.Max():
            return max(map(evaluate, expr.args))
        case sp.Abs():
            return abs(evaluate(expr.args[0]))
        case sp.Piecewise():
            (then, condition), (otherwise, _) = expr.args
            return evaluate(then if evaluate(condition.lhs) > evaluate(condition.rhs) else otherwise)
    operands = [evaluate(arg) for arg in expr.args]
    total = operands[0]
    for operand in operands[1:]:
        total = total + operand if expr.is_Add else total * operand
    return total


def grow(trees):
    pairs = st.tuples(trees, trees)
    return st.one_of(
        st.tuples(st.sampled_from(["+", "-", "*", "/", "max"]), pairs),
        st.tuples(st.sampled_from(["neg", "sqrt", "abs", "square", "inverse"]), st.tuples(trees)),
        st.tuples(st.just("where"), st.tuples(trees, trees)),
    )


LEAVES = st.sampled_from(["a", "b", "c", "2", "-1", "9/10", "1/3", "-7/2", "1"])
BUILD = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "max": maximum,
    "neg": operator.neg,
    "sqrt": sp.sqrt,
    "abs": sp.Abs,
    "square": lambda value: value**2,
    "inverse": lambda value: value**-1,
    "where": lambda left, right: where(sp.Symbol("a") > sp.Symbol("b"), left, right),
}


def build(tree):
    if isinstance(tree, str):
        return sp.Symbol(tree) if tree.isalpha() else sp.Rational(tree)
    name, operands = tree
    return BUILD[name](*map(build, operands))


@settings(deadline=None, derandomize=True)
@given(st.recursive(LEAVES, grow, max_leaves=8))
def test_any_expression_reads_back_with_its_value(tree):
    with sp.evaluate(False):
        expr = build(tree)
        text = infix(expr)
    assume(not expr.has(sp.nan, sp.zoo, sp.oo))
    functions = {"sqrt": stand_in, "abs": abs, "maximum": max, "where": lambda c, t, e: t if c else e}
    try:
        expected = evaluate(expr)
    except ZeroDivisionError:
        assume(False)
    try:
        assert read(text, POINT, Fraction, functions) == expected, text
    except ZeroDivisionError:
        assume(False)  # both branches of a Piecewise are read, one is evaluated


a, b, c, t = sp.symbols("a b c t")
with sp.evaluate(False):
    SHOWN = [
        (a - b / b, "a - b/b"),
        (a - (b - c), "a - (b - c)"),
        (a * (b * c), "a*(b*c)"),
        (a / (b * c), "a/(b*c)"),
        (a / b / c, "a/b/c"),
        (1 / sp.sqrt(a), "1/sqrt(a)"),
        (-(a + b), "-(a + b)"),
        (a * (-b), "a*(-b)"),
        (1 * a, "1*a"),
        (a * sp.Rational(7, 2), "a*3.5"),
        (a * sp.Rational(1, 3), "a*(1/3)"),
        ((-a) ** 2, "(-a)**2"),
        (sp.Rational(9, 10) ** t, "0.9**t"),
        (a ** (t + 1), "a**(t + 1)"),
        (sp.Abs(a) + sp.sign(b), "abs(a) + sign(b)"),
        (sp.Max(a, b - c) * t, "maximum(a, b - c)*t"),
        (where(a > b, a, b), "where(a > b, a, b)"),
    ]


@pytest.mark.parametrize(("expr", "text"), SHOWN, ids=[text for _, text in SHOWN])
def test_how_it_looks(expr, text):
    assert infix(expr) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.999", "0.999"), ("1e-8", "1e-8"), ("0.000001", "1e-6"), ("0", "0"), ("-2.50", "-2.5"), ("1/3", "1/3"),
        ("1e20", "1e20"), ("1000", "1000"), ("1/1024", "0.0009765625"),
    ],
)  # fmt: skip
def test_decimals_are_exact(value, text):
    assert decimal(Fraction(value)) == text
    assert Fraction(text) == Fraction(value)
