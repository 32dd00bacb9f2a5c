"""Expressions on values: numbers, exact or not, and arrays of them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
import sympy as sp

from .functions import cbrt, exp, log, maximum, minimum, sign, sqrt, where
from .program import PARAMETER
from .totals import Reduction, largest, size, total

_ROOTS = {sp.Rational(1, 2): sqrt, sp.Rational(1, 3): cbrt}
_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    sp.Add: operator.add, sp.Mul: operator.mul, sp.Max: maximum, sp.Min: minimum, sp.Abs: abs, sp.sign: sign,
    sp.exp: exp, sp.log: log, sp.Pow: operator.pow,
    sp.And: np.logical_and, sp.Or: np.logical_or, sp.Not: np.logical_not,
    sp.StrictLessThan: operator.lt, sp.LessThan: operator.le, sp.StrictGreaterThan: operator.gt,
    sp.GreaterThan: operator.ge, sp.Equality: operator.eq, sp.Unequality: operator.ne,
}  # fmt: skip


def evaluate(
    expr: Any,
    values: Mapping[Any, Any],
    number: Callable[[Fraction], Any] = float,
    seen: dict[Any, Any] | None = None,
) -> Any:
    """The value of an expression where every symbol has one; ``number`` makes a constant of its exact value.

    Values may be arrays, of which every case of a ``Piecewise`` is computed. What stands in the expression more than
    once is computed once; ``seen`` keeps it for other expressions of the same values. TypeError for what the language
    of rules does not have.
    """
    if isinstance(expr, sp.Symbol):
        return values[expr]
    seen = {} if seen is None else seen
    if expr not in seen:
        seen[expr] = _evaluated(expr, values, number, seen)
    return seen[expr]


def _evaluated(expr: Any, values: Mapping[Any, Any], number: Callable[[Fraction], Any], seen: dict[Any, Any]) -> Any:
    if isinstance(expr, sp.Rational):
        return number(Fraction(int(expr.p), int(expr.q)))
    if expr in (sp.true, sp.false):
        return bool(expr)
    if isinstance(expr, sp.Piecewise):
        *cases, (last, _) = expr.args
        found = evaluate(last, values, number, seen)
        for value, condition in reversed(cases):
            found = where(evaluate(condition, values, number, seen), evaluate(value, values, number, seen), found)
        return found
    args = [evaluate(arg, values, number, seen) for arg in expr.args]
    if isinstance(expr, Reduction):
        return _summed(args[0], expr.over, values) if expr.fold == "sum" else largest(args[0], expr.over)
    if isinstance(expr, sp.Pow) and expr.exp in _ROOTS:
        return _ROOTS[expr.exp](args[0])
    if isinstance(expr, sp.Pow) and expr.exp.is_Integer:
        return args[0] ** int(expr.exp)
    if type(expr) not in _FUNCTIONS:
        raise TypeError(f"{expr}: rules have no {type(expr).__name__}")
    return reduce(_FUNCTIONS[type(expr)], args) if len(args) > 1 else _FUNCTIONS[type(expr)](*args)


def _summed(value: Any, over: str, values: Mapping[Any, Any]) -> Any:
    """The sum over the elements of the tensor x: what is the same for some of them counts as often as there are any."""
    x = values.get(sp.Symbol(PARAMETER))
    if x is None or not np.ndim(x) or isinstance(value, sp.Basic):
        return total(value, over)
    if not np.ndim(value):
        return value * size(x, over)
    if isinstance(value, np.ndarray) and isinstance(x, np.ndarray) and value.shape != x.shape:
        value = np.broadcast_to(value, np.broadcast_shapes(value.shape, x.shape))
    return total(value, over)
