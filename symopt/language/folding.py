"""Numbers put together in an expression: what code adds to 0 or multiplies by 1 on its way to a formula."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import Any

import sympy as sp

from .program import rebuild
from .totals import Reduction


def fold(expr: Any) -> Any:
    """The expression without 0 + a, 1*a, 0*a and sums of 0, and with a number for what is made of numbers alone.

    0*a becomes 0 only where a has no divisor and no logarithm, so that nothing undefined becomes a number.
    """
    if not expr.args:
        return expr
    args = tuple(fold(arg) for arg in expr.args)
    if isinstance(expr, (sp.Add, sp.Mul)):
        return _folded(expr, args)
    if isinstance(expr, sp.Pow) and args[1] == 1:
        return args[0]
    if isinstance(expr, sp.Pow) and args[0] in (0, 1) and args[1].is_Rational and args[1] > 0:
        return args[0]
    if isinstance(expr, Reduction) and args[0] == 0:
        return args[0]
    if isinstance(expr, sp.Piecewise) and args[0][1] in (sp.true, True):
        return args[0][0]
    return expr if args == expr.args else rebuild(expr, args)


def _folded(expr: Any, args: tuple[Any, ...]) -> Any:
    is_sum = isinstance(expr, sp.Add)
    neutral = sp.Integer(0 if is_sum else 1)
    numbers = [arg for arg in args if arg.is_Rational]
    rest = [arg for arg in args if not arg.is_Rational]
    values = [Fraction(int(n.p), int(n.q)) for n in numbers]
    total = sum(values, Fraction(0)) if is_sum else prod(values, start=Fraction(1))
    number = sp.Rational(total.numerator, total.denominator)
    if not rest or (not is_sum and number == 0 and all(map(_is_defined, rest))):
        return number
    kept = [arg for arg in args if not arg.is_Rational or (number != neutral and arg is numbers[0])]
    kept = [number if arg.is_Rational else arg for arg in kept]
    if len(kept) == 1:
        return kept[0]
    return expr if tuple(kept) == expr.args else rebuild(expr, tuple(kept))


def _is_defined(expr: Any) -> bool:
    """Whether it has a value everywhere, as far as its form shows."""
    if isinstance(expr, sp.log) or (isinstance(expr, sp.Pow) and not (expr.exp.is_Integer and expr.exp >= 0)):
        return False
    return all(_is_defined(arg) for arg in expr.args)
