"""SymPy trees read as trees of machine operations, in exactly the order they were written.

Sums and products associate to the left. A factor -1 is a sign, a summand with a sign is subtracted and a
factor b**-n divides: x + (-1)*(a*b) is x - a*b, and a*b**-1 is a/b. None of this changes a rounding.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from symopt.language import REDUCTIONS, Program, exact

from .errors import LoweringError
from .nodes import TOTALS, Assign, Const, Node, Op, Var

_SIMPLE = {
    sp.Max: "max", sp.Min: "min", sp.Abs: "abs", sp.sign: "sign", sp.exp: "exp", sp.log: "log",
    **{REDUCTIONS[key]: op for op, key in TOTALS.items()},
}  # fmt: skip


def read(program: Program) -> tuple[Assign, ...]:
    """The Program's lines in order, each name as in the Program; powers are still ``pow``."""
    lines = []
    for line in program.definitions:
        try:
            lines.append(Assign(line.symbol.name, read_expression(line.expr)))
        except _UnknownOperation as error:
            raise LoweringError(f"rule {program.name}, line {line.symbol}: cannot lower {error}") from None
    return tuple(lines)


def read_expression(expr: Any) -> Node:
    """One expression as operations; _UnknownOperation names what has none."""
    if isinstance(expr, sp.Symbol):
        return Var(expr.name)
    if isinstance(expr, sp.Float):
        return Const(exact(float(expr)))
    if isinstance(expr, sp.Rational):
        return Const(Fraction(int(expr.p), int(expr.q)))
    if isinstance(expr, (sp.Add, sp.Mul)):
        negative, node = _signed(expr)
        if negative and isinstance(node, Const):
            return Const(-node.value)
        return Op("neg", (node,)) if negative else node
    if isinstance(expr, sp.Pow):
        return Op("pow", (read_expression(expr.base), read_expression(expr.exp)))
    if isinstance(expr, sp.Piecewise):
        return _piecewise(expr)
    if type(expr) in _SIMPLE:
        op, args = _SIMPLE[type(expr)], [read_expression(arg) for arg in expr.args]
        return _fold(op, args) if op in ("max", "min") else Op(op, (args[0],))
    raise _UnknownOperation(expr)


class _UnknownOperation(Exception):
    def __init__(self, expr: Any) -> None:
        super().__init__(f"the operation {type(expr).__name__} in {expr}")


def _fold(op: str, args: list[Node]) -> Node:
    node, *rest = args
    for arg in rest:
        node = Op(op, (node, arg))
    return node


def _signed(expr: Any) -> tuple[bool, Node]:
    """Whether a minus sign stands before the tree, and the tree without it."""
    if isinstance(expr, sp.Mul):
        return _product(expr)
    if isinstance(expr, sp.Add):
        return False, _sum(expr)
    node = read_expression(expr)
    if isinstance(node, Const) and node.value < 0:
        return True, Const(-node.value)
    return False, node


def _sum(expr: Any) -> Node:
    (negative, total), *rest = [_signed(arg) for arg in expr.args]
    if negative and rest and not rest[0][0]:  # (-a) + b is b - a, to the last bit
        total, rest = Op("sub", (rest[0][1], total)), rest[1:]
    elif negative:
        total = Op("neg", (total,))
    for minus, term in rest:
        total = Op("sub" if minus else "add", (total, term))
    return total


def _product(expr: Any) -> tuple[bool, Node]:
    sign, factors = False, []
    for arg in expr.args:
        negative, node = _signed(arg)
        divides = isinstance(node, Op) and node.op == "pow" and _is_negative(node.args[1])
        sign ^= negative
        if node != Const(Fraction(1)):
            factors.append((divides, _inverse(node) if divides else node))
    # The first numerator opens the product: 3**-1 * x was written x/3.
    first = next((place for place, (divides, _) in enumerate(factors) if not divides), None)
    result: Node = Const(Fraction(1)) if first is None else factors.pop(first)[1]
    for divides, node in factors:
        result = Op("div" if divides else "mul", (result, node))
    return sign, result


def _is_negative(exponent: Node) -> bool:
    return isinstance(exponent, Const) and exponent.value < 0


def _inverse(power: Any) -> Node:
    base, exponent = power.args
    return base if exponent.value == -1 else Op("pow", (base, Const(-exponent.value)))


def _piecewise(expr: Any) -> Node:
    *pairs, (last, condition) = expr.args
    if condition != sp.true:
        raise _UnknownOperation(expr)
    node = read_expression(last)
    for value, condition in reversed(pairs):
        node = _select(condition, read_expression(value), node)
    return node


def _select(condition: Any, then: Node, otherwise: Node) -> Node:
    """``then`` where the condition holds; and, or, not become nested selections."""
    if condition in (sp.true, sp.false):
        return then if condition == sp.true else otherwise
    if isinstance(condition, sp.And):
        for part in reversed(condition.args):
            then = _select(part, then, otherwise)
        return then
    if isinstance(condition, sp.Or):
        for part in reversed(condition.args):
            otherwise = _select(part, then, otherwise)
        return otherwise
    if isinstance(condition, sp.Not):
        return _select(condition.args[0], otherwise, then)
    if isinstance(condition, sp.Ne):
        return _select(sp.Eq(*condition.args, evaluate=False), otherwise, then)
    if isinstance(condition, (sp.Lt, sp.Le, sp.Eq, sp.Gt, sp.Ge)):
        left, right = (read_expression(arg) for arg in condition.args)
        op = "eq" if isinstance(condition, sp.Eq) else "lt" if isinstance(condition, (sp.Lt, sp.Gt)) else "le"
        args = (right, left) if isinstance(condition, (sp.Gt, sp.Ge)) else (left, right)
        return Op("select", (Op(op, args), then, otherwise))
    raise _UnknownOperation(condition)
