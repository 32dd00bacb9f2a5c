"""What check says of steps that are documented discrepancies, that have a slip, or that are a rule in other words.

Of what is planted and correct a part is checked; ``python -m tests.conform.every_case`` checks all, and counts. Every
row of the discrepancies is checked in ``test_check``.
"""

import numpy as np
import pytest

import symopt
from symopt.conform.matching import generic
from symopt.conform.variants import find_variant
from symopt.rules import find, names

from .correct import CORRECT
from .discrepancies import CASES
from .judging import ROUNDED, assert_really_differs, names_the_difference, run_optimizer
from .planted import PLANTED

ROWS = range(1, 30)


def test_every_row_of_the_documented_discrepancies_is_a_case():
    assert {case.row for case in CASES} == set(ROWS)


def test_every_rule_has_a_slip():
    assert {find_variant(case.rule).name for case in PLANTED} == set(names())


@pytest.mark.parametrize("case", PLANTED[1::7], ids=lambda case: case.name)
def test_a_slip_is_found_with_a_true_witness(case):
    found = symopt.check(case.step, case.rule)
    assert (found.verdict, found.witness is not None) == ("differs", True)
    if found.witness and len(found.witness.x) == 1:
        assert_really_differs(case.step, find_variant(case.rule), found)
    assert names_the_difference(case, found), found.difference


#: Which are told apart from no sample, or are proved for the first steps alone.
FIRST_STEPS = {"adagrad_hypot", "rprop_masks", "rprop_clip", "pnm_by_parity"}


@pytest.mark.parametrize(
    "case", [c for c in CORRECT if c.step.__name__ not in FIRST_STEPS][1::3], ids=lambda case: case.name
)
def test_what_is_a_rule_in_other_words_conforms(case):
    found = symopt.check(case.step, case.rule)
    assert (found.verdict, found.scope, found.fixed) == ("conforms", "all steps", {})


@pytest.mark.frameworks
def test_the_discrepancies_of_torch_differ_there_too():
    torch_cases = pytest.importorskip("tests.conform.discrepancies_torch").TORCH_CASES
    for case in (c for c in torch_cases if c.row in (1, 17, 18)):
        found = symopt.check(case.step, case.rule)
        assert found.verdict == "differs"
        assert names_the_difference(case, found), (case.name, found.difference)
        own = {name: rule for name, rule in found.hyper_map.items() if rule in dict(found.witness.hypers)}
        given = np.array([float(value) for value in found.witness.target])
        np.testing.assert_allclose(run_optimizer(case.step, own, found.witness), given, rtol=ROUNDED)


def test_generic_hyperparameters_are_told_apart_and_in_their_order():
    for name in names():
        numbers = [generic(hyper) for hyper in find(name).program.hypers]
        assert len(set(numbers)) == len(numbers)
    low, high = (generic(h) for h in find("rprop").program.hypers if h.name in ("min_step", "max_step"))
    assert low < high


def test_variants_that_are_one_function_are_reported_together():
    """Without a correction the root with eps hat is the plain root; a class, not a guess."""

    def step(x, g, state, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        m = beta1 * state.get("m", np.zeros_like(x)) + (1 - beta1) * g
        v = beta2 * state.get("v", np.zeros_like(x)) + (1 - beta2) * g * g
        return x - lr * m / (np.sqrt(v) + eps), {"m": m, "v": v}

    found = symopt.check(step)
    assert found.verdict == "conforms"
    one_function = {"adam[bias_correction=False]", "adam[eps_placement=hat, bias_correction=False]"}
    assert {found.nearest.variant, *found.equal} >= one_function
