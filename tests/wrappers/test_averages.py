"""Running means around a rule: Grokfast before it, the EMA of the weights after it, as NumPy does them by hand."""

import functools
import inspect

import numpy as np
import pytest
import sympy as sp

import symopt
from symopt import reference, rules, wrappers
from symopt.codegen import compile_program, kernel_source
from symopt.conform.difference import compare
from symopt.lifting import lift_source, lift_step
from symopt.proof import trajectory
from symopt.proof.equality import same_step
from symopt.proof.runs import same_run

AVERAGES = ["ema", "grokfast"]
CASES = [variant for name in AVERAGES for variant in wrappers.find(name).variants()]
FOLLOWING = ["sgd", "adam"]


def put_together(wrapper, name):
    """The wrapper and the rule in the order that they are meant for."""
    return symopt.chain(name, wrapper) if wrapper.name == "ema" else symopt.chain(wrapper, name)


def grokfast(step, x, g, state, t, *, alpha, lamb, **others):
    slow = g if t == 1 else alpha * state["slow"] + (1 - alpha) * g
    x, new = step(x, g + lamb * slow, state, t, **others)
    return x, {**new, "slow": slow}


def ema(step, x, g, state, t, *, decay, **others):
    x, new = step(x, g, state, t, **others)
    average = x if t == 1 else decay * state["average"] + (1 - decay) * x
    return x, {**new, "average": average}


def overwriting_ema(step, x, g, state, t, *, overwrite_period, **others):
    x, new = ema(step, x, g, state, t, **others)
    count = state.get("count", np.zeros(1, x.dtype)) + 1
    x = np.where(count >= overwrite_period, new["average"], x)
    return x, {**new, "count": np.where(count >= overwrite_period, 0, count).astype(x.dtype)}


def corrected_ema(step, x, g, state, t, *, decay, **others):
    x, new = step(x, g, state, t, **others)
    average = state.get("average", np.zeros_like(x))
    return x, {**new, "average": average + (1 - decay) / (1 - decay**t) * (x - average)}


def step_by_hand(wrapper, name, by_hand=None):
    """The twin of a rule with the mean beside it, as a step function with the hyperparameters of both."""
    variants = {"ema[start=corrected]": corrected_ema, "ema[overwrite=True]": overwriting_ema}
    by_hand = by_hand or variants.get(wrapper.label, globals()[wrapper.name])
    found = rules.find(name)
    twin = functools.partial(reference.find(name), **found.setting)

    def stepped(x, g, state, t, **hypers):
        return by_hand(twin, x, g, state, t, **hypers)

    names = ["x", "g", "state", "t", *(h.name for h in put_together(wrapper, name).program.hypers)]
    kinds = [inspect.Parameter.POSITIONAL_OR_KEYWORD] * 4 + [inspect.Parameter.KEYWORD_ONLY] * (len(names) - 4)
    stepped.__signature__ = inspect.Signature(list(map(inspect.Parameter, names, kinds)))
    return stepped


def verdicts(program, step):
    """Whether a step by hand is the Program: at the first step from its initial states, and at later ones."""
    lifted, start = lift_step(step), {state.name: state.initial for state in program.states}
    return same_step(program, lifted.first, t=1, **start), same_step(program, lifted.program.outputs)


@pytest.mark.parametrize("name", FOLLOWING)
@pytest.mark.parametrize("wrapper", CASES, ids=lambda w: w.label)
def test_source_and_hand_written_step_are_the_chain(wrapper, name):
    program = put_together(wrapper, name).program
    for dtype in ("float32", "float64"):
        answer = same_step(program, lift_source(kernel_source(program, dtype), program, dtype).outputs)
        assert answer.proved, answer.reason
    for answer in verdicts(program, step_by_hand(wrapper, name)):
        assert answer.proved, answer.reason


@pytest.mark.parametrize("wrong", [ema, corrected_ema])
def test_another_start_is_told_apart(wrong):
    start = "corrected" if wrong is ema else "first"
    wrapper = wrappers.find("ema", start=start)
    answers = verdicts(put_together(wrapper, "sgd").program, step_by_hand(wrapper, "sgd", wrong))
    assert "refuted" in [answer.verdict for answer in answers]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("wrapper", CASES, ids=lambda w: w.label)
def test_the_kernel_runs_as_by_hand(wrapper, dtype):
    """In every step within the sum of the two bounds."""
    whole, step = put_together(wrapper, "momentum"), step_by_hand(wrapper, "momentum")
    seen = compare(whole, compile_program(whole, dtype), step, lift_step(step))
    assert seen.samples > 1000
    assert seen.ok, seen.worst


def test_without_weight_grokfast_is_nothing():
    one = trajectory(symopt.chain("grokfast", "adam"), lamb=0)
    half = trajectory(symopt.chain("grokfast", "adam"), lamb=sp.Rational(1, 2))
    plain = trajectory(rules.find("adam"), "'")
    assert same_run(one, plain).proved
    assert not same_run(half, plain).proved


def test_an_average_that_keeps_nothing_is_the_parameters():
    for start in ("first", "corrected"):
        program = symopt.chain("sgd", wrappers.find("ema", start=start)).program
        kernel, x, average = compile_program(program, "float64"), np.array([1.0, 2.0]), np.zeros(2)
        for t in (1, 2, 3):
            kernel(x, np.array([5.0, -0.5]), average=average, t=t, lr=0.1, decay=0.0)
            assert average.tolist() == x.tolist()
