"""Real NumPy code on arrays of formulas: what is read off is what NumPy computes."""

import math
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pytest
import sympy as sp

from symopt.codegen import lower
from symopt.conform.decimals import decimals, digits, step_in_decimals
from symopt.language import InputError
from symopt.lifting import LiftError, lift_step
from symopt.lifting.array_functions import FUNCTIONS
from symopt.lifting.numpy import as_written
from symopt.lifting.ufuncs import UFUNCS
from symopt.proof import prove
from symopt.rounding.straight import straighten

#: Code on x, g and the number lr; every ufunc and function that is lifted stands in one of them.
CODE = {
    "add": lambda x, g, lr: x + g + 1,
    "subtract": lambda x, g, lr: 1 - (x - g) - lr,
    "multiply": lambda x, g, lr: 2 * x * g * lr,
    "divide": lambda x, g, lr: x / (3 + g * g) + 1 / (2 + x * x) + np.true_divide(x, lr),
    "negative": lambda x, g, lr: -x + np.negative(g),
    "positive": lambda x, g, lr: +x + np.positive(g),
    "power": lambda x, g, lr: x**2 + np.power(g, 3) + 2**lr + x**0,
    "float_power": lambda x, g, lr: np.float_power(x, 2),
    "square": lambda x, g, lr: np.square(x) - np.square(g),
    "reciprocal": lambda x, g, lr: np.reciprocal(2 + x * x),
    "sqrt": lambda x, g, lr: np.sqrt(x * x + 1) + (g * g + 1) ** 0.5 + (1 + x * x) ** -0.5,
    "cbrt": lambda x, g, lr: np.cbrt(x * x + 1),
    "exp": lambda x, g, lr: np.exp(-g) + 1,
    "log": lambda x, g, lr: np.log(1 + x * x),
    "absolute": lambda x, g, lr: np.abs(x) + abs(g),
    "fabs": lambda x, g, lr: np.fabs(x),
    "sign": lambda x, g, lr: np.sign(x),
    "maximum": lambda x, g, lr: np.maximum(x, g) + np.maximum(x, 0.25),
    "minimum": lambda x, g, lr: np.minimum(x, g) + np.minimum(0.25, x),
    "less": lambda x, g, lr: np.where(x < g, x, 2 * g),
    "less_equal": lambda x, g, lr: np.where(np.less_equal(x, 0.5), x, 2 * g),
    "greater": lambda x, g, lr: np.where(x > g, x, 2 * g),
    "greater_equal": lambda x, g, lr: np.where(x >= g, x, 2 * g),
    "equal": lambda x, g, lr: np.where(x == x, x, 2 * g),
    "not_equal": lambda x, g, lr: np.where(x != x, x, 2 * g),
    "zeros_like": lambda x, g, lr: x + np.zeros_like(x),
    "ones_like": lambda x, g, lr: x + np.ones_like(x),
    "full_like": lambda x, g, lr: x + np.full_like(x, 0.1),
    "copy": lambda x, g, lr: _changed(np.copy(x)) + x,
    "copyto": lambda x, g, lr: _copied(x, g),
    "where": lambda x, g, lr: np.where(x < 0, -x, g),
    "clip": lambda x, g, lr: np.clip(x, -0.5, 0.5) + np.clip(g, None, 0.1),
    "shape": lambda x, g, lr: x * np.shape(x)[0],
    "size": lambda x, g, lr: x * np.size(x) / np.size(g),
    "ndim": lambda x, g, lr: x * np.ndim(x),
    "ravel": lambda x, g, lr: np.ravel(x) + x.ravel(),
    "reshape": lambda x, g, lr: np.reshape(x, (1, -1)).reshape(-1) * g,
    "out": lambda x, g, lr: _out(x, g),
    "empty_like": lambda x, g, lr: _copied_into_empty(x),
    "expm1": lambda x, g, lr: np.expm1(-g * g),
    "log1p": lambda x, g, lr: np.log1p(x * x),
    "tanh": lambda x, g, lr: np.tanh(x),
    "hypot": lambda x, g, lr: np.hypot(x, g),
    "fmax": lambda x, g, lr: np.fmax(x, g),
    "fmin": lambda x, g, lr: np.fmin(x, g),
    "heaviside": lambda x, g, lr: np.heaviside(x, 0.5),
    "remainder": lambda x, g, lr: x * (np.int64(3) % 2) + g,
    "floor_divide": lambda x, g, lr: x * (np.int64(3) // 2) + g,
    "isnan": lambda x, g, lr: np.where(np.isnan(x), 0, x),
    "isinf": lambda x, g, lr: np.where(np.isinf(x), 0, x),
    "isfinite": lambda x, g, lr: np.where(np.isfinite(x), x, 0),
    "logical_and": lambda x, g, lr: np.where(np.logical_and(x > 0, g > 0), x, g),
    "logical_or": lambda x, g, lr: np.where(np.logical_or(x > 0, g > 0), x, g),
    "logical_not": lambda x, g, lr: np.where(np.logical_not(x > 0), x, g),
    "logical_xor": lambda x, g, lr: np.where(np.logical_xor(x > 0, g > 0), x, g),
    "bitwise_and": lambda x, g, lr: np.where((x > 0) & (g > 0), x, g),
    "bitwise_or": lambda x, g, lr: np.where((x > 0) | (g > 0), x, g),
    "invert": lambda x, g, lr: np.where(~(x > 0), x, g),
    "select": lambda x, g, lr: np.select([x > 0.5, x > 0], [g, 2 * g], default=x),
    "nan_to_num": lambda x, g, lr: np.nan_to_num(x) - g,
    "a mask": lambda x, g, lr: _masked(x, g),
    "truth values in sums": lambda x, g, lr: (x > 0) * g - (x < g).astype(float),
    "ufunc with where": lambda x, g, lr: np.multiply(x, g, out=x.copy(), where=x > 0),
    "copyto with where": lambda x, g, lr: _copied_where(x, g),
    "methods": lambda x, g, lr: x.clip(-0.5, 0.5) + g.clip(max=0.1) + np.clip(x, min=0.2),
    "in place": lambda x, g, lr: _in_place(x, g, lr),
    "in place on a number": lambda x, g, lr: _number_in_place(x, lr),
    "in place on an alias": lambda x, g, lr: _alias(x),
    "a view": lambda x, g, lr: _view(x),
    "broadcasting": lambda x, g, lr: (x * np.ones((1, 1)) + np.array([[0.5]]))[0],
    "if on a number": lambda x, g, lr: x * lr if lr > 0.5 else x + lr,
    "nested if": lambda x, g, lr: (x if lr < 0.3 else 2 * x) if lr < 0.6 else 3 * x,
    "and": lambda x, g, lr: x if 0.2 < lr < 0.6 else g,
    "not": lambda x, g, lr: x if not lr else g,
    "while": lambda x, g, lr: sum((x for _ in range(3)), g),
}


def _changed(a):
    a *= 3
    return a


def _copied(x, g):
    target = np.zeros_like(x)
    np.copyto(target, g)
    return target


def _copied_into_empty(x):
    target = np.empty_like(x)
    target[...] = 3 * x
    return target


def _copied_where(x, g):
    target = np.zeros_like(x)
    np.copyto(target, g, where=x > g)
    return target


def _masked(x, g):
    target = x.copy()
    mask = (x > 0) & ~(g > 1)
    target[mask] *= 3
    target[mask] = target[mask] + g[mask] ** 2
    target[g < 0] = 0.5
    return target


def _out(x, g):
    target = np.zeros_like(x)
    np.multiply(x, g, out=target)
    np.add(target, 1, target)
    return target


def _in_place(x, g, lr):
    total = x.copy()
    total += g
    total *= lr
    total -= 0.1
    total /= 3
    total **= 2
    return total


def _number_in_place(x, lr):
    half = lr
    half *= 0.5
    half += 1
    return x * half + lr


def _alias(x):
    one = x.copy()
    other = one
    other += 1
    return one * other


def _view(x):
    one = x.copy()
    one[:] = one * 2
    part = one[...]
    part += 1
    return one


def stepped(code):
    def step(x, g, state, t, *, lr):
        return code(x, g, lr)

    return step


NUMBERS = np.random.default_rng(5).normal(size=(20, 3))


@pytest.mark.parametrize("name", CODE)
def test_the_formula_is_what_numpy_computes(name):
    code = CODE[name]
    formula = lift_step(stepped(code)).program.outputs["x"]
    for x, g, number in NUMBERS:
        lr = abs(float(number))
        if name == "not":
            lr = round(lr)
        known = np.array([x, x]), np.array([g, g])
        right = code(*known, float(lr))
        found = formula.subs({"x": sp.Float(x, 30), "g": sp.Float(g, 30), "lr": sp.Float(lr, 30)}).doit()
        assert float(found) == pytest.approx(float(np.ravel(right)[0]), rel=1e-12, abs=1e-12), (formula, x, g, lr)


SUMS = {
    "sum": lambda x, g, lr: x - np.sum(g) * lr,
    "mean": lambda x, g, lr: g * np.mean(x * g),
    "norm": lambda x, g, lr: x / np.linalg.norm(g + lr),
    "dot": lambda x, g, lr: x * np.dot(g, x),
    "inner": lambda x, g, lr: x + np.inner(g, g),
    "vdot": lambda x, g, lr: g - np.vdot(x, g),
    "max": lambda x, g, lr: x - lr * np.max(g),
    "amax": lambda x, g, lr: x - lr * np.amax(x + g),
    "min": lambda x, g, lr: x - lr * np.min(g) - g.min(),
    "amin": lambda x, g, lr: x - lr * np.amin(x + g),
    "any": lambda x, g, lr: np.where(np.any(x < g), x, g) + np.where(np.any(x > 4), x, g),
    "all": lambda x, g, lr: np.where(np.all(x <= 4), x, g) + np.where(np.all(x != g + 0.5), x, g),
    "count_nonzero": lambda x, g, lr: x * np.count_nonzero(x > 1.5),
    "var": lambda x, g, lr: x + np.var(g),
    "std": lambda x, g, lr: x + np.std(x - x + np.where(g > 1, 1.0, -1.0)),
    "a mean of selected elements": lambda x, g, lr: x - np.mean(g[x > 1.5] * 2),
    "norms of other orders": lambda x, g, lr: x + np.linalg.norm(g, 1) - np.linalg.norm(g, np.inf),
}


@pytest.mark.parametrize("name", SUMS)
def test_sums_over_the_elements_are_what_numpy_computes(name):
    """At whole numbers and halves, where NumPy rounds nothing but the last quotient."""
    program = lift_step(stepped(SUMS[name])).program
    x, g = np.array([1.0, 2.0, -3.0, 4.0]), np.array([0.5, 2.5, 4.5, 0.5])  # g + 0.5 has the norm 6
    with digits(40):
        known = {"x": decimals(x), "g": decimals(g), "t": Decimal(1), "lr": Decimal("0.5")}
        found = step_in_decimals(program, known)["x"]
    assert np.broadcast_to(found, x.shape).astype(float).tolist() == SUMS[name](x, g, 0.5).tolist()


def test_every_ufunc_and_function_is_tried():
    assert not {*UFUNCS, *FUNCTIONS} - set(CODE) - set(SUMS)


def test_inputs_are_as_written_and_never_simplified():
    with sp.evaluate(False):
        x, g = sp.symbols("x g")
        expected = x / x + (g - g)
    assert lift_step(lambda x, g, state, t: x / x + (g - g)).program.outputs["x"] == expected


def test_both_paths_of_a_branch_are_read():
    def step(x, g, state, t, *, lr):
        return x - g if t > 10 else x - lr * g

    lifted = lift_step(step)
    x, g, lr, t = sp.symbols("x g lr t")
    for given, right in ((t > 10, x - g), (t <= 10, x - lr * g)):
        with sp.evaluate(False):
            claim = sp.Eq(lifted.program.outputs["x"], right)
        assert prove(claim, [given]).proved
    with sp.evaluate(False):
        assert lifted.first["x"] == x - lr * g


def test_states_are_read_with_their_first_values():
    def step(x, g, state, t, *, lr, beta=0.9):
        if not state:
            state["m"] = np.zeros_like(x)
        state["m"] *= beta
        state["m"] += g
        return x - lr * state["m"]

    lifted = lift_step(step)
    assert [s.name for s in lifted.program.states] == ["m"]
    assert {h.name for h in lifted.program.hypers} == {"lr", "beta"}
    assert set(lifted.first) == {"x", "m"}


REFUSED = {
    "numpy.cumsum": lambda x: np.cumsum(x),
    "numpy.add.reduce": lambda x: np.add.reduce(x),
    "numpy.sinh": lambda x: np.sinh(x),
    "remainder of x": lambda x: x % 2,
    "the bits of": lambda x: x & 1,
    "a condition on a sum": lambda x: x if np.sum(x > 0) > 1 else 2 * x,
    "any element": lambda x: x * np.any((x > 0) & (x < 1)),
    "shape of the elements": lambda x: x[x > 0].shape,
    "indexed by numbers": lambda x: x[x],
    "numpy.sort": lambda x: np.sort(x),
    "numpy.matmul": lambda x: x @ x,
    "truth of a whole array": lambda x: x if x > 0 else -x,
    "a number is asked of a whole array": lambda x: x * float(x),
    "a whole number is asked": lambda x: x * int(x[0]),
    "a plain number is asked": lambda x: [1, 2][x[0]] * x,
    "with \\['where'\\]": lambda x: np.add(x, 1, where=[True, False]),
    "raised AttributeError": lambda x: x.cumprod(),
    "the number nan": lambda x: x + float("nan"),
}


@pytest.mark.parametrize("says", REFUSED)
def test_what_is_not_lifted_is_named_with_its_line(says):
    code = REFUSED[says]

    def step(x, g, state, t):
        return code(x)

    with pytest.raises(LiftError, match=says) as caught:
        lift_step(step)
    if "raised" not in says:
        assert f"{__file__}:{code.__code__.co_firstlineno}" in str(caught.value)


@pytest.mark.parametrize(
    ("values", "says"), [(lambda x: x[x > 0], "another one holds"), (lambda x: x, "an array put where")]
)
def test_only_what_a_condition_selects_is_put_where_it_holds(values, says):
    def step(x, g, state, t):
        x[x > 1] = values(x)

    with pytest.raises(LiftError, match=says):
        lift_step(step)


@dataclass
class Kept:
    """A state with parts."""

    m: object
    count: int = 0


def test_states_are_read_in_any_arrangement():
    def step(x, g, state, t, *, beta=0.9):
        kept = state.setdefault("kept", Kept(np.zeros(x.shape)))
        kept.count += 1
        kept.m *= beta
        kept.m += g
        state["pair"] = [g, (2 * g, "words")]
        return x - kept.m / kept.count

    lifted = lift_step(step)
    assert [s.name for s in lifted.program.states] == ["kept_m", "pair_0", "pair_1_0"]  # count is t
    t = sp.Symbol("t")
    assert lifted.program.outputs["x"].has(t)
    assert not lifted.first["x"].has(t)


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (lambda state, b: state.get("s", 0) + 1, "t"),
        (lambda state, b: state.get("s", 1) * b, "b**t"),
        (lambda state, b: b * state.get("s", 0) + (1 - b), "1 - b**t"),
        (lambda state, b: 3 * state.get("s", 5), "5*3**t"),
    ],
)
def test_a_number_that_counts_along_is_a_formula_of_t(count, expected):
    def step(x, g, state, t, *, b=0.5):
        state["s"] = count(state, b)
        return x - g * state["s"]

    lifted = lift_step(step)
    assert not lifted.program.states
    found = lifted.program.outputs["x"].doit()
    assert sp.simplify(found - (sp.Symbol("x") - sp.Symbol("g") * sp.sympify(expected))) == 0


def test_a_number_that_does_not_count_along_stays_a_state():
    def step(x, g, state, t):
        state["s"] = state.get("s", 1.0) * t
        return x - g / state["s"]

    assert [s.name for s in lift_step(step).program.states] == ["s"]


def test_names_are_what_they_were_after_lifting():
    def step(x, g, state, t):
        return x - np.asarray(g) * float(t) * math.sqrt(t)

    before = (np, math, "float" in globals())
    formula = lift_step(step).program.outputs["x"]
    assert (np, math, "float" in globals()) == before
    assert formula.has(sp.sqrt(sp.Symbol("t")))


def test_what_a_step_raises_is_placed_in_its_own_line():
    def step(x, g, state, t):
        return state["m"]

    with pytest.raises(LiftError, match=f"{__file__}:{step.__code__.co_firstlineno + 1}"):
        lift_step(step)


@pytest.mark.parametrize(
    "code",
    [
        lambda x: x + x[0],
        lambda x: x[::-1] * 1,
        lambda x: x * np.array([1.0, 2.0]),
        lambda x: np.where(np.array([True, False]), x, 2 * x),
    ],
)
def test_coupled_or_uneven_elements_are_refused(code):
    with pytest.raises(LiftError, match=r"couples|differently"):
        lift_step(lambda x, g, state, t: code(x))


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (lambda x, g, state: x, "must be step"),
        (lambda *, x, g, state, t: x, "must be step"),
    ],
)
def test_a_signature_that_is_not_the_contracts_is_refused(step, says):
    with pytest.raises(InputError, match=says):
        lift_step(step)
    with pytest.raises(InputError, match="takes no other"):
        lift_step(lambda x, g, state, t: x, fixed={"other": 1})


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (lambda x, g, state, t: (x, 1), "must return"),
        (lambda x, g, state, t: 1.0, "comes out as float"),
        (lambda x, g, state, t: (x, {"not a name": x}), "not a name"),
        (lambda x, g, state, t: state["m"], "KeyError"),
        (lambda x, g, state, t: x * sp.Symbol("hidden"), "depends on hidden"),
    ],
)
def test_a_result_that_is_not_the_contracts_is_refused(step, says):
    with pytest.raises(LiftError, match=says):
        lift_step(step)


def test_a_float32_state_given_a_float64_value_is_refused():
    def step(x, g, state, t):
        state["m"] = np.zeros_like(x)
        state["m"] += np.float64(2) * g
        return x - state["m"]

    assert lift_step(step).program.states
    with pytest.raises(LiftError, match="float64 value is stored into a float32 array"):
        lift_step(step, dtype="float32")


def test_a_product_with_a_reciprocal_is_no_quotient():
    """x*(1/g) rounds twice, x/g once."""
    for code, operations in ((lambda x, g: x * (1 / g), ["div", "mul"]), (lambda x, g: x / g, ["div"])):
        lowered = lower(lift_step(stepped(lambda x, g, lr, code=code: code(x, g))).program, "float64")
        assert [line.op for line in straighten(lowered).instructions if line.op in ("mul", "div")] == operations


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_narrow_float_is_the_decimal_that_it_is_written_as(dtype):
    assert as_written(np.full((2, 1), 0.1, dtype)).tolist() == [[0.1], [0.1]]
