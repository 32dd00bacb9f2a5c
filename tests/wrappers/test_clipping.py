"""Clipping before a rule: as NumPy does it by hand, in the kernel, and never longer than it may be."""

import inspect
import math

import numpy as np
import pytest
import sympy as sp

import symopt
from symopt import reference, rules, wrappers
from symopt.codegen import compile_program, kernel_source
from symopt.conform.difference import compare
from symopt.language import InputError, norm
from symopt.lifting import lift_source, lift_step
from symopt.proof import one_step, prove
from symopt.proof.equality import same_step

CLIPPING = [name for name in wrappers.names() if name.startswith("clip_")]
CASES = [variant for name in CLIPPING for variant in wrappers.find(name).variants()]
FOLLOWING = ["sgd", "adam"]


def by_hand(wrapper):
    """The clipped gradient as NumPy computes it."""

    def clip_by_value(g, max_value):
        return np.clip(g, -max_value, max_value)

    def clip_to_norm(g, max_norm):
        size = np.sqrt(np.sum(g * g, dtype=np.float64))
        if wrapper.setting["form"] == "softened":
            return np.minimum(max_norm / (size + 1e-6), 1.0).astype(g.dtype) * g
        with np.errstate(divide="ignore"):
            return np.where(size > max_norm, max_norm / size, 1.0).astype(g.dtype) * g

    return clip_by_value if wrapper.name == "clip_by_value" else clip_to_norm


def step_by_hand(wrapper, name):
    """The twin of a rule on the gradient clipped by hand, as a step function with that wrapper's hyperparameter."""
    clip, step, (hyper,) = by_hand(wrapper), reference.find(name), wrapper.hypers
    setting = rules.find(name).setting

    def clipped(x, g, state, t, **hypers):
        return step(x, clip(g, hypers.pop(hyper.name)), state, t, **hypers, **setting)

    names = ["x", "g", "state", "t", hyper.name, *(h.name for h in rules.find(name).program.hypers)]
    kinds = [inspect.Parameter.POSITIONAL_OR_KEYWORD] * 4 + [inspect.Parameter.KEYWORD_ONLY] * (len(names) - 4)
    clipped.__signature__ = inspect.Signature(list(map(inspect.Parameter, names, kinds)))
    return clipped


@pytest.mark.parametrize("name", FOLLOWING)
@pytest.mark.parametrize("wrapper", CASES, ids=lambda w: w.label)
def test_source_and_hand_written_step_are_the_chain(wrapper, name):
    program = symopt.chain(wrapper, name).program
    for dtype in ("float32", "float64"):
        answer = same_step(program, lift_source(kernel_source(program, dtype), program, dtype).outputs)
        assert answer.proved, answer.reason
    answer = same_step(program, lift_step(step_by_hand(wrapper, name)).program.outputs)
    assert answer.proved, answer.reason


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("wrapper", CASES, ids=lambda w: w.label)
def test_the_kernel_runs_as_by_hand(wrapper, dtype):
    """In every step within the sum of the two bounds."""
    whole, step = symopt.chain(wrapper, "sgd"), step_by_hand(wrapper, "sgd")
    seen = compare(whole, compile_program(whole, dtype), step, lift_step(step))
    assert seen.samples > 1000
    assert seen.ok, seen.worst


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("wrapper", CASES, ids=lambda w: w.label)
def test_the_kernel_clips(wrapper, dtype):
    """To the norm that is allowed, up to the bound of the step's rounding."""
    whole = symopt.chain(wrapper, "sgd")
    kernel = compile_program(whole, dtype)
    (hyper,) = wrapper.hypers
    rng = np.random.default_rng(1)
    for scale in (0.0, 1e-3, 1.0, 1e3):
        g = (rng.normal(size=(7, 9)) * scale).astype(dtype)
        x = np.zeros_like(g)
        given = {"x": x, "g": g, "t": 1, "lr": 1.0, hyper.name: 2.0}
        error = symopt.error_bound(whole, given, dtype)["x"]
        kernel(**given)
        size = np.abs(x).max() if hyper.name == "max_value" else math.sqrt(math.fsum((x.astype(float) ** 2).flat))
        off = 0 if hyper.name == "max_value" else math.sqrt(math.fsum((error**2).flat))
        assert size <= (2 + off) * (1 + 2.0**-50)  # for the rounding of the norm taken here


def test_scaling_a_gradient_scales_its_norm():
    """Of tensors of every size: proved with the sums themselves. So a clipped gradient has the norm scale * g_norm."""
    scale, g = sp.symbols("scale g")
    step = one_step(symopt.chain("clip_by_norm", "sgd"))
    with sp.evaluate(False):
        claim = sp.Eq(norm(scale * g), scale * norm(g))
    assert prove(claim, [step, scale > 0]).proved
    assert prove(claim, [step]).verdict == "refuted"


def test_a_scaled_norm_is_at_most_what_it_may_be():
    most, size = sp.symbols("max_norm g_norm", positive=True)
    scales = {"exact": sp.Piecewise((most / size, size > most), (1, True)), "softened": sp.Min(most / size, 1)}
    for scale in scales.values():
        with sp.evaluate(False):
            claim = scale * size <= most
        assert prove(claim).proved


def test_wrappers_are_found_by_name():
    assert set(wrappers.names()) >= {"clip_by_value", "clip_by_norm", "clip_by_global_norm"}
    for name in wrappers.names():
        assert wrappers.find(name).name == name
    with pytest.raises(InputError, match="unknown wrapper 'clip'; there are: cautious, clip_by_global_norm"):
        wrappers.find("clip")


def test_the_global_norm_is_over_all_tensors():
    text = str(symopt.chain("clip_by_global_norm", "sgd").program.outputs["x"])
    assert "GlobalSum" in text
    assert "TensorSum" not in text


def test_an_unknown_part_of_a_chain_is_named_with_all_there_are():
    with pytest.raises(
        InputError, match=r"unknown rule 'clip_norm'; the catalog has: .*; wrappers: cautious, clip_by_global_norm, "
    ):
        symopt.chain("clip_norm", "adam")
