"""What the printers share: exact decimals, and where the minus sign of an expression stands."""

from __future__ import annotations

from decimal import Decimal, Inexact, localcontext
from fractions import Fraction
from typing import Any

import sympy as sp

from symopt.language import rebuild


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
