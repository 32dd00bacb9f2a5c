"""Sums over elements in the language: on arrays, on exact numbers, on symbols; scopes, and what is refused."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from symopt.language import (
    GlobalSum,
    InputError,
    RuleError,
    TensorSum,
    mean,
    norm,
    one_tensor,
    rate,
    rule,
    size,
    state,
    total,
)

from .tensor_rules import RULES, remembering, standardized

g = sp.Symbol("g")


def test_on_arrays_of_numbers():
    values = np.array([[3.0, -4.0], [12.0, 0.0]])
    assert total(values) == total(values, "all") == 11
    assert mean(values) == 11 / 4
    assert norm(values) == 13
    assert size(values) == 4
    exact = np.array([Fraction(1, 3), Fraction(1, 6)], object)
    assert total(exact) == Fraction(1, 2)
    assert mean(exact) == Fraction(1, 4)
    assert total(np.zeros(0)) == 0


def test_a_single_number_is_a_tensor_of_one_element():
    assert total(Fraction(2, 3)) == mean(Fraction(2, 3)) == Fraction(2, 3)
    assert norm(Fraction(-2, 3)) == Fraction(2, 3)


def test_float32_is_summed_in_float64():
    ones = np.full(10**6, 0.1, "float32")
    assert total(ones).dtype == np.float64
    assert total(ones) == np.cumsum(ones.astype(float))[-1]


def test_on_symbols_nothing_is_evaluated():
    assert total(g) == TensorSum(g)
    assert total(g, "all") == GlobalSum(g)
    assert size(g) == TensorSum(sp.Integer(1))
    assert TensorSum(sp.Integer(0)).args == (0,)


@pytest.mark.parametrize("function", [total, mean, norm])
def test_another_reach_is_refused(function):
    with pytest.raises(InputError, match="over = 'layer': must be one of tensor, all, row, column"):
        function(g, "layer")


def scopes(made):
    return {line.symbol.name: line.scope for line in made.program.definitions}


def test_scopes():
    assert scopes(standardized) == {"d": "element", "x'": "element"}
    assert scopes(remembering) == {"v'": "tensor", "m'": "element", "x'": "element"}
    assert not any(made.program.is_elementwise for made in RULES)

    @rule(cites="here", lr=rate(0.1))
    def global_clip(s):
        """A norm over all tensors."""
        s.a = norm(s.g, "all")
        s.b = s.a + norm(s.g)
        s.x = s.x - s.lr * s.g / s.b

    assert scopes(global_clip) == {"a": "global", "b": "tensor", "x'": "element"}
    assert one_tensor(global_clip.program).definitions[0].scope == "tensor"


def test_a_state_has_not_more_values_than_it_declares():
    @rule(cites="here", lr=rate(0.1), v=state(scope="tensor"))
    def wrong(s):
        """An element's own value in a state of the tensor."""
        s.v = s.g**2
        s.x = s.x - s.lr * s.v

    with pytest.raises(RuleError, match="rule wrong: v has one value per tensor and is assigned one per element"):
        _ = wrong.program


def test_a_sum_of_what_is_the_same_for_every_element_is_refused():
    @rule(cites="here", lr=rate(0.1))
    def wrong(s):
        """The number of elements, times lr, by mistake."""
        s.x = s.x - total(s.lr)

    with pytest.raises(RuleError, match="rule wrong: x sums lr, which is the same for every element"):
        _ = wrong.program


def test_an_unknown_scope_is_refused():
    with pytest.raises(InputError, match="scope = 'layer': must be one of step, global, tensor, row, column, element"):
        state(scope="layer")
