"""Python numbers that carry formulas: hyperparameters and the step, as code outside arrays computes with them."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from symopt.language import STEP

from . import paths
from .errors import cannot_lift
from .numpy import formula

_T = sp.Symbol(STEP)
_asked: ContextVar[Asked | None] = ContextVar("asked", default=None)


@dataclass(frozen=True)
class Asked:
    """The names of the hyperparameters, and what was decided by their values: conditions that hold at these."""

    hypers: frozenset[str]
    conditions: list[Any] = field(default_factory=list)


class Carrying(float):
    """A float with the formula that it is a value of.

    Comparisons of hyperparameters follow the value, and are kept by ``asking``; of what depends on the step or on a
    state both ways are followed. LiftError for what only a plain number can be asked (whole numbers, remainders).
    """

    expr: Any

    def __new__(cls, value: float, expr: Any) -> Carrying:
        """The float and its formula."""
        made = super().__new__(cls, value)
        made.expr = expr
        return made

    def __hash__(self) -> int:
        return float.__hash__(self)

    def __neg__(self) -> Carrying:
        return Carrying(-plain(self), -self.expr)

    def __abs__(self) -> Carrying:
        return Carrying(abs(plain(self)), sp.Abs(self.expr))

    def __pos__(self) -> Carrying:
        return self

    def __bool__(self) -> bool:
        return bool(self != 0.0)

    def is_integer(self) -> bool:
        """Nothing that a formula has an answer to."""
        raise cannot_lift(f"is_integer of {self.expr}, a value that carries a formula")


def plain(value: Any) -> float:
    """The number without its formula."""
    return float.__float__(value) if isinstance(value, Carrying) else float(value)


def expression(value: Any) -> Any:
    """The formula of a number."""
    return value.expr if isinstance(value, Carrying) else formula(value)


def tidy(expr: Any) -> Any:
    """What counts steps is worked out, so that t - 1 + 1 is t."""
    if expr.free_symbols != {_T} or expr.has(sp.Pow):
        return expr
    with sp.evaluate(True):
        return sp.expand(expr.doit())


def _arithmetic(operation: Callable[[Any, Any], Any], *, turned: bool) -> Callable[[Any, Any], Any]:
    def apply(self: Carrying, other: Any) -> Any:
        if not isinstance(other, (int, float)) or isinstance(other, bool):
            return NotImplemented
        a, b = (other, self) if turned else (self, other)
        return Carrying(operation(plain(a), plain(b)), tidy(operation(expression(a), expression(b))))

    return apply


def _comparison(operation: Callable[[Any, Any], Any], relation: Any, negation: Any) -> Callable[[Any, Any], Any]:
    def apply(self: Carrying, other: Any) -> Any:
        if not isinstance(other, (int, float)):
            return NotImplemented
        compared = self.expr, expression(other)
        names = {symbol.name for expr in compared for symbol in expr.free_symbols}
        asked = _asked.get()
        if STEP in names or (asked is not None and not names <= asked.hypers):
            return paths.decide(relation(*compared))
        answer = operation(plain(self), plain(other))
        if asked is not None and names:
            asked.conditions.append((relation if answer else negation)(*compared))
        return answer

    return apply


def _power(a: Any, b: Any) -> Any:
    return a**b


for _name, _operation in {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "truediv": operator.truediv, "pow": _power,
}.items():  # fmt: skip
    setattr(Carrying, f"__{_name}__", _arithmetic(_operation, turned=False))
    setattr(Carrying, f"__r{_name}__", _arithmetic(_operation, turned=True))
for _name, _relation, _negation in (
    ("lt", sp.Lt, sp.Ge), ("le", sp.Le, sp.Gt), ("gt", sp.Gt, sp.Le), ("ge", sp.Ge, sp.Lt), ("eq", sp.Eq, sp.Ne),
    ("ne", sp.Ne, sp.Eq),
):  # fmt: skip
    setattr(Carrying, f"__{_name}__", _comparison(getattr(operator, _name), _relation, _negation))


def _refused(name: str) -> Callable[..., Any]:
    def apply(self: Carrying, *_: Any) -> Any:
        raise cannot_lift(f"{name} of {self.expr}, a value that carries a formula")

    return apply


for _name in (
    "mod",
    "rmod",
    "floordiv",
    "rfloordiv",
    "divmod",
    "rdivmod",
    "int",
    "trunc",
    "floor",
    "ceil",
    "round",
    "float",
):
    setattr(Carrying, f"__{_name}__", _refused(_name))


@contextmanager
def asking(hypers: Iterable[str]) -> Iterator[list[Any]]:
    """What is decided by the values of these hyperparameters inside, as conditions that hold at these values."""
    asked = Asked(frozenset(hypers))
    token = _asked.set(asked)
    try:
        yield asked.conditions
    finally:
        _asked.reset(token)


def _function(real: Callable[..., Any], symbolic: Callable[..., Any]) -> Callable[..., Any]:
    def apply(*values: Any) -> Any:
        if not any(isinstance(value, Carrying) for value in values):
            return real(*values)
        return Carrying(real(*map(plain, values)), symbolic(*map(expression, values)))

    return apply


MATH = {"sqrt": sp.sqrt, "exp": sp.exp, "log": sp.log, "pow": _power, "fabs": sp.Abs}


@contextmanager
def carrying_math() -> Iterator[None]:
    """The functions of ``math`` keep formulas."""
    real = {name: getattr(math, name) for name in MATH}
    try:
        for name, symbolic in MATH.items():
            setattr(math, name, _function(real[name], symbolic))
        yield
    finally:
        for name, function in real.items():
            setattr(math, name, function)
