"""The functions a rule's body may use beside ``+ - * / **`` and ``abs``.

Each is one mathematical function that runs on SymPy expressions (tracing), on exact numbers, on
numbers that carry their own ``sqrt`` (Decimal, intervals, lifted values) and on NumPy arrays.
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from .errors import refuse


def sqrt(value: Any) -> Any:
    """The square root; exact for rationals, where an irrational root is refused."""
    if isinstance(value, sp.Basic):
        return sp.sqrt(value)
    if isinstance(value, (int, Fraction)):
        number = Fraction(value)
        if number >= 0:
            root = Fraction(math.isqrt(number.numerator), math.isqrt(number.denominator))
            if root * root == number:
                return root if isinstance(value, Fraction) else int(root)
        raise refuse("radicand", value, "must be the square of a rational for an exact root")
    return value.sqrt() if hasattr(value, "sqrt") else np.sqrt(value)


def cbrt(value: Any) -> Any:
    """The cube root of a number >= 0; exact for rationals, where an irrational root is refused."""
    if isinstance(value, sp.Basic):
        return sp.Pow(value, sp.Rational(1, 3))
    if isinstance(value, (int, Fraction)):
        root, exact = sp.integer_nthroot(Fraction(value).numerator, 3) if value >= 0 else (0, False)
        below, whole = sp.integer_nthroot(Fraction(value).denominator, 3)
        if exact and whole:
            return Fraction(int(root), int(below)) if isinstance(value, Fraction) else int(root)
        raise refuse("radicand", value, "must be the cube of a rational for an exact root")
    if isinstance(value, Decimal):
        return value ** (Decimal(1) / 3) if value else value
    return np.cbrt(value)


def exp(value: Any) -> Any:
    """The exponential; exact for rationals, where only that of 0 is rational and any other refused."""
    return _transcendental(value, sp.exp, np.exp, at=0)


def log(value: Any) -> Any:
    """The natural logarithm of a number > 0; exact for rationals, where any but that of 1 is refused."""
    return _transcendental(value, sp.log, np.log, at=1)


def _transcendental(value: Any, symbolic: Any, numeric: Any, at: int) -> Any:
    if isinstance(value, sp.Basic):
        return symbolic(value)
    if isinstance(value, (int, Fraction)):
        if value == at:
            return type(value)(1 - at)
        raise refuse(f"argument of {symbolic.__name__}", value, f"must be {at} for an exact value")
    if isinstance(value, Decimal):
        return value.exp() if at == 0 else value.ln()
    return numeric(value)


def maximum(left: Any, right: Any) -> Any:
    """The larger of two values, elementwise."""
    if isinstance(left, sp.Basic) or isinstance(right, sp.Basic):
        return sp.Max(left, right)
    return np.maximum(left, right) if _is_array(left, right) else max(left, right)


def minimum(left: Any, right: Any) -> Any:
    """The smaller of two values, elementwise."""
    if isinstance(left, sp.Basic) or isinstance(right, sp.Basic):
        return sp.Min(left, right)
    return np.minimum(left, right) if _is_array(left, right) else min(left, right)


def sign(value: Any) -> Any:
    """-1, 0 or 1 by the sign of the value, elementwise."""
    if isinstance(value, sp.Basic):
        return sp.sign(value)
    return np.sign(value) if _is_array(value) else (value > 0) - (value < 0)


def where(condition: Any, then: Any, otherwise: Any) -> Any:
    """``then`` where the condition holds, else ``otherwise``, elementwise."""
    if isinstance(condition, sp.Basic):
        return sp.Piecewise((then, condition), (otherwise, True))
    if _is_array(condition):
        return np.where(condition, then, otherwise)
    return then if condition else otherwise


def _is_array(*values: Any) -> bool:
    return any(isinstance(value, (np.ndarray, np.generic)) or hasattr(value, "__array_ufunc__") for value in values)
