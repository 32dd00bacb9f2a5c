"""Points: one that satisfies the hypotheses, or one that refutes a claim, small numbers first (untrusted)."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from itertools import chain, count, islice
from math import ceil, floor
from typing import Any

from .algebraic import rational_root
from .certificate import Certificate, Relation, Statement, show
from .checker import check, free_variables
from .evaluation import Evaluation, is_term, uses
from .normal import Rejected
from .oracle import ask
from .solutions import solutions

_F = Fraction
_WHOLE = (1, 0, 2, -1, 3, -2, 4, 5, -3, 7, 10, 9, 16, 25)
_BROKEN = ("1/2", "1/4", "-1/2", "9/10", "1/3", "3/4", "1/10")
REALS = (*(_F(n) for n in _WHOLE), *(_F(text) for text in _BROKEN))
UNIT = (_F(1, 2), _F(1, 4), _F(3, 4), _F(0), _F(9, 10), _F(1, 3), _F(99, 100), _F(1, 10))
#: Tried later: far away, close to 0 and to 1, and on the unit circle.
FAR = tuple(map(_F, ("100", "-10", "1000", "-100", "1/100", "1/1000", "-1/10", "99/100", "999/1000", "101/100")))
CIRCLE = tuple(map(_F, ("3/5", "4/5", "-3/5", "5/13", "12/13")))
NEARBY = tuple(map(_F, ("0", "1", "-1", "1/10", "-1/10", "1/100", "-1/100", "1/1000", "-1/1000")))
LENGTH, LONGEST = 6, 40  # of the sequences tried first, and later
EARLY = 200  # points tried before numbers far away, or near those of the statement, are mixed in
FEW = 5  # points compared where none was found early
ROUND = (1, 2, 5, 10, 100, 1000, 10**5)  # the denominators of rationals tried near other points
STARTS = (0, 3, 7, 12, 18, 25)  # the points at which equations are solved, by their place in the order


def find_point(statement: Statement, tries: int = 4000) -> dict[str, Any] | None:
    """A point that satisfies every hypothesis: a rational one, or one where equations hold, or one that Z3 finds."""
    for point in islice(_points(statement), EARLY):
        if _satisfies(statement, point):
            return point
    solved = _solutions(statement, refuting=False)
    rational = (point for point in solved if _is_rational(point))
    exact = next((p for p in solved if not _is_rational(p) and _satisfies(statement, p, exactly=True)), None)
    later = chain(rational, islice(_points(statement), EARLY, tries if exact is None else 3 * EARLY))
    few = list(islice((point for point in later if _satisfies(statement, point)), FEW))
    if few:
        return min(few, key=_length)
    asked = (point for point in _asked(statement) if _satisfies(statement, point, exactly=True))
    return exact or next(asked, None)


def find_counterexample(statement: Statement, tries: int = 1500) -> Certificate | None:
    """A certificate that the claim fails somewhere under its hypotheses, at a rational point of small numbers."""
    return _counterexample(statement, islice(_points(statement), tries))


def solve_for_counterexample(statement: Statement) -> Certificate | None:
    """The same at a point where equations hold, algebraic if no rational one is found."""
    return _counterexample(statement, _solutions(statement, refuting=True))


def ask_for_counterexample(statement: Statement) -> Certificate | str:
    """The same at a point that Z3 finds; or else what it says: "unsat" if it knows of none, "unknown", ..."""
    answer = ask(statement, refuting=True)
    return _counterexample(statement, _around(answer.point)) or answer.says


def show_value(value: Any) -> str:
    """What a point gives, in the usual notation; with their first digits where a polynomial's root is among them."""
    if isinstance(value, tuple) and not is_term(value):
        return f"({', '.join(map(show_value, value))})"
    text = show(value)
    if "root of" in text:
        text += f" = {int(Evaluation(Statement(()), {}).value(value)[0] * 10**5) / 10**5}..."
    return text


def _counterexample(statement: Statement, points: Iterable[dict[str, Any]]) -> Certificate | None:
    for point in points:
        if _refutes(statement, point):
            return Certificate(statement, _shrink(statement, point), None)
    return None


def _satisfies(statement: Statement, point: Mapping[str, Any], exactly: bool = False) -> bool:
    """Whether every hypothesis holds, as far as the first enclosures tell, or exactly."""
    try:
        evaluation = Evaluation(statement, point)
        return all((evaluation.holds if exactly else evaluation.compare)(relation) for relation in statement.given)
    except (Rejected, RecursionError):
        return False


def _refutes(statement: Statement, point: Mapping[str, Any]) -> bool:
    """Whether the point satisfies the hypotheses, not the claim, and the checker agrees."""
    try:
        evaluation = Evaluation(statement, point)
        holds = evaluation.compare if _is_rational(point) else evaluation.holds
        if not all(map(holds, statement.given)) or all(map(holds, statement.claim)):
            return False
        check(Certificate(statement, dict(point), None))
    except (Rejected, RecursionError):
        return False
    return True


def _is_rational(point: Mapping[str, Any]) -> bool:
    return not any(is_term(n) for v in point.values() for n in (v if isinstance(v, tuple) and not is_term(v) else (v,)))


def _solutions(statement: Statement, refuting: bool) -> list[dict[str, Any]]:
    """Points where equations hold: the rational ones, rationals near the others, then these, simple ones first."""
    starts = [point for n, point in enumerate(islice(_points(statement), max(STARTS) + 1)) if n in STARTS]
    found: list[dict[str, Any]] = []
    for point in solutions(statement, starts, refuting):
        if point not in found:
            found.append(point)
    found.sort(key=_length)
    rational = [point for point in found if _is_rational(point)]
    exact = [point for point in found if not _is_rational(point)]
    return [*rational, *(_rounded(point, most) for most in ROUND for point in exact), *exact]


def _asked(statement: Statement) -> Iterator[dict[str, Any]]:
    yield from _around(ask(statement, refuting=False).point)


def _around(point: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    """A point that Z3 has found, rounded points first."""
    if point is not None:
        with suppress(Rejected):
            yield from [_rounded(point, most, all_of_it=True) for most in ROUND]
        yield point


def _rounded(value: Any, most: int, all_of_it: bool = False) -> Any:
    """With rationals whose denominators are at most this in place of the irrational numbers, or of all numbers."""
    if isinstance(value, dict):
        return {name: _rounded(part, most, all_of_it) for name, part in value.items()}
    if is_term(value):
        return Evaluation(Statement(()), {}).value(value)[0].limit_denominator(most)
    if isinstance(value, tuple):
        return tuple(_rounded(part, most, all_of_it) for part in value)
    return value.limit_denominator(most) if all_of_it and isinstance(value, Fraction) else value


def _length(point: Mapping[str, Any]) -> int:
    return len(repr(point))


def _points(statement: Statement) -> Iterator[dict[str, Any]]:
    """Random points from small numbers, hypotheses that are equations solved for a variable; without end."""
    solved = {r[1]: r[2] for r in statement.given if r[0] == "=" and isinstance(r[1], str)}
    solved |= {r[2]: r[1] for r in statement.given if r[0] == "=" and isinstance(r[2], str) and r[1] not in solved}
    equations = [(r, sorted(free_variables(r) - set(statement.integers))) for r in statement.given if r[0] == "="]
    pools = Pools(statement)
    rng = random.Random(20)  # noqa: S311 - a fixed seed: the same question gets the same witness
    for n in count():
        point = pools.late_point(rng, n) if n >= EARLY and n % 2 else pools.early_point(rng, n)
        for name, term in solved.items():
            try:
                low, high, _ = Evaluation(statement, point).value(term)
            except (Rejected, RecursionError):
                continue
            if low == high and name in point:
                point[name] = low
        for relation, names in equations:
            if names and not any(name.startswith("#") for name in names):
                _adjust(statement, point, relation, names[n % len(names)])
        yield point


class Pools:
    """The numbers tried for a statement's variables and free sequences."""

    def __init__(self, statement: Statement) -> None:
        bodies = tuple((s.initial, s.body) for s in statement.sequences)
        parts = (*statement.claim, *statement.given, *(part for pair in bodies for part in pair))
        names = sorted(name for name in set().union(*map(free_variables, parts)) if not name.startswith("#"))
        indices = {index for r in (*statement.claim, *statement.given) for side in r[1:] for _, index in uses(side)}
        near = _nearby((statement.claim, statement.given, bodies))
        most = LONGEST if statement.sequences else 10**6
        self.statement = statement
        self.integers = [name for name in names if name in statement.integers]
        self.reals = [name for name in names if name not in statement.integers]
        self.free = [s.name for s in statement.sequences if s.body is None]
        self.unit = {r[1] for r in statement.given if r[0] in ("<", "<=") and isinstance(r[1], str) and r[2] == 1}
        self.least = {name: _least(statement, name) for name in self.integers}
        self.whole = [n for n in dict.fromkeys((*range(13), *map(int, near))) if abs(n) <= most]
        self.wide = (*REALS, *UNIT, *FAR, *CIRCLE, *near)
        self.length = max([LENGTH, *(int(n) for n in indices if isinstance(n, Fraction) and n <= LONGEST)])

    def early_point(self, rng: random.Random, n: int) -> dict[str, Any]:
        """Small numbers; the first one is the simplest."""
        point: dict[str, Any] = {}
        for name in sorted((*self.integers, *self.reals)):
            if name in self.reals:
                point[name] = _pick(rng, UNIT if name in self.unit else REALS, n)
                continue
            low, reach = self.least[name], min(4, 1 + n // 10)
            step = rng.randrange(reach if low is not None else 2 * reach - 1) if n else 0
            point[name] = _F(low + step if low is not None else (step + 1) // 2 * (-1) ** step)  # 0, 1, -1, 2 ...
        for name in self.free:
            point[name] = self.fixed(name, [_pick(rng, REALS, n) for _ in range(self.length)])
        return point

    def late_point(self, rng: random.Random, n: int) -> dict[str, Any]:
        """Any numbers, now and then all reals alike, or all values of sequences; longer sequences."""
        point: dict[str, Any] = {name: _F(rng.choice(self.whole)) for name in self.integers}
        point |= {name: rng.choice(self.wide) for name in self.reals}
        one = rng.choice(self.wide)
        if n % 8 == 1:
            point |= dict.fromkeys(self.reals, one)
        length = max([self.length, *(int(point[name]) + 1 for name in self.integers)])
        for name in self.free:
            alike = n % 8 in (1, 3)
            point[name] = self.fixed(name, [one if alike else rng.choice(self.wide) for _ in range(length)])
        return point

    def fixed(self, name: str, values: list[Fraction]) -> tuple[Fraction, ...]:
        """The values of a free sequence, those that a hypothesis g(n) = number gives put in their places."""
        for op, left, right in self.statement.given:
            at = left[2] if isinstance(left, tuple) and left[:2] == ("at", name) else None
            if op == "=" and isinstance(at, Fraction) and isinstance(right, Fraction) and 1 <= at <= len(values):
                values[int(at) - 1] = right
        return tuple(values)


def _adjust(statement: Statement, point: dict[str, Any], relation: Relation, name: str) -> None:
    """Give the variable a rational at which an equation that is linear or quadratic in it holds, if there is one."""

    def gap(value: Fraction) -> Fraction | None:
        evaluation = Evaluation(statement, point | {name: value})
        try:
            (low, high, _), (low_, high_, _) = map(evaluation.value, relation[1:])
        except (Rejected, RecursionError):
            return None
        return low - low_ if low == high and low_ == high_ else None

    middle = point[name]
    before, here, after = gap(middle - 1), gap(middle), gap(middle + 1)
    if not here or before is None or after is None:
        return
    a, b, c = (after + before) / 2 - here, (after - before) / 2, here
    root = rational_root(b * b - 4 * a * c)
    if root is None or not (a or b):
        return
    for step in (-c / b,) if a == 0 else ((root - b) / (2 * a), (-root - b) / (2 * a)):
        if gap(middle + step) == 0:
            point[name] = middle + step
            return


def _pick(rng: random.Random, pool: tuple[Fraction, ...], n: int) -> Fraction:
    """The first of the pool at first, then mostly its beginning, later all of it."""
    spread = 2 + n // 20
    return pool[int(rng.expovariate(1.5 / spread)) % len(pool) if n else 0]


def _least(statement: Statement, name: str) -> int | None:
    bounds = [r[1] for r in statement.given if r[0] == "<=" and r[2] == name and isinstance(r[1], Fraction)]
    return int(max(bounds)) if bounds else None


def _nearby(parts: Any) -> list[Fraction]:
    """The numbers of a statement, and numbers a little off."""

    def numbers(part: Any) -> Iterator[Fraction]:
        if isinstance(part, tuple):
            for each in part:
                yield from numbers(each)
        elif isinstance(part, (Fraction, int)):
            yield _F(part)

    own = islice(dict.fromkeys(numbers(parts)), 8)
    return list(dict.fromkeys(number + offset for number in own for offset in NEARBY))


def _shrink(statement: Statement, point: dict[str, Any]) -> dict[str, Any]:
    """Replace numbers by simpler ones while the point still refutes, until none can be."""
    changed = True
    while changed:
        changed = False
        for name, value in list(point.items()):
            for simpler in _simpler(value):
                smaller = point | {name: simpler}
                if _refutes(statement, smaller):
                    point, changed = smaller, True
                    break
    return point


def _simpler(value: Any) -> Iterator[Any]:
    """Simpler numbers, the simplest first: small ones, then rounded and smaller ones."""
    if isinstance(value, tuple) and not is_term(value):
        if value:
            yield value[:-1]
        for i, number in enumerate(value):
            for smaller in _simpler(number):
                yield (*value[:i], smaller, *value[i + 1 :])
        return
    candidates = [_F(0), _F(1), _F(2), _F(-1), _F(3), _F(1, 2)]
    if isinstance(value, Fraction):
        candidates += [_F(floor(value)), _F(ceil(value))]
        candidates += [value.limit_denominator(most) for most in (2, 3, 5, 10, 100)]
        candidates += [_F(int(value * part)) for part in (_F(1, 10), _F(1, 2), _F(3, 4), _F(9, 10))]
        candidates += [_F(int(value) - (1 if value > 0 else -1))]
    for candidate in dict.fromkeys(candidates):
        if is_term(value) or _size(candidate) < _size(value):
            yield candidate


def _size(value: Fraction) -> tuple[int, int, bool]:
    return (abs(value.numerator) + value.denominator - 1, value.denominator, value < 0)
