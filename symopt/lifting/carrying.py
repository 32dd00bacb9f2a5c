"""Python numbers that carry formulas: hyperparameters and the step, as code outside arrays computes with them."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from fractions import Fraction
from operator import index
from typing import Any

import sympy as sp

from symopt.language import STEP

from . import paths
from .errors import cannot_lift
from .numpy import formula
from .rebinding import rebound

_T = sp.Symbol(STEP)
_asked: ContextVar[Asked | None] = ContextVar("asked", default=None)
_count: ContextVar[Count | None] = ContextVar("count", default=None)


@dataclass(frozen=True)
class Asked:
    """The names of the hyperparameters, and what was decided by their values: conditions that hold at these."""

    hypers: frozenset[str]
    conditions: list[Any] = field(default_factory=list)


class Count:
    """What is known of the step t: the least one, and what t was compared with or divided by (``ahead``, ``periods``).

    A remainder of t is a state: ``periods`` has, for each divisor, the symbol that counts 0, 1, … up to it, again and
    again, and is 0 before the first step.
    """

    def __init__(self) -> None:
        self.least = 1
        self.ahead = 0
        self.periods: dict[int, Any] = {}

    def phase(self, period: int) -> Any:
        """The remainder of t - 1."""
        return self.periods.setdefault(period, sp.Symbol(f"{STEP}_mod_{period}"))


@contextmanager
def counting_steps() -> Iterator[Count]:
    """Inside, comparisons of the step with numbers and its remainders are followed."""
    count = Count()
    token = _count.set(count)
    try:
        yield count
    finally:
        _count.reset(token)


class Carrying(float):
    """A float with the formula that it is a value of.

    Comparisons of hyperparameters follow the value, and are kept by ``asking``; of anything else, both ways are
    followed. LiftError for what only a plain number can be asked (whole numbers, remainders but for the step's).
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
    if isinstance(value, Carrying):
        return float.__float__(value)
    return float(index(value) if hasattr(value, "expr") else value)


def expression(value: Any) -> Any:
    """The formula of a number."""
    return value.expr if hasattr(value, "expr") else formula(value)


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
        if type(other) is float and abs(other) == math.inf:
            return _unbounded(self, other, operation)
        a, b = (other, self) if turned else (self, other)
        return Carrying(_defined(operation, plain(a), plain(b)), tidy(operation(expression(a), expression(b))))

    return apply


def _unbounded(self: Carrying, other: float, operation: Callable[[Any, Any], Any]) -> float:
    """The product of a positive number and an infinite one is infinite: that it is positive, is kept by ``asking``."""
    asked = _asked.get()
    if operation is not operator.mul or asked is None:
        raise cannot_lift(f"the number {other}")
    with sp.evaluate(False):
        asked.conditions.append(sp.Gt(self.expr, sp.Integer(0)))
    return other


def _defined(operation: Callable[..., Any], *numbers: float) -> float:
    """The value at the numbers of the trace, which may be none on a path that they do not take."""
    try:
        found = operation(*numbers)
    except (ArithmeticError, ValueError):
        return math.nan
    return found if isinstance(found, float) else math.nan


NEGATION = {sp.Lt: sp.Ge, sp.Ge: sp.Lt, sp.Gt: sp.Le, sp.Le: sp.Gt, sp.Eq: sp.Ne, sp.Ne: sp.Eq}


def _comparison(operation: Callable[[Any, Any], Any], relation: Any) -> Callable[[Any, Any], Any]:
    def apply(self: Carrying, other: Any) -> Any:
        if not isinstance(other, (int, float)):
            return NotImplemented
        if type(other) is float and (abs(other) == math.inf or other != other):
            return operation(0.0, other)  # as any finite number
        ours, theirs, asked = self.expr, expression(other), _asked.get()
        names = {symbol.name for symbol in ours.free_symbols | theirs.free_symbols}
        if names == {STEP} and (answer := _of_step(ours - theirs, operation, relation)) is not None:
            return answer
        if STEP in names or (asked is not None and not names <= asked.hypers):
            return paths.decide(relation(ours, theirs))
        answer = operation(plain(self), plain(other))
        if asked is not None and names:
            asked.conditions.append((relation if answer else NEGATION[relation])(ours, theirs))
        return answer

    return apply


def _of_step(difference: Any, operation: Callable[[Any, Any], Any], relation: Any) -> bool | None:
    """The answer of a comparison of t + a with a number, a whole one: known, or decided as one of t with a number."""
    count = _count.get()
    with sp.evaluate(True):
        apart = sp.expand(difference.doit())
        slope = sp.diff(apart, _T)
        if slope not in (1, -1) or not apart.subs(_T, 0).is_Rational:
            return None
        turn = -apart.subs(_T, 0) / slope
    if count is None:
        return None
    way, place = int(slope), Fraction(int(turn.p), int(turn.q))
    at_last, at_first = operation(way, 0), operation(way * (count.least - place), 0)
    meets = place.denominator == 1 and place >= count.least
    if not meets if relation in (sp.Eq, sp.Ne) else at_first == at_last:
        return bool(at_last)
    count.ahead = max(count.ahead, math.ceil(place))
    flipped = {sp.Lt: sp.Gt, sp.Gt: sp.Lt, sp.Le: sp.Ge, sp.Ge: sp.Le}
    return paths.decide((relation if slope == 1 else flipped.get(relation, relation))(_T, turn))


class Remainder(Carrying):
    """(t - 1 + ahead) mod period; a comparison with a number is one of the remainder of t - 1."""

    period: int
    ahead: int
    phase: Any

    def __hash__(self) -> int:
        return float.__hash__(self)

    def _is(self, other: Any) -> bool:
        if not float(other).is_integer() or not 0 <= other < self.period:
            return False
        return paths.decide(sp.Eq(self.phase, sp.Integer((int(other) - self.ahead) % self.period)))

    def __eq__(self, other: object) -> Any:
        return self._is(other) if type(other) in (int, float) else NotImplemented

    def __ne__(self, other: object) -> Any:
        return not self._is(other) if type(other) in (int, float) else NotImplemented

    def __bool__(self) -> bool:
        return not self._is(0)


def remainder(dividend: Carrying, period: Any) -> Any:
    """The step's remainder by a number of steps; LiftError for any other remainder."""
    count = _count.get()
    with sp.evaluate(True):
        ahead = sp.expand(dividend.expr.doit() - _T + 1)
    whole = type(period) in (int, float) and period >= 1 and float(period).is_integer()
    if count is None or not ahead.is_Integer or not whole:
        raise cannot_lift(f"mod of {dividend.expr}, a value that carries a formula")
    period, ahead = int(period), int(ahead) % int(period)
    count.ahead = max(count.ahead, 2 * period)
    phase = count.phase(period)
    shifted = phase + ahead
    made = Remainder(
        plain(dividend) % period,
        phase if not ahead else sp.Piecewise((shifted - period, shifted >= period), (shifted, True)),
    )
    made.phase, made.ahead, made.period = phase, ahead, period
    return made


def _power(a: Any, b: Any) -> Any:
    return a**b


for _name, _operation in {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "truediv": operator.truediv, "pow": _power,
}.items():  # fmt: skip
    setattr(Carrying, f"__{_name}__", _arithmetic(_operation, turned=False))
    setattr(Carrying, f"__r{_name}__", _arithmetic(_operation, turned=True))
for _name, _relation in {"lt": sp.Lt, "le": sp.Le, "gt": sp.Gt, "ge": sp.Ge, "eq": sp.Eq, "ne": sp.Ne}.items():
    setattr(Carrying, f"__{_name}__", _comparison(getattr(operator, _name), _relation))


def _refused(name: str) -> Callable[..., Any]:
    def apply(self: Carrying, *_: Any) -> Any:
        raise cannot_lift(f"{name} of {self.expr}, a value that carries a formula")

    return apply


_REFUSED = ("rmod", "floordiv", "rfloordiv", "divmod", "rdivmod", "int", "trunc", "floor", "ceil", "round", "float")
for _name, _method in {"mod": remainder, **{name: _refused(name) for name in _REFUSED}}.items():
    setattr(Carrying, f"__{_name}__", _method)


@contextmanager
def asking(hypers: Iterable[str]) -> Iterator[list[Any]]:
    """What is decided by the values of these hyperparameters inside, as conditions that hold at these values."""
    asked = Asked(frozenset(hypers))
    token = _asked.set(asked)
    try:
        yield asked.conditions
    finally:
        _asked.reset(token)


def _plain_alone(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
    """A function of plain numbers, which would lose a formula."""

    def apply(*values: Any) -> Any:
        if any(isinstance(value, Carrying) or hasattr(value, "expr") for value in values):
            raise cannot_lift(f"math.{name} of a value that carries a formula")
        return real(*values)

    return apply


def _function(real: Callable[..., Any], symbolic: Callable[..., Any]) -> Callable[..., Any]:
    def apply(*values: Any) -> Any:
        values = tuple(value.item() if hasattr(value, "item") else value for value in values)
        if not any(hasattr(value, "expr") for value in values):
            return real(*values)
        return Carrying(_defined(real, *map(plain, values)), symbolic(*map(expression, values)))

    return apply


MATH = {
    "sqrt": sp.sqrt, "exp": sp.exp, "log": sp.log, "pow": _power, "fabs": sp.Abs,
    "log1p": lambda a: sp.log(1 + a), "expm1": lambda a: sp.exp(a) - 1,
    "tanh": lambda a: 2 / (1 + sp.exp(-2 * a)) - 1, "hypot": lambda a, b: sp.sqrt(a**2 + b**2),
}  # fmt: skip
#: What is asked of a number and answered alike by every formula's values.
_FINITE = frozenset({"isfinite", "isnan", "isinf"})


class _FloatType(type):
    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, float)

    def __subclasscheck__(cls, kind: type) -> bool:
        return issubclass(kind, float)

    def __call__(cls, value: Any = 0.0) -> Any:
        if isinstance(value, float):
            return value
        if hasattr(value, "expr"):
            return Carrying(plain(value), value.expr)
        return value.item() if hasattr(value, "item") else float(value)


class FloatKeepingFormulas(metaclass=_FloatType):
    """What ``float`` is in the modules of a target: as Python's own, which would lose a formula."""

    fromhex = float.fromhex


def carrying_float(modules: Collection[Any]) -> AbstractContextManager[None]:
    """Inside, ``float`` keeps formulas in these modules, where it is Python's own."""
    own = (vars(module) for module in modules)
    return rebound((names, {"float": FloatKeepingFormulas}) for names in own if "float" not in names)


def carrying_math() -> AbstractContextManager[None]:
    """Inside, the functions of ``math`` keep formulas."""
    real = {name: value for name, value in vars(math).items() if callable(value) and not name.startswith("_")}
    keeping = {name: _function(function, MATH[name]) for name, function in real.items() if name in MATH}
    alone = {name: _plain_alone(name, real[name]) for name in real.keys() - MATH.keys() - _FINITE}
    return rebound([(vars(math), keeping | alone)])
