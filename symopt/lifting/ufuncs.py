"""What NumPy's ufuncs mean, on formulas of one element; reals alone, which are never NaN or infinite."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean

from symopt.language import STEP, Reduction, cases, reductions, substitute

from .errors import cannot_lift

_T = sp.Symbol(STEP)
#: Up to which the denominators of exponents that are read as fractions go.
DENOMINATORS = 12
_ORDER = (sp.Lt, sp.Le, sp.Gt, sp.Ge)


def where(condition: Any, then: Any, otherwise: Any) -> Any:
    """``then`` where the condition holds; conditions of several parts become cases within cases.

    The larger or smaller of two, chosen by comparing them, is written as such.
    """
    if condition in (sp.true, sp.false):
        return then if condition == sp.true else otherwise
    if isinstance(condition, sp.And):
        first, *others = condition.args
        return where(first, where(_joined(sp.And, others), then, otherwise), otherwise)
    if isinstance(condition, sp.Or):
        first, *others = condition.args
        return where(first, then, where(_joined(sp.Or, others), then, otherwise))
    if isinstance(condition, sp.Not):
        return where(condition.args[0], otherwise, then)
    if isinstance(condition, _ORDER) and {then, otherwise} == set(condition.args):
        less = isinstance(condition, (sp.Lt, sp.Le)) == (then == condition.args[0])
        return (sp.Min if less else sp.Max)(then, otherwise)
    inner = next((p for p in _cases_in(condition) if not any(c.has(sp.Piecewise) for _, c in p.args)), None)
    if inner is not None:  # engines take no condition that has cases of its own; the cases go outside
        *others, (last, _) = inner.args
        whole = where(substitute(condition, {inner: last}), then, otherwise)
        for value, which in reversed(others):
            whole = where(which, where(substitute(condition, {inner: value}), then, otherwise), whole)
        return whole
    return cases((then, condition), (otherwise, True))


def _cases_in(expr: Any) -> Iterator[Any]:
    """The cases in an expression in their order, but for those of elements that are added up."""
    if isinstance(expr, sp.Piecewise):
        yield expr
    if not isinstance(expr, Reduction):
        yield from (found for arg in expr.args for found in _cases_in(arg))


def refuse_folded_cases(condition: Any) -> None:
    """LiftError for a condition on a sum of cases: SymPy would take the cases out of the sum."""
    if any(found.has(sp.Piecewise) for found in reductions(condition)):
        raise cannot_lift(f"a condition on a sum or largest value of cases, {condition}")


def some(condition: Any) -> tuple[Any, Any]:
    """A number that is greater than a bound, or as great, for some element where and only where the condition holds.

    The number, and the relation of its greatest value to 0.
    """
    if isinstance(condition, sp.Not):
        return some(condition.args[0].negated)
    if isinstance(condition, (sp.Lt, sp.Le)):
        return condition.args[1] - condition.args[0], sp.Gt if isinstance(condition, sp.Lt) else sp.Ge
    if isinstance(condition, (sp.Gt, sp.Ge)):
        return condition.args[0] - condition.args[1], sp.Gt if isinstance(condition, sp.Gt) else sp.Ge
    if isinstance(condition, sp.Ne):
        return sp.Abs(condition.args[0] - condition.args[1]), sp.Gt
    if isinstance(condition, sp.Eq):
        return -sp.Abs(condition.args[0] - condition.args[1]), sp.Ge
    raise cannot_lift(f"whether {condition} holds for any element")


def _joined(kind: Any, parts: list[Any]) -> Any:
    return parts[0] if len(parts) == 1 else kind(*parts)


def number(cell: Any) -> Any:
    """A truth value as 1 or 0; a number as it is."""
    return where(cell, sp.Integer(1), sp.Integer(0)) if is_truth(cell) else cell


def is_truth(cell: Any) -> bool:
    """Whether a formula is a condition."""
    return isinstance(cell, Boolean) and not cell.is_Symbol


def truth(cell: Any) -> Any:
    """A number as a truth value: whether it is not 0."""
    return cell if is_truth(cell) else sp.Ne(cell, 0)


def _power(base: Any, exponent: Any) -> Any:
    if exponent == 0:
        return sp.Integer(1)
    exponent = _fraction(exponent)
    if exponent.is_Rational and exponent.q == 4:  # roots of roots, as rules write them
        root = sp.sqrt(sp.sqrt(base))
        whole, quarters = divmod(abs(exponent.p), 4)
        parts = [*([sp.Pow(base, whole)] if whole else []), *([sp.sqrt(base)] if quarters >= 2 else [])]
        parts += [root] if quarters % 2 else []
        power = parts[0] if len(parts) == 1 else sp.Mul(*parts)
        return power if exponent > 0 else _quotient(sp.Integer(1), power)
    return base**exponent


def _fraction(exponent: Any) -> Any:
    """The exponent; for the floating-point number nearest to a third, as code computes it, the third."""
    if not (exponent.is_Rational and exponent.q > DENOMINATORS):
        return exponent
    near = Fraction(int(exponent.p), int(exponent.q)).limit_denominator(DENOMINATORS)
    return sp.Rational(near.numerator, near.denominator) if float(near) == float(exponent) else exponent


def _quotient(a: Any, b: Any) -> Any:
    """a/b with the 1 of 1/b kept, so that c*(1/b), which rounds twice, is not taken for c/b."""
    return sp.Mul(a, sp.Pow(b, -1))


def is_whole(a: Any) -> bool:
    """Whether a formula of the step is plainly a whole number."""
    if isinstance(a, (sp.Add, sp.Mul)):
        return all(map(is_whole, a.args))
    return a == _T or bool(a.is_Integer)


def _remainder(a: Any, b: Any) -> Any:
    """Of the number of steps, odd or even."""
    if b != 2 or not is_whole(a):
        raise cannot_lift(f"the remainder of {a} by {b}")
    return sp.Mul(sp.Add(1, -(sp.Integer(-1) ** a)), sp.Rational(1, 2))


def _whole_quotient(a: Any, b: Any) -> Any:
    return sp.Mul(sp.Add(a, -_remainder(a, b)), sp.Rational(1, 2))


def _hyperbolic_tangent(a: Any) -> Any:
    grown = sp.exp(2 * a)
    return _quotient(grown - 1, grown + 1)


def _not(a: Any) -> Any:
    return sp.Not(truth(a))


def _all_of(kind: Any) -> Callable[..., Any]:
    return lambda *parts: kind(*map(truth, parts))


def _bitwise(kind: Any) -> Callable[..., Any]:
    def apply(*parts: Any) -> Any:
        if not all(map(is_truth, parts)):
            raise cannot_lift(f"the bits of {', '.join(map(str, parts))}")
        return kind(*parts)

    return apply


#: The ufuncs that have a meaning as formulas, and numbers for results.
ARITHMETIC: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": _quotient,
    "negative": operator.neg,
    "positive": lambda a: a,
    "power": _power,
    "float_power": _power,
    "square": lambda a: a**2,
    "reciprocal": lambda a: _quotient(sp.Integer(1), a),
    "sqrt": sp.sqrt,
    "cbrt": lambda a: sp.Pow(a, sp.Rational(1, 3)),
    "exp": sp.exp,
    "expm1": lambda a: sp.exp(a) - 1,
    "log": sp.log,
    "log1p": lambda a: sp.log(1 + a),
    "tanh": _hyperbolic_tangent,
    "hypot": lambda a, b: sp.sqrt(a**2 + b**2),
    "absolute": sp.Abs,
    "fabs": sp.Abs,
    "sign": sp.sign,
    "maximum": sp.Max,
    "minimum": sp.Min,
    "fmax": sp.Max,
    "fmin": sp.Min,
    "heaviside": lambda a, b: where(sp.Gt(a, 0), sp.Integer(1), where(sp.Lt(a, 0), sp.Integer(0), b)),
    "remainder": _remainder,
    "floor_divide": _whole_quotient,
}

#: Those whose results are truth values.
TRUTHS: dict[str, Callable[..., Any]] = {
    "less": sp.Lt,
    "less_equal": sp.Le,
    "greater": sp.Gt,
    "greater_equal": sp.Ge,
    "equal": sp.Eq,
    "not_equal": sp.Ne,
    "isnan": lambda a: sp.false,
    "isinf": lambda a: sp.false,
    "isfinite": lambda a: sp.true,
}

#: Those that take truth values; of numbers, whether they are not 0.
LOGIC: dict[str, Callable[..., Any]] = {
    "logical_and": _all_of(sp.And),
    "logical_or": _all_of(sp.Or),
    "logical_not": _not,
    "logical_xor": lambda a, b: sp.Or(sp.And(truth(a), _not(b)), sp.And(_not(a), truth(b))),
    "bitwise_and": _bitwise(sp.And),
    "bitwise_or": _bitwise(sp.Or),
    "invert": _bitwise(sp.Not),
}

UFUNCS = ARITHMETIC | TRUTHS | LOGIC
