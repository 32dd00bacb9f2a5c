"""What a rule declares beside its body: hyperparameters with domains, states, options."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from numbers import Rational

from .errors import refuse

#: What there is a value for: once a step, for all tensors, for each tensor, row, column or element; and what it
#: therefore depends on. A tensor's rows run along its last axis, its columns have the same place in every row.
INDICES = {
    "step": frozenset[str](),
    "global": frozenset({"all"}),
    "tensor": frozenset({"all", "tensor"}),
    "row": frozenset({"all", "tensor", "row"}),
    "column": frozenset({"all", "tensor", "column"}),
    "element": frozenset({"all", "tensor", "row", "column"}),
}
SCOPES = tuple(INDICES)

Exact = int | float | str | Decimal | Fraction


def exact(value: Exact) -> Fraction:
    """The rational a decimal stands for: ``exact(0.999) == Fraction(999, 1000)``, not the binary value."""
    if isinstance(value, Rational):
        return Fraction(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise refuse("number", value, "must be finite")
        return Fraction(Decimal(repr(float(value))))
    return Fraction(value)


def join(scopes: Iterable[str]) -> str:
    """The scope of what depends on values of these scopes: of a row's and a column's, it is the element's."""
    indices = frozenset[str]().union(*(INDICES[scope] for scope in scopes))
    return next(scope for scope, own in INDICES.items() if own == indices)


def shape_of(scope: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of the values of a scope for a tensor of that shape; a vector is one row.

    Rows and columns keep the other axes at length 1, so that their arrays broadcast against the tensor's.
    """
    if scope == "element":
        return shape
    if scope == "row":
        return (*shape[:-1], 1) if shape else ()
    if scope == "column":
        return (*(1 for _ in shape[:-1]), *shape[-1:])
    return (1,)


@dataclass(frozen=True)
class Domain:
    """An interval of the real line, ``None`` standing for an infinite end."""

    lower: Fraction | None = None
    upper: Fraction | None = None
    lower_open: bool = False
    upper_open: bool = False

    def __contains__(self, value: Exact) -> bool:
        # Plain comparisons are exact between floats and Fractions, and False for NaN.
        number = Fraction(value) if isinstance(value, str) else value
        above = self.lower is None or number > self.lower or (not self.lower_open and number == self.lower)
        below = self.upper is None or number < self.upper or (not self.upper_open and number == self.upper)
        return above and below and math.isfinite(number)

    def describe(self, name: str) -> str:
        """The interval as a chain of inequalities about ``name``."""
        left = "" if self.lower is None else f"{self.lower} {'<' if self.lower_open else '<='} "
        right = "" if self.upper is None else f" {'<' if self.upper_open else '<='} {self.upper}"
        return f"{left}{name}{right}" if left or right else f"{name} real"


@dataclass(frozen=True)
class Hyper:
    """A hyperparameter: its exact default and its domain. The name is given by the rule."""

    default: Fraction
    domain: Domain
    name: str = ""

    def check(self, value: Exact) -> None:
        """Raise InputError unless ``value`` is a number in the domain (NaN and infinities never are)."""
        allowed = f"must satisfy {self.domain.describe(self.name)}"
        if isinstance(value, bool):
            raise refuse(self.name, value, allowed)
        try:
            inside = value in self.domain
        except (TypeError, ValueError, OverflowError):
            inside = False
        if not inside:
            raise refuse(self.name, value, allowed)


@dataclass(frozen=True)
class State:
    """A state of the optimizer: initial value, sign kept by every step, and of what there is one value (``scope``)."""

    initial: Fraction = Fraction(0)
    nonnegative: bool = False
    name: str = ""
    scope: str = "element"


@dataclass(frozen=True)
class Option:
    """A choice among named variants; the first value is the default."""

    values: tuple[str | bool, ...]
    name: str = ""

    @property
    def default(self) -> str | bool:
        """The value that holds when none is given."""
        return self.values[0]


def rate(default: Exact) -> Hyper:
    """A learning rate, > 0."""
    return Hyper(exact(default), Domain(lower=Fraction(0), lower_open=True))


def decay(default: Exact) -> Hyper:
    """A decay rate of an exponential moving average, 0 <= decay < 1."""
    return Hyper(exact(default), Domain(Fraction(0), Fraction(1), upper_open=True))


def small(default: Exact) -> Hyper:
    """A small constant that keeps a denominator from 0, >= 0."""
    return Hyper(exact(default), Domain(lower=Fraction(0)))


def period(default: Exact) -> Hyper:
    """A number of steps after which something is done again, >= 1."""
    return Hyper(exact(default), Domain(lower=Fraction(1)))


def weight(default: Exact) -> Hyper:
    """A weight of a penalty, >= 0."""
    return Hyper(exact(default), Domain(lower=Fraction(0)))


def share(default: Exact) -> Hyper:
    """A part of a whole, 0 <= share <= 1."""
    return Hyper(exact(default), Domain(Fraction(0), Fraction(1)))


def state(initial: Exact = 0, *, nonnegative: bool = False, scope: str = "element") -> State:
    """A state with its initial value; ``nonnegative`` declares a sign that every step must keep.

    ``scope``: one value for each "element", "row", "column" or "tensor", or one in all ("step", or "global" if it is
    computed of all tensors). InputError for another scope.
    """
    if scope not in SCOPES:
        raise refuse("scope", scope, f"must be one of {', '.join(SCOPES)}")
    return State(exact(initial), nonnegative, scope=scope)


def choice(*values: str) -> Option:
    """An option with named values, the first of them the default."""
    return Option(values)


def switch(default: bool = False) -> Option:
    """An option that is on or off."""
    return Option((default, not default))
