"""Straight-line programs run on enclosures, and on the machine's own numbers."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from symopt.codegen import SIZES, TOTALS, Const
from symopt.language import axes_of, fold_axes

from . import enclosure, order, totals
from .arithmetic import Arithmetic
from .enclosure import Enclosure
from .floats import Floats
from .formats import FORMATS
from .order import Truth
from .straight import Argument, Instruction, StraightLine

#: Operations that round nothing.
EXACT: dict[str, Callable[..., Enclosure]] = {
    "neg": enclosure.negate, "abs": enclosure.absolute, "sign": order.sign, "max": order.larger, "min": order.smaller,
}  # fmt: skip

#: Functions that are within a few units in the last place.
FUNCTIONS: dict[str, Callable[..., Enclosure]] = {
    "exp": enclosure.exponential, "log": enclosure.logarithm, "cbrt": enclosure.cube_root,
}  # fmt: skip

# ``**`` on two numbers is the C library's pow, as in a kernel; np.power may be a vector routine that rounds otherwise.
_NUMPY: dict[str, Callable[..., Any]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "pow": operator.pow,
    "neg": np.negative, "abs": np.abs, "sqrt": np.sqrt, "sign": np.sign, "cbrt": np.cbrt, "exp": np.exp, "log": np.log,
    "max": np.maximum, "min": np.minimum, "lt": np.less, "le": np.less_equal, "eq": np.equal,
    "select": np.where, "copy": np.asarray,
}  # fmt: skip


def enclose_lines(
    k: Arithmetic,
    program: StraightLine,
    inputs: Mapping[str, Enclosure],
    shape: tuple[int, ...] = (),
    only: str | None = None,
) -> dict[str, Enclosure]:
    """The enclosure of every variable, for a tensor of that shape.

    ``only`` counts the rounding of that one instruction alone.
    """
    known: dict[str, Any] = dict(inputs)
    for line in program.instructions:
        args = [_argument(k, arg, known, counted=only in (None, line.name)) for arg in line.args]
        known[line.name] = enclose_line(k, line, args, shape, counted=only in (None, line.name))
    return known


def _argument(k: Arithmetic, arg: Argument, known: Mapping[str, Any], *, counted: bool) -> Any:
    if not isinstance(arg, Const):
        return known[arg.name]
    number = FORMATS[arg.type].nearest(arg.value)
    return enclosure.constant(k, arg.value if counted else number, number)


def enclose_line(
    k: Arithmetic, line: Instruction, args: list[Any], shape: tuple[int, ...] = (), *, counted: bool = True
) -> Enclosure | Truth:
    """The enclosure of one instruction's result, or what is known of a comparison."""
    if line.op in ("lt", "le", "eq"):
        return order.compare(k, line.op, *args)
    if line.op == "select":
        return order.choose(k, *args)
    if line.op == "copy":
        value: Enclosure = args[0]
        return value
    if line.op in EXACT:
        return EXACT[line.op](k, *args)
    form = FORMATS[line.type]
    if line.op in SIZES:
        return enclosure.constant(k, Fraction(_size(line.op, shape)), Fraction(_size(line.op, shape)))
    if line.op in TOTALS:
        return totals.fold(k, line.op, args[0], shape, form, counted)
    if line.op == "cast":
        return enclosure.rounded(k, args[0], form, counted)
    a, b = (*args, None)[:2]
    if line.op == "sqrt":
        return enclosure.rounded(k, enclosure.root(k, a), form, counted)
    if line.op in FUNCTIONS:
        return FUNCTIONS[line.op](k, a, form, counted)
    if line.op == "pow":
        return enclosure.power(k, a, b, form, counted)
    if line.op == "div":
        return enclosure.rounded(k, enclosure.divide(k, a, b), form, counted)
    if line.op in ("add", "sub"):
        return enclosure.rounded_sum(k, a, b if line.op == "add" else enclosure.negate(k, b), form, counted)
    if line.op == "mul":
        scaled = enclosure.scales(k, a) | enclosure.scales(k, b)
        raw = enclosure.square(k, a) if line.args[0] == line.args[1] else enclosure.multiply(k, a, b, scaled)
        return enclosure.rounded_product(k, raw, form, counted, scaled)
    raise TypeError(f"{line.name} = {line.text}: no bound for the operation {line.op!r}")


def _size(op: str, shape: tuple[int, ...]) -> int:
    """The number of elements of a tensor, a row or a column."""
    axes = axes_of(SIZES[op], len(shape)) if shape else None
    return math.prod(shape if axes is None else (shape[n] for n in axes))


def compute(program: StraightLine, inputs: Mapping[str, Any], shape: tuple[int, ...] = ()) -> dict[str, Any]:
    """What a machine without contraction computes: the value of every variable, in its own type."""
    known = dict(inputs)
    for line in program.instructions:
        args = [_number(arg, known) for arg in line.args]
        known[line.name] = _compute(line, args, shape)
    return known


def _number(arg: Argument, known: Mapping[str, Any]) -> Any:
    return np.dtype(arg.type).type(float(arg.value)) if isinstance(arg, Const) else known[arg.name]


def _compute(line: Instruction, args: list[Any], shape: tuple[int, ...]) -> Any:
    if line.op in SIZES:
        return np.float64(_size(line.op, shape))
    if line.op in TOTALS:
        kind, over = TOTALS[line.op]
        axes = axes_of(over, len(shape)) if shape else None
        filled = tuple(n if axes is None or i in axes else 1 for i, n in enumerate(shape))
        operand = np.asarray(args[0], line.type)
        return fold_axes(np.broadcast_to(operand, np.broadcast_shapes(operand.shape, filled)), kind, axes)
    if line.op == "cast":
        return _cast(args[0], line.type)
    value = np.asarray(_NUMPY[line.op](*args))
    return (value if line.type == "bool" else np.asarray(value, dtype=line.type))[()]


def _cast(value: Any, form: str) -> Any:
    """NumPy has no bfloat16: its numbers stay in the type they are computed in."""
    if form != "bfloat16":
        return np.asarray(value, dtype=form)[()]
    near = Floats().nearest(np.asarray(value, np.float64), FORMATS[form])
    near = np.where(np.abs(near) > float(FORMATS[form].largest), np.copysign(np.inf, near), near)
    return np.asarray(near, dtype=np.asarray(value).dtype)[()]
