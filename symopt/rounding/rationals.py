"""Exact rationals, and dyadic rationals rounded in a given direction: elementwise, on object arrays of Fractions.

What is not a number is a float, infinity or NaN; every operation with one in it is NaN.
"""

from __future__ import annotations

import decimal
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any, ClassVar

import numpy as np

from .arithmetic import UP, Number
from .formats import Format, power_of_two

#: Bits after the leading one of roots, powers and logarithms, which are irrational.
_IRRATIONAL_BITS = 200

#: Powers beyond 2**_FAR are infinite, below 2**-_FAR next to 0: far outside every format, and never written out.
_FAR = 5000

_CONTEXT = decimal.Context(prec=70, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN, traps=[])


@dataclass(frozen=True)
class Rationals:
    """Arithmetic on Fractions: sums, products and quotients are exact; with ``bits``, rounded to as many."""

    bits: int | None = None
    zero: ClassVar[Number] = Fraction(0)
    one: ClassVar[Number] = Fraction(1)

    def number(self, value: Fraction, toward: int) -> Number:
        """A rational."""
        return self._round(value, toward)

    def values(self, array: Any) -> Number:
        """The elements of a floating-point array, exactly."""
        take = np.frompyfunc(lambda x: Fraction(x) if math.isfinite(x) else math.nan, 1, 1)
        return take(np.asarray(array, np.float64))

    def add(self, a: Number, b: Number, toward: int) -> Number:
        """a + b."""
        return _each(lambda x, y: self._round(x + y, toward), a, b)

    def plus(self, a: Number, b: Number) -> Number:
        """a + b."""
        return self.add(a, b, UP)

    def residue(self, a: Number, b: Number, form: Format) -> Number:
        """The change of a + b when it is rounded to nearest."""
        return _each(lambda x, y: self._round(abs(form.nearest(x + y) - x - y), UP), a, b)

    def total(self, a: Number, toward: int) -> Number:
        """The sums along the last axis."""
        totals = np.empty(a.shape[:-1], object)
        for place in np.ndindex(totals.shape):
            row = list(a[place])
            unknown = any(isinstance(element, float) for element in row)
            totals[place] = math.nan if unknown else self._round(sum(row, Fraction(0)), toward)
        return totals

    def multiply(self, a: Number, b: Number, toward: int) -> Number:
        """a * b."""
        return _each(lambda x, y: self._round(x * y, toward), a, b)

    def times(self, a: Number, b: Number) -> Number:
        """a * b."""
        return self.multiply(a, b, UP)

    def scale(self, a: Number, b: Number) -> Number:
        """a * b."""
        return _each(lambda x, y: x * y, a, b)

    def divide(self, a: Number, b: Number, toward: int) -> Number:
        """a / b."""
        return _each(lambda x, y: self._round(x / y, toward) if y else math.nan, a, b)

    def root(self, a: Number, toward: int) -> Number:
        """The square root of a >= 0."""
        return _each(lambda x: self._round(_root(x, toward), toward) if x >= 0 else math.nan, a)

    def power(self, a: Number, b: Number, toward: int) -> Number:
        """a**b for a > 0."""
        return _each(lambda x, y: self._bounded(_power(x, y, toward), toward) if x > 0 else math.nan, a, b)

    def cube_root(self, a: Number, toward: int) -> Number:
        """The cube root of a >= 0."""
        third = Fraction(1, 3)
        return _each(lambda x: self._bounded(_power(x, third, toward), toward) if x > 0 else math.nan if x else x, a)

    def exp(self, a: Number, toward: int) -> Number:
        """The exponential."""
        return _each(lambda x: self._bounded(_exp(_quotient(x, toward), toward), toward) if x else Fraction(1), a)

    def log(self, a: Number, toward: int) -> Number:
        """The natural logarithm of a > 0."""
        return _each(lambda x: self._round(Fraction(_log(x, toward)), toward) if x > 0 else math.nan, a)

    def nearest(self, a: Number, form: Format) -> Number:
        """a rounded to nearest in ``form``; an infinity where it overflows."""
        return _each(lambda x: near if abs(near := form.nearest(x)) <= form.largest else math.inf, a)

    def half_ulp(self, size: Number, form: Format) -> Number:
        """The largest change of any value of magnitude <= ``size`` when it is rounded to nearest."""
        return _each(form.half_ulp, size)

    def unit(self, a: Number, form: Format) -> Number:
        """The unit in the last place of a."""
        return _each(form.unit, a)

    def is_power_of_two(self, a: Number) -> Any:
        """Where |a| is 1, 2, 4, ..."""
        whole = np.frompyfunc(
            lambda x: not isinstance(x, float) and x.denominator == abs(x.numerator).bit_count() == 1, 1, 1
        )
        return np.asarray(whole(a)).astype(bool)

    def finite(self, *parts: Number) -> Any:
        """Where every one of them is a number."""
        return reduce(operator.and_, (np.asarray(_is_number(part)).astype(bool) for part in parts))

    def _round(self, value: Fraction, toward: int) -> Fraction:
        return value if self.bits is None else directed(value, self.bits, toward)

    def _bounded(self, value: Fraction | float, toward: int) -> Fraction | float:
        return value if isinstance(value, float) else self._round(value, toward)


_is_number = np.frompyfunc(lambda x: not isinstance(x, float), 1, 1)


def _each(function: Callable[..., Any], *arrays: Number) -> Number:
    """The function on each element; NaN where an argument is no number."""

    def total(*args: Any) -> Any:
        return math.nan if any(isinstance(arg, float) for arg in args) else function(*args)

    return np.frompyfunc(total, len(arrays), 1)(*arrays)


def directed(value: Fraction, bits: int, toward: int) -> Fraction:
    """The dyadic rational of so many bits next to ``value``: itself, or the neighbour in the given direction."""
    if value == 0:
        return value
    unit = power_of_two(value.numerator.bit_length() - value.denominator.bit_length() - bits)
    scaled = value / unit
    return (math.ceil(scaled) if toward > 0 else math.floor(scaled)) * unit


def _root(value: Fraction, toward: int) -> Fraction:
    """Exact for squares of rationals; else to _IRRATIONAL_BITS."""
    top, bottom = value.numerator, value.denominator
    down, under = math.isqrt(top), math.isqrt(bottom)
    if down * down == top and under * under == bottom:
        return Fraction(down, under)
    # sqrt(p/q) = sqrt(p*q)/q, the radicand shifted up by an even number of bits to twice as many as are wanted.
    shift = 2 * max(0, _IRRATIONAL_BITS + 1 - (top.bit_length() + bottom.bit_length()) // 2)
    return Fraction(math.isqrt(top * bottom << shift) + (toward > 0), bottom << shift // 2)


def _power(base: Fraction, exponent: Fraction, toward: int) -> Fraction | float:
    """Exact for small whole exponents; else exp(exponent * log(base))."""
    if exponent.denominator == 1 and abs(exponent) <= 64:
        return base ** int(exponent)
    low, high = _log(base, -1), _log(base, UP)
    with decimal.localcontext(_CONTEXT) as context:
        products = [_quotient(exponent, -1), _quotient(exponent, UP)]
        context.rounding = decimal.ROUND_CEILING if toward > 0 else decimal.ROUND_FLOOR
        ends = [p * q for p in products for q in (low, high)]
        return _exp(max(ends) if toward > 0 else min(ends), toward)


def _exp(end: Decimal, toward: int) -> Fraction | float:
    """A rational beyond the exponential; infinity or 0 for what is far out of any format's range."""
    if abs(end) > _FAR:  # e**5000 > 2**5000
        if (end > 0) == (toward > 0):
            return math.inf if toward > 0 else Fraction(0)
        return power_of_two(-_FAR if toward > 0 else _FAR)
    with decimal.localcontext(_CONTEXT):
        result = end.exp()  # rounded to nearest, whatever the context says
        return Fraction(result.next_plus() if toward > 0 else result.next_minus())


def _log(value: Fraction, toward: int) -> Decimal:
    """A decimal beyond the logarithm; decimal's own is correctly rounded."""
    if value == 1:
        return Decimal(0)
    with decimal.localcontext(_CONTEXT):
        result = _quotient(value, toward).ln()
        return result.next_plus() if toward > 0 else result.next_minus()


def _quotient(value: Fraction, toward: int) -> Decimal:
    rounding = decimal.ROUND_CEILING if toward > 0 else decimal.ROUND_FLOOR
    context = decimal.Context(
        prec=_CONTEXT.prec, rounding=rounding, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN, traps=[]
    )
    return context.divide(Decimal(value.numerator), Decimal(value.denominator))
