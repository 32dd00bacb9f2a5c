"""Sums over elements as numbers of which only the sign is known, so that formulas are compared for one element.

Sums of equal summands are equal, whatever the number of elements. So two formulas are equal for tensors of every size
if they are for one element, with one number put for both of two sums whose summands are equal for any element. In the
same way one number may be put for a choice that is made once for all elements.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import sympy as sp

from symopt.language import STEP, Program, Reduction, rebuild

from .certificate import Relation, Statement
from .claims import domain_of
from .evaluation import Evaluation
from .normal import Rejected, put
from .prove import decide
from .reading import to_term
from .tensors import arrays_of

POINTS, TOLERANCE = 8, 1e-12
_CHOICES = (sp.Piecewise, sp.Max, sp.Min)


@dataclass(frozen=True)
class Totals:
    """Numbers by what they stand for: (kind of sum, summand), or (None, choice).

    ``at``: inputs that are numbers; ``choices``: whether choices between sums are numbers too. ``pairs``: what is to be
    shown equal for that.
    """

    program: Program
    at: Mapping[str, Fraction]
    choices: bool = True
    meanings: dict[sp.Symbol, tuple[Any, sp.Expr]] = field(default_factory=dict)
    known: dict[tuple[Any, sp.Expr], sp.Symbol] = field(default_factory=dict)
    pairs: list[tuple[sp.Expr, sp.Expr]] = field(default_factory=list)

    def name(self, outputs: Mapping[str, sp.Expr]) -> dict[str, sp.Expr]:
        """The formulas with a number in place of each sum."""
        return {name: self._named(expr, self._new) for name, expr in outputs.items()}

    def match(self, outputs: Mapping[str, sp.Expr]) -> dict[str, sp.Expr] | None:
        """Other formulas with the same numbers, as far as values at a few points tell; None if they have other sums."""
        try:
            return {name: self._named(expr, self._same) for name, expr in outputs.items()}
        except LookupError:
            return None

    def given(self) -> tuple[Relation, ...]:
        """What is known of the numbers: there is an element, and sums of what is not negative are not negative."""
        facts: list[Relation] = []
        for symbol, (kind, meaning) in self.meanings.items():
            if kind is not None and meaning == 1 and kind.fold == "sum":
                facts.append(("<=", Fraction(1), symbol.name))
            elif self._is_nonnegative(meaning) or self._is_proved_nonnegative(meaning, facts):
                facts.append(("<=", Fraction(0), symbol.name))
        return tuple(facts)

    def _is_proved_nonnegative(self, expr: sp.Expr, facts: list[Relation]) -> bool:
        """Whether a proof is found that an expression is not negative, where its values give hope."""
        values = self._values(expr)
        if None in values or any(value < 0 for value in values if value is not None):
            return False
        signs = [("<=", Fraction(0), s.name) for s in self.program.states if s.nonnegative and s.name not in self.at]
        step: list[Relation] = [] if STEP in self.at else [("<=", Fraction(1), STEP)]
        given = (*domain_of(self.program, {}), *signs, *step, *facts)
        claim = put(("<=", Fraction(0), to_term(expr)), dict(self.at))
        return decide(Statement((claim,), given, () if STEP in self.at else (STEP,))).proved

    def _named(self, expr: Any, find: Any) -> Any:
        if not expr.args:
            return expr
        args = tuple(self._named(arg, find) for arg in expr.args)
        kind = type(expr) if isinstance(expr, Reduction) else None
        expr = args[0] if kind else expr if args == expr.args else rebuild(expr, args)
        if not kind and not self._is_common_choice(expr):
            return expr
        if (kind, expr) not in self.known:
            self.known[kind, expr] = find(kind, expr)
        return self.known[kind, expr]

    def _is_common_choice(self, expr: Any) -> bool:
        """Whether an expression is a choice that depends on sums and on no element."""
        if not self.choices or not isinstance(expr, _CHOICES):
            return False
        return bool(expr.free_symbols & set(self.meanings)) and not expr.free_symbols & self._elements

    @cached_property
    def _elements(self) -> set[sp.Symbol]:
        return set(map(sp.Symbol, arrays_of(self.program)))

    def _new(self, kind: Any, meaning: sp.Expr) -> sp.Symbol:
        number = len(self.meanings) + 1
        name = f"choice{number}" if kind is None else f"size_{kind.over}" if meaning == 1 else f"total{number}"
        while name in self.program.inputs:
            name += "_"
        self.meanings[sp.Symbol(name)] = (kind, meaning)
        return sp.Symbol(name)

    def _same(self, kind: Any, meaning: sp.Expr) -> sp.Symbol:
        values = self._values(meaning)
        for symbol, (own_kind, own) in self.meanings.items():
            if own_kind is kind and (own == 1) == (meaning == 1) and _agree(values, self._values(own)):
                self.pairs.append((own, meaning))
                return symbol
        raise LookupError(str(meaning))

    def _values(self, expr: sp.Expr) -> list[float | None]:
        """The expression at a few points inside the domains."""
        rng, values = random.Random(5), list[float | None]()  # noqa: S311 - fixed: the same question, the same answer
        for _ in range(POINTS):
            point: dict[str, Any] = {STEP: Fraction(rng.randint(1, 5))}
            for name in (n for n in self.program.inputs if n != STEP):
                sign = 1 if sp.Symbol(name) in self._signed else rng.choice((-1, 0, 1))
                point[name] = Fraction(rng.randint(1, 12), 13) * sign
            point |= {symbol.name: Fraction(rng.randint(1, 9), 7) for symbol in self.meanings} | dict(self.at)
            try:
                low, high, _ = Evaluation(Statement((), (), (STEP,)), point).value(to_term(expr))
                values.append(float(low + high) / 2)
            except Rejected:
                values.append(None)
        return values

    @cached_property
    def _signed(self) -> set[sp.Symbol]:
        """The inputs that are never negative."""
        hypers = [h.name for h in self.program.hypers if h.domain.lower is not None and h.domain.lower >= 0]
        return set(map(sp.Symbol, [STEP, *hypers, *(s.name for s in self.program.states if s.nonnegative)]))

    def _is_nonnegative(self, expr: Any) -> bool:
        """Whether an expression is not negative by its shape, where it is defined."""
        if expr in self.meanings:
            return self._is_nonnegative(self.meanings[expr][1])
        if isinstance(expr, sp.Pow):
            even = expr.exp.is_Integer and expr.exp % 2 == 0
            return bool(even or expr.exp == sp.Rational(1, 2)) or self._is_nonnegative(expr.base)
        if isinstance(expr, sp.Mul):
            return all(expr.args.count(arg) % 2 == 0 or self._is_nonnegative(arg) for arg in expr.args)
        if isinstance(expr, sp.Max):
            return any(map(self._is_nonnegative, expr.args))
        if isinstance(expr, sp.Add) and self._least(expr) >= 0:
            return True
        if isinstance(expr, (sp.Add, sp.Min)):
            return all(map(self._is_nonnegative, expr.args))
        if isinstance(expr, sp.Piecewise):
            return all(self._is_nonnegative(value) for value, _ in expr.args)
        return bool(expr.is_Rational and expr >= 0) or isinstance(expr, sp.Abs) or expr in self._signed

    def _least(self, expr: sp.Add) -> Any:
        """The least value of a sum of numbers and hyperparameters, as 1 - beta; minus infinity for any other."""
        least: Any = Fraction(0)
        for term in expr.args:
            number, rest = term.as_coeff_Mul()
            domain = self._domains.get(rest)
            end = (domain.lower if number > 0 else domain.upper) if domain else 1 if rest == 1 else None
            if end is None:
                return -math.inf
            least += Fraction(int(number.p), int(number.q)) * end
        return least

    @cached_property
    def _domains(self) -> dict[Any, Any]:
        return {sp.Symbol(h.name): h.domain for h in self.program.hypers}


def _agree(a: list[float | None], b: list[float | None]) -> bool:
    pairs = [(p, q) for p, q in zip(a, b, strict=True) if p is not None and q is not None]
    return bool(pairs) and all(abs(p - q) <= TOLERANCE * (abs(p) + abs(q)) for p, q in pairs)
