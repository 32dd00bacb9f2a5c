"""Powers as products and roots: the lowering pass that takes ``pow`` out of loops."""

from __future__ import annotations

from fractions import Fraction

from .nodes import Assign, Const, Node, Op

#: Integer powers up to this one become products; beyond it, pow loses nothing and is shorter.
_LONGEST_PRODUCT = 64


def expand_powers(lines: tuple[Assign, ...]) -> tuple[Assign, ...]:
    """Powers with a known exponent n, n/2 or n/3 become products, divisions and square or cube roots.

    x**2 is x*x; x**n squares repeatedly; x**(n/2) is x**(n//2) * sqrt(x) for odd n; x**(n/3) is the n-th power of
    cbrt(x); x**-n is 1/x**n.
    Powers with a symbolic exponent (beta**t) and other roots stay ``pow``.
    """

    def visit(node: Node) -> Node:
        if not isinstance(node, Op):
            return node
        args = tuple(map(visit, node.args))
        if node.op == "pow" and isinstance(args[1], Const):
            return power(args[0], args[1].value)
        return Op(node.op, args, node.type)

    return tuple(Assign(line.name, visit(line.value)) for line in lines)


def power(base: Node, exponent: Fraction) -> Node:
    """``base**exponent`` by products and roots where there are any."""
    if exponent < 0:
        return Op("div", (Const(Fraction(1)), power(base, -exponent)))
    if exponent.denominator == 3:
        return power(Op("cbrt", (base,)), Fraction(exponent.numerator))
    if exponent.denominator > 2 or exponent > _LONGEST_PRODUCT:
        return Op("pow", (base, Const(exponent)))
    if exponent == 0:
        return Const(Fraction(1))
    if exponent.denominator == 2:
        root, whole = Op("sqrt", (base,)), exponent - Fraction(1, 2)
        return Op("mul", (power(base, whole), root)) if whole else root
    if exponent == 1:
        return base
    half = power(base, Fraction(exponent // 2))
    square = Op("mul", (half, half))
    return Op("mul", (square, base)) if exponent % 2 else square
