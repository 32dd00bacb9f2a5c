"""Chains: one Program, equal to its parts applied in turn; chaining is associative."""

import numpy as np
import pytest
import sympy as sp

from symopt.codegen import compile_program
from symopt.language import RuleError, decay, maximum, minimum, rate, rule, state
from symopt.language.chain import chain
from symopt.proof.equality import same_step
from symopt.rules import find, names


@rule(cites="clipping by value", max_value=rate(1))
def clip(s):
    """Keep every gradient within a bound."""
    s.g = maximum(minimum(s.g, s.max_value), -s.max_value)


@rule(cites="Polyak & Juditsky 1992", beta1=decay("0.99"), m=state())
def averaged(s):
    """A moving average of the weights, in a state of its own."""
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.x


@rule(cites="a line with a name that others declare", scale=rate(2))
def scaled(s):
    """Double the gradient by way of a line called m."""
    s.m = s.scale * s.g
    s.g = s.m


def applied_in_turn(whole):
    """x and the states after each part's own body, the only things handed over being x and g; whole: a chain."""
    x, g, t = sp.symbols("x g t")
    after, taken = {}, {"x", "g", "t"}
    with sp.evaluate(False):
        for part in whole.parts:
            place = type("Namespace", (), {})()
            place.x, place.g, place.t = x, g, t
            homes = {}
            for declared in (*part.hypers, *part.states):
                home = declared.name
                while home in taken:
                    home = f"{part.name}_{home}"
                homes[declared.name] = home
                setattr(place, declared.name, sp.Symbol(home))
            taken |= set(homes.values())
            part.body(place, **part.setting)
            x, g = place.x, place.g
            after |= {homes[s.name]: getattr(place, s.name) for s in part.states}
    return {"x": x, **after}


CHAINS = {
    **{f"clip, {name}, averaged": chain(clip, find(name), averaged) for name in names()[::2]},
    "two rules": chain(find("adam"), find("momentum", nesterov=True)),
    "a rule twice": chain(find("momentum"), find("momentum")),
    "a line's name is another's state": chain(scaled, find("adam")),
    "one": chain(find("adagrad")),
}


@pytest.mark.parametrize("name", CHAINS)
def test_it_is_its_parts_applied_in_turn(name):
    whole = CHAINS[name]
    outputs = applied_in_turn(whole)
    verdict = same_step(whole.program, {n: outputs[n] for n in whole.program.outputs})
    assert verdict.proved, verdict.reason


def test_another_order_is_another_rule():
    one, two = chain(clip, scaled, find("sgd")), chain(scaled, clip, find("sgd"))
    outputs = applied_in_turn(two)
    assert same_step(one.program, {n: outputs[n] for n in one.program.outputs}).verdict == "refuted"


def test_chaining_is_associative():
    adam = find("adam")
    flat = chain(clip, adam, averaged)
    for nested in (chain(chain(clip, adam), averaged), chain(clip, chain(adam, averaged))):
        assert nested.program == flat.program
        assert same_step(flat.program, nested.program.outputs).proved


def test_names_that_clash_carry_their_part():
    whole = chain(find("adam"), averaged)
    assert [s.name for s in whole.program.states] == ["m", "v", "averaged_m"]
    assert {"beta1", "averaged_beta1"} <= {h.name for h in whole.program.hypers}


def test_it_compiles_to_one_kernel():
    whole = chain(clip, find("sgd"), averaged)
    kernel = compile_program(whole, "float64")
    x, g = np.array([1.0, 2.0]), np.array([5.0, -0.5])
    m = np.zeros(2)
    kernel(x, g, m=m, t=1, lr=0.1, max_value=1.0, beta1=0.5)
    assert x.tolist() == [0.9, 2.05]
    assert m.tolist() == [0.45, 1.025]


def test_a_chain_without_parts_or_without_an_update_is_refused():
    with pytest.raises(RuleError, match="at least one"):
        chain()
    with pytest.raises(RuleError, match="never assigns x"):
        chain(clip, scaled).program  # noqa: B018 - a property that raises
