"""The binary floating-point formats, and rounding of exact rationals to them.

Source: IEEE 754-2019, sections 3.3 and 4.3.1; bfloat16 is the upper half of binary32.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property


@dataclass(frozen=True)
class Format:
    """Numbers k * 2**e with |k| < 2**digits and e >= smallest, up to (2 - 2**(1 - digits)) * 2**top.

    ``smallest`` is the exponent of the smallest subnormal, ``top`` that of the largest power of two.
    """

    name: str
    digits: int
    smallest: int
    top: int

    @cached_property
    def largest(self) -> Fraction:
        """The largest finite number."""
        return (2 - power_of_two(1 - self.digits)) * power_of_two(self.top)

    def nearest(self, value: Fraction) -> Fraction:
        """The number of this format nearest to ``value``, ties to even; as if exponents had no upper end."""
        return round(value / self.unit(value)) * self.unit(value)

    def half_ulp(self, size: Fraction) -> Fraction:
        """The most that rounding to nearest can change any value of magnitude <= ``size``.

        Half the distance of neighbours just below ``size``; the distance above a power of two counts only beyond it.
        """
        exponent = self._exponent(size)
        if size and size == power_of_two(exponent + self.digits - 1):
            exponent = max(exponent - 1, self.smallest)
        return power_of_two(exponent - 1)

    def unit(self, value: Fraction) -> Fraction:
        """The unit in the last place; every number of the format that is no smaller is a multiple of it."""
        return power_of_two(self._exponent(value))

    def holds(self, value: Fraction) -> bool:
        """Whether ``value`` is a number of this format."""
        return self.nearest(value) == value and abs(value) <= self.largest

    def _exponent(self, value: Fraction) -> int:
        if value == 0:
            return self.smallest
        size = abs(value)
        exponent = size.numerator.bit_length() - size.denominator.bit_length()
        if size < power_of_two(exponent):
            exponent -= 1
        return max(exponent - self.digits + 1, self.smallest)


def power_of_two(exponent: int) -> Fraction:
    """2**exponent, exactly."""
    return Fraction(1 << exponent) if exponent >= 0 else Fraction(1, 1 << -exponent)


FORMATS = {
    form.name: form
    for form in (
        Format("bfloat16", 8, -133, 127),
        Format("float16", 11, -24, 15),
        Format("float32", 24, -149, 127),
        Format("float64", 53, -1074, 1023),
    )
}
