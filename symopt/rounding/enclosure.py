"""How far a machine may be from the exact value: one formula for each operation, whatever the numbers are.

An ``Enclosure`` holds, elementwise, an interval [low, high] of what any conforming machine computes, at any inputs of
the box, and the error: a bound on |computed - exact| at the same inputs. So the exact value lies within the error of
the interval. Each operation takes the intervals and errors of its arguments to an interval of its result before it is
rounded, and to the error inherited from the arguments; ``rounded`` adds the rounding.

Inherited errors are differences over the whole box, with no second-order term dropped: for instance
|a'b' - ab| <= |a' - a||b'| + |a||b' - b|, with the largest |b'| of any machine and the largest exact |a|.

Assumed of a machine: round to nearest, ties to even, gradual underflow (no flush to zero), no reassociation and no
approximate reciprocals or roots; ``pow`` within one unit in the last place, and exact for the exponent 1; ``exp``,
``log`` and ``cbrt`` within four, cbrt exact at 0, if it is not ``pow`` with the number nearest to 1/3 (true of the C
libraries and of the NumPy in use, whose float32 exp errs by up to 2.52 units; the IEEE standard leaves it open). A
product may be contracted with the sum it is a term of (fused multiply-add, one rounding in place of two): an interval
of a product holds it unrounded too. Of the exact step it is assumed that it exists: no radicand is negative.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from .arithmetic import DOWN, UP, Arithmetic, Number
from .formats import Format


@dataclass(frozen=True)
class Enclosure:
    """Every machine's value in [low, high], at most ``error`` from the exact one; infinite where nothing is known."""

    low: Number
    high: Number
    error: Number


def settle(k: Arithmetic, low: Number, high: Number, error: Number) -> Enclosure:
    """The enclosure, or none where any part of it is infinite or NaN."""
    known = k.finite(low, high, error)
    if np.all(known):
        return Enclosure(low, high, error)
    return Enclosure(np.where(known, low, -math.inf), np.where(known, high, math.inf), np.where(known, error, math.inf))


def rounded(k: Arithmetic, raw: Enclosure, form: Format, counted: bool = True) -> Enclosure:
    """The result once it is rounded to nearest in a format; ``counted``: whether the error includes that."""
    below, above, change = _rounding(k, raw, form, counted)
    return settle(k, below, above, k.plus(raw.error, change))


def _rounding(k: Arithmetic, raw: Enclosure, form: Format, counted: bool) -> tuple[Number, Number, Number]:
    """Where rounding moves the ends of an interval (to infinity, if they overflow), and the most that it moves a value.

    Rounding is monotone: it changes no value by more than half a unit in the last place, nor by more than from one end
    to the other end's nearest number.
    """
    below, above = k.nearest(raw.low, form), k.nearest(raw.high, form)
    if not counted:
        return below, above, k.zero
    across = np.maximum(k.plus(above, -raw.low), k.plus(raw.high, -below))
    return below, above, np.minimum(k.half_ulp(_size(raw), form), across)


def rounded_product(k: Arithmetic, raw: Enclosure, form: Format, counted: bool, scaled: Any) -> Enclosure:
    """A product, which a machine may round at once, or pass on unrounded to a sum that it is a term of.

    ``scaled``: where one factor is 1, 2, 4, ...: then the product is a number of the format as it is.
    """
    below, above, change = _rounding(k, raw, form, counted)
    error = k.plus(raw.error, np.where(scaled, k.zero, change))
    return settle(k, np.minimum(below, raw.low), np.maximum(above, raw.high), error)


def rounded_sum(k: Arithmetic, a: Enclosure, b: Enclosure, form: Format, counted: bool) -> Enclosure:
    """a + b. It is not rounded where it is no longer than the format: where its terms' digits end early enough.

    That holds of a product's rounded value. A machine that passes it on unrounded spares its rounding, and rounds the
    sum: to a number no farther off than the sum with the rounded product, which is a number of the format.
    """
    raw = add(k, a, b)
    below, above, change = _rounding(k, raw, form, counted)
    if counted:
        single = (a.low == a.high) & (b.low == b.high)
        change = np.where(single, np.minimum(change, k.residue(a.low, b.low, form)), change)
    unit = np.minimum(k.unit(_distance(k, a), form), k.unit(_distance(k, b), form))
    whole = _size(raw) <= k.multiply(unit, k.number(Fraction(2) ** form.digits, DOWN), DOWN)
    return settle(k, below, above, k.plus(raw.error, np.where(whole, k.zero, change)))


def scales(k: Arithmetic, a: Enclosure) -> Any:
    """Where a is 1, 2, 4, ..., or such a number with the other sign, on every machine."""
    return (a.low == a.high) & k.is_power_of_two(a.low)


def _size(a: Enclosure) -> Number:
    """The largest magnitude that a machine computes."""
    return np.maximum(-a.low, a.high)


def _exact_size(k: Arithmetic, a: Enclosure) -> Number:
    """The largest magnitude of the exact value."""
    return k.plus(_size(a), a.error)


def _distance(k: Arithmetic, a: Enclosure) -> Number:
    """The smallest magnitude that a machine computes."""
    return np.maximum(np.maximum(a.low, -a.high), k.zero)


def _hull(*ends: Number) -> tuple[Number, Number]:
    return reduce(np.minimum, ends), reduce(np.maximum, ends)


def _corners(operation: Any, a: Enclosure, b: Enclosure) -> tuple[Number, Number]:
    """The range over a box of an operation that is monotone in each argument: its extremes are at the corners."""
    pairs = [(p, q) for p in _ends(a) for q in _ends(b)]
    return _hull(*(operation(p, q, DOWN) for p, q in pairs))[0], _hull(*(operation(p, q, UP) for p, q in pairs))[1]


def _ends(a: Enclosure) -> tuple[Number, ...]:
    """Those of an interval; the only number of one that has no other."""
    return (a.low,) if a.low is a.high or np.array_equal(a.low, a.high) else (a.low, a.high)


def exactly(k: Arithmetic, low: Number, high: Number) -> Enclosure:
    """An input, anywhere in an interval, which carries no error."""
    return settle(k, low, high, low * 0)


def constant(k: Arithmetic, exact: Fraction, number: Fraction) -> Enclosure:
    """An exact number, and the one that stands for it in a machine."""
    low, high = k.number(number, DOWN), k.number(number, UP)
    return settle(k, low, high, k.number(abs(exact - number), UP))


def add(k: Arithmetic, a: Enclosure, b: Enclosure) -> Enclosure:
    """a + b."""
    return Enclosure(k.add(a.low, b.low, DOWN), k.add(a.high, b.high, UP), k.plus(a.error, b.error))


def multiply(k: Arithmetic, a: Enclosure, b: Enclosure, scaled: Any) -> Enclosure:
    """a * b: the error is at most ea*|b'| + |a|*eb, and at most |a'|*eb + ea*|b|."""

    def product(p: Number, q: Number, toward: int) -> Number:
        return np.where(scaled, k.scale(p, q), k.multiply(p, q, toward))

    one = k.plus(k.times(a.error, _size(b)), k.times(_exact_size(k, a), b.error))
    other = k.plus(k.times(b.error, _size(a)), k.times(_exact_size(k, b), a.error))
    return Enclosure(*_corners(product if np.any(scaled) else k.multiply, a, b), np.minimum(one, other))


def square(k: Arithmetic, a: Enclosure) -> Enclosure:
    """a * a, which is not negative: the error is at most ea*(|a'| + |a|)."""
    small, large = _distance(k, a), _size(a)
    error = k.times(a.error, k.plus(large, _exact_size(k, a)))
    return Enclosure(k.multiply(small, small, DOWN), k.multiply(large, large, UP), error)


def divide(k: Arithmetic, a: Enclosure, b: Enclosure) -> Enclosure:
    """a / b: the error is at most (ea + |a/b|*eb)/|b'|; nothing is known where b may be 0."""
    away = _distance(k, b) > b.error
    safe = Enclosure(np.where(away, b.low, k.one), np.where(away, b.high, k.one), np.where(away, b.error, k.zero))
    least = _distance(k, safe)
    quotient = k.divide(_exact_size(k, a), k.add(least, -safe.error, DOWN), UP)
    error = k.divide(k.plus(a.error, k.times(quotient, safe.error)), least, UP)
    return Enclosure(*_corners(k.divide, a, safe), np.where(away, error, math.inf))


def root(k: Arithmetic, a: Enclosure) -> Enclosure:
    """sqrt(a): the error is at most ea/(sqrt(a') + sqrt(a)), and at most sqrt(ea), as the root is Hölder continuous.

    A machine's NaN for a' < 0 is not enclosed; the exact a is not negative.
    """
    valid = a.low >= 0
    low, high = np.where(valid, a.low, k.zero), np.where(valid, a.high, k.zero)
    exact = np.maximum(k.add(low, -a.error, DOWN), k.zero)
    roots = k.add(k.root(low, DOWN), k.root(exact, DOWN), DOWN)
    holder = k.root(a.error, UP)
    slope = k.divide(a.error, np.where(roots > 0, roots, k.one), UP)
    error = np.where(roots > 0, np.minimum(slope, holder), holder)
    return Enclosure(k.root(low, DOWN), k.root(high, UP), np.where(valid, error, math.inf))


def power(k: Arithmetic, a: Enclosure, b: Enclosure, form: Format, counted: bool = True) -> Enclosure:
    """a**b for a > 0, and 0**b for b > 0, within one unit in the last place.

    By the mean value theorem in a, then in b: |a'**b' - a**b'| <= ea*|b'|*z**(b' - 1) for some z between a' and a, and
    |a**b' - a**b| <= eb*|log(a)|*a**z for some z between b' and b.
    """
    least, most = k.add(a.low, -a.error, DOWN), k.add(a.high, a.error, UP)
    valid = least > 0
    low, high, least, most = (np.where(valid, end, k.one) for end in (a.low, a.high, least, most))
    base, exact = Enclosure(low, high, a.error), Enclosure(least, most, a.error)
    wider = Enclosure(k.add(b.low, -b.error, DOWN), k.add(b.high, b.error, UP), b.error)
    minus_one = k.number(Fraction(-1), UP)
    less = Enclosure(k.add(b.low, minus_one, DOWN), k.add(b.high, minus_one, UP), b.error)
    slope = k.multiply(_size(b), _corners(k.power, exact, less)[1], UP)
    log = np.maximum(np.abs(k.log(least, DOWN)), np.abs(k.log(most, UP)))
    steep = k.multiply(log, _corners(k.power, exact, wider)[1], UP)
    inherited = k.plus(k.multiply(a.error, slope, UP), k.multiply(b.error, steep, UP))
    below, above = _corners(k.power, base, b)
    half = k.half_ulp(above, form)
    ulp = k.plus(half, half)
    below, above = np.maximum(k.add(below, -ulp, DOWN), k.zero), k.nearest(k.add(above, ulp, UP), form)
    error = np.where(valid, k.plus(inherited, ulp) if counted else inherited, math.inf)
    itself = (b.low == 1) & (b.high == 1) & (b.error == 0)
    nothing = (a.low == 0) & (a.high == 0) & (a.error == 0) & (wider.low > 0)
    below, above, error = (np.where(itself, p, q) for p, q in ((a.low, below), (a.high, above), (a.error, error)))
    return settle(k, *(np.where(nothing, k.zero, part) for part in (below, above, error)))


def exponential(k: Arithmetic, a: Enclosure, form: Format, counted: bool = True) -> Enclosure:
    """exp(a): the error is at most ea times the largest slope, which is the largest value."""
    most = k.exp(k.add(a.high, a.error, UP), UP)
    return _near(k, k.exp(a.low, DOWN), k.exp(a.high, UP), k.multiply(a.error, most, UP), form, counted)


def logarithm(k: Arithmetic, a: Enclosure, form: Format, counted: bool = True) -> Enclosure:
    """log(a) for a > 0: the error is at most ea divided by the smallest a, of any machine or exact."""
    least = k.add(a.low, -a.error, DOWN)
    valid = least > 0
    low, high, least = (np.where(valid, end, k.one) for end in (a.low, a.high, least))
    found = _near(k, k.log(low, DOWN), k.log(high, UP), k.divide(a.error, least, UP), form, counted)
    return settle(k, found.low, found.high, np.where(valid, found.error, math.inf))


def cube_root(k: Arithmetic, a: Enclosure, form: Format, counted: bool = True) -> Enclosure:
    """cbrt(a) for a >= 0, with roots p of a' and q of a: the error is ea/(p*p + p*q + q*q), and at most cbrt(ea)."""
    valid = a.low >= 0
    low, high = np.where(valid, a.low, k.zero), np.where(valid, a.high, k.zero)
    p, q = (k.cube_root(end, DOWN) for end in (low, np.maximum(k.add(low, -a.error, DOWN), k.zero)))
    below = k.add(k.add(k.multiply(p, p, DOWN), k.multiply(p, q, DOWN), DOWN), k.multiply(q, q, DOWN), DOWN)
    holder = k.cube_root(a.error, UP)
    slope = k.divide(a.error, np.where(below > 0, below, k.one), UP)
    error = np.where(below > 0, np.minimum(slope, holder), holder)
    third = Fraction(1, 3)
    power = k.multiply(k.number(abs(form.nearest(third) - third), UP), _largest_log(k, low, high, form), UP)
    found = _near(k, k.cube_root(low, DOWN), k.cube_root(high, UP), error, form, counted, power)
    nothing = (a.low == 0) & (a.high == 0) & (a.error == 0)
    low, high, error = (np.where(nothing, k.zero, part) for part in (found.low, found.high, found.error))
    return settle(k, np.maximum(low, k.zero), high, np.where(valid, error, math.inf))


def _largest_log(k: Arithmetic, low: Number, high: Number, form: Format) -> Number:
    """The largest absolute logarithm of a positive number of the format in an interval."""
    least = k.number(Fraction(2) ** form.smallest, DOWN)
    ends = (np.maximum(low, least), np.maximum(high, least))
    return reduce(np.maximum, (np.abs(k.log(end, toward)) for end in ends for toward in (DOWN, UP)))


def _near(
    k: Arithmetic, low: Number, high: Number, inherited: Number, form: Format, counted: bool, share: Number = 0
) -> Enclosure:
    """What is within four units in the last place, and a share, of a value between these."""
    size = np.maximum(-low, high)
    units = k.plus(
        reduce(k.plus, [k.half_ulp(size, form)] * 8), k.multiply(size, share, UP) if np.any(share) else k.zero
    )
    below, above = k.nearest(k.add(low, -units, DOWN), form), k.nearest(k.add(high, units, UP), form)
    below, above = np.where(low >= 0, np.maximum(below, k.zero), below), above
    return settle(k, below, above, k.plus(inherited, units) if counted else inherited)


def negate(k: Arithmetic, a: Enclosure) -> Enclosure:
    """-a."""
    return Enclosure(-a.high, -a.low, a.error)


def absolute(k: Arithmetic, a: Enclosure) -> Enclosure:
    """|a|."""
    return Enclosure(_distance(k, a), _size(a), a.error)
