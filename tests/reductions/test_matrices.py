"""Rules that take tensors as matrices: sums and largest values over rows and columns, and states of their values."""

from types import SimpleNamespace

import numpy as np
import pytest

from symopt.codegen import compile_program, kernel_source
from symopt.conform.regimes import REGIMES, sample
from symopt.conform.survey import ratios
from symopt.language import (
    InputError,
    RuleError,
    decay,
    largest,
    maximum,
    mean,
    minimum,
    norm,
    rate,
    rule,
    shape_of,
    size,
    small,
    sqrt,
    state,
    total,
    where,
)
from symopt.lifting import lift_step
from symopt.lifting.errors import LiftError
from symopt.lifting.source import lift_source
from symopt.proof.equality import same_step
from symopt.rounding import error_bound

ROW = {"nonnegative": True, "scope": "row"}
COLUMN = {"nonnegative": True, "scope": "column"}


@rule(cites="here", lr=rate(0.1), rho=decay(0.9), eps=small("1e-3"), r=state(**ROW), c=state(**COLUMN))
def factored(s):
    """A matrix of moments as a column times a row, and a step of bounded length."""
    s.r = s.rho * s.r + (1 - s.rho) * mean(s.g**2 + s.eps, "row")
    s.c = s.rho * s.c + (1 - s.rho) * mean(s.g**2 + s.eps, "column")
    s.v = s.r * s.c / mean(s.r, "column")
    s.u = s.g / sqrt(s.v)
    s.x = s.x - s.lr * s.u / maximum(1, sqrt(mean(s.u**2)))


@rule(cites="here", lr=rate(0.1), r=state(**ROW), c=state(**COLUMN))
def covered(s):
    """The least of what a row and a column allow."""
    s.v = minimum(s.r, s.c) + s.g**2
    s.r = largest(s.v, "row")
    s.c = largest(s.v, "column")
    s.x = s.x - s.lr * where(s.v > 0, s.g / sqrt(s.v), 0)


@rule(cites="here", lr=rate(0.1), eps=small("1e-3"))
def normalized(s):
    """Every row at length 1, then no element larger than the largest of the tensor allows."""
    s.u = s.g / (norm(s.g, "row") + s.eps)
    s.x = s.x - s.lr * s.u / (largest(abs(s.u)) + s.eps)


def by_hand_factored(x, g, s, h):
    rows = h.rho * s["r"] + (1 - h.rho) * np.mean(g * g + h.eps, axis=-1, keepdims=True)
    cols = h.rho * s["c"] + (1 - h.rho) * np.mean(g * g + h.eps, axis=tuple(range(g.ndim - 1)), keepdims=True)
    u = g / np.sqrt(rows * cols / np.mean(rows))
    return {"x": x - h.lr * u / np.maximum(1, np.sqrt(np.mean(u * u))), "r": rows, "c": cols}


def by_hand_covered(x, g, s, h):
    nu = np.minimum(s["r"], s["c"]) + g * g
    columns = tuple(range(g.ndim - 1))
    step = np.divide(g, np.sqrt(nu), out=np.zeros_like(g), where=nu > 0)
    return {
        "x": x - h.lr * step,
        "r": np.max(nu, axis=-1, keepdims=True),
        "c": np.max(nu, axis=columns, keepdims=True),
    }


def by_hand_normalized(x, g, s, h):
    u = g / (np.sqrt(np.sum(g * g, axis=-1, keepdims=True)) + h.eps)
    return {"x": x - h.lr * u / (np.max(np.abs(u)) + h.eps)}


BY_HAND = {factored: by_hand_factored, covered: by_hand_covered, normalized: by_hand_normalized}
RULES = list(BY_HAND)
named = pytest.mark.parametrize("made", RULES, ids=lambda made: made.name)
dtypes = pytest.mark.parametrize("dtype", ["float32", "float64"])


def inputs_of(made, shape, dtype):
    rng = np.random.default_rng(3)
    arrays = {n: rng.normal(size=shape).astype(dtype) for n in ("x", "g")}
    states = {s.name: rng.random(shape_of(s.scope, shape)).astype(dtype) for s in made.program.states}
    return arrays | states


@dtypes
@pytest.mark.parametrize("shape", [(3, 4), (1, 5), (5, 1), (7,), (2, 3, 4)], ids=str)
@named
def test_a_step_is_within_its_bound_of_the_step_by_hand(made, shape, dtype):
    before = inputs_of(made, shape, dtype)
    after = {n: a.copy() for n, a in before.items()}
    compile_program(made, dtype)(**after, t=1)
    wide = {n: a.astype(np.longdouble) for n, a in before.items()}
    hypers = SimpleNamespace(**{h.name: np.longdouble(str(float(h.default))) for h in made.hypers})
    expected = BY_HAND[made](wide["x"], wide["g"], wide, hypers)
    bounds = error_bound(made.program, before | {"t": 1}, dtype)
    for name, value in expected.items():
        off = np.abs(after[name].astype(np.longdouble) - value)
        assert np.all(off <= bounds[name] * (1 + 1e-3) + 1e-30), name
        assert np.all(bounds[name] < (1e-4 if dtype == "float32" else 1e-12)), name


@dtypes
@pytest.mark.parametrize("regime", REGIMES)
@named
def test_the_bound_holds(made, regime, dtype):
    inputs = sample(made.program, REGIMES[regime], dtype, 160)
    for name, ratio in ratios(made, compile_program(made, dtype), inputs).items():
        assert not np.any(ratio > 1), name


@named
def test_the_engines_agree(made):
    before = inputs_of(made, (2, 3), "float32") | {"t": 1}
    exact, fast = (error_bound(made.program, before, engine=engine) for engine in ("intervals", "arrays"))
    for name, bound in fast.items():
        ratio = bound / np.array(exact[name], float)
        assert np.all((ratio >= 1) & (ratio < 1.01)), name


@dtypes
@named
def test_the_source_is_the_rule(made, dtype):
    lifted = lift_source(kernel_source(made.program, dtype), made.program, dtype)
    assert same_step(made.program, lifted.outputs).proved


#: What is changed in the source of ``factored`` or ``covered``, and whether it is refuted or cannot be followed.
DEFECTS = {
    "a row's mean by the number of rows": (factored, "size = np.float64(x.shape[1])", "size = np.float64(x.shape[0])"),
    "the old row": (covered, "r_1_f32[row, 0] = np.float32(r_1[row, 0])", "r_1_f32[row, 0] = np.float32(r_0[row, 0])"),
    "a sum of g": (factored, "s1 = g_i * g_i", "s1 = g_i"),
    "a column's sum in place of a row's": (factored, "(total1[row, 0] / size)", "(r_0[row, 0] / size)"),
    "the first row for all": (factored, "= r_1_f32[row, 0] * c", "= r_1_f32[0, 0] * c"),
    "a largest value that starts at 0": (covered, "np.full((x.shape[0], 1), -np.inf)", "np.full((x.shape[0], 1), 0.0)"),
    "a sum in place of the largest": (covered, "r_1[row, 0] = np.maximum(r_1[row, 0], ", "r_1[row, 0] += ("),
    "a fold that is read while it grows": (covered, "x_i - lr_f32", "x_i - r_1[row, 0]"),
    "a row written in a loop over elements": (
        factored,
        "u = g_i / np",
        "r_1_f32[row, 0] = g_i\n            u = g_i / np",
    ),
    "the transposed element": (factored, "g_i = g[row, column]", "g_i = g[column, row]"),
    "one row left out": (factored, "for row in range(x.shape[0]):", "for row in range(x.shape[1]):"),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_in_the_source_is_seen(name):
    made, old, new = DEFECTS[name]
    source = kernel_source(made.program, "float32")
    assert old in source
    try:
        lifted = lift_source(source.replace(old, new), made.program, "float32")
    except LiftError:
        return
    assert same_step(made.program, lifted.outputs).verdict == "refuted"


def twin(x, g, state, t, *, lr, rho, eps):
    rows = rho * state.get("r", np.zeros_like(g[..., :1])) + (1 - rho) * np.mean(g * g + eps, axis=-1, keepdims=True)
    cols = rho * state.get("c", np.zeros_like(g[:1])) + (1 - rho) * np.mean(g * g + eps, axis=0, keepdims=True)
    u = g / np.sqrt(rows * cols / rows.mean())
    return x - lr * u / np.maximum(1, np.sqrt(np.mean(u * u))), {"r": rows, "c": cols}


def test_numpy_code_with_axes_is_lifted_as_a_matrix():
    lifted = lift_step(twin)
    assert {s.name: s.scope for s in lifted.program.states} == {"r": "row", "c": "column"}
    assert same_step(factored.program, lifted.program.outputs).proved
    assert same_step(factored.program, lifted.first, t=1, r=0, c=0).proved


def test_what_is_not_the_rows_mean_is_refuted():
    def rows_by_columns(x, g, state, t, *, lr, rho, eps):
        new, after = twin(x, g, state, t, lr=lr, rho=rho, eps=eps)
        return new, after | {"r": after["r"] + 0 * np.mean(g, axis=0, keepdims=True).sum() + np.mean(g)}

    assert same_step(factored.program, lift_step(rows_by_columns).program.outputs).verdict == "refuted"


@pytest.mark.parametrize(
    "step",
    [
        lambda x, g, state, t: x - np.max(g, axis=-1, keepdims=True)[::-1],
        lambda x, g, state, t: x - g[0] * np.sum(g, axis=1, keepdims=True),
        lambda x, g, state, t: (x, {"r": np.sum(g, axis=1)}),
    ],
    ids=["another row's", "the first row's elements", "a row's values without their axis"],
)
def test_what_couples_rows_is_refused(step):
    with pytest.raises(LiftError):
        lift_step(step, ndim=2)


def test_shapes_of_states():
    kernel = compile_program(factored)
    x = np.zeros((3, 4), np.float32)
    assert {n: s.shape for n, s in kernel.init(x).items()} == {"r": (3, 1), "c": (1, 4)}
    with pytest.raises(InputError, match=r"shape of r = \(3,\): must have shape \(3, 1\)"):
        kernel(x, x.copy(), r=np.zeros(3, np.float32), c=np.zeros((1, 4), np.float32), t=1)
    with pytest.raises(InputError, match=r"shape of c = \(4, 1\): must be \(1, 4\)"):
        error_bound(factored.program, {"x": x, "g": x, "r": np.zeros((3, 1)), "c": np.zeros((4, 1)), "t": 1})


def refused(body):
    return rule(cites="here", r=state(scope="row"), c=state(scope="column"))(body)


def sums_rows_over_rows(s):
    s.x = s.x - total(s.r, "row")


def sums_rows_over_the_tensor(s):
    s.x = s.x - total(s.r)


def keeps_an_element_for_a_row(s):
    s.r = s.g
    s.x = s.x - s.r


def keeps_a_column_for_a_row(s):
    s.r = largest(s.g, "column")
    s.x = s.x - s.r


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (sums_rows_over_rows, "x sums r, which is the same for every element"),
        (sums_rows_over_the_tensor, "x sums r, which is the same for every element"),
        (keeps_an_element_for_a_row, "r has one value per row and is assigned one per element"),
        (keeps_a_column_for_a_row, "r has one value per row and is assigned one per column"),
    ],
)
def test_scopes_that_do_not_fit_are_refused(body, message):
    with pytest.raises(RuleError, match=message):
        refused(body).program  # noqa: B018 - it is traced


def test_on_arrays():
    a = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(total(a, "row"), [[3], [12]])
    np.testing.assert_array_equal(total(a, "column"), [[3, 5, 7]])
    np.testing.assert_array_equal(largest(a, "row"), [[2], [5]])
    np.testing.assert_array_equal(largest(a, "column"), [[3, 4, 5]])
    assert (largest(a), size(a, "row"), size(a, "column")) == (5, 3, 2)
    np.testing.assert_array_equal(total(a[0], "column"), a[0])
    assert total(7.0, "row") == largest(7.0) == 7
