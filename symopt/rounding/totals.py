"""The enclosure of a sum over all elements, added up one after the other, in whatever order."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from .arithmetic import DOWN, UP, Arithmetic
from .enclosure import Enclosure, settle
from .formats import Format


def total(k: Arithmetic, a: Enclosure, shape: tuple[int, ...], form: Format, counted: bool = True) -> Enclosure:
    """The sum of the elements of an array of that shape, rounded after each of its n additions, n one less than they.

    The elements' errors add up. The additions err by at most n*u/(1 - n*u) times the sum of the magnitudes, with
    u = 2**-digits, in any order; sums that are subnormal are exact. Sums of what is not negative are not negative.

    Source: Higham 2002, Accuracy and Stability of Numerical Algorithms, section 4.2.
    """
    low, high, error = (np.broadcast_to(part, shape) for part in (a.low, a.high, a.error))
    grown = Fraction(max(math.prod(shape) - 1, 0), 2**form.digits)
    sizes = k.total(np.maximum(np.maximum(-low, high), k.zero), UP)
    change = k.multiply(k.number(grown / (1 - grown), UP), sizes, UP)
    least, most = k.add(k.total(low, DOWN), -change, DOWN), k.add(k.total(high, UP), change, UP)
    least = np.maximum(least, k.zero) if np.all(low >= 0) else least
    error = k.plus(k.total(error, UP), change if counted else k.zero)
    return settle(k, k.nearest(least, form), k.nearest(most, form), error)
