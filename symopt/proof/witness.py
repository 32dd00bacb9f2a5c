"""Points: one that satisfies the hypotheses, or one that refutes a claim, small numbers first (untrusted)."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from .certificate import Certificate, Statement
from .checker import check, free_variables
from .evaluation import Evaluation
from .normal import Rejected

_F = Fraction
_WHOLE = (1, 0, 2, -1, 3, -2, 4, 5, -3, 7, 10, 9, 16, 25)
_BROKEN = ("1/2", "1/4", "-1/2", "9/10", "1/3", "3/4", "1/10")
REALS = (*(_F(n) for n in _WHOLE), *(_F(text) for text in _BROKEN))
UNIT = (_F(1, 2), _F(1, 4), _F(3, 4), _F(0), _F(9, 10), _F(1, 3), _F(99, 100), _F(1, 10))
LENGTH = 6  # of the sequences tried; larger integers are tried only where no sequence is read


def find_point(statement: Statement, tries: int = 4000) -> dict[str, Any] | None:
    """A point that satisfies every hypothesis."""
    for point in _points(statement, tries):
        if _satisfies(statement, point):
            return point
    return None


def find_counterexample(statement: Statement, tries: int = 1500) -> Certificate | None:
    """A certificate that the claim fails somewhere under its hypotheses, shrunk to small numbers."""
    for point in _points(statement, tries):
        if _refutes(statement, point):
            return Certificate(statement, _shrink(statement, point), None)
    return None


def _satisfies(statement: Statement, point: Mapping[str, Any]) -> bool:
    try:
        evaluation = Evaluation(statement, point)
        return all(evaluation.holds(relation) for relation in statement.given)
    except Rejected:
        return False


def _refutes(statement: Statement, point: Mapping[str, Any]) -> bool:
    if not _satisfies(statement, point):
        return False
    try:
        check(Certificate(statement, point, None))
    except Rejected:
        return False
    return True


def _points(statement: Statement, tries: int) -> Iterator[dict[str, Any]]:
    """Random points from small numbers, hypotheses of the form variable = term solved for the variable."""
    bodies = [part for s in statement.sequences for part in (s.initial, s.body)]
    read = [free_variables(part) for part in (*statement.claim, *statement.given, *bodies)]
    names = sorted(name for name in set().union(*read) if not name.startswith("#"))
    free = [s.name for s in statement.sequences if s.body is None]
    solved = {r[1]: r[2] for r in statement.given if r[0] == "=" and isinstance(r[1], str)}
    solved |= {r[2]: r[1] for r in statement.given if r[0] == "=" and isinstance(r[2], str) and r[1] not in solved}
    unit = _unit_variables(statement)
    rng = random.Random(20)  # noqa: S311 - a fixed seed: the same question gets the same witness
    for n in range(tries):
        point: dict[str, Any] = {}
        for name in names:
            if name in statement.integers:
                low, reach = _least(statement, name), min(4, 1 + n // 10)
                step = rng.randrange(reach if low is not None else 2 * reach - 1) if n else 0
                point[name] = _F(low + step if low is not None else (step + 1) // 2 * (-1) ** step)  # 0, 1, -1, 2 ...
            else:
                point[name] = _pick(rng, UNIT if name in unit else REALS, n)
        for name in free:
            point[name] = _fixed(statement, name, [_pick(rng, REALS, n) for _ in range(LENGTH)])
        for name, term in solved.items():
            try:
                low_, high_ = Evaluation(statement, point).value(term)
            except Rejected:
                continue
            if low_ == high_ and name in point:
                point[name] = low_
        yield point


def _fixed(statement: Statement, name: str, values: list[Fraction]) -> tuple[Fraction, ...]:
    """The values of a free sequence, those that a hypothesis g(n) = number gives put in their places."""
    for op, left, right in statement.given:
        at = left[2] if isinstance(left, tuple) and left[:2] == ("at", name) else None
        if op == "=" and isinstance(at, Fraction) and isinstance(right, Fraction) and 1 <= at <= len(values):
            values[int(at) - 1] = right
    return tuple(values)


def _pick(rng: random.Random, pool: tuple[Fraction, ...], n: int) -> Fraction:
    """The first of the pool at first, then mostly its beginning, later all of it."""
    spread = 2 + n // 20
    return pool[min(int(rng.expovariate(1.5 / spread)), len(pool) - 1) if n else 0]


def _unit_variables(statement: Statement) -> set[str]:
    """The variables that a hypothesis bounds from above by 1."""
    return {r[1] for r in statement.given if r[0] in ("<", "<=") and isinstance(r[1], str) and r[2] == 1}


def _least(statement: Statement, name: str) -> int | None:
    bounds = [r[1] for r in statement.given if r[0] == "<=" and r[2] == name and isinstance(r[1], Fraction)]
    return int(max(bounds)) if bounds else None


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
    if isinstance(value, tuple):
        if value:
            yield value[:-1]
        for i, number in enumerate(value):
            for smaller in _simpler(number):
                yield (*value[:i], smaller, *value[i + 1 :])
        return
    for candidate in (_F(0), _F(1), _F(2), _F(-1), _F(3), _F(1, 2)):
        if _size(candidate) < _size(value):
            yield candidate


def _size(value: Fraction) -> tuple[int, int, bool]:
    return (abs(value.numerator) + value.denominator - 1, value.denominator, value < 0)
