"""Which state of an implementation is which of a rule, or a multiple of it: seen in a few runs (untrusted)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

import sympy as sp

from symopt.language import Hyper, Program

from .decimals import decimal, digits, text
from .matching import AGREED, DIGITS, SAMPLES, generic, run


@dataclass(frozen=True)
class Multiple:
    """A state of an implementation that is ``factor`` times a state of the rule; ``inverse`` is 1/factor."""

    own: str
    name: str
    factor: Any
    inverse: Any

    def __str__(self) -> str:
        return self.name if self.factor == 1 else sp.sstr(self.factor * sp.Symbol(self.name))


Pairs = list[tuple[Any, Any]]  # the values of two states at every step and element


def multiples(own: Program, goal: Program) -> Iterator[Multiple]:
    """The states of both that are the same, then those that are multiples, on the same gradients; each once.

    The factor is a product of at most two of h, 1 - h and their inverses, with either sign.
    """
    at = [{h.name: generic(h) if s.generic else h.default for h in goal.hypers} for s in SAMPLES]
    runs = [(run(own, h, s.steps), run(goal, h, s.steps)) for h, s in zip(at, SAMPLES, strict=True)]
    mine, left = [s.name for s in own.states], [s.name for s in goal.states]
    factors = list(_factors(goal.hypers, at))
    for choices in (factors[:1], factors):
        for state in list(mine):
            for name in sorted(left, key=lambda n: n != state):
                pairs = [_pairs(a, b, state, name) for a, b in runs]
                found = _factor(pairs, choices)
                if found is not None:
                    yield Multiple(state, name, *found)
                    mine.remove(state)
                    left.remove(name)
                    break


def _pairs(mine: Any, theirs: Any, own: str, name: str) -> Pairs:
    return [
        (p, q)
        for a, b in zip(mine, theirs, strict=True)
        for p, q in zip(a[own].reshape(-1), b[name].reshape(-1), strict=True)
    ]


def _factor(samples: list[Pairs], choices: list[tuple[Any, Any, list[Decimal]]]) -> tuple[Any, Any] | None:
    with digits(DIGITS):
        for factor, inverse, numbers in choices:
            if all(
                text(p, AGREED) == text(number * q, AGREED)
                for pairs, number in zip(samples, numbers, strict=True)
                for p, q in pairs
            ):
                return factor, inverse
    return None


def _factors(hypers: tuple[Hyper, ...], at: list[dict[str, Fraction]]) -> Iterator[tuple[Any, Any, list[Decimal]]]:
    """Each factor, its inverse and its value at each sample; 1 first."""
    units: list[tuple[Any, Any, list[Fraction]]] = [(sp.Integer(1), sp.Integer(1), [Fraction(1)] * len(at))]
    for hyper in hypers:
        h, values = sp.Symbol(hyper.name), [point[hyper.name] for point in at]
        bases = [(h, values)]
        if hyper.domain.upper == 1:
            bases.append((sp.Add(1, -h, evaluate=False), [1 - v for v in values]))
        for base, numbers in bases:
            if all(numbers):
                over = sp.Pow(base, -1, evaluate=False)
                units += [(base, over, numbers), (over, base, [1 / n for n in numbers])]
    with digits(DIGITS):
        for (a, over_a, p), (b, over_b, q) in combinations_with_replacement(units, 2):
            for sign in (1, -1):
                values_there = [decimal(sign * m * n) for m, n in zip(p, q, strict=True)]
                yield _product(sign, a, b), _product(sign, over_a, over_b), values_there


def _product(*factors: Any) -> Any:
    kept = [sp.sympify(factor, strict=True) for factor in factors if factor != 1]
    return sp.Mul(*kept, evaluate=False) if len(kept) > 1 else kept[0] if kept else sp.Integer(1)
