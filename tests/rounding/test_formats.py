"""Formats: rounding of rationals against NumPy's conversions, and against integer arithmetic on bits for bfloat16."""

from fractions import Fraction

import numpy as np
import pytest

from symopt.rounding import FORMATS
from symopt.rounding.floats import Floats

from . import machines

NUMPY = ["float16", "float32", "float64"]


def bfloat16(value):
    """The nearest bfloat16 of a float32 by its bits: the upper half, rounded by the lower, ties to even."""
    bits = int(np.float32(value).view(np.uint32))
    return np.uint32((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).view(np.float32)


def halfway(form, rng, count):
    """Numbers of a format, the midpoints between neighbours, and float64's neighbours of these."""
    digits, smallest, top = machines.FORMAT[form]
    for _ in range(count):
        unit = 2.0 ** int(rng.integers(max(smallest, -1070), top - digits + 1))
        value = float(rng.integers(2 ** (digits - 1), 2**digits)) * unit
        for point in (value, value + unit / 2, value * 2.0**-digits, 3 * 2.0 ** (smallest - 1)):
            for near in (point, np.nextafter(point, np.inf), np.nextafter(point, -np.inf)):
                yield float(near) * (1 if rng.random() < 0.5 else -1)


def holds_all(form, converted, values):
    """The values on which the format's rounding, exact and vectorised, is not the converted one."""
    known = FORMATS[form]
    arrays = Floats().nearest(np.array(values), known)
    for value, array, wanted in zip(values, arrays, converted, strict=True):
        exact = known.nearest(Fraction(value))
        exact = float(exact) if abs(exact) <= known.largest else np.copysign(np.inf, value)
        if not (exact == wanted == array):
            yield value, exact, array, wanted


@pytest.mark.parametrize("form", NUMPY)
def test_rounding_is_numpys(form):
    values = list(halfway(form, np.random.default_rng(1), 300))
    with np.errstate(all="ignore"):
        converted = np.array(values).astype(form).astype(np.float64)
        assert not list(holds_all(form, converted, values))


def test_rounding_to_bfloat16_is_that_of_its_bits():
    values = [float(np.float32(v)) for v in halfway("bfloat16", np.random.default_rng(2), 300)]
    values += [float(np.float32(v)) for v in (3.4e38, -3.39e38, 2.0**-133, 2.0**-134, 2.0**-149)]
    with np.errstate(all="ignore"):
        converted = [float(bfloat16(v)) for v in values]
        assert not list(holds_all("bfloat16", converted, values))


@pytest.mark.parametrize("form", FORMATS)
def test_the_sizes_of_a_format(form):
    known = FORMATS[form]
    if form in NUMPY:
        kind = np.finfo(form)
        assert known.largest == Fraction(float(kind.max))
        assert known.unit(Fraction(0)) == Fraction(float(kind.smallest_subnormal))
        assert known.unit(Fraction(1)) == Fraction(float(kind.eps))
    assert known.holds(known.largest)
    assert known.holds(-known.unit(Fraction(0)))
    assert not known.holds(known.largest + known.unit(known.largest))
    assert not known.holds(Fraction(1, 3))


@pytest.mark.parametrize("form", FORMATS)
def test_half_a_unit_is_the_most_that_rounding_changes(form):
    """Reached halfway between the two largest numbers not above the size, and exceeded by nothing below."""
    known, rng = FORMATS[form], np.random.default_rng(3)
    for size in [Fraction(2) ** e for e in (-3, 0, 5)] + [Fraction(float(rng.uniform(1, 100))) for _ in range(200)]:
        most = known.half_ulp(size)
        for _ in range(5):
            value = size * Fraction(float(rng.uniform(-1, 1)))
            assert abs(known.nearest(value) - value) <= most
        top = known.nearest(size)
        top = top - known.unit(top) if top >= size else top
        assert top + most <= size or size - top < 2 * most
        assert float(Floats().half_ulp(np.float64(float(size)), known)) >= known.half_ulp(Fraction(float(size)))


def test_a_planted_double_rounding_is_seen():
    """Rounding first to float32 shows: the check is of one rounding."""
    value = 1 + 2.0**-11 + 2.0**-30
    twice = np.array([value]).astype("float32").astype("float16").astype(np.float64)
    assert list(holds_all("float16", twice, [value]))
