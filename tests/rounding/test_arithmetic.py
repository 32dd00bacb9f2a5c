"""The numbers that bounds are made of: every operation on its side of the exact result, near it, of the right sign."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from symopt.rounding.arithmetic import DOWN, UP
from symopt.rounding.floats import Floats
from symopt.rounding.rationals import Rationals, directed

from .machines import decimal, in_decimals

ENGINES = {"floats": Floats(), "intervals": Rationals(bits=128), "rationals": Rationals()}
NEAR = {"floats": Fraction(1, 2**44), "intervals": Fraction(1, 2**120), "rationals": Fraction(1, 2**190)}


def numbers(rng, count, *, positive=False):
    """float64 of every size, zeros and neighbours among them."""
    values = np.ldexp(rng.uniform(-1, 1, count), rng.integers(-1074, 1024, count))
    values[::7], values[1::11] = 0.0, 1.0
    values[2::5] = -np.nextafter(values[1:-1:5], 0)[: len(values[2::5])]
    return np.abs(values) + 2.0**-1074 if positive else values


EXACT = {
    "add": lambda a, b: a + b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b if b else None,
    "plus": lambda a, b: a + b,
}


def number(value):
    return None if isinstance(value, float) and not np.isfinite(value) else Fraction(value)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("op", EXACT)
def test_on_the_right_side(op, engine):
    k, rng = ENGINES[engine], np.random.default_rng(1)
    a, b = numbers(rng, 400, positive=op == "plus"), numbers(rng, 400, positive=op == "plus")
    with np.errstate(all="ignore"):
        if op == "plus":
            ends = (None, k.plus(k.values(a), k.values(b)))
        else:
            ends = [getattr(k, op)(k.values(a), k.values(b), toward) for toward in (DOWN, UP)]
    for i, (p, q) in enumerate(zip(a, b, strict=True)):
        exact = EXACT[op](Fraction(float(p)), Fraction(float(q)))
        low, high = (None if end is None else number(end[i]) for end in ends)
        if exact is None:
            assert low is None
            assert high is None
            continue
        if abs(exact) > Fraction(2) ** 1023 and engine == "floats":
            assert low is None or low <= exact
            assert high is None or high >= exact
            continue
        tiny = Fraction(1, 2**1073) if engine == "floats" else 0
        assert high is None or exact <= high <= exact + abs(exact) * NEAR[engine] + tiny
        assert low is None or exact - abs(exact) * NEAR[engine] - tiny <= low <= exact
        if op != "add" and low is not None:
            assert (exact < 0) == (low < 0)
            assert (exact > 0) == (high > 0) or high is None


def test_sums_that_are_exact_stay_exact():
    k = Floats()
    for a, b in ((0.1, -0.1), (1.5, 2.0**-52), (1.0, 0.0), (3.0, -1.25), (2.0**-1074, 2.0**-1074)):
        assert k.add(np.float64(a), np.float64(b), UP) == k.add(np.float64(a), np.float64(b), DOWN) == a + b
    assert k.add(np.float64(1), np.float64(2.0**-60), UP) == 1 + 2.0**-52
    assert k.add(np.float64(1), np.float64(2.0**-60), DOWN) == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_roots(engine):
    k, values = ENGINES[engine], numbers(np.random.default_rng(2), 300, positive=True)
    low, high = (k.root(k.values(values), toward) for toward in (DOWN, UP))
    for i, value in enumerate(values):
        exact = Fraction(float(value))
        assert Fraction(low[i]) ** 2 <= exact <= Fraction(high[i]) ** 2
        assert Fraction(high[i]) <= Fraction(low[i]) * (1 + 2 * NEAR[engine])
    assert k.root(k.values(np.array([0.0])), UP)[0] == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_powers_and_logarithms(engine):
    k, rng = ENGINES[engine], np.random.default_rng(3)
    bases = np.concatenate([rng.uniform(0, 3, 100), np.ldexp(rng.uniform(0.5, 1, 50), rng.integers(-1074, 1000, 50))])
    exponents = np.concatenate([rng.uniform(-5, 5, 100), rng.choice([0.3, 1, 2, 1000, -0.8, 1e6], 50)])
    with np.errstate(all="ignore"):
        powers = [k.power(k.values(bases), k.values(exponents), toward) for toward in (DOWN, UP)]
        logs = [k.log(k.values(bases), toward) for toward in (DOWN, UP)]
    with in_decimals():
        for i, (base, exponent) in enumerate(zip(bases, exponents, strict=True)):
            a, b = Decimal(float(base)), Decimal(float(exponent))
            low, high = number(logs[0][i]), number(logs[1][i])
            assert decimal(low) <= a.ln() <= decimal(high)
            low, high = number(powers[0][i]), number(powers[1][i])
            assert low is None or decimal(low) <= a**b
            assert high is None or a**b <= decimal(high)
            if 1e-290 < a**b < 1e290:
                assert Decimal(1) - Decimal(float(2 * NEAR[engine])) < decimal(low / high)


def test_far_powers_are_not_written_out():
    k = Rationals()
    tiny, half = Fraction(1, 2**4000), Fraction(1, 2)
    assert k.power(half, Fraction(2**53), DOWN) == 0
    assert 0 < k.power(half, Fraction(2**53), UP) < tiny
    assert k.power(half, Fraction(-(2**53)), UP) == np.inf
    assert k.power(half, Fraction(-(2**53)), DOWN) > 1 / tiny


@pytest.mark.parametrize("value", [Fraction(1, 3), -(Fraction(10) ** 40) / 7, Fraction(5), Fraction(1, 2**3000) / 3])
def test_directed_rounding_to_bits(value):
    low, high = directed(value, 20, DOWN), directed(value, 20, UP)
    assert low <= value <= high
    assert high - low <= abs(value) / 2**18
    odd = abs(low.numerator) // (abs(low.numerator) & -abs(low.numerator))
    assert odd.bit_length() <= 21
    assert directed(Fraction(0), 20, UP) == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_comes_of_what_is_no_number(engine):
    k = ENGINES[engine]
    with np.errstate(all="ignore"):
        bad = k.values(np.array([np.inf, -np.inf, np.nan]))
        one = k.values(np.ones(3))
        for result in (k.add(bad, -bad, UP), k.multiply(bad, 0 * one, UP), k.divide(one, 0 * one, UP)):
            assert not k.finite(result).any()
    assert not k.finite(bad).any()
    assert k.finite(one).all()
    assert not k.finite(one, bad).any()


@pytest.mark.parametrize("engine", ENGINES)
def test_rationals_become_numbers_on_their_side(engine):
    k = ENGINES[engine]
    for value in (Fraction(1, 3), -Fraction(1, 3), Fraction(0), Fraction(5), Fraction(1, 10**400), Fraction(10) ** 400):
        low, high = number(k.number(value, DOWN)), number(k.number(value, UP))
        assert low is None or low <= value
        assert high is None or value <= high
    values = k.values(np.array([1.0, -4.0, 0.5, 3.0, 0.0, 2.0**1000]))
    assert list(k.is_power_of_two(values)) == [True, True, False, False, False, True]
