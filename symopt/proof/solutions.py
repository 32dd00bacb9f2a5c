"""Points where equations hold: the hypotheses' own, and those where a claim's sides meet (untrusted).

All but a few variables keep the values that they have at a given point, for the others the equations are solved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, islice
from typing import Any

import sympy as sp
from sympy.polys.domains import QQ
from sympy.polys.fields import field

from symopt.language import SymoptError

from .certificate import INDEX, Relation, Statement, Term
from .normal import CASES, is_universal, put
from .solving import closed, solve

Key = str | tuple[str, int]  # a variable, or a free sequence's n-th value
System = tuple[list[Relation], bool]
ROOTS = sp.symbols("root:3")  # square roots of what is no square of a rational; no more of them in one system
MOST_TERMS, MOST_DEGREE, MOST_OPERATIONS = 60, 12, 1000  # of an equation
MOST_SYSTEMS = 80  # solved for one statement


def solutions(statement: Statement, points: Sequence[Mapping[str, Any]], refuting: bool) -> Iterator[dict[str, Any]]:
    """The points with new values for some variables, at which the hypotheses' equations hold.

    Inequalities among the hypotheses are tried as equations too. With ``refuting`` the sides of a claim also meet at
    these points, or differ most or least.
    """
    for (equations, extremal), point, unknowns in islice(_attempts(statement, points, refuting), MOST_SYSTEMS):
        for guess in (True, False):
            reader = Reader(statement, point, unknowns, guess)
            for values in islice(_solved(reader, equations, extremal), 8):
                yield _moved(point, values)
            if not reader.guessed:
                break


def _attempts(
    statement: Statement, points: Sequence[Mapping[str, Any]], refuting: bool
) -> Iterator[tuple[System, Mapping[str, Any], tuple[Key, ...]]]:
    """Systems of equations, with the point that gives the known variables their values, and the unknowns."""
    for equations, extremal in _systems(statement, refuting):
        for point in points:
            reader = Reader(statement, point, ())
            try:
                for relation in equations:
                    reader.gap(relation)
            except FAILURES:
                continue
            keys = sorted(reader.met, key=str)
            for size in range(min(len(equations) + extremal, len(keys), 3), extremal * (len(equations) - 1), -1):
                for unknowns in combinations(keys, size):
                    yield (equations, extremal), point, unknowns


def _systems(statement: Statement, refuting: bool) -> Iterator[System]:
    """Relations to be made equations; and whether the last one's difference is to be extremal instead of zero."""
    given = [r for r in statement.given if not is_universal(r)]
    equal, weak = [r for r in given if r[0] == "="], [r for r in given if r[0] == "<="][:4]
    for tight in ([], *([r] for r in weak), *map(list, combinations(weak, 2))):
        if equal or tight:
            yield [*equal, *tight], False
        for relation in statement.claim if refuting else ():
            if relation[0] in ("<", "!="):
                yield [*equal, *tight, relation], False
            if relation[0] in ("<", "<=") and not tight:
                yield [*equal, relation], True


def _solved(reader: Reader, equations: Sequence[Relation], extremal: bool) -> Iterator[dict[Key, Term]]:
    """Values of the unknowns."""
    try:
        gaps = [reader.gap(relation).numer.as_expr() for relation in equations]
        if extremal and any(symbol not in reader.known for symbol in reader.roots.values()):
            return
        if extremal:
            gaps = _extremal(gaps, list(reader.unknowns.values()))
        for found in solve([*gaps, *reader.squares], reader.known):
            yield {key: closed(found.get(symbol, sp.Integer(0))) for key, symbol in reader.unknowns.items()}
    except FAILURES:
        return


def _extremal(gaps: list[sp.Expr], unknowns: list[sp.Symbol]) -> list[sp.Expr]:
    """Equations for where the last one is extremal while the others are zero, after Lagrange: gradients depend."""
    slopes = sp.Matrix([[sp.diff(gap, x) for x in unknowns] for gap in gaps])
    if len(gaps) == 1:
        return list(slopes)
    return [*gaps[:-1], slopes.det()] if len(gaps) == len(unknowns) else [sp.Integer(1)]


def _moved(point: Mapping[str, Any], values: Mapping[Key, Term]) -> dict[str, Any]:
    """The point with new values."""
    new = dict(point)
    for key, value in values.items():
        if isinstance(key, str):
            new[key] = value
        else:
            name, n = key
            new[name] = (*new[name][: n - 1], value, *new[name][n:])
    return new


class Unreadable(Exception):
    """Not a quotient of polynomials with rational coefficients, or too large a one."""


#: What keeps a system from being read or solved; SymPy's own among them.
FAILURES = (
    Unreadable,
    SymoptError,
    ArithmeticError,
    ValueError,
    NotImplementedError,
    RecursionError,
    sp.PolynomialError,
)


class Reader:
    """Terms at a point with some unknowns, as rational functions; square roots are unknowns of their own.

    ``guess`` says how case distinctions that depend on the unknowns are taken to fall out.
    """

    def __init__(self, statement: Statement, point: Mapping[str, Any], unknowns: Iterable[Key], guess: bool = True):
        self.point, self.guess, self.guessed, self.operations = point, guess, False, 0
        self.unknowns = {key: sp.Symbol(f"unknown{n}") for n, key in enumerate(unknowns)}
        symbols = (*self.unknowns.values(), *ROOTS)
        self.field = field(symbols, QQ)[0]
        self.generators = dict(zip(symbols, self.field.gens, strict=True))
        self.sequences = {s.name: s for s in statement.sequences}
        self.values: dict[Any, Any] = {}
        self.roots: dict[Any, sp.Symbol] = {}  # radicand -> what stands for its root
        self.squares: list[sp.Expr] = []  # what is zero because it does
        self.known: dict[sp.Symbol, sp.Expr] = {}  # the roots of numbers
        self.met: set[Key] = set()

    def gap(self, relation: Relation) -> Any:
        """The difference of the sides, a rational function."""
        difference = self.read(relation[2]) - self.read(relation[1])
        if len(difference.numer) > MOST_TERMS or sum(difference.numer.degrees()) > MOST_DEGREE:
            raise Unreadable
        return difference

    def read(self, term: Term) -> Any:
        """The term's value."""
        self.operations += 1
        if self.operations > MOST_OPERATIONS:
            raise Unreadable
        if isinstance(term, (Fraction, int)):
            return self.field(QQ(term.numerator, term.denominator))
        if isinstance(term, str):
            return self.unknown(term, self.point.get(term))
        op, *args = term
        if op in CASES:
            return self.read(CASES[op](*args))
        if op == "if":
            return self.read(args[2] if self.decide(self.read(args[1]) - self.read(args[0])) else args[3])
        if op == "at":
            return self.value(args[0], self.whole(args[1]))
        if op == "sum":
            indices = range(self.whole(args[1]), self.whole(args[2]) + 1)
            return sum((self.read(put(args[3], {args[0]: Fraction(n)})) for n in indices), self.field.zero)
        if op == "^":
            base, n = self.read(args[0]), self.whole(args[1])
            return base**n if n else self.field.one
        if op == "sqrt":
            return self.root(self.read(args[0]))
        if op in ("exp", "log"):
            raise Unreadable
        total = self.read(args[0])
        for arg in map(self.read, args[1:]):
            total = total + arg if op == "+" else total * arg if op == "*" else total / arg
        return total

    def unknown(self, key: Key, given: Any) -> Any:
        """An unknown, or what the point gives."""
        self.met.add(key)
        if key in self.unknowns:
            return self.generators[self.unknowns[key]]
        if not isinstance(given, (Fraction, int)):
            raise Unreadable
        return self.read(given)

    def number(self, value: Any) -> Fraction | None:
        """The number that a rational function is, if it is one."""
        if not (value.numer.is_ground and value.denom.is_ground):
            return None
        ratio = QQ.convert(value.numer.LC) / QQ.convert(value.denom.LC) if value.numer else QQ.zero
        return Fraction(int(QQ.numer(ratio)), int(QQ.denom(ratio)))

    def whole(self, term: Term) -> int:
        """An exponent or an index."""
        n = self.number(self.read(term))
        if n is None or n.denominator != 1 or abs(n) > MOST_OPERATIONS:
            raise Unreadable
        return int(n)

    def decide(self, gap: Any) -> bool:
        """Whether it is >= 0, or taken to be."""
        number = self.number(gap)
        self.guessed |= number is None
        return self.guess if number is None else number >= 0

    def value(self, name: str, n: int) -> Any:
        """The n-th value of a sequence."""
        s, given = self.sequences[name], self.point.get(name, ())
        if s.body is None:
            return self.unknown((name, n), given[n - 1] if 1 <= n <= len(given) else None)
        if n < 0:
            raise Unreadable
        if (name, n) not in self.values:
            self.values[name, n] = self.read(s.initial if n == 0 else put(s.body, {INDEX: Fraction(n)}))
        return self.values[name, n]

    def root(self, radicand: Any) -> Any:
        """A square root: a rational, what stands for the root of a number, or an unknown."""
        if radicand not in self.roots:
            number = self.number(radicand)
            if number is not None and number < 0:
                raise Unreadable
            exact = None if number is None else sp.sqrt(sp.Rational(number.numerator, number.denominator))
            if exact is not None and exact.is_Rational:
                return self.read(Fraction(int(exact.p), int(exact.q)))
            if len(self.roots) == len(ROOTS):
                raise Unreadable
            symbol = self.roots[radicand] = ROOTS[len(self.roots)]
            self.squares.append((self.generators[symbol] ** 2 - radicand).numer.as_expr())
            if exact is not None:
                self.known[symbol] = exact
        return self.generators[self.roots[radicand]]
