"""Enclosures of what depends on order: the larger of two, signs, comparisons and the branches they choose."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from .arithmetic import DOWN, UP, Arithmetic, Number
from .enclosure import Enclosure, negate, settle


@dataclass(frozen=True)
class Truth:
    """A comparison: where it holds, exactly and for every machine; where for none; where all take the same side."""

    always: Any
    never: Any
    agreed: Any
    known: Any


def larger(k: Arithmetic, a: Enclosure, b: Enclosure) -> Enclosure:
    """max(a, b): off by no more than the worse argument, or than the one that is certainly larger."""
    error = np.where(_below(k, b, a), a.error, np.where(_below(k, a, b), b.error, np.maximum(a.error, b.error)))
    known = k.finite(a.error, b.error)
    return settle(k, np.maximum(a.low, b.low), np.maximum(a.high, b.high), np.where(known, error, math.inf))


def smaller(k: Arithmetic, a: Enclosure, b: Enclosure) -> Enclosure:
    """min(a, b)."""
    return negate(k, larger(k, negate(k, a), negate(k, b)))


def sign(k: Arithmetic, a: Enclosure) -> Enclosure:
    """The sign, in which a machine errs only where 0 lies between its a and the exact one."""
    low, high = _signum(k, a.low), _signum(k, a.high)
    least, most = _signum(k, k.add(a.low, -a.error, DOWN)), _signum(k, k.add(a.high, a.error, UP))
    error = np.where(a.error == 0, 0 * low, np.maximum(most - low, high - least))
    return settle(k, low, high, np.where(k.finite(a.error), error, math.inf))


def _signum(k: Arithmetic, a: Number) -> Number:
    return np.where(a > 0, k.one, np.where(a < 0, -k.one, k.zero))


def compare(k: Arithmetic, op: str, a: Enclosure, b: Enclosure) -> Truth:
    """a < b, a <= b or a == b ("lt", "le", "eq")."""
    exact = (a.error == 0) & (b.error == 0)
    less, more = _below(k, a, b), _below(k, b, a)
    single = exact & (a.low == a.high) & (b.low == b.high)
    same = single & (a.low == b.low)
    always = {"lt": less, "le": less | (exact & (a.high <= b.low)), "eq": same}[op]
    never = {"lt": more | (exact & (a.low >= b.high)), "le": more, "eq": less | more}[op]
    return Truth(always, never, exact, k.finite(a.error, b.error))


def _below(k: Arithmetic, a: Enclosure, b: Enclosure) -> Any:
    """Where a < b, exactly and for every machine."""
    return k.add(a.high, a.error, UP) < k.add(b.low, -b.error, DOWN)


def choose(k: Arithmetic, which: Truth, then: Enclosure, otherwise: Enclosure) -> Enclosure:
    """A selection. Where it is open, the exact step may take one branch and a machine the other."""
    low, high = np.minimum(then.low, otherwise.low), np.maximum(then.high, otherwise.high)
    worse = np.maximum(then.error, otherwise.error)
    apart = k.plus(k.plus(high, -low), worse)
    open_ = Enclosure(low, high, np.where(which.agreed, worse, apart))
    parts = (
        np.where(which.always, t, np.where(which.never, o, p))
        for t, o, p in (
            (then.low, otherwise.low, open_.low),
            (then.high, otherwise.high, open_.high),
            (then.error, otherwise.error, open_.error),
        )
    )
    chosen = settle(k, *parts)
    return settle(k, chosen.low, chosen.high, np.where(which.known, chosen.error, math.inf))
