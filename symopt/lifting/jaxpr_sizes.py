"""Sizes of tensors in JAX programs, which are numbers there: read off one program traced at several sizes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from symopt.language import REDUCTIONS

from .errors import LiftError
from .numpy import DuckArray
from .together import ONE

Shape = tuple[int, ...]
#: Of x, and of the other tensor if there is one.
Shapes = tuple[Shape, ...]
#: Parameters of equations that are shapes, and those that are axes.
SHAPES, AXES = frozenset({"shape", "new_sizes"}), frozenset({"axes", "broadcast_dimensions"})


class OtherProgramError(LiftError):
    """For a tensor of another size, something else is done."""

    def __init__(self, said: str = "other operations are done") -> None:
        super().__init__(said)


@dataclass(frozen=True)
class Size:
    """What stands for a literal in a jaxpr: the formula of a size."""

    val: DuckArray
    aval: Any

    __hash__ = None  # type: ignore[assignment]  # as of JAX' own literals


def with_sizes(programs: Sequence[Any], shapes: Sequence[Shapes]) -> Any:
    """The first of closed jaxprs, in which the numbers that depend on the shape of x are formulas of its size.

    ``shapes``: those of x, and of another tensor if there is one, for each program; with other numbers of axes, too, as
    long as all axes are treated alike.
    OtherProgramError where one of them is not the first with other sizes.
    """
    consts = [_constant(group, shapes) for group in _together([p.consts for p in programs])]
    return programs[0].replace(jaxpr=_jaxpr([p.jaxpr for p in programs], shapes), consts=consts)


def _together(lists: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    if len({len(items) for items in lists}) > 1:
        raise OtherProgramError
    return zip(*lists, strict=True)


def _jaxpr(jaxprs: Sequence[Any], shapes: Sequence[Shapes]) -> Any:
    places = [{v: n for n, v in enumerate((*j.constvars, *j.invars))} for j in jaxprs]
    if len(set(map(len, places))) > 1:
        raise OtherProgramError
    equations = []
    for group in _together([j.eqns for j in jaxprs]):
        equations.append(_equation(group, places, shapes))
        for known, equation in zip(places, group, strict=True):
            known.update({v: len(known) + n for n, v in enumerate(equation.outvars)})
    return jaxprs[0].replace(eqns=equations, outvars=_operands([j.outvars for j in jaxprs], places, shapes))


def _equation(group: Sequence[Any], places: Sequence[dict[Any, int]], shapes: Sequence[Shapes]) -> Any:
    if len({(e.primitive.name, len(e.outvars), *sorted(e.params)) for e in group}) > 1:
        raise OtherProgramError
    operands = _operands([e.invars for e in group], places, shapes)
    params = {key: _parameter(key, [e.params[key] for e in group], shapes) for key in group[0].params}
    return group[0].replace(invars=operands, params=params)


def _operands(lists: Sequence[Sequence[Any]], places: Sequence[dict[Any, int]], shapes: Sequence[Shapes]) -> list[Any]:
    found = []
    for group in _together(lists):
        literals = [hasattr(operand, "val") for operand in group]
        if all(literals):
            number = _number([operand.val for operand in group], shapes)
            found.append(group[0] if number is None else Size(number, group[0].aval))
        elif any(literals) or len({known[v] for known, v in zip(places, group, strict=True)}) > 1:
            raise OtherProgramError
        else:
            found.append(group[0])
    return found


def _constant(group: Sequence[Any], shapes: Sequence[Shapes]) -> Any:
    """An array that the program holds; of one number, which may be a size, everywhere."""
    arrays = [np.asarray(value) for value in group]
    if len({array.shape for array in arrays}) == 1 and all(np.array_equal(arrays[0], a) for a in arrays):
        return group[0]
    if any(not array.size or (array != array.reshape(-1)[0]).any() for array in arrays):
        raise OtherProgramError("an array of other numbers")
    number = _number([array.reshape(-1)[0] for array in arrays], shapes)
    return group[0] if number is None else DuckArray(np.full(arrays[0].shape, number.cells[()]), arrays[0].dtype)


def _parameter(key: str, values: Sequence[Any], shapes: Sequence[Shapes]) -> Any:
    first = values[0]
    if hasattr(first, "jaxpr"):
        return with_sizes(values, shapes)
    if hasattr(first, "eqns"):
        return _jaxpr(values, shapes)
    if isinstance(first, tuple) and any(hasattr(part, "jaxpr") for part in first):
        return tuple(with_sizes(parts, shapes) for parts in _together(values))
    if key in SHAPES | AXES and any(
        all(value == _whole(key, shape) for value, shape in zip(values, own, strict=True))
        for own in zip(*shapes, strict=True)
    ):
        return first
    if key in SHAPES:
        for lengths in _together(values):
            _number(lengths, shapes)
    elif _is_plain(first) and any(value != first for value in values):
        raise OtherProgramError
    return first


def _whole(key: str, shape: Shape) -> Shape:
    """The shape of a tensor, or all of its axes."""
    return shape if key in SHAPES else tuple(range(len(shape)))


def _is_plain(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (bool, int, float, str, np.dtype))


def _number(values: Sequence[Any], shapes: Sequence[Shapes]) -> DuckArray | None:
    """The formula of a number that has these values for tensors of these shapes; None where it is the same for all."""
    numbers = [float(value) for value in values]
    if all(number == numbers[0] or number != number != numbers[0] for number in numbers):
        return None
    for size, lengths in _sizes(shapes):
        for value, expr in FORMS:
            if all(math.isclose(value(n), v, rel_tol=1e-6) for n, v in zip(lengths, numbers, strict=True)):
                with sp.evaluate(False):
                    return DuckArray(expr(size), np.asarray(values[0]).dtype)
    raise OtherProgramError(f"the number {numbers[0]:g} is {numbers[-1]:g} for a tensor of shape {shapes[-1]}")


def _sizes(shapes: Sequence[Shapes]) -> Iterator[tuple[Any, list[int]]]:
    """How many elements there are; of matrices, also how many rows and columns, the more and the fewer of both."""
    counts = []
    for place, own in enumerate(zip(*shapes, strict=True)):
        counts.append((REDUCTIONS["sum", "tensor"](ONE if place else sp.Integer(1)), [math.prod(s) for s in own]))
    yield from counts
    if len(counts) > 1:
        yield (
            sp.Add(*(expr for expr, _ in counts), evaluate=False),
            [sum(each) for each in zip(*(lengths for _, lengths in counts), strict=True)],
        )
    elif all(len(shape) == 2 for (shape,) in shapes):
        rows, columns = REDUCTIONS["sum", "column"](sp.Integer(1)), REDUCTIONS["sum", "row"](sp.Integer(1))
        yield rows, [shape[0] for (shape,) in shapes]
        yield columns, [shape[1] for (shape,) in shapes]
        yield sp.Max(rows, columns, evaluate=False), [max(shape) for (shape,) in shapes]
        yield sp.Min(rows, columns, evaluate=False), [min(shape) for (shape,) in shapes]


#: What a number may be of a size n.
FORMS: tuple[tuple[Callable[[float], float], Callable[[Any], Any]], ...] = (
    (lambda n: n, lambda n: n),
    (lambda n: 1 / n, lambda n: 1 / n),
    (math.sqrt, sp.sqrt),
    (lambda n: 1 / math.sqrt(n), lambda n: 1 / sp.sqrt(n)),
    (lambda n: n - 1, lambda n: n - 1),
    (lambda n: n + 1, lambda n: n + 1),
)
