"""Fifty planted bugs in the code of the bounds, each of which some check must see."""

import itertools

import pytest

from symopt import rules

from . import checks
from .local_rules import RULES
from .mutants import MODULES, MUTANTS, planted

STEPS = [*RULES, *(rules.find(name) for name in ("adam", "adadelta"))]
REGIMES = ["default", "subnormal everything", "squares underflow, eps = 1e-30", "huge gradients", "cancellation"]


def complaints(package):
    """What any check finds, the quick ones first."""
    yield from checks.check_operations(package)
    yield from checks.check_storage(package)
    for rule, dtype, regime in itertools.product(STEPS, checks.FORMS, REGIMES):
        yield from checks.check_machines(package, rule, dtype, regime)
        yield from checks.check_engines(package, rule, dtype, regime)
        yield from checks.check_boxes(package, rule, dtype, regime, 1e-2)
        yield from checks.check_kernels(package, rule, dtype, regime)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_planted_bug_is_found(name):
    assert next(complaints(planted(name)), None), f"the mutant {name!r} survives"


def test_nothing_is_found_in_the_package_as_it_is():
    import symopt.rounding as package

    assert {module for module, _, _ in MUTANTS.values()} <= set(MODULES)
    assert not list(checks.check_operations(package))
    assert not list(checks.check_storage(package))
