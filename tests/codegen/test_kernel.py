"""Kernels on arrays: right to the last bit, in place, and untouched by bad input."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

import symopt
from symopt import rules
from symopt.api import compile
from symopt.codegen import compile_program
from symopt.conform.regimes import tensor_shape
from symopt.language import InputError, shape_of

from ..catalog import COVERING

DTYPES = ["float32", "float64"]
ODD = np.array([0.0, -0.0, 1e-310, 5e-324, 1e-45, 1e30, -1e300, np.inf, -np.inf, np.nan, 1.0])


def inputs(program, size, dtype="float64", seed=0):
    """Arrays for x, g and the states, those with a sign having it; some elements are out of the ordinary."""
    random = np.random.default_rng(seed)
    whole = tensor_shape(program, size)
    shapes = {state.name: shape_of(state.scope, whole) for state in program.states}
    signed = {"x": False, "g": False} | {state.name: state.nonnegative for state in program.states}
    arrays = {}
    for name, nonnegative in signed.items():
        shape = shapes.get(name, whole)
        values = random.normal(size=shape)
        odd = random.random(shape) < 0.2
        values = np.where(odd, random.choice(ODD, shape), values)
        with np.errstate(over="ignore", under="ignore"):
            arrays[name] = (np.abs(values) if nonnegative else values).astype(dtype)
    alone = [state.name for state in program.states if state.scope not in ("element", "row", "column")]
    return arrays | {name: np.full(1, 0.5, dtype) for name in alone}


def call(kernel, arrays, **scalars):
    named = {name: array for name, array in arrays.items() if name not in ("x", "g")}
    kernel(arrays["x"], arrays["g"], **named, **scalars)


def copies(arrays):
    return {name: array.copy() for name, array in arrays.items()}


def takes_cube_roots(program):
    return any(line.expr.atoms(sp.Pow) and line.expr.has(sp.Rational(1, 3)) for line in program.definitions)


EXACT = [r for r in COVERING if r.program.is_elementwise and not takes_cube_roots(r.program)]


@pytest.mark.parametrize("rule", EXACT, ids=lambda rule: rule.label)
def test_float64_is_the_rule_to_the_last_bit(rule):
    """The rule's body run on NumPy arrays rounds in the order written, and so does the kernel.

    Sums over elements are left out: NumPy adds them in another order. So are cube roots, which the kernel takes by pow.
    """
    kernel, arrays = compile_program(rule.program, "float64"), inputs(rule.program, 301)
    hypers = {hyper.name: float(hyper.default) for hyper in rule.program.hypers}
    with np.errstate(all="ignore"):
        expected = rule.run(copies(arrays) | hypers | {"t": 3.0})
    call(kernel, arrays, t=3)
    for name, wanted in expected.items():
        np.testing.assert_array_equal(arrays[name], wanted, err_msg=name)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rule", COVERING, ids=lambda rule: rule.label)
def test_compiling_changes_no_bit(rule, dtype):
    """The source as plain Python on NumPy scalars, one operation at a time, gives what the machine code gives."""
    kernel, arrays = compile_program(rule.program, dtype), inputs(rule.program, 67, dtype, seed=1)
    expected = copies(arrays)
    hypers = [float(hyper.default) for hyper in rule.program.hypers]
    with np.errstate(all="ignore"):
        kernel.function.py_func(*expected.values(), 5.0, *hypers)
    call(kernel, arrays, t=5)
    for name, wanted in expected.items():
        np.testing.assert_array_equal(arrays[name], wanted, err_msg=name)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (1,), (13,), (3, 0), (5, 7), (2, 3, 4)])
def test_any_shape_in_place(shape, dtype):
    kernel, flat = compile("adam", dtype), inputs(rules.find("adam").program, 60, dtype, seed=2)
    size = int(np.prod(shape))
    arrays = {name: np.array(array[:size]).reshape(shape) for name, array in flat.items()}
    call(kernel, arrays, t=2)
    call(kernel, flat, t=2)
    for name, array in arrays.items():
        assert array.shape == shape
        np.testing.assert_array_equal(array.reshape(-1), flat[name][:size])


def test_the_gradient_may_be_read_only_and_is_never_written():
    kernel, arrays = compile("adam"), inputs(rules.find("adam").program, 9, "float32")
    before = arrays["g"].copy()
    arrays["g"].flags.writeable = False
    call(kernel, arrays, t=1)
    np.testing.assert_array_equal(arrays["g"], before)


def test_a_memory_map_is_an_array(tmp_path):
    kernel = compile("sgd")
    x = np.memmap(tmp_path / "x", dtype="float32", shape=(2, 3), mode="w+")
    kernel(x, np.ones((2, 3), "float32"), t=1, lr=1)
    np.testing.assert_array_equal(x, -np.ones((2, 3)))


def test_neighbours_in_one_buffer_do_not_overlap():
    buffer = np.ones(20, "float32")
    compile("momentum")(buffer[:10], buffer[10:], v=np.zeros(10, "float32"), t=1, lr=1, momentum=0)
    np.testing.assert_array_equal(buffer, np.repeat(np.array([0, 1], "float32"), 10))


@pytest.mark.parametrize("t", [3, 3.0, np.int8(3), np.uint64(3), np.float32(3)])
@pytest.mark.parametrize("lr", [0.5, Fraction(1, 2), np.float32(0.5), np.float64(0.5)])
def test_scalars_of_every_kind(t, lr):
    kernel, x = compile("sgd"), np.ones(3, "float32")
    kernel(x, np.ones(3, "float32"), t=t, lr=lr)
    assert x.tolist() == [0.5] * 3


def test_t_counts_to_the_end_of_float64():
    x = np.ones(3, "float32")
    compile("sgd")(x, x.copy(), t=2**53)


def test_init_gives_new_states():
    kernel, x = compile("adam"), np.ones((2, 3), "float32")
    first, second = kernel.init(x), kernel.init(x)
    assert list(first) == ["m", "v"]
    for name, state in first.items():
        assert (state.shape, state.dtype) == (x.shape, x.dtype)
        assert not state.any()
        assert not np.shares_memory(state, second[name])
    with pytest.raises(InputError, match="dtype of x"):
        kernel.init(x.astype("float64"))


def test_changing_hyperparameters_compiles_nothing():
    kernel, arrays = compile("adam"), inputs(rules.find("adam").program, 9, "float32")
    call(kernel, arrays, t=1)
    before = (list(kernel.function.signatures), dict(kernel.stats.cache_hits), dict(kernel.stats.cache_misses))
    for t, lr in [(2, 0.1), (3, 1), (np.int64(4), Fraction(1, 3)), (5.0, np.float32(2))]:
        call(kernel, arrays, t=t, lr=lr, beta1=0.5, beta2=0, eps=0)
    arrays["g"].flags.writeable = False
    call(kernel, arrays, t=6)
    after = (list(kernel.function.signatures), dict(kernel.stats.cache_hits), dict(kernel.stats.cache_misses))
    assert before == after
    assert len(before[0]) == 1


N = np.arange(12, dtype="float32")
SHIFTED = np.frombuffer(np.zeros(49, "uint8"), "uint8")[1:].view("float32")
READ_ONLY = np.zeros(12, "float32")
READ_ONLY.flags.writeable = False

BAD_T = (0, -1, 1.5, 2**53 + 1, 10**400, True, np.True_, "1", None, np.nan, np.inf, [1])
BAD_LR = (0, -1.0, np.nan, np.inf, True, None, "fast", 1j, 10**400, Fraction(1, 10**400))
BAD_BETA = (1, 1.0, -1e-9, 2, -np.inf, 1 - Fraction(1, 10**30), Decimal(2))
FORTRAN = np.zeros((4, 3), "float32").T

BAD = {
    "x is a list": ({"x": [1.0] * 12}, "x = "),
    "x is a scalar": ({"x": np.float32(1)}, "x = "),
    "g is None": ({"g": None}, "g = None"),
    "x is masked": ({"x": np.ma.masked_array(N)}, "x = "),
    "x has another dtype": ({"x": N.astype("float64")}, "dtype of x = 'float64': must be float32"),
    "x has integers": ({"x": N.astype("int32")}, "dtype of x = 'int32'"),
    "x has the other byte order": ({"x": N.astype(N.dtype.newbyteorder())}, "dtype of x"),
    "v has another dtype": ({"v": N.astype("float16")}, "dtype of v = 'float16'"),
    "g has another shape": ({"g": N[:11].copy()}, r"shape of g = \(11,\): must have the shape of x, \(12,\)"),
    "m has another shape of equal size": ({"m": N.reshape(3, 4).copy()}, "shape of m"),
    "x has steps": ({"x": np.zeros(24, "float32")[::2]}, "strides of x = "),
    "g is reversed": ({"g": N[::-1]}, "strides of g = "),
    "m is in Fortran order": (dict.fromkeys("xgv", np.zeros((3, 4), "float32")) | {"m": FORTRAN}, "strides of m"),
    "x is not aligned": ({"x": SHIFTED}, "address of x"),
    "x is read-only": ({"x": READ_ONLY}, "x.flags.writeable = False"),
    "v is read-only": ({"v": READ_ONLY}, "v.flags.writeable = False"),
    "m is missing": ({"m": ...}, "m is missing"),
    "t is missing": ({"t": ...}, "t is missing"),
    "an unknown state": ({"u": N}, "no argument 'u'; it takes x, g, m, v, t, lr, beta1, beta2, eps"),
    "a hyperparameter of a variant": ({"weight_decay": 0.1}, "no argument 'weight_decay'"),
    **{f"t = {t!r}": ({"t": t}, "t = ") for t in BAD_T},
    **{f"lr = {v!r}": ({"lr": v}, "lr = ") for v in BAD_LR},
    **{f"beta1 = {v!r}": ({"beta1": v}, "beta1 = ") for v in BAD_BETA},
    **{f"eps = {v!r}": ({"eps": v}, "eps = ") for v in (-5e-324, np.float64("nan"))},
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_error_and_nothing_is_modified(case):
    change, message = BAD[case]
    random = np.random.default_rng(3)
    given = {name: random.random(12, dtype="float32") for name in "xgmv"} | {"t": 1} | change
    given = {name: value.copy() if name in "gv" and value is given["x"] else value for name, value in given.items()}
    given = {name: value for name, value in given.items() if value is not ...}
    arrays = {name: value for name, value in given.items() if isinstance(value, np.ndarray)}
    before = {name: array.tobytes() for name, array in arrays.items()}
    with pytest.raises(InputError, match=message):
        compile("adam")(given.pop("x"), given.pop("g"), **given)
    assert before == {name: array.tobytes() for name, array in arrays.items()}


@pytest.mark.parametrize(("first", "second"), ["xg", "xm", "xv", "gm", "gv", "mv"])
@pytest.mark.parametrize("offset", [0, 1, 11])
def test_overlapping_arrays_are_refused(first, second, offset):
    buffer = np.random.default_rng(4).random(40, dtype="float32")
    given = {name: np.ones(12, "float32") for name in "xgmv"}
    given[first], given[second] = buffer[:12], buffer[offset : offset + 12]
    before = buffer.tobytes()
    with pytest.raises(InputError, match=f"{second} overlaps {first}"):
        call(compile("adam"), given, t=1)
    assert buffer.tobytes() == before


def test_compile_takes_a_name_a_rule_or_a_file(tmp_path):
    rule = rules.find("adam", eps_placement="inside")
    assert symopt.api.compile(rule).source == compile_program(rule).source == compile_program(rule.program).source
    assert compile("sgd", np.float64).dtype == compile("sgd", np.dtype("f8")).dtype == "float64"
    with pytest.raises(InputError, match="unknown rule 'adamant'"):
        compile("adamant")
    with pytest.raises(InputError, match="rule = 3"):
        compile_program(3)


@pytest.mark.parametrize("dtype", ["float16", "int32", "complex64", "quick", None, 3, "float32,float32"])
def test_only_two_dtypes(dtype):
    with pytest.raises(InputError, match=r"dtype = .*: must be one of float32, float64"):
        compile("sgd", dtype)
