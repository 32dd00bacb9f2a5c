"""What the printers share: exact decimals, and where the minus sign of an expression stands."""

from __future__ import annotations

from decimal import Decimal, Inexact, localcontext
from fractions import Fraction
from typing import Any

import sympy as sp

from symopt.language import Reduction, rebuild


def decimal(value: Any) -> str:
    """The rational ``value`` written exactly: as a decimal where it has a finite one, else as p/q."""
    number = Fraction(value.p, value.q) if isinstance(value, sp.Rational) else Fraction(value)
    with localcontext(prec=1000) as context:
        context.traps[Inexact] = True
        try:
            quotient = (Decimal(number.numerator) / Decimal(number.denominator)).normalize()
        except Inexact:
            return str(number)
    return format(quotient, "f") if -5 < quotient.adjusted() < 16 else format(quotient, "e").replace("e+", "e")


def is_decimal(value: Any) -> bool:
    """Whether ``decimal`` writes the value without a fraction bar."""
    return "/" not in decimal(value)


def split_sign(expr: Any) -> tuple[bool, Any]:
    """Whether ``expr`` begins with a minus sign, and the expression without it; nothing is evaluated."""
    if isinstance(expr, sp.Rational):
        return bool(expr < 0), abs(expr)
    if not isinstance(expr, sp.Mul):
        return False, expr
    negative, head = split_sign(expr.args[0])
    if not negative:
        return False, expr
    factors = expr.args[1:] if head == 1 else (head, *expr.args[1:])
    return True, factors[0] if len(factors) == 1 else rebuild(expr, factors)


def is_negative(expr: Any) -> bool:
    """Whether ``expr`` begins with a minus sign when printed."""
    return split_sign(expr)[0]


def over_elements(expr: Any) -> tuple[str, Any, str] | None:
    """Where the expression is a "total", "largest", "mean" or "norm" over elements: which, of what, and over what."""
    if isinstance(expr, Reduction):
        return "total" if expr.fold == "sum" else "largest", expr.args[0], expr.over
    if isinstance(expr, sp.Pow) and expr.exp == sp.Rational(1, 2) and _is_total(expr.base):
        (square,) = expr.base.args
        if isinstance(square, sp.Pow) and square.exp == 2:
            return "norm", square.base, expr.base.over
    if isinstance(expr, sp.Mul) and len(expr.args) == 2 and _is_total(expr.args[0]):
        total, count = expr.args
        if count == rebuild(count, (total.func(1), sp.Integer(-1))):
            return "mean", total.args[0], total.over
    return None


def _is_total(expr: Any) -> bool:
    return isinstance(expr, Reduction) and expr.fold == "sum"
