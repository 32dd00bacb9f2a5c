"""Enclosures of exp and log by rationals (part of the trusted checker, standard library only)."""

from __future__ import annotations

from fractions import Fraction

LARGEST = 2**20  # no exponential of more is enclosed
GUARD = 64  # binary digits beyond those that are asked for


def exp_between(low: Fraction, high: Fraction, bits: int) -> tuple[Fraction, Fraction]:
    """What exp lies between on an interval, to about 2^-bits of itself; OverflowError beyond LARGEST."""
    return _exp(low, bits)[0], _exp(high, bits)[1]


def log_between(low: Fraction, high: Fraction, bits: int) -> tuple[Fraction, Fraction]:
    """What log lies between on an interval of positive numbers, to about 2^-bits."""
    return _log(low, bits)[0], _log(high, bits)[1]


def rational_power(base: Fraction, exponent: Fraction) -> Fraction | None:
    """base^exponent for base > 0, if the root that it takes is rational."""
    roots = [_whole_root(part, exponent.denominator) for part in (base.numerator, base.denominator)]
    if None in roots or abs(exponent.numerator) > LARGEST:
        return None
    return Fraction(roots[0] or 0, roots[1] or 1) ** exponent.numerator


def _exp(x: Fraction, bits: int) -> tuple[Fraction, Fraction]:
    """exp(x) = exp(x/2^n)^(2^n), by Taylor's series of |x|/2^n <= 1/2; its remainder is at most twice its next term."""
    if abs(x) > LARGEST:
        raise OverflowError(f"exp of {float(x)}")
    halvings = max(int(abs(x)).bit_length() + 1, 1)
    scale = 2 ** (bits + GUARD + 2 * halvings)
    down, up = abs(x) * scale // 2**halvings, -(-abs(x) * scale // 2**halvings)
    low = high = least = most = scale
    n = 1
    while most:
        least, most = least * down // (n * scale), -(-most * up // (n * scale))
        low, high, n = low + least, high + most, n + 1
        if most == 1:
            break
    high += 2 * most
    for _ in range(halvings):
        low, high = low * low // scale, -(-high * high // scale)
    return (Fraction(low, scale), Fraction(high, scale)) if x >= 0 else (Fraction(scale, high), Fraction(scale, low))


def _log(x: Fraction, bits: int) -> tuple[Fraction, Fraction]:
    """log(x) = k log 2 + 2 artanh((m - 1)/(m + 1)) for x = 2^k m, where 1/2 <= m <= 2."""
    k = x.numerator.bit_length() - x.denominator.bit_length()
    m = x / Fraction(2) ** k
    low, high = _twice_artanh((m - 1) / (m + 1), bits + k.bit_length())
    least, most = _twice_artanh(Fraction(1, 3), bits + k.bit_length())
    return low + min(k * least, k * most), high + max(k * least, k * most)


def _twice_artanh(z: Fraction, bits: int) -> tuple[Fraction, Fraction]:
    """2 (z + z^3/3 + z^5/5 + ...) for |z| <= 1/3; the remainder is at most twice the next power of z."""
    if z < 0:
        below, above = _twice_artanh(-z, bits)
        return -above, -below
    scale: int = 2 ** (bits + GUARD)
    square_low, square_high = int(z * z * scale // 1), int(-(-z * z * scale // 1))
    least, most, low, high = int(z * scale // 1), int(-(-z * scale // 1)), 0, 0
    n = 1
    while most > 1:
        low, high, n = low + least // n, high - (-most // n), n + 2
        least, most = least * square_low // scale, -(-most * square_high // scale)
    return Fraction(2 * low, scale), Fraction(2 * (high + 2 * most), scale)


def _whole_root(value: int, degree: int) -> int | None:
    """The root of a whole number > 0, if it is whole."""
    low, high = 1, 1 << -(-value.bit_length() // degree)
    while low < high:
        middle = (low + high) // 2
        if middle**degree < value:
            low = middle + 1
        else:
            high = middle
    return low if low**degree == value else None
