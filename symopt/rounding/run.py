"""Straight-line programs run on enclosures, and on the machine's own numbers."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from symopt.codegen import TOTALS, Const

from . import enclosure, order, totals
from .arithmetic import Arithmetic
from .enclosure import Enclosure
from .floats import Floats
from .formats import FORMATS
from .order import Truth
from .straight import Argument, Instruction, StraightLine

#: The number of elements.
SIZES = ("size", "size_all")

#: Operations that round nothing.
EXACT: dict[str, Callable[..., Enclosure]] = {
    "neg": enclosure.negate, "abs": enclosure.absolute, "sign": order.sign, "max": order.larger, "min": order.smaller,
}  # fmt: skip

# ``**`` on two numbers is the C library's pow, as in a kernel; np.power may be a vector routine that rounds otherwise.
_NUMPY: dict[str, Callable[..., Any]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "pow": operator.pow,
    "neg": np.negative, "abs": np.abs, "sqrt": np.sqrt, "sign": np.sign,
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
        return enclosure.constant(k, Fraction(math.prod(shape)), Fraction(math.prod(shape)))
    if line.op in TOTALS:
        return totals.total(k, args[0], shape, form, counted)
    if line.op == "cast":
        return enclosure.rounded(k, args[0], form, counted)
    a, b = (*args, None)[:2]
    if line.op == "sqrt":
        return enclosure.rounded(k, enclosure.root(k, a), form, counted)
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
        return np.float64(math.prod(shape))
    if line.op in TOTALS:  # np.sum adds pairwise; the last of the running sums is the sum in order
        return np.cumsum(np.broadcast_to(args[0], shape), dtype=line.type)[-1] if math.prod(shape) else np.float64(0)
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
