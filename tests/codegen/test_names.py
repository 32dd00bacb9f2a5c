"""Names: every symbol becomes a Python identifier of its own."""

import keyword

import pytest
import sympy as sp

from symopt import rules
from symopt.codegen import Assign, Var
from symopt.codegen.lowering import identifiers, rename

x, m = sp.symbols("x m")
VARIANTS = [rule for name in rules.names() for rule in rules.find(name).variants()]


def test_arrays_elements_and_primes(program):
    arguments, local = identifiers(program(("m'", x), ("m''", x), ("k", x)))
    assert arguments == {name: name for name in ("x", "g", "t", "m", "v", "a", "b")}
    assert (local["m"], local["m'"], local["m''"], local["k"], local["a"]) == ("m_i", "m_1", "m_2", "k", "a")


@pytest.mark.parametrize("name", ["lambda", "np", "i", "step", "njit", "types", "m_i", "m_1", "x_i", "match"])
def test_a_name_in_use_gives_way(name, program):
    arguments, local = identifiers(program((name, x), ("m'", x)))
    values = [*local.values(), *(arguments[array] for array in ("x", "g", "m", "v"))]
    assert len(set(values)) == len(values)
    assert not {"np", "i", "step", "njit", "types"} & set(values)
    assert not any(map(keyword.iskeyword, values))


@pytest.mark.parametrize("rule", VARIANTS, ids=lambda rule: rule.label)
def test_every_rule_has_identifiers_that_differ(rule):
    arguments, local = identifiers(rule.program)
    assert all(name.isidentifier() for name in [*arguments.values(), *local.values()])
    assert len(set(local.values())) == len(local)


def test_rename_reaches_every_name():
    assert rename((Assign("m'", Var("m")),), {"m'": "m_1", "m": "m_i"}) == (Assign("m_1", Var("m_i")),)
