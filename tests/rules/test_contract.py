"""What every rule of the catalog promises; a rule added to the folder is held to it on arrival."""

import importlib
import inspect
import re

import pytest

from symopt import reference, rules
from symopt.language import Rule

HOUSE_HYPERS = {
    "lr", "beta0", "beta1", "beta2", "beta3", "eps", "momentum", "dampening", "weight_decay", "rho", "alpha",
    # what only some rules have, as their sources spell it
    "lr_decay", "initial_accumulator", "final_lr", "gamma", "nu", "nu1", "nu2", "lambd", "t0",
    "mu_decay", "eta_minus", "eta_plus", "min_step", "max_step", "trust", "max_norm", "t_alpha",
    "decay_rate", "eps1", "eps2", "eps_root", "warmup_steps", "clip_threshold",
}  # fmt: skip


@pytest.fixture(params=rules.names())
def name(request):
    return request.param


def without_twin(rule_names, twin_names):
    """The rules that no hand-written NumPy step goes with."""
    return [name for name in rule_names if name not in twin_names]


def test_every_rule_has_its_twin():
    assert rules.names(), "the catalog is empty"
    assert not without_twin(rules.names(), reference.names())


def test_a_rule_without_twin_is_named():
    assert without_twin([*rules.names(), "made_up"], reference.names()) == ["made_up"]


def test_no_twin_is_left_behind():
    assert not without_twin(reference.names(), rules.names())


def test_the_module_states_one_rule_under_its_own_name(name):
    module = importlib.import_module(f"symopt.rules.{name}")
    stated = [value for value in vars(module).values() if isinstance(value, Rule)]
    assert stated == [getattr(module, name)]
    assert stated[0].name == name
    assert inspect.getdoc(module)


def test_the_rule_is_documented_and_cited(name):
    found = rules.find(name)
    assert found.summary.endswith(".")
    assert re.search(r"\b(19|20)\d\d\b", found.cites), "a citation has a year"


def test_hyperparameters_are_spelled_as_in_the_house(name):
    assert {hyper.name for hyper in rules.find(name).hypers} <= HOUSE_HYPERS


def test_defaults_lie_in_their_domains(name):
    for hyper in rules.find(name).hypers:
        hyper.check(hyper.default)
        hyper.check(float(hyper.default))


def test_every_combination_traces_and_together_they_use_all_that_is_declared(name):
    found, used = rules.find(name), set()
    for combination in found.combinations():
        program = combination.program
        assert {result for result, _ in program.results} == {"x", *(state.name for state in program.states)}
        defined = set(program.inputs)
        for line in program.definitions:
            assert {symbol.name for symbol in line.expr.free_symbols} <= defined
            defined.add(line.symbol.name)
        used |= set(program.inputs)
    assert {declared.name for declared in (*found.hypers, *found.states)} <= used


def test_every_option_value_gives_another_program(name):
    programs = [variant.program.definitions for variant in rules.find(name).variants()]
    assert all(programs.count(program) == 1 for program in programs)
