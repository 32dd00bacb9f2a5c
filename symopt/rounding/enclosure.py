"""Values with a bound on their error: one rule for each machine operation, vectorised, rounded outward.

An ``Enclosed`` holds, elementwise, the value c computed in the kernel's own types and a bound e such that whatever a
conforming machine computes (contraction of a product and a sum into one rounding included) lies within e of the
exact real value. c is one such result, so the exact value lies within e of c, any other machine's within 2e. Bounds
are float64, inflated after each operation by more than float64's own rounding. Infinity stands for no bound:
overflow, a divisor that may be 0, NaN.

Assumed: round to nearest, gradual underflow (no flush to zero), no reassociation, ``pow`` within one unit in the
last place (true of the C libraries in use; the IEEE standard leaves it open), and that the exact argument of a root,
and what another machine computes of it, is not negative where the computed one is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any  # float64 arrays, or 0-d

_UP = 1.0 + 2.0**-46  # over the rounding of a dozen float64 operations
_TINY = 5e-324


@dataclass(frozen=True)
class Format:
    """A binary format: half a unit in the last place of 1, half the smallest subnormal, the largest number."""

    name: str
    half_ulp: float
    half_tiny: float
    largest: float


# Half of float64's smallest subnormal is no float64; the smallest itself bounds it.
FORMATS = {
    "float32": Format("float32", 2.0**-24, 2.0**-150, float(np.finfo(np.float32).max)),
    "float64": Format("float64", 2.0**-53, _TINY, float(np.finfo(np.float64).max)),
}


@dataclass(frozen=True)
class Enclosed:
    """A computed value (in its own dtype) and the bound on its distance from the exact one."""

    value: Array
    error: Array

    @property
    def exact_size(self) -> Array:
        """An upper bound on |exact value|."""
        return (np.abs(_wide(self.value)) + self.error) * _UP

    @property
    def machine_size(self) -> Array:
        """An upper bound on |what a conforming machine computes|."""
        return (np.abs(_wide(self.value)) + 2 * self.error) * _UP


def _wide(value: Array) -> Array:
    return np.asarray(value, dtype=np.float64)


def _outward(error: Array) -> Array:
    """Round a bound up, also one that underflowed to 0; NaN means that nothing is known."""
    return np.where(np.isnan(error), np.inf, error * _UP + _TINY)


def rounded(value: Array, inherited: Array, size: Array, form: Format) -> Enclosed:
    """A result computed in a format: what its arguments' errors make of it, and one rounding of |result| <= size."""
    rounding = np.maximum(form.half_ulp * size, form.half_tiny)
    error = _outward(inherited + rounding)
    fits = np.isfinite(_wide(value)) & (size * (1 + 2 * form.half_ulp) + inherited < form.largest)
    return Enclosed(value, np.where(fits, error, np.inf))


def exactly(value: Array) -> Enclosed:
    """An input, which carries no error."""
    return Enclosed(value, np.where(np.isfinite(_wide(value)), 0.0, np.inf))


def add(a: Enclosed, b: Enclosed, value: Array, form: Format) -> Enclosed:
    """a + b, and a - b. Only with a contracted product can a sum underflow; one of exact numbers that is 0 is exact."""
    size = np.minimum(
        np.abs(_wide(value)) * (1 + 2 * form.half_ulp) + 2 * (a.error + b.error), a.machine_size + b.machine_size
    )
    both_exact = (a.error == 0) & (b.error == 0) & (_wide(value) == 0)
    result = rounded(value, a.error + b.error, size * _UP, form)
    return Enclosed(value, np.where(both_exact, 0.0, result.error))


def multiply(a: Enclosed, b: Enclosed, value: Array, form: Format) -> Enclosed:
    """a * b."""
    inherited = a.error * b.machine_size + a.exact_size * b.error
    result = rounded(value, _outward(inherited), a.machine_size * b.machine_size * _UP, form)
    return _unless_zero(a, b, result)


def _unless_zero(a: Enclosed, b: Enclosed, result: Enclosed) -> Enclosed:
    """A product with an exact zero is zero."""
    zero = ((_wide(a.value) == 0) & (a.error == 0)) | ((_wide(b.value) == 0) & (b.error == 0))
    finite = np.isfinite(a.error) & np.isfinite(b.error)
    return Enclosed(result.value, np.where(zero & finite, 0.0, result.error))


def divide(a: Enclosed, b: Enclosed, value: Array, form: Format) -> Enclosed:
    """a / b; no bound where b may be 0."""
    least_machine = np.abs(_wide(b.value)) / _UP - 2 * b.error
    least_exact = np.abs(_wide(b.value)) / _UP - b.error
    away = least_machine > 0
    safe_machine, safe_exact = np.where(away, least_machine, 1.0), np.where(away, least_exact, 1.0)
    quotient = _outward(a.exact_size / safe_exact)
    inherited = _outward(a.error / safe_machine + quotient * (b.error / safe_machine))  # a ratio does not underflow
    size = _outward(a.machine_size / safe_machine)
    result = rounded(value, inherited, size, form)
    zero = (_wide(a.value) == 0) & (a.error == 0)
    return Enclosed(value, np.where(away, np.where(zero, 0.0, result.error), np.inf))


def square_root(a: Enclosed, value: Array, form: Format) -> Enclosed:
    """The root, by the smaller of the mean value bound e/(sqrt(k) + sqrt(x)) and the Hölder bound sqrt(e)."""
    wide = _wide(a.value)
    least = np.sqrt(np.maximum(wide / _UP - 2 * a.error, 0)) + np.sqrt(np.maximum(wide / _UP - a.error, 0))
    slope = np.where(least > 0, a.error / np.where(least > 0, least, 1.0), np.inf)
    inherited = _outward(np.minimum(slope, np.sqrt(a.error)))
    result = rounded(value, inherited, _outward(np.sqrt(a.machine_size)), form)
    zero = (wide == 0) & (a.error == 0)
    return Enclosed(value, np.where(wide < 0, np.inf, np.where(zero, 0.0, result.error)))


def power(a: Enclosed, b: Enclosed, value: Array, form: Format) -> Enclosed:
    """a ** b for a >= 0 and an exact b >= 0, by the mean value theorem."""
    exponent, size = _wide(b.value), a.machine_size
    known = (_wide(a.value) - 2 * a.error >= 0) & (exponent >= 0) & (b.error == 0)
    base = np.where(exponent >= 1, size, np.maximum(_wide(a.value) / _UP - 2 * a.error, 0))
    with np.errstate(all="ignore"):
        slope = np.where(exponent == 0, 0.0, exponent * (base ** (exponent - 1) * (1 + 2.0**-40) + _TINY))
        bulk = size**exponent * (1 + 2.0**-40)
    inherited = np.where(a.error == 0, 0.0, slope * a.error)
    result = rounded(value, _outward(inherited + form.half_ulp * bulk), bulk, form)
    certain = (a.error == 0) & ((_wide(a.value) == 0) | (_wide(a.value) == 1) | (exponent == 0) | (exponent == 1))
    return Enclosed(value, np.where(known, np.where(certain, 0.0, result.error), np.inf))


def same(a: Enclosed, value: Array) -> Enclosed:
    """Negation and absolute value: exact, and no farther apart than the arguments."""
    return Enclosed(value, a.error)


def larger(a: Enclosed, b: Enclosed, value: Array) -> Enclosed:
    """max and min: no farther apart than the worse argument."""
    return Enclosed(value, np.maximum(a.error, b.error))


def sign(a: Enclosed, value: Array) -> Enclosed:
    """The sign: exact where it is certain, off by up to 2 where not."""
    certain = (np.abs(_wide(a.value)) > 2 * a.error) | (a.error == 0)
    return Enclosed(value, np.where(np.isfinite(a.error), np.where(certain, 0.0, 2.0), np.inf))


def choose(
    relation: tuple[Enclosed, Enclosed], taken: Array, then: Enclosed, otherwise: Enclosed, value: Array
) -> Enclosed:
    """A selection: the branch's bound where the comparison is certain, else both branches are allowed for."""
    a, b = relation
    certain = (np.abs(_wide(a.value) - _wide(b.value)) > 2 * (a.error + b.error) * _UP) | (
        (a.error == 0) & (b.error == 0)
    )
    # The exact value takes one branch (within e of c), another machine perhaps the other (within 2e of c).
    apart = np.abs(_wide(then.value) - _wide(otherwise.value)) + then.error + otherwise.error
    apart = _outward(apart + np.maximum(then.error, otherwise.error))
    error = np.where(certain, np.where(taken, then.error, otherwise.error), apart)
    return Enclosed(value, np.where(np.isfinite(a.error) & np.isfinite(b.error), error, np.inf))


def convert(a: Enclosed, value: Array, form: Format) -> Enclosed:
    """Rounding to another format."""
    unchanged = (_wide(value) == _wide(a.value)) & (a.error == 0)
    result = rounded(value, a.error, a.machine_size, form)
    return Enclosed(value, np.where(unchanged, 0.0, result.error))


Binary = Callable[[Enclosed, Enclosed, Array, Format], Enclosed]
ARITHMETIC: dict[str, Binary] = {"add": add, "sub": add, "mul": multiply, "div": divide, "pow": power}
