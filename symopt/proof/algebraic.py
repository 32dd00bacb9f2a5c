"""Real algebraic numbers, enclosed between rationals so that every sign can be told (trusted, standard library only).

With every number that is not rational goes a bound on how close to zero it can be without being zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import isqrt, lcm, prod

from .elementary import exp_between, log_between, rational_power
from .normal import Rejected

#: (n, d, r): the number is U/L, algebraic integers whose conjugates have a modulus of at most 2^n and 2^d, in the field
#: of the irrational roots that the bits of r stand for. None for a rational.
Size = tuple[int, int, int]
Number = tuple[Fraction, Fraction, Size | None]  # what it lies between, which is one point for a rational


#: Of a number that may not be algebraic: nothing is known of how close to zero it can be.
UNKNOWN: Size = (2**40, 2**40, 0)


class TooClose(Rejected):
    """An enclosure is too wide to tell a sign."""


class Reals:
    """Arithmetic with enclosures to 2^-bits; Rejected where there is no result."""

    def __init__(self, bits: int) -> None:
        self.bits, self.scale = bits, 2**bits
        self.roots: dict[object, tuple[int, int]] = {}  # the irrational roots met -> their bits and degrees

    def sign(self, number: Number) -> int:
        """-1, 0 or 1; TooClose where the enclosure is too wide to tell.

        If U/L is not 0, the norm of U is an integer other than 0. It is the product of U and at most D - 1 conjugates,
        where D bounds the field's degree; so |U| >= 2^-((D - 1) n), and |U/L| >= 2^-((D - 1) n + d).
        """
        low, high, size = number
        if low > 0 or high < 0 or low == high:
            return (low > 0) - (high < 0)
        n, d, used = size or (0, 0, 0)
        gap = (prod(degree for bit, degree in self.roots.values() if used & bit) - 1) * n + d
        if gap > self.bits or max(-low, high) * 2**gap >= 1:
            raise TooClose("the values are too close to tell apart")
        return 0

    def combine(self, op: str, a: Number, b: Number) -> Number:
        """a + b, a - b, a b or a/b."""
        if op == "/" and self.sign(b) == 0:
            raise Rejected("a divisor is zero at the point")
        if op == "-":
            op, b = "+", (-b[1], -b[0], b[2])
        if a[2] is None and b[2] is None:
            result = a[0] + b[0] if op == "+" else a[0] * b[0] if op == "*" else a[0] / b[0]
            return result, result, None
        (n, d, r), (m, e, s) = _size(a), _size(b)
        if op == "+":
            return self._outward(a[0] + b[0], a[1] + b[1], (max(n + e, m + d) + 1, d + e, r | s))
        if op == "/":
            b, m, e = (1 / b[1], 1 / b[0], None), e, m
        ends = [x * y for x in a[:2] for y in b[:2]]
        return self._outward(min(ends), max(ends), (n + m, d + e, r | s))

    def square_root(self, a: Number, name: object) -> Number:
        """sqrt(a), the algebraic integer sqrt(U L) over L; equal names stand for equal radicands."""
        if self.sign(a) < 0:
            raise Rejected("a radicand is negative at the point")
        if a[0] == a[1]:
            name, exact = a[0], rational_root(a[0])
            if exact is not None:
                return exact, exact, None
        low, high = (isqrt(int(max(x, 0) * self.scale**2)) for x in a[:2])
        n, d, r = _size(a)
        r |= self._bit(name, 2)
        return Fraction(low, self.scale), Fraction(high + 1, self.scale), ((n + d + 1) // 2, d, r)

    def root(self, root: Root) -> Number:
        """The root of a polynomial."""
        low, high = root.enclosure(self.bits)
        return low, high, (*root.size, self._bit(root, len(root.coefficients) - 1))

    def exp(self, a: Number) -> Number:
        """exp(a)."""
        try:
            low, high = exp_between(a[0], a[1], self.bits)
        except OverflowError as error:
            raise Rejected(f"{error} is not enclosed") from error
        return self._outward(low, high, None if low == high else UNKNOWN)

    def log(self, a: Number) -> Number:
        """log(a)."""
        if self.sign(a) <= 0 or a[0] <= 0:
            raise Rejected("a logarithm's argument is not positive at the point")
        low, high = log_between(a[0], a[1], self.bits)
        return self._outward(low, high, None if low == high else UNKNOWN)

    def power(self, a: Number, b: Number) -> Number:
        """The real power a^b, of a > 0, or of a = 0 if b > 0."""
        if self.sign(a) == 0 and self.sign(b) > 0:
            return Fraction(0), Fraction(0), None
        exact = rational_power(a[0], b[0]) if 0 < a[0] == a[1] and b[0] == b[1] else None
        if exact is not None:
            return exact, exact, None
        return self.exp(self.combine("*", b, self.log(a)))

    def _bit(self, name: object, degree: int) -> int:
        """The bit that stands for an irrational root, of a degree of at most this over the field of the others."""
        return self.roots.setdefault(name, (1 << len(self.roots), degree))[0]

    def _outward(self, low: Fraction, high: Fraction, size: Size | None) -> Number:
        """Round an enclosure outward, so that its ends stay short; a point stays as it is."""
        if low == high:
            return low, high, size
        return Fraction(low * self.scale // 1, self.scale), Fraction(-(-high * self.scale // 1), self.scale), size


def _size(a: Number) -> Size:
    return a[2] or (a[0].numerator.bit_length(), a[0].denominator.bit_length(), 0)


def rational_root(square: Fraction) -> Fraction | None:
    """The square root, if it is rational."""
    root = Fraction(isqrt(max(square.numerator, 0)), isqrt(square.denominator))
    return root if root * root == square else None


@dataclass(frozen=True)
class Root:
    """The only zero between two rationals of the polynomial with these coefficients (of 1, x, x^2, ...).

    The polynomial changes its sign from end to end, and bounds of its slope show that it is monotone between them; it
    need not be irreducible. ValueError where that is not so.
    """

    coefficients: tuple[Fraction, ...]
    low: Fraction
    high: Fraction

    def __post_init__(self) -> None:
        p, low, high = self.coefficients, self.low, self.high
        (first, _), (last, _), slope = bounds(p, low, low), bounds(p, high, high), [n * c for n, c in enumerate(p)][1:]
        if not (low < high and prod(bounds(slope, low, high)) > 0 > first * last and p[-1]):
            raise ValueError(f"no root of {p} is isolated between {low} and {high}")

    @property
    def size(self) -> tuple[int, int]:
        """(n, d) as in Size. With integer coefficients, the leading one c and the others at most m, no zero is beyond
        1 + m/c (Cauchy), and c times a zero is an algebraic integer."""
        scale = lcm(*(c.denominator for c in self.coefficients))
        *others, lead = (abs(int(c * scale)) for c in self.coefficients)
        return (lead + max(others)).bit_length(), lead.bit_length()

    @lru_cache(maxsize=64)  # noqa: B019 - few and small
    def enclosure(self, bits: int) -> tuple[Fraction, Fraction]:
        """Rationals around the root, at most 2^-bits apart, by halving."""
        low, high = self.low, self.high
        before, _ = bounds(self.coefficients, low, low)
        while (high - low) * 2**bits > 1:
            middle = (low + high) / 2
            value, _ = bounds(self.coefficients, middle, middle)
            if value == 0:
                return middle, middle
            low, high = (low, middle) if value * before < 0 else (middle, high)
        return low, high


def bounds(coefficients: Sequence[Fraction], low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
    """What the polynomial's values between low and high lie between, by Horner's rule."""
    a = b = Fraction(0)
    for c in reversed(coefficients):
        products = {a * low, a * high, b * low, b * high} if low != high else {a * low}
        a, b = min(products) + c, max(products) + c
    return a, b
