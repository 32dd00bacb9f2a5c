"""Sizes of tensors in JAX programs, where they are numbers: what is one for a tensor of any size, and what is not."""

import os
import sys

import numpy as np
import pytest
import sympy as sp

import symopt
from symopt.conform.target import find_target
from symopt.language import REDUCTIONS
from symopt.lifting import LiftError

pytestmark = pytest.mark.frameworks
jax = pytest.importorskip("jax")
optax = pytest.importorskip("optax")
if "keras" not in sys.modules:
    os.environ.setdefault("KERAS_BACKEND", "jax")
pytest.importorskip("keras")
jnp = jax.numpy
ROWS, COLUMNS = sp.symbols("rows columns")


def scaled(factor):
    """A factory of a transformation that multiplies each gradient by a factor of it and lr."""

    def make(lr=0.1):
        return optax.stateless(lambda gradients, _: jax.tree.map(lambda g: -lr * factor(g) * g, gradients))

    return make


def lift(factor):
    return find_target(scaled(factor)).lift()


def reductions_of(factor):
    found = lift(factor)
    assert not found.conditions
    return {reduction.func for reduction in found.program.outputs["x"].atoms(*REDUCTIONS.values())}


@pytest.mark.parametrize(
    ("factor", "sums"),
    [
        (lambda g: jnp.mean(g), {("sum", "tensor")}),
        (lambda g: 1 / np.sqrt(g.size), {("sum", "tensor")}),
        (lambda g: jnp.sum(jnp.abs(g - jnp.mean(g))) / (g.size - 1), {("sum", "tensor")}),
    ],
    ids=["mean", "root of the size", "unbiased"],
)
def test_a_number_that_is_the_size_is_one_for_every_size(factor, sums):
    assert reductions_of(factor) == {REDUCTIONS[key] for key in sums}


@pytest.mark.parametrize(
    ("factor", "sums"),
    [
        (lambda g: jnp.mean(g * g, axis=-1, keepdims=True), {("sum", "row")}),
        (lambda g: jnp.mean(g * g, axis=0), {("sum", "column")}),
        (lambda g: jnp.mean(g * g, axis=1)[:, None] / np.sqrt(g.shape[0]), {("sum", "row"), ("sum", "column")}),
    ],
    ids=["rows", "columns", "rows without their axis, and how many there are"],
)
def test_of_a_matrix_rows_and_columns_are_told_apart(factor, sums):
    found = find_target(scaled(lambda g: factor(g) if g.ndim == 2 else 1.0)).lift()
    assert found.conditions == (sp.Eq(sp.Symbol("axes"), 2, evaluate=False),)
    assert {r.func for r in found.program.outputs["x"].atoms(*REDUCTIONS.values())} == {REDUCTIONS[k] for k in sums}


@pytest.mark.parametrize(
    ("factor", "conditions"),
    [
        (lambda g: 1.0 if min(g.shape) < 40 else 2.0, "size <= 39, Min(columns, rows) <= 39"),
        (lambda g: 1.0 if g.shape[0] < 40 else 2.0, "size <= 39, rows <= 39"),
        (lambda g: 1.0 if g.ndim == 1 or g.shape[0] <= g.shape[1] else 2.0, "rows <= columns"),
        (lambda g: jnp.mean(g) if g.size < 500 else 2.0, "size <= 499, Eq(axes, 1)"),
        (lambda g: 1.0 if g.ndim < 2 else jnp.linalg.norm(g.T @ g), "Eq(axes, 1)"),
        (lambda g: 1 / g.size if g.size != 5 else 1.0, "Eq(axes, 2)"),
    ],
    ids=["smaller side", "rows", "order", "size", "matrices", "size but for a vector's"],
)
def test_what_is_done_for_some_sizes_alone_is_a_condition(factor, conditions):
    assert ", ".join(map(str, lift(factor).conditions)) == conditions


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (lambda g: 1.0 if g.size % 2 else 2.0, "depends on the size of the tensor.* is 1 for a tensor of shape"),
        (lambda g: g.size // 3, "not followed"),
        (lambda g: jnp.asarray(np.cos(np.arange(g.size)).reshape(g.shape)), "differently"),
        (lambda g: 1 / g.size if g.size not in (5, 12) else 1.0, "not followed"),
        (lambda g: g * 0 + jnp.arange(g.size).reshape(g.shape), "differently|iota"),
        (lambda g: jnp.sum(g[:2]), "not followed"),
    ],
    ids=["parity", "part of the size", "numbers by place", "size but for two", "place", "first two"],
)
def test_what_is_no_formula_of_the_size_is_said(factor, said):
    with pytest.raises(LiftError, match=said):
        lift(factor)


def test_a_wrong_meaning_of_a_size_is_caught(monkeypatch):
    from symopt.lifting import jaxpr_sizes

    monkeypatch.setattr(jaxpr_sizes, "FORMS", ((lambda n: n, lambda n: n + 1),))
    with pytest.raises(LiftError, match="not followed"):
        lift(jnp.mean)


def test_the_rms_of_a_parameter_is_that_of_the_language():
    (expr,) = find_target("optax:scale_by_param_block_rms").lift().program.outputs.values()
    x, g, least = sp.symbols("x g min_scale")
    total = REDUCTIONS["sum", "tensor"]
    rms = sp.sqrt(total(x * x) / total(sp.Integer(1)))
    assert sp.simplify(expr - (x + g * sp.Max(least, rms))) == 0


@pytest.mark.filterwarnings("ignore")
def test_adafactor_is_lifted_with_what_it_does_to_tensors_of_some_sizes():
    assert [str(c) for c in find_target("optax:adafactor").lift().conditions] == ["Min(columns, rows) <= 127"]
    factored = find_target("optax:scale_by_factored_rms").lift({"min_dim_size_to_factor": 1})
    assert {s.name: s.scope for s in factored.program.states} | {"v": ""} == {
        "v_row": "row",
        "v_col": "column",
        "v": "",
    }
    keras = find_target("keras.optimizers:Adafactor").lift()
    assert [s.scope for s in keras.program.states] == ["row", "column", "element"]


def test_sm3_of_a_matrix_is_the_rule():
    found = symopt.check("optax:sm3", "sm3[eps_placement=inside, momentum=True]")
    assert (found.verdict, found.scope, found.given) == ("conforms", "all steps", ("Eq(axes, 2)",))
