"""Vectorised float64: every operation is rounded outward, by its own residue where that is cheap to have."""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from functools import reduce
from typing import Any, ClassVar

import numpy as np

from .arithmetic import Number
from .formats import Format

#: More than any error of the C library's or NumPy's vectorised pow and log, relative to their results.
_SLACK = 2.0**-45

#: The same where results are subnormal.
_FEW = 2.0**-1070

_SMALLEST = 2.0**-1074

#: A normal number times 1 + _ULP, or 1 - _ULP, is rounded to the next one or the one after.
_ULP = 2.0**-52


class Floats:
    """Arithmetic on float64 arrays, rounded in the given direction."""

    zero: ClassVar[Number] = np.float64(0.0)
    one: ClassVar[Number] = np.float64(1.0)

    def number(self, value: Fraction, toward: int) -> Number:
        """A rational."""
        try:
            nearest = float(value)
        except OverflowError:
            return np.float64(toward * np.inf if (value > 0) == (toward > 0) else -toward * np.finfo(float).max)
        beyond = Fraction(nearest) < value if toward > 0 else Fraction(nearest) > value
        return np.float64(np.nextafter(nearest, toward * np.inf) if beyond else nearest)

    def values(self, array: Any) -> Number:
        """The elements of a floating-point array, exactly."""
        return np.asarray(array, dtype=np.float64)

    def add(self, a: Number, b: Number, toward: int) -> Number:
        """a + b; an exact sum stays exact."""
        total, residue = _two_sum(a, b)
        return np.where(residue * toward <= 0, total, total + np.abs(total) * (toward * _ULP))

    def plus(self, a: Number, b: Number) -> Number:
        """a + b from above, for a + b >= 0; 0 where both are 0."""
        return (a + b) * (1 + _ULP)  # a sum that is subnormal is exact

    def residue(self, a: Number, b: Number, form: Format) -> Number:
        """An upper bound on the change of a + b when it is rounded to nearest; infinity where it is not looked for."""
        return np.abs(_two_sum(a, b)[1]) if form.name == "float64" else np.inf

    def total(self, a: Number, toward: int) -> Number:
        """The sums along the last axis."""
        known = np.isfinite(a)
        rows = np.where(known, a, 0.0).reshape(math.prod(a.shape[:-1]), a.shape[-1])
        totals = np.array([math.fsum(row) for row in rows], np.float64).reshape(a.shape[:-1])  # rounded once
        return np.where(known.all(axis=-1), totals + np.abs(totals) * (toward * _ULP), np.nan)

    def multiply(self, a: Number, b: Number, toward: int) -> Number:
        """a * b; exact where either is 0, and never of the wrong sign."""
        product = a * b
        return np.where((a == 0) | (b == 0), product, _step(product, toward))

    def times(self, a: Number, b: Number) -> Number:
        """a * b from above, for a, b >= 0; 0 where either is 0."""
        product = a * b
        return np.where((a == 0) | (b == 0), product, product * (1 + _ULP) + _SMALLEST)

    def scale(self, a: Number, b: Number) -> Number:
        """a * b, exactly, where either is 1, 2, 4, ... or such a number with the other sign."""
        return a * b

    def divide(self, a: Number, b: Number, toward: int) -> Number:
        """a / b; never of the wrong sign."""
        quotient = a / b
        return np.where(a == 0, quotient, _step(quotient, toward))

    def root(self, a: Number, toward: int) -> Number:
        """The square root of a >= 0."""
        return np.sqrt(a) * (1 + toward * _ULP)  # never subnormal

    def power(self, a: Number, b: Number, toward: int) -> Number:
        """a**b for a > 0."""
        return np.maximum(np.power(a, b) * (1 + toward * _SLACK) + toward * _FEW, 0.0)

    def cube_root(self, a: Number, toward: int) -> Number:
        """The cube root of a >= 0."""
        return np.cbrt(a) * (1 + toward * _SLACK)  # never subnormal

    def exp(self, a: Number, toward: int) -> Number:
        """The exponential."""
        return np.maximum(np.exp(a) * (1 + toward * _SLACK) + toward * _FEW, 0.0)

    def log(self, a: Number, toward: int) -> Number:
        """The natural logarithm of a > 0."""
        log = np.log(a)
        return log + np.abs(log) * (toward * _SLACK)  # never subnormal

    def nearest(self, a: Number, form: Format) -> Number:
        """a rounded to nearest in ``form``; an infinity where it overflows."""
        if form.name == "float64":
            return a
        if form.name != "bfloat16":
            return np.asarray(a).astype(form.name).astype(np.float64)
        unit = self.unit(a, form)
        near = np.rint(a / unit) * unit
        return np.where(np.abs(near) > float(form.largest), np.copysign(np.inf, near), near)

    def half_ulp(self, size: Number, form: Format) -> Number:
        """An upper bound on the change of any value of magnitude <= ``size`` when it is rounded to nearest."""
        below = self.unit(size * (1 - _ULP / 2), form)  # at a power of two, the unit of the numbers before it
        return np.maximum(below / 2, _SMALLEST)  # half of float64's smallest number is none

    def unit(self, a: Number, form: Format) -> Number:
        """The unit in the last place of a."""
        _, exponent = np.frexp(a)
        return np.ldexp(1.0, np.where(a == 0, form.smallest, np.maximum(exponent - form.digits, form.smallest)))

    def is_power_of_two(self, a: Number) -> Any:
        """Where |a| is 1, 2, 4, ..."""
        return (np.frexp(np.abs(a))[0] == 0.5) & (np.abs(a) >= 1)

    def finite(self, *parts: Number) -> Any:
        """Where every one of them is a number."""
        return reduce(operator.and_, map(np.isfinite, parts))


def _two_sum(a: Number, b: Number) -> tuple[Number, Number]:
    """The rounded sum and what rounding took from it, exactly (Knuth 1969, The Art of Computer Programming, 4.2.2)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def _step(value: Number, toward: int) -> Number:
    """A neighbour in the given direction; a zero, which underflowed, has the sign of what it stands for."""
    moved = value + np.abs(value) * (toward * _ULP) + toward * _SMALLEST
    if toward > 0:
        return np.where(np.signbit(value), np.minimum(moved, 0.0), moved)
    return np.where(np.signbit(value), moved, np.maximum(moved, 0.0))
