"""Wrappers around a rule, which see x before its step and after it, as NumPy does them by hand."""

import functools
import inspect

import numpy as np
import pytest
import sympy as sp

import symopt
from symopt import reference, rules, wrappers
from symopt.codegen import compile_program, kernel_source
from symopt.conform.difference import compare
from symopt.language import RuleError, period, rule, state
from symopt.lifting import lift_source, lift_step
from symopt.proof import trajectory
from symopt.proof.equality import same_step
from symopt.proof.runs import same_run
from symopt.rounding import error_bound

AROUND = [variant for name in ("lookahead", "cautious") for variant in wrappers.find(name).variants()]
INSIDE = ["sgd", "adam"]
each = pytest.mark.parametrize("wrapper", AROUND, ids=lambda w: w.label)
inside = pytest.mark.parametrize("name", INSIDE)


def lookahead(step, x, g, state, t, *, sync_period, alpha, **others):
    slow = x if t == 1 else state["slow"]
    count = state.get("count", np.zeros(1, x.dtype)) + 1
    x, new = step(x, g, state, t, **others)
    reached = count >= sync_period
    slow = np.where(reached, slow + alpha * (x - slow), slow)
    return np.where(reached, slow, x), {**new, "slow": slow, "count": np.where(reached, 0, count).astype(x.dtype)}


def cautious(step, x, g, state, t, *, scale, mask_eps=0.0, **others):
    new, after = step(x, g, state, t, **others)
    u = x - new
    mask = (u * g > 0).astype(x.dtype)
    count = np.sum(mask, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.divide(count, np.size(g))
    if scale == "count":
        return x - u * mask * np.size(g) / (count + 1).astype(x.dtype), after
    if scale == "none":
        return x - u * mask, after
    return x - u * mask / (share + mask_eps if scale == "eps" else np.maximum(share, 1e-3)).astype(x.dtype), after


def step_by_hand(wrapper, name, by_hand=None):
    """The twin of the rule inside with the wrapper around it, as a step function with the hyperparameters of both."""
    found = rules.find(name)
    twin = functools.partial(reference.find(name), **found.setting)
    around = functools.partial(by_hand or globals()[wrapper.name], twin, **wrapper.setting)

    def stepped(x, g, state, t, **hypers):
        return around(x, g, state, t, **hypers)

    own = [h.name for h in symopt.chain(wrapper, name).program.hypers]
    names = ["x", "g", "state", "t", *own]
    kinds = [inspect.Parameter.POSITIONAL_OR_KEYWORD] * 4 + [inspect.Parameter.KEYWORD_ONLY] * len(own)
    stepped.__signature__ = inspect.Signature(list(map(inspect.Parameter, names, kinds)))
    return stepped


@inside
@each
def test_source_and_hand_written_step_are_the_chain(wrapper, name):
    program = symopt.chain(wrapper, name).program
    for dtype in ("float32", "float64"):
        answer = same_step(program, lift_source(kernel_source(program, dtype), program, dtype).outputs)
        assert answer.proved, answer.reason
    lifted, start = lift_step(step_by_hand(wrapper, name)), {s.name: s.initial for s in program.states}
    for answer in (same_step(program, lifted.program.outputs), same_step(program, lifted.first, t=1, **start)):
        assert answer.proved, answer.reason


def test_another_wrapper_is_told_apart():
    def late(step, x, g, state, t, **others):
        new, after = lookahead(step, x, g, state, t, **others)
        return new, after | {"slow": after["slow"] * 1 if t == 1 else state["slow"]}

    program = symopt.chain("lookahead", "sgd").program
    assert same_step(
        program, lift_step(step_by_hand(wrappers.find("lookahead"), "sgd", late)).program.outputs
    ).verdict == ("refuted")
    bold = wrappers.find("cautious", scale="none")
    reckless = lift_step(step_by_hand(bold, "adam", lambda step, *args, scale, **others: step(*args, **others)))
    assert same_step(symopt.chain(bold, "adam").program, reckless.program.outputs).verdict == "refuted"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@each
def test_the_kernel_runs_as_by_hand(wrapper, dtype):
    """In every step within the sum of the two bounds."""
    whole, step = symopt.chain(wrapper, "momentum"), step_by_hand(wrapper, "momentum")
    seen = compare(whole, compile_program(whole, dtype), step, lift_step(step))
    assert seen.samples > 1000
    assert seen.ok, seen.worst


def test_lookahead_as_two_loops():
    """Algorithm 1 as it is printed: an outer loop over slow weights, an inner one over k fast steps."""
    rng, k, alpha, lr = np.random.default_rng(8), 3, 0.25, 0.1
    kernel = compile_program(symopt.chain("lookahead", "sgd"), "float64")
    x = rng.normal(size=4)
    slow, states = x.copy(), kernel.init(x)
    for outer in range(4):
        fast = slow.copy()
        for inner in range(k):
            g = rng.normal(size=4)
            fast = fast - lr * g
            kernel(x, g, t=outer * k + inner + 1, lr=lr, sync_period=k, alpha=alpha, **states)
            if inner < k - 1:
                np.testing.assert_array_equal(x, fast)
        slow = slow + alpha * (fast - slow)
        np.testing.assert_array_equal(x, slow)


@pytest.mark.parametrize("name", ["sgd", "momentum", "adam"])
def test_lookahead_that_syncs_at_once_and_wholly_is_the_rule_inside(name):
    whole, plain = symopt.chain("lookahead", name), trajectory(rules.find(name), "'")
    given = [sp.Symbol("eps") > 0] if name == "adam" else []
    assert same_run(trajectory(whole, sync_period=1, alpha=1), plain, given).proved
    assert not same_run(trajectory(whole, sync_period=1, alpha=sp.Rational(1, 2)), plain, given).proved


def test_descent_is_never_too_bold_for_caution():
    """Every step of gradient descent goes against the gradient: nothing but g = 0 is masked, which takes no step."""
    bold, plain = wrappers.find("cautious", scale="none"), rules.find("sgd")
    assert same_step(plain.program, symopt.chain(bold, "sgd").program.outputs).proved
    assert (
        same_step(rules.find("momentum").program, symopt.chain(bold, "momentum").program.outputs).verdict == "refuted"
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("scale", ["eps", "count", "clamp", "none"])
def test_cautious_adamw_without_decay_is_cautious_adam(scale, dtype):
    one, other = symopt.chain(wrappers.find("cautious", scale=scale), "adam"), rules.find("cautious_adamw", scale=scale)
    rng, found = np.random.default_rng(5), []
    inputs = {name: rng.normal(size=50).astype(dtype) for name in ("x", "g", "m")}
    inputs["v"] = (inputs["g"] ** 2 * rng.uniform(0.5, 2, size=50)).astype(dtype)
    for made, more in ((one, {}), (other, {"weight_decay": 0.0})):
        after = {name: array.copy() for name, array in inputs.items()}
        compile_program(made, dtype)(**after, t=7, **more)
        found.append((after, error_bound(made.program, {**inputs, "t": 7, **more}, dtype)))
    (ours, bound), (theirs, allowed) = found
    for name, value in ours.items():
        if name != "g":
            off = np.abs(value.astype(float) - theirs[name].astype(float))
            assert np.all(off <= bound[name] + allowed[name]), name
            assert np.all(np.isfinite(bound[name] + allowed[name])), name


def test_it_is_put_around_all_that_follow():
    flat = symopt.chain("lookahead", "clip_by_value", "sgd")
    for nested in (
        symopt.chain("lookahead", symopt.chain("clip_by_value", "sgd")),
        symopt.chain(symopt.chain("lookahead", "clip_by_value"), "sgd"),
    ):
        assert nested.program == flat.program
    inner = symopt.chain("clip_by_value", "lookahead", "sgd").program
    assert same_step(flat.program, inner.outputs).proved  # clipping sees g alone


def test_the_order_of_wrappers_matters():
    one, two = (symopt.chain(*names, "sgd").program for names in (("cautious", "lookahead"), ("lookahead", "cautious")))
    assert same_step(one, two.outputs).verdict == "refuted"


def test_a_body_that_yields_twice_is_refused():
    @rule(cites="here", k=period(2), slow=state())
    def twice(s):
        """Two places for one rule."""
        s.slow = s.x
        yield
        yield

    with pytest.raises(RuleError, match="yields twice"):
        symopt.chain(twice, "sgd").program  # noqa: B018 - it is traced
