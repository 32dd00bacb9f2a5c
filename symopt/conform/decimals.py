"""Programs evaluated in decimals of many digits, on arrays of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import MAX_EMAX, MIN_EMIN, Decimal, localcontext
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
import sympy as sp

from symopt.language import PARAMETER, Program, Reduction, axes_of, cbrt, exp, fold_axes, log

#: Digits for what is nearly always enough, and for what has to be exact: sums of float64, which span up to 1383 places.
FEW, MANY = 80, 1400
#: Numbers of about 1 in 60 digits cancel to something below 10**-NOTHING where the result is 0.
NOTHING = 45

_RELATIONS: dict[Any, Any] = {
    sp.StrictLessThan: np.less, sp.LessThan: np.less_equal, sp.StrictGreaterThan: np.greater,
    sp.GreaterThan: np.greater_equal, sp.Equality: np.equal, sp.Unequality: np.not_equal,
    sp.And: np.logical_and, sp.Or: np.logical_or, sp.Not: np.logical_not,
}  # fmt: skip
_FUNCTIONS: dict[Any, Any] = {
    sp.Add: np.add, sp.Mul: np.multiply, sp.Max: np.maximum, sp.Min: np.minimum, sp.Abs: np.abs,
}  # fmt: skip


@contextmanager
def digits(count: int) -> Iterator[None]:
    """Arithmetic of so many digits in which nothing overflows, and undefined results are NaN."""
    with localcontext(prec=count, Emin=MIN_EMIN, Emax=MAX_EMAX) as context:
        context.clear_traps()
        yield


def decimals(array: Any) -> Any:
    """The elements of a floating-point array, exactly."""
    return np.frompyfunc(lambda value: Decimal(float(value)), 1, 1)(array)


def decimal(value: Fraction) -> Decimal:
    """A rational, rounded to the context's digits."""
    return Decimal(value.numerator) / value.denominator


def text(value: Any, places: int) -> str:
    """A decimal to so many places, by which values that differ by rounding alone are one: what is nearly 0 is 0."""
    return "0" if value == 0 or (value.is_finite() and value.adjusted() < -NOTHING) else f"{value:.{places}e}"


def step_in_decimals(program: Program, values: Mapping[str, Any]) -> dict[str, Any]:
    """The new values of x and every state; ``values`` by input name are decimals, or object arrays of them."""
    known = dict(values)
    for line in program.definitions:
        known[line.symbol.name] = _value(line.expr, known)
    return {name: known[symbol.name] for name, symbol in program.results}


def part_of(program: Program, name: str) -> Program:
    """The lines, and the states, that the new value of x or of one state is made of."""
    (result,) = (pair for pair in program.results if pair[0] == name)
    needed, lines = {result[1].name}, []
    for line in reversed(program.definitions):
        if line.symbol.name in needed:
            lines.append(line)
            needed |= {symbol.name for symbol in line.expr.free_symbols}
    states = tuple(state for state in program.states if state.name in needed)
    return replace(program, definitions=tuple(reversed(lines)), states=states, results=(result,))


def _value(expr: Any, known: Mapping[str, Any]) -> Any:
    if isinstance(expr, sp.Symbol):
        return known[expr.name]
    if isinstance(expr, sp.Rational):
        return decimal(Fraction(int(expr.p), int(expr.q)))
    if expr in (sp.true, sp.false):
        return bool(expr)
    if isinstance(expr, sp.Piecewise):
        *pairs, (last, _) = expr.args
        cases = [(_value(condition, known), _value(value, known)) for value, condition in pairs]
        return reduce(lambda rest, case: np.where(case[0], case[1], rest), reversed(cases), _value(last, known))
    if isinstance(expr, Reduction):
        return _reduce(np.asarray(_value(expr.args[0], known), object), expr, np.shape(known[PARAMETER]))
    if isinstance(expr, sp.Pow) and expr.exp == sp.Rational(1, 2):
        return np.sqrt(_value(expr.base, known))  # of decimals, their own
    if isinstance(expr, sp.Pow) and expr.exp == sp.Rational(1, 3):
        return np.frompyfunc(cbrt, 1, 1)(_value(expr.base, known))
    if isinstance(expr, (sp.exp, sp.log)):
        return np.frompyfunc(exp if isinstance(expr, sp.exp) else log, 1, 1)(_value(expr.args[0], known))
    args = [_value(arg, known) for arg in expr.args]
    if isinstance(expr, sp.Pow):
        return args[0] ** args[1]
    if isinstance(expr, sp.sign):
        minus, none, plus = (np.array(Decimal(value), object) for value in (-1, 0, 1))
        return np.where(args[0] > 0, plus, np.where(args[0] < 0, minus, none))
    if type(expr) in _RELATIONS:
        return reduce(_RELATIONS[type(expr)], args) if len(args) > 1 else _RELATIONS[type(expr)](*args)
    if type(expr) in _FUNCTIONS:
        return reduce(_FUNCTIONS[type(expr)], args) if len(args) > 1 else _FUNCTIONS[type(expr)](*args)
    raise TypeError(f"{expr}: no decimals for {type(expr).__name__}")


def _reduce(operand: Any, kind: Any, shape: tuple[int, ...]) -> Any:
    """A sum or largest value of what broadcasts to a tensor of that shape."""
    axes = axes_of(kind.over, len(shape)) if shape else None
    # A total over rows of what there is for each row is one number: only the axes that it runs along are filled up.
    full = np.broadcast_shapes(operand.shape, tuple(n if axes is None or i in axes else 1 for i, n in enumerate(shape)))
    return fold_axes(np.broadcast_to(operand, full), kind.fold, axes)
