"""Decimals are exact, and a domain admits what its ends say and nothing that is not a number."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from symopt.language import Domain, InputError, choice, decay, exact, rate, small, state, switch
from symopt.language.domain import Hyper


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (0.999, Fraction(999, 1000)),
        (1e-8, Fraction(1, 10**8)),
        ("1e-10", Fraction(1, 10**10)),
        (Decimal("0.1"), Fraction(1, 10)),
        (np.float64(0.9), Fraction(9, 10)),
        (3, Fraction(3)),
        ("1/3", Fraction(1, 3)),
    ],
)
def test_a_decimal_is_the_rational_it_is_written_as(written, meant):
    assert exact(written) == meant
    assert Fraction(0.999) != Fraction(999, 1000), "the binary value is another number"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_exact_refuses_what_is_not_finite(value):
    with pytest.raises(InputError, match="must be finite"):
        exact(value)


def named(hyper: Hyper) -> Hyper:
    return Hyper(hyper.default, hyper.domain, "h")


@pytest.mark.parametrize(
    ("hyper", "inside", "outside"),
    [
        (rate(1), [1e-300, 1, 0.5, Fraction(1, 3), np.float32(2)], [0, 0.0, -1e-300]),
        (decay(0.9), [0, 0.0, 0.5, 1 - 2**-53], [1, 1.0, -1e-300, 2]),
        (small(0), [0, 1e-30, 7], [-1e-30]),
        (Hyper(Fraction(1), Domain(Fraction(0), Fraction(2))), [0, 2], [-1, 3]),
        (Hyper(Fraction(1), Domain()), [-(10**30), 0, 10**30], []),
    ],
)
def test_open_and_closed_ends(hyper, inside, outside):
    for value in inside:
        named(hyper).check(value)
    for value in [*outside, float("nan"), float("inf"), -float("inf"), True, False, None, "word", 1j, [1]]:
        with pytest.raises(InputError, match=r"^h = .*must satisfy"):
            named(hyper).check(value)


def test_the_message_names_argument_value_and_what_is_allowed():
    with pytest.raises(InputError, match=r"^h = 1.5: must satisfy 0 <= h < 1$"):
        named(decay(0.9)).check(1.5)


def test_the_first_value_of_an_option_is_its_default():
    assert choice("outside", "inside").default == "outside"
    assert switch().default is False
    assert switch(True).values == (True, False)


def test_a_state_starts_at_an_exact_value():
    assert state().initial == 0
    assert state(0.1).initial == Fraction(1, 10)


def test_the_scope_of_a_state():
    assert (state().scope, state(1, scope="tensor").scope) == ("element", "tensor")
    with pytest.raises(
        InputError, match=r"^scope = 'layer': must be one of step, global, tensor, row, column, element$"
    ):
        state(scope="layer")
