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
from .reductions import Reduction, largest, total

_X = sp.Symbol(PARAMETER)
_ROOTS = {sp.Rational(1, 2): sqrt, sp.Rational(1, 3): cbrt}
_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    sp.Add: operator.add, sp.Mul: operator.mul, sp.Max: maximum, sp.Min: minimum, sp.Abs: abs, sp.sign: sign,
    sp.exp: exp, sp.log: log, sp.Pow: operator.pow,
    sp.And: np.logical_and, sp.Or: np.logical_or, sp.Not: np.logical_not,
    sp.StrictLessThan: operator.lt, sp.LessThan: operator.le, sp.StrictGreaterThan: operator.gt,
    sp.GreaterThan: operator.ge, sp.Equality: operator.eq, sp.Unequality: operator.ne,
}  # fmt: skip


def evaluate(expr: Any, values: Mapping[Any, Any], number: Callable[[Fraction], Any] = float) -> Any:
    """The value of an expression where every symbol has one; ``number`` makes a constant of its exact value.

    Values may be arrays, of which every case of a ``Piecewise`` is computed. TypeError for what the language of rules
    does not have.
    """
    if isinstance(expr, sp.Symbol):
        return values[expr]
    if isinstance(expr, sp.Rational):
        return number(Fraction(int(expr.p), int(expr.q)))
    if expr in (sp.true, sp.false):
        return bool(expr)
    if isinstance(expr, sp.Piecewise):
        *cases, (last, _) = expr.args
        found = evaluate(last, values, number)
        for value, condition in reversed(cases):
            found = where(evaluate(condition, values, number), evaluate(value, values, number), found)
        return found
    args = [evaluate(arg, values, number) for arg in expr.args]
    if isinstance(expr, Reduction):
        shape = np.shape(values.get(_X, ()))
        if shape and not np.ndim(args[0]):  # of a number as many times as there are elements
            args = [np.full(shape, args[0])]
        return (total if expr.fold == "sum" else largest)(args[0], expr.over)
    if isinstance(expr, sp.Pow) and expr.exp in _ROOTS:
        return _ROOTS[expr.exp](args[0])
    if isinstance(expr, sp.Pow) and expr.exp.is_Integer:
        return args[0] ** int(expr.exp)
    if type(expr) not in _FUNCTIONS:
        raise TypeError(f"{expr}: rules have no {type(expr).__name__}")
    return reduce(_FUNCTIONS[type(expr)], args) if len(args) > 1 else _FUNCTIONS[type(expr)](*args)
