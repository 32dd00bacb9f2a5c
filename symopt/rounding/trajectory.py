"""Bounds on x after several steps, of any machine that rounds each operation to one format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from symopt.codegen import Const, lower
from symopt.language import GRADIENT, PARAMETER, STEP, Program, State, exact, shape_of

from .arithmetic import DOWN, UP
from .bound import ENGINES
from .enclosure import Enclosure, exactly
from .formats import FORMATS
from .run import enclose_lines
from .straight import Argument, StraightLine, straighten


def trajectory(
    program: Program, x: Any, gradients: Sequence[Any], hypers: Mapping[str, Fraction], dtype: str
) -> Iterator[Enclosure]:
    """After each step, where x may be in such a machine, and how far from the exact x.

    Scalars are rounded to ``dtype`` too, unlike in our kernels, and a hyperparameter is its decimal or the number of
    ``dtype`` next to it. The operations are those of our kernel, in its order. ``x`` and the gradients are arrays of
    numbers of ``dtype``; hyperparameters that are not given are at their defaults. Infinite where nothing is known.
    """
    k, straight = ENGINES["arrays"], _rounded_to(program, dtype)
    known = {h.name: _either(hypers.get(h.name, exact(h.default)), dtype) for h in program.hypers}
    known |= {s.name: _everywhere(_either(exact(s.initial), dtype), s, np.shape(x)) for s in program.states}
    known[PARAMETER] = _numbers(x)
    for t, g in enumerate(gradients, 1):
        known |= {STEP: _numbers(t), GRADIENT: _numbers(g)}
        inputs = {straight.inputs[name]: value for name, value in known.items()}
        with np.errstate(all="ignore"):
            found = enclose_lines(k, straight, inputs, np.shape(x))
        known |= {name: found[variable] for name, variable in straight.outputs.items()}
        yield known[PARAMETER]


def _either(value: Fraction, dtype: str) -> Enclosure:
    """The number itself, or the nearest one of the format."""
    k, (low, high) = ENGINES["arrays"], sorted((value, FORMATS[dtype].nearest(value)))
    return Enclosure(k.number(low, DOWN), k.number(high, UP), k.number(high - low, UP))


def _numbers(values: Any) -> Enclosure:
    array = np.asarray(values, np.float64)
    return exactly(ENGINES["arrays"], array, array)


def _everywhere(value: Enclosure, state: State, shape: tuple[int, ...]) -> Enclosure:
    own = shape_of(state.scope, shape) if state.scope in ("element", "row", "column") else ()
    return Enclosure(*(np.full(own, part) for part in (value.low, value.high, value.error)))


@lru_cache(maxsize=256)
def _rounded_to(program: Program, dtype: str) -> StraightLine:
    """The step with every operation in the format, whatever our kernel computes it in."""
    straight = straighten(lower(program, dtype))

    def narrow(arg: Argument) -> Argument:
        return replace(arg, type=dtype) if isinstance(arg, Const) and arg.type in FORMATS else arg

    lines = (
        replace(line, args=tuple(map(narrow, line.args)), type=dtype if line.type in FORMATS else line.type)
        for line in straight.instructions
    )
    return replace(straight, instructions=tuple(lines))
