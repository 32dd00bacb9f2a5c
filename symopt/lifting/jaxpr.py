"""JAX programs on lifted arrays: a jaxpr's equations, walked one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import sympy as sp

from symopt.language import SymoptError, exact, substitute

from .errors import LiftError
from .folds import every, fold, some
from .numpy import DuckArray, cells_of
from .ufuncs import truth, where

#: Iterations of a loop whose condition is known.
MAX_ITERATIONS = 100


def evaluate(jaxpr: Any, consts: Sequence[Any], args: Sequence[Any]) -> list[Any]:
    """The outputs of a jaxpr on lifted arrays and plain numbers. LiftError names what cannot be followed, and where."""
    known: dict[Any, Any] = dict(zip(jaxpr.constvars, consts, strict=True))
    known |= zip(jaxpr.invars, args, strict=True)

    def read(variable: Any) -> Any:
        if not hasattr(variable, "val"):
            return known[variable]
        lifted = isinstance(variable.val, DuckArray)  # a size
        return variable.val if lifted else _literal(np.asarray(variable.val, variable.aval.dtype))

    for equation in jaxpr.eqns:
        values = [read(variable) for variable in equation.invars]
        found = _apply(equation, values)
        results = found if equation.primitive.multiple_results else [found]
        known |= zip(equation.outvars, results, strict=True)
    return [read(variable) for variable in jaxpr.outvars]


def _apply(equation: Any, values: list[Any]) -> Any:
    name, params = equation.primitive.name, equation.params
    if name in CALLS:
        return CALLS[name](values, params)
    lifted = any(isinstance(value, DuckArray) for value in values)
    if lifted and name not in PRIMITIVES:
        raise LiftError(f"the operation {name} of JAX{_place(equation)}")
    try:
        if lifted:
            return PRIMITIVES[name](*values, **params)
        found = equation.primitive.bind(*values, **params)
        return [np.asarray(part) for part in found] if equation.primitive.multiple_results else np.asarray(found)
    except SymoptError:
        raise
    except Exception as error:  # as of random numbers, which are no arrays of NumPy
        reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise LiftError(f"the operation {name} of JAX raised {reason}{_place(equation)}") from error


def _place(equation: Any) -> str:
    """Where the equation comes from, if JAX knows."""
    from jax._src import source_info_util

    place = source_info_util.summarize(equation.source_info)
    return f" (at {place})" if place else ""


def _literal(array: Any) -> Any:
    """A number of the program, as the decimal that it is written as in its own precision."""
    if array.ndim or array.dtype.kind != "f":
        return array
    number = exact(float(str(array[()]))) if np.isfinite(array) else None
    return array if number is None else DuckArray(sp.Rational(number.numerator, number.denominator), array.dtype)


def _compare(function: Any, *, itself: bool, limited: bool = False) -> Callable[..., Any]:
    """A comparison; a number with ``itself`` is known. Counters are taken not to reach the end of their type
    (``limited``), and formulas to be finite.
    """

    def compare(a: Any, b: Any, **_: Any) -> Any:
        if limited and not isinstance(b, DuckArray) and b.dtype.kind == "i" and b == np.iinfo(b.dtype).max:
            return np.bool_(True)
        for bound, other, place in ((b, a, 1), (a, b, 0)):
            if not isinstance(bound, DuckArray) and not np.ndim(bound) and np.isinf(bound):
                known = bool(function(*((0.0, bound) if place else (bound, 0.0))))
                return DuckArray(np.full(other.shape, sp.true if known else sp.false), np.bool_)
        if isinstance(a, DuckArray) and isinstance(b, DuckArray) and np.array_equal(a.cells, b.cells):
            return DuckArray(np.full(a.shape, sp.true if itself else sp.false), np.bool_)
        found = function(a, b)
        return DuckArray(_DECIDED(found.cells), np.bool_) if isinstance(found, DuckArray) else found

    return compare


def _decided(condition: Any) -> Any:
    """A comparison of numbers is true or false."""
    with sp.evaluate(True):
        return condition if condition.free_symbols else condition.doit()


_DECIDED = np.frompyfunc(_decided, 1, 1)


def _select(which: Any, *cases: Any, **_: Any) -> Any:
    if len(cases) != 2:
        raise LiftError("a selection among more than two cases")
    if not isinstance(which, DuckArray) and not np.ndim(which):
        return cases[bool(which)]
    known = set(_lifted(which).cells.reshape(-1))
    if known in ({sp.true}, {sp.false}) and np.shape(cases[0]) == np.shape(cases[1]):
        return cases[known == {sp.true}]
    conditions, then, otherwise = (_lifted(value) for value in (which, cases[1], cases[0]))
    return DuckArray(np.frompyfunc(_chosen, 3, 1)(conditions.cells, then.cells, otherwise.cells), then.dtype)


def _chosen(condition: Any, then: Any, otherwise: Any) -> Any:
    """A choice, in whose cases it is known which one it is."""
    if condition not in (sp.true, sp.false):
        then, otherwise = (
            substitute(case, {condition: known}) if case.has(sp.Piecewise) else case
            for case, known in ((then, sp.true), (otherwise, sp.false))
        )
    return where(truth(condition), then, otherwise)


def _lifted(value: Any) -> DuckArray:
    return value if isinstance(value, DuckArray) else DuckArray(cells_of(np.asarray(value)), np.asarray(value).dtype)


def _broadcast(a: Any, *, shape: tuple[int, ...], broadcast_dimensions: tuple[int, ...], **_: Any) -> DuckArray:
    array = _lifted(a)
    kept = [1] * len(shape)
    for place, size in zip(broadcast_dimensions, array.shape, strict=True):
        kept[place] = size
    return DuckArray(np.broadcast_to(array.cells.reshape(kept), shape).copy(), array.dtype)


def _folded(by: Callable[[DuckArray, tuple[int, ...]], Any]) -> Callable[..., Any]:
    return lambda a, *, axes, **_: by(_lifted(a), axes) if axes else a


def _converted(a: Any, dtype: Any) -> Any:
    """The same numbers, where none is rounded to fewer digits than formulas stand for."""
    if np.dtype(dtype).kind in "fV" and np.dtype(dtype).itemsize < 4:
        raise LiftError(f"a rounding to {np.dtype(dtype).name}")
    return a.astype(dtype)


def _integer(function: Any) -> Callable[..., Any]:
    """An operation whose result is worked out where it counts steps, so that t - 1 + 1 is t."""

    def apply(*values: Any, **_: Any) -> Any:
        found = function(*values)
        if isinstance(found, DuckArray) and found.dtype.kind in "iu":
            with sp.evaluate(True):
                return DuckArray(np.frompyfunc(lambda cell: sp.expand(cell.doit()), 1, 1)(found.cells), found.dtype)
        return found

    return apply


def _logical(function: Any) -> Callable[..., Any]:
    """A connective; SymPy compares the parts of one in their canonical forms, which it finds only by evaluating."""

    def apply(*values: Any, **_: Any) -> DuckArray:
        with sp.evaluate(True):
            return DuckArray(np.frompyfunc(function, len(values), 1)(*(_lifted(v).cells for v in values)), np.bool_)

    return apply


def _plain(function: Any) -> Callable[..., Any]:
    return lambda *values, **_: function(*values)


def _dot(a: Any, b: Any, *, dimension_numbers: Any, **_: Any) -> Any:
    (left, right), batch = dimension_numbers
    if any(batch) or len(left) != a.ndim or len(right) != b.ndim or a.shape != b.shape:
        raise LiftError("a product of matrices")
    return fold("sum", _lifted(a) * _lifted(b))


#: The operations that have a meaning as formulas.
PRIMITIVES: dict[str, Callable[..., Any]] = {
    "add": _integer(np.add), "sub": _integer(np.subtract), "mul": _integer(np.multiply), "add_any": _plain(np.add),
    "div": _plain(np.divide), "neg": _plain(np.negative), "pow": _plain(np.power), "max": _plain(np.maximum),
    "min": _plain(np.minimum), "sqrt": _plain(np.sqrt), "cbrt": _plain(np.cbrt), "exp": _plain(np.exp),
    "log": _plain(np.log), "abs": _plain(np.absolute), "sign": _plain(np.sign), "square": _plain(np.square),
    "rsqrt": _plain(lambda a: 1 / np.sqrt(a)), "integer_pow": lambda a, *, y: a if y == 1 else np.power(a, y),
    "log1p": _plain(lambda a: np.log(1 + a)), "expm1": _plain(lambda a: np.exp(a) - 1),
    "logistic": _plain(lambda a: 1 / (1 + np.exp(-a))),
    "clamp": lambda low, a, high: np.minimum(np.maximum(a, low), high),
    "lt": _compare(np.less, itself=False, limited=True), "gt": _compare(np.greater, itself=False),
    "le": _compare(np.less_equal, itself=True, limited=True), "ge": _compare(np.greater_equal, itself=True),
    "eq": _compare(np.equal, itself=True), "ne": _compare(np.not_equal, itself=False),
    "and": _logical(sp.And), "or": _logical(sp.Or), "not": _logical(sp.Not),
    "select_n": _select, "broadcast_in_dim": _broadcast, "reduce_sum": _folded(partial(fold, "sum")),
    "reduce_max": _folded(partial(fold, "max")), "reduce_min": _folded(lambda a, axes: -fold("max", -a, axes)),
    "reduce_or": _folded(some), "reduce_and": _folded(every),
    "convert_element_type": lambda a, *, new_dtype, **_: _converted(a, new_dtype),
    "reshape": lambda a, *, new_sizes, **_: a.reshape(new_sizes),
    "squeeze": lambda a, *, dimensions: _squeezed(a, dimensions),
    "copy": lambda a, **_: a, "copy_p": lambda a, **_: a, "stop_gradient": lambda a, **_: a,
    "dot_general": _dot, "is_finite": lambda a: DuckArray(np.full(a.shape, sp.true), np.bool_),
}  # fmt: skip


def _squeezed(a: DuckArray, dimensions: tuple[int, ...]) -> DuckArray:
    return a.reshape([size for n, size in enumerate(a.shape) if n not in dimensions])


def _call(name: str) -> Callable[..., Any]:
    def call(values: list[Any], params: Any) -> list[Any]:
        inner = params[name]
        return evaluate(getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), values)

    return call


def _cond(values: list[Any], params: Any) -> list[Any]:
    """Both branches, and a choice; the one that is taken, where that is known."""
    index, *operands = values
    branches = params["branches"]
    known = index.cells.item() if isinstance(index, DuckArray) else sp.Integer(int(index))
    if known.is_Integer:
        branches = [branches[int(known)]]
    found = [evaluate(branch.jaxpr, branch.consts, operands) for branch in branches]
    return found[0] if len(found) == 1 else [_select(index != 0, *results) for results in zip(*found, strict=True)]


def _while(values: list[Any], params: Any) -> list[Any]:
    """A loop whose condition is known each time."""
    inner, body = params["cond_jaxpr"], params["body_jaxpr"]
    first, second = params["cond_nconsts"], params["cond_nconsts"] + params["body_nconsts"]
    state = values[second:]
    for _ in range(MAX_ITERATIONS):
        (going,) = evaluate(inner.jaxpr, inner.consts, [*values[:first], *state])
        if isinstance(going, DuckArray):
            raise LiftError("a loop whose end depends on values")
        if not going:
            return state
        state = evaluate(body.jaxpr, body.consts, [*values[first:second], *state])
    raise LiftError(f"a loop of more than {MAX_ITERATIONS} iterations")


#: Equations that hold programs of their own.
CALLS: dict[str, Callable[[list[Any], Any], list[Any]]] = {
    **dict.fromkeys(("jit", "pjit", "closed_call", "remat", "checkpoint"), _call("jaxpr")),
    **dict.fromkeys(("custom_jvp_call", "custom_vjp_call", "core_call", "custom_lin"), _call("call_jaxpr")),
    "cond": _cond, "while": _while,
}  # fmt: skip
