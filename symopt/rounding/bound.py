"""Bounds on |kernel result - exact real value|, per element, at the actual inputs."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from symopt.codegen import Assign, Const, Lowered, Node, Op, Var, lower
from symopt.codegen.kernel import dtype_name, hyper_number, step_number
from symopt.language import GRADIENT, PARAMETER, STEP, InputError, Program, exact

from . import enclosure as en
from .enclosure import FORMATS, Enclosed

# ``**`` on two numbers is the C library's pow, as in a kernel; np.power may be a vector routine that rounds otherwise.
_NUMPY: dict[str, Callable[..., Any]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "pow": operator.pow,
    "neg": np.negative, "abs": np.abs, "sqrt": np.sqrt, "sign": np.sign,
    "max": np.maximum, "min": np.minimum, "lt": np.less, "le": np.less_equal, "eq": np.equal,
}  # fmt: skip


def error_bound(program: Program, inputs: Mapping[str, Any], dtype: str = "float32") -> dict[str, Any]:
    """For x and every state, an array of bounds on |computed - exact| of one step in ``dtype``.

    ``inputs``: x, g and the states (arrays of one shape; their values are taken as exact), t, and hyperparameters
    (defaults where missing). A hyperparameter stands for the decimal it is written as: 0.1 is 1/10 in the exact
    step and the nearest float64 in the kernel. Infinity where nothing can be promised (overflow, a divisor that
    may be 0, NaN). Raises InputError for missing or unknown names and values outside their domain.
    """
    lowered = lower(program, dtype_name(dtype))
    return {name: result.error for name, result in enclose(lowered, inputs).items()}


def enclose(lowered: Lowered, inputs: Mapping[str, Any]) -> dict[str, Enclosed]:
    """The computed value of x and every state with its bound, as arrays."""
    program = lowered.program
    names = _inputs(program, inputs, lowered.dtype)
    argument = dict(zip((PARAMETER, GRADIENT, *(s.name for s in program.states)), lowered.arrays, strict=True))
    by_argument = {argument[n]: value for n, value in names.items() if n in argument}
    known = dict(zip(lowered.scalars, (names[n] for n in (STEP, *(h.name for h in program.hypers))), strict=True))
    known |= {variable: by_argument[array] for array, variable in lowered.loads}
    with np.errstate(all="ignore"):
        for line in (*lowered.step, *lowered.element):
            known[line.name] = _line(line, known)
    stored = dict(lowered.stores)
    shape = np.shape(names[PARAMETER].value)
    results = {}
    for name, array in argument.items():
        if name != GRADIENT:
            result = known[stored[array]] if array in stored else by_argument[array]
            results[name] = Enclosed(np.broadcast_to(result.value, shape), np.broadcast_to(result.error, shape))
    return results


def _inputs(program: Program, inputs: Mapping[str, Any], dtype: str) -> dict[str, Enclosed]:
    """Every input with its representation error."""
    arrays = [PARAMETER, GRADIENT, *(s.name for s in program.states)]
    missing = [name for name in (*arrays, STEP) if name not in inputs]
    unknown = set(inputs) - set(program.inputs)
    if missing or unknown:
        wrong = f"missing: {', '.join(missing)}" if missing else f"unknown: {', '.join(sorted(unknown))}"
        raise InputError(f"inputs of {program.name}: {wrong}; it takes {', '.join(program.inputs)}")
    known = {name: en.exactly(np.asarray(inputs[name], dtype=dtype)) for name in arrays}
    if len({np.shape(value.value) for value in known.values()}) > 1:
        raise InputError(f"inputs of {program.name}: {', '.join(arrays)} must have one shape")
    known[STEP] = en.exactly(np.float64(step_number(inputs[STEP])))
    for hyper in program.hypers:
        given = inputs.get(hyper.name, hyper.default)
        number = np.float64(hyper_number(hyper, given))
        known[hyper.name] = _constant(exact(given), number, "float64")
    return known


def _constant(value: Fraction, number: Any, type_: str) -> Enclosed:
    """A rational and the number that stands for it."""
    apart = abs(value - Fraction(float(number)))
    return Enclosed(number, np.float64(0.0) if apart == 0 else np.nextafter(float(apart), np.inf))


def _line(line: Assign, known: Mapping[str, Enclosed]) -> Enclosed:
    return _node(line.value, known)


def _node(node: Node, known: Mapping[str, Enclosed]) -> Enclosed:
    if isinstance(node, Var):
        return known[node.name]
    if isinstance(node, Const):
        return _constant(node.value, np.dtype(node.type).type(float(node.value)), node.type)
    if node.op == "select":
        return _select(node, known)
    args = [_node(arg, known) for arg in node.args]
    form = FORMATS[node.type]
    if node.op == "cast":
        value = np.asarray(args[0].value, dtype=node.type)[()]
        return en.convert(args[0], value, form)
    value = np.asarray(_NUMPY[node.op](*(arg.value for arg in args)), dtype=node.type)[()]
    if node.op in en.ARITHMETIC:
        return en.ARITHMETIC[node.op](args[0], args[1], value, form)
    if node.op == "sqrt":
        return en.square_root(args[0], value, form)
    if node.op in ("max", "min"):
        return en.larger(args[0], args[1], value)
    return en.sign(args[0], value) if node.op == "sign" else en.same(args[0], value)


def _select(node: Op, known: Mapping[str, Enclosed]) -> Enclosed:
    condition, then, otherwise = node.args
    if not isinstance(condition, Op):
        raise TypeError(f"select by {condition}: a lowered condition is a comparison")
    a, b = (_node(arg, known) for arg in condition.args)
    taken = _NUMPY[condition.op](a.value, b.value)
    left, right = _node(then, known), _node(otherwise, known)
    return en.choose((a, b), taken, left, right, np.where(taken, left.value, right.value))
