"""What is proved of sums over elements, for tensors of every size; and what is not."""

import re

import pytest
import sympy as sp

from symopt import rules
from symopt.language import GlobalSum, InputError, TensorSum, mean, norm, rate, rule, state, total, where
from symopt.proof import check, one_step, prove, trajectory
from symopt.proof.equality import same_step
from symopt.proof.totals import Totals

from .tensor_rules import RULES, centralized, normalized, remembering, standardized, trusting

g, x, a, lr, eps = sp.symbols("g x a lr eps")

TRUE = {
    "a factor": sp.Eq(total(2 * g), 2 * total(g), evaluate=False),
    "two sums": sp.Eq(total(g + x), total(g) + total(x), evaluate=False),
    "squares": total(g**2) >= 0,
    "one of them": total(g**2) >= g**2,
    "a norm": sp.Eq(norm(g) ** 2, total(g**2), evaluate=False),
    "the mean of a constant multiple": sp.Eq(mean(3 * g), 3 * mean(g), evaluate=False),
}
FALSE = {
    "a square of a sum": sp.Eq(total(g**2), total(g) ** 2, evaluate=False),
    "a sign": total(g) >= 0,
    "a sum and a mean": sp.Eq(total(g), mean(g), evaluate=False),
    "each the largest": g >= mean(g),
    "a product of sums": sp.Eq(total(g * x), total(g) * total(x), evaluate=False),
    "a norm of a sum": sp.Eq(norm(g + x), norm(g) + norm(x), evaluate=False),
}


@pytest.mark.parametrize("name", TRUE)
def test_what_is_true_is_proved(name):
    answer = prove(TRUE[name], [one_step(normalized)])
    assert answer.proved, answer.reason
    check(answer.certificate)


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_refuted(name):
    answer = prove(FALSE[name], [one_step(normalized)])
    assert answer.verdict == "refuted", answer.reason
    check(answer.certificate)


@pytest.mark.parametrize("made", RULES, ids=lambda r: r.name)
def test_a_rule_is_itself(made):
    answer = same_step(made.program, made.program.outputs)
    assert answer.proved, answer.reason


def other(made, **outputs):
    """The rule's new values with some of them other ones."""
    return made.program.outputs | outputs


with sp.evaluate(False):
    EQUAL = {
        "a norm as a root of a mean": (normalized, x - lr * g / (sp.sqrt(mean(g**2) * total(sp.Integer(1))) + eps)),
        "the sum of differences": (centralized, x - lr * g + lr * (total(g) / total(sp.Integer(1)))),
        "the mean under the sum": (
            standardized,
            x - lr * (g - mean(g)) / (sp.sqrt(mean((mean(g) - g) ** 2)) + eps),
        ),
    }
    UNEQUAL = {
        "the sum of magnitudes": (normalized, x - lr * g / (total(sp.Abs(g)) + eps)),
        "the root of a mean": (normalized, x - lr * g / (sp.sqrt(mean(g**2)) + eps)),
        "no mean": (centralized, x - lr * g),
        "the mean of another": (centralized, x - lr * (g - mean(x))),
        "a second moment that is not centred": (
            standardized,
            x - lr * (g - mean(g)) / (sp.sqrt(mean(g**2)) + eps),
        ),
        "the element for its sum": (remembering, x - lr * g),
    }


@pytest.mark.parametrize("name", EQUAL)
def test_equal_steps_are_proved_equal(name):
    made, expr = EQUAL[name]
    answer = same_step(made.program, other(made, x=expr))
    assert answer.proved, answer.reason


@pytest.mark.parametrize("name", UNEQUAL)
def test_other_steps_are_refuted(name):
    made, expr = UNEQUAL[name]
    answer = same_step(made.program, other(made, x=expr))
    assert answer.verdict == "refuted", answer.reason
    check(answer.certificate)


def test_all_tensors_are_not_one_tensor():
    """A norm over all of them against a norm over this one: equal only where it is the only one."""
    with sp.evaluate(False):
        claim = sp.Eq(GlobalSum(g**2), TensorSum(g**2))

    @rule(cites="here", lr=rate(0.1))
    def both(s):
        """Both norms."""
        s.x = s.x - s.lr * s.g / (1 + norm(s.g) + norm(s.g, "all"))

    assert prove(claim, [one_step(both)]).verdict == "refuted"
    assert prove(GlobalSum(g**2) >= TensorSum(g**2), [one_step(both)]).verdict != "refuted"


@rule(cites="here", lr=rate(0.1))
def over_all(s):
    """Two sums over all tensors."""
    s.x = s.x - s.lr * s.g / (1 + norm(s.g, "all")) - s.lr * total(s.x, "all")


def test_a_norm_over_one_tensor_is_not_taken_for_one_over_all():
    program = over_all.program
    assert same_step(program, program.outputs).proved
    with sp.evaluate(False):
        over_one = x - lr * g / (1 + sp.sqrt(TensorSum(g**2))) - lr * GlobalSum(x)
    assert same_step(program, {"x": over_one}).verdict != "proved"


@rule(cites="here", lr=rate(0.1))
def magnitude(s):
    """The magnitude of a sum of any sign."""
    s.x = s.x - s.lr * s.g * abs(total(s.g))


def test_a_sum_of_any_sign_may_be_negative():
    with sp.evaluate(False):
        unsigned = x - lr * g * total(g)
    answer = same_step(magnitude.program, {"x": unsigned})
    assert answer.verdict == "refuted", answer.reason
    check(answer.certificate)


def test_agreement_at_a_few_points_is_no_proof():
    """A summand that differs by what vanishes at all the points that are tried."""
    program = centralized.program
    totals = Totals(program, {})
    totals.name(program.outputs)
    tried = totals._values(g)
    assert len(set(tried)) > 4
    zeros = [sp.Rational(round(value * 13), 13) for value in tried]
    assert [float(zero) for zero in zeros] == pytest.approx(tried, abs=2.0**-50)  # float64 of thirteenths
    with sp.evaluate(False):
        other_sum = total(g + sp.Mul(*(g - zero for zero in zeros)))
        expr = x - lr * (g - other_sum / total(sp.Integer(1)))
    assert same_step(program, {"x": expr}).verdict != "proved"


def test_a_choice_made_once_for_all_elements():
    program = trusting.program
    swapped = program.outputs["x"].replace(
        lambda e: isinstance(e, sp.Piecewise), lambda e: where(e.args[0][1], 2 * e.args[0][0], e.args[1][0])
    )
    assert same_step(program, {"x": swapped}).verdict != "proved"


def test_statements_about_whole_runs_have_one_index():
    with pytest.raises(InputError, match="sums over the elements of a tensor"):
        trajectory(normalized)


def test_names_that_statements_need():
    @rule(cites="here", lr=rate(0.1), size=rate(1))
    def clash(s):
        """A hyperparameter with the name of the number of elements."""
        s.x = s.x - s.lr * s.size * mean(s.g)

    with pytest.raises(InputError, match="size stands for the size of a tensor"):
        one_step(clash)


def test_a_sum_over_all_tensors_of_what_each_has_its_own_of():
    @rule(cites="here", lr=rate(0.1), v=state(scope="tensor"))
    def mixed(s):
        """The tensor's own state under a sum over all tensors."""
        s.v = norm(s.g)
        s.x = s.x - s.lr * total(s.g * s.v, "all")

    with pytest.raises(InputError, match="which differs between tensors"):
        one_step(mixed)


def test_no_text_is_evaluated():
    for text in ("1 + 1", "__import__('os').getcwd()"):
        for ask, made in ((one_step, remembering), (one_step, rules.find("adam")), (trajectory, rules.find("adam"))):
            with pytest.raises(InputError, match=re.escape(text)):
                ask(made, beta2=text)


def test_an_unknown_input_is_named():
    with pytest.raises(InputError, match="normalized has no input 'beta9'; it takes x, g, t, lr, eps"):
        one_step(normalized, beta9=0)
