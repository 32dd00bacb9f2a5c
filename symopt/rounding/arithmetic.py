"""What an engine computes bounds with: numbers whose every operation is rounded in a given direction, or not at all."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, ClassVar, Protocol

from .formats import Format

Number = Any  # float64 arrays, or object arrays of Fractions; infinities and NaN are floats in either

#: Directions of rounding.
DOWN, UP = -1, 1


class Arithmetic(Protocol):
    """Elementwise operations; ``toward`` says on which side of the exact result the returned one may lie.

    A result that has no such number is an infinity or NaN. Comparisons, np.minimum, np.maximum, np.where, negation
    and np.abs are exact on these numbers and not part of the protocol.
    """

    zero: ClassVar[Number]
    one: ClassVar[Number]

    def number(self, value: Fraction, toward: int) -> Number:
        """A rational."""

    def values(self, array: Any) -> Number:
        """The elements of a floating-point array, exactly."""

    def add(self, a: Number, b: Number, toward: int) -> Number:
        """a + b."""

    def plus(self, a: Number, b: Number) -> Number:
        """a + b from above, for a + b >= 0; 0 where both are 0."""

    def residue(self, a: Number, b: Number, form: Format) -> Number:
        """An upper bound on the change of a + b when it is rounded to nearest; infinity where it is not looked for."""

    def total(self, a: Number, toward: int) -> Number:
        """The sums along the last axis."""

    def multiply(self, a: Number, b: Number, toward: int) -> Number:
        """a * b; exact where either is 0, and never of the wrong sign."""

    def times(self, a: Number, b: Number) -> Number:
        """a * b from above, for a, b >= 0; 0 where either is 0."""

    def scale(self, a: Number, b: Number) -> Number:
        """a * b, exactly, where either is 1, 2, 4, ... or such a number with the other sign."""

    def divide(self, a: Number, b: Number, toward: int) -> Number:
        """a / b; never of the wrong sign."""

    def root(self, a: Number, toward: int) -> Number:
        """The square root of a >= 0."""

    def power(self, a: Number, b: Number, toward: int) -> Number:
        """a**b for a > 0."""

    def cube_root(self, a: Number, toward: int) -> Number:
        """The cube root of a >= 0."""

    def exp(self, a: Number, toward: int) -> Number:
        """The exponential."""

    def log(self, a: Number, toward: int) -> Number:
        """The natural logarithm of a > 0."""

    def nearest(self, a: Number, form: Format) -> Number:
        """a rounded to nearest in ``form``; an infinity where it overflows."""

    def half_ulp(self, size: Number, form: Format) -> Number:
        """An upper bound on the change of any value of magnitude <= ``size`` when it is rounded to nearest."""

    def unit(self, a: Number, form: Format) -> Number:
        """The unit in the last place of a."""

    def is_power_of_two(self, a: Number) -> Any:
        """Where |a| is 1, 2, 4, ..."""

    def finite(self, *parts: Number) -> Any:
        """Where every one of them is a number."""
