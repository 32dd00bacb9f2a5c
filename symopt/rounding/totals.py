"""The enclosures of sums over elements, added up one after the other in whatever order, and of the largest of them."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from symopt.codegen import TOTALS
from symopt.language import axes_of

from .arithmetic import DOWN, UP, Arithmetic, Number
from .enclosure import Enclosure, settle
from .formats import Format


def fold(k: Arithmetic, op: str, a: Enclosure, shape: tuple[int, ...], form: Format, counted: bool = True) -> Enclosure:
    """The sum or largest value that the operation takes of an array that broadcasts to that shape."""
    kind, over = TOTALS[op]
    axes = axes_of(over, len(shape)) if shape else None
    low, high, error = (_rows(part, axes, shape) for part in (a.low, a.high, a.error))
    if kind == "max":
        found = Enclosure(*(np.max(part, axis=-1, initial=-math.inf) for part in (low, high, error)))
    else:
        found = _total(k, Enclosure(low, high, error), form, counted)
    low, high, error = (_kept(part, axes) for part in (found.low, found.high, found.error))
    return settle(k, low, high, error)


def _rows(part: Number, axes: tuple[int, ...] | None, shape: tuple[int, ...]) -> Any:
    """What is folded, along the last axis. What there is for each row alone is not repeated along it."""
    if axes is None:
        return np.broadcast_to(part, shape).reshape(-1)
    filled = tuple(n if i in axes else 1 for i, n in enumerate(shape))
    full = np.broadcast_to(part, np.broadcast_shapes(np.shape(part), filled))
    rest = [n for n in range(len(shape)) if n not in axes]
    return np.transpose(full, [*rest, *axes]).reshape(*(full.shape[n] for n in rest), -1)


def _kept(part: Number, axes: tuple[int, ...] | None) -> Number:
    return part if axes is None else np.expand_dims(part, axes)


def _total(k: Arithmetic, a: Enclosure, form: Format, counted: bool) -> Enclosure:
    """The sums along the last axis, each rounded after each of its n additions, n one less than the elements.

    The elements' errors add up. The additions err by at most n*u/(1 - n*u) times the sum of the magnitudes, with
    u = 2**-digits, in any order; sums that are subnormal are exact. Sums of what is not negative are not negative.

    Source: Higham 2002, Accuracy and Stability of Numerical Algorithms, section 4.2.
    """
    low, high, error = a.low, a.high, a.error
    grown = Fraction(max(low.shape[-1] - 1, 0), 2**form.digits)
    sizes = k.total(np.maximum(np.maximum(-low, high), k.zero), UP)
    change = k.multiply(k.number(grown / (1 - grown), UP), sizes, UP)
    least, most = k.add(k.total(low, DOWN), -change, DOWN), k.add(k.total(high, UP), change, UP)
    least = np.where(np.all(low >= 0, axis=-1), np.maximum(least, k.zero), least)
    error = k.plus(k.total(error, UP), change if counted else k.zero)
    return Enclosure(k.nearest(least, form), k.nearest(most, form), error)
