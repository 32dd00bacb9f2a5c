"""Kernel against hand-written NumPy on hypothesis' arrays: within the sum of their bounds, and bit for bit beyond."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from symopt import reference, rules
from symopt.conform.regimes import tensor_shape
from symopt.language import shape_of

from ..catalog import COVERING

DTYPES = ["float32", "float64"]
SHAPES = [(), (0,), (1,), (5,), (33,), (3, 0), (2, 3), (1, 7), (2, 3, 5)]
THIRD = sp.Rational(1, 3)
STEPS = [1, 2, 7, 1000, 10**6, 2**53]


def elements(dtype):
    """Any number, and often a special one."""
    kind = np.finfo(dtype)
    special = [0.0, -0.0, 1.0, -1.0, kind.smallest_subnormal, -kind.smallest_normal, kind.max, -kind.max, kind.eps]
    special += [np.nan, np.inf, -np.inf]
    ordinary = st.floats(-100, 100, width=kind.bits)
    return st.one_of(ordinary, st.floats(width=kind.bits), st.sampled_from([float(v) for v in special]))


def hyper(declared):
    """The default, and what lies at or near the ends of the domain."""
    others = [0.0, 0.5, 0.9999] if declared.domain.upper == 1 else [0.0, 1e-30, 0.1, 1.0]
    return st.sampled_from([float(declared.default), *(v for v in others if v in declared.domain)])


@st.composite
def inputs(draw, program, dtype):
    """x, g, states of one shape, t and hyperparameters."""
    shape = draw(st.sampled_from([s for s in SHAPES if 0 not in s or not program.has_matrices]))
    arrays = {n: draw(hnp.arrays(dtype, shape, elements=elements(dtype))) for n in ("x", "g")}
    for state in program.states:
        array = draw(hnp.arrays(dtype, shape_of(state.scope, shape), elements=elements(dtype)))
        arrays[state.name] = np.asarray(np.abs(array) if state.nonnegative else array)
    numbers = {h.name: draw(hyper(h)) for h in program.hypers}
    return arrays | numbers | {"t": draw(st.sampled_from(STEPS))}


def same_bits(a, b):
    """Equal elementwise with the sign of zero, NaN being equal to NaN (which of NaN's patterns, IEEE leaves open)."""
    zeros = np.signbit(a) == np.signbit(b)
    return bool(np.all((np.isnan(a) & np.isnan(b)) | ((a == b) & zeros)))


def signs(rule):
    """Whether signs are taken: of -0.0, Numba's is -0.0 and NumPy's 0.0."""
    return any(line.expr.has(sp.sign) for line in rule.program.definitions)


def by_libraries(rule):
    """Whether functions are taken of elements that Numba and NumPy take from different libraries: exp, log, pow."""
    return any(line.scope == "element" and line.expr.has(sp.exp, sp.log, THIRD) for line in rule.program.definitions)


def check(pair, given):
    """Assert what must hold of one step."""
    before = {n: v.copy() for n, v in given.items() if isinstance(v, np.ndarray)}
    given["g"].flags.writeable = False
    for name, seen in pair.run(given).items():
        assert seen.kernel.dtype == seen.twin.dtype == before["x"].dtype
        assert seen.kernel.shape == seen.twin.shape == before[name].shape
        value = seen.kernel_known.value
        equal = same_bits(seen.kernel, value)
        equal |= by_libraries(pair.rule)
        assert equal or (signs(pair.rule) and np.array_equal(seen.kernel, value, equal_nan=True)), name
        promised = np.isfinite(seen.allowed)
        assert np.isfinite(seen.kernel[promised]).all()
        assert np.isfinite(seen.twin[promised]).all()
        assert not (seen.ratio > 1).any(), name
    for name, array in before.items():
        np.testing.assert_array_equal(given[name], array)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rule", COVERING, ids=lambda r: r.label)
def test_kernel_and_twin(pair, rule, dtype):
    made = pair(rule, dtype)

    @settings(max_examples=40, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(inputs(rule.program, dtype))
    def run(given):
        check(made, given)

    run()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "rule", [r for r in COVERING if r.program.is_elementwise and not by_libraries(r)], ids=lambda r: r.label
)
def test_the_twin_computes_what_its_bound_is_of(pair, rule, dtype):
    """Bit for bit, so that the twin's own order of operations is what its bound was derived from.

    Sums over elements are left out: their bound is of any order. So is the first step, where an array that a twin
    filled with a number (Rprop's first step sizes) is lifted as that number, and rounded later than in the twin.
    """
    made = pair(rule, dtype)
    rng = np.random.default_rng(3)
    for t in STEPS[1:]:
        given = {n: rng.normal(size=64).astype(dtype) for n in ("x", "g")} | {"t": t}
        for state in rule.program.states:
            given[state.name] = np.square(rng.normal(size=shape_of(state.scope, (64,)))).astype(dtype)
        for name, seen in made.run(given).items():
            assert same_bits(seen.twin, seen.twin_known.value), name


PLANTED = {
    "sign": lambda x, new: x - (new - x),
    "a quarter of a percent of the step": lambda x, new: x + (new - x) * type(x.flat[0])(1.0025),
    "thirty-two units in the last place": lambda x, new: new + 32 * np.spacing(new),
    "not moved": lambda x, new: x,
    "neighbour's value": lambda x, new: np.roll(new, 1),
    "NaN for one element": lambda x, new: np.where(np.arange(x.size).reshape(x.shape) == 2, np.nan, new).astype(
        x.dtype
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", rules.names())
def test_a_planted_defect_is_found(pair, name, dtype, planted):
    rule = rules.find(name)

    def defective(x, g, state, t, **named):
        new, state = reference.find(name)(x, g, state, t, **named)
        return PLANTED[planted](x, new), state

    rng = np.random.default_rng(4)
    shape = tensor_shape(rule.program, 33)
    given = {n: rng.normal(size=shape).astype(dtype) for n in ("x", "g")} | {"t": 3}
    given |= {s.name: np.square(rng.normal(size=shape_of(s.scope, shape))).astype(dtype) for s in rule.program.states}
    check(pair(rule, dtype), given)
    with pytest.raises(AssertionError):
        check(pair(rule, dtype, defective), given)
