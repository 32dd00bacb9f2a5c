"""Relations between the states of two runs, guessed from a few exact steps; proofs decide (untrusted)."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

import sympy as sp

from symopt.language import GRADIENT, PARAMETER

from .certificate import Relation, Statement
from .claims import Run
from .evaluation import Evaluation
from .normal import Rejected

STEPS, SAMPLES, TOLERANCE = 4, 3, 1e-9
Values = Mapping[str, tuple[float, ...]]  # of each sequence, at the steps 0 ... STEPS


def correspondence(one: Run, two: Run, t: sp.Symbol) -> list[Any]:
    """Equations, one for each state of ``two`` that is a multiple of a state of ``one``, or of that and x, as far as
    a few steps show. The factor is a product of hyperparameters h, 1 - h and their inverses.
    """
    samples = [sample for seed in range(SAMPLES) if (sample := _sample(one, two, seed)) is not None]
    if not samples:
        return []
    factors = list(_factors([point for point, _, _ in samples]))
    own = [name for name in one.functions if name != GRADIENT]
    found = []
    for name in two.functions:
        if name in (PARAMETER, GRADIENT):
            continue
        for formula, values in _candidates(own, one, samples, name, t):
            factor = _match(values, factors)
            if factor is not None:
                found.append(sp.Eq(getattr(two, name)(t), formula(factor)))
                break
    return found


def _candidates(own: list[str], one: Run, samples: list[Any], name: str, t: sp.Symbol) -> Iterator[tuple[Any, Any]]:
    """How the state may be made of the other run's, and the factor that this takes in each sample, None for none."""
    states = sorted((n for n in own if n != PARAMETER), key=lambda n: n != name)
    for other in [*states, PARAMETER]:
        f = one.functions[other]
        yield (lambda c, f=f: c * f(t)), [_ratio(b[name], a[other]) for _, a, b in samples]
    x = one.functions[PARAMETER]
    for other in states:
        f = one.functions[other]
        ratios = [_ratio(_minus(b[name], a[PARAMETER]), a[other]) for _, a, b in samples]
        yield (lambda c, f=f: x(t) + c * f(t)), ratios


def _minus(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(p - q for p, q in zip(a, b, strict=True))


def _ratio(above: tuple[float, ...], below: tuple[float, ...]) -> float | None:
    """The number that the first is of the second at every step, if there is one."""
    pairs = list(zip(above, below, strict=True))
    known = [p / q for p, q in pairs if q]
    if not known or any(p and not q for p, q in pairs):
        return None
    return known[0] if all(abs(r - known[0]) <= TOLERANCE * abs(known[0]) for r in known) else None


def _match(values: list[float | None], factors: list[tuple[Any, list[float]]]) -> Any:
    if any(value is None for value in values):
        return None
    for factor, numbers in factors:
        if all(abs(v - n) <= TOLERANCE * abs(n) for v, n in zip(values, numbers, strict=True) if v is not None):
            return factor
    return None


def _factors(points: list[Mapping[str, Any]]) -> Iterator[tuple[Any, list[float]]]:
    """1, and products of at most two of h, 1 - h and their inverses, with either sign; with their values."""
    units: list[tuple[Any, list[float]]] = [(sp.Integer(1), [1.0] * len(points))]
    for name in sorted(n for n, value in points[0].items() if isinstance(value, Fraction) and not n.startswith("x0")):
        h, numbers = sp.Symbol(name), [float(point[name]) for point in points]
        if all(0 < n < 1 for n in numbers):
            units += [(1 - h, [1 - n for n in numbers]), (1 / (1 - h), [1 / (1 - n) for n in numbers])]
        if all(numbers):
            units += [(h, numbers), (1 / h, [1 / n for n in numbers])]
    for (p, a), (q, b) in combinations_with_replacement(units, 2):
        for sign in (1, -1):
            yield sign * p * q, [sign * m * n for m, n in zip(a, b, strict=True)]


def _sample(one: Run, two: Run, seed: int) -> tuple[Mapping[str, Any], Values, Values] | None:
    """Hyperparameters inside their domains, and the values of both runs on the same random gradients."""
    rng = random.Random(seed)  # noqa: S311 - a fixed seed: the same question, the same guess
    given: tuple[Relation, ...] = (*one.given, *two.given)
    sequences = {s.name: s for s in (*one.sequences, *two.sequences)}
    names = sorted({side for r in given for side in r[1:] if isinstance(side, str)})
    below_one = {r[1] for r in given if r[0] in ("<", "<=") and r[2] == 1}
    point: dict[str, Any] = {n: Fraction(rng.randint(1, 8), 9 if n in below_one else 7) for n in names}
    point[f"{PARAMETER}0"] = Fraction(rng.randint(1, 20), 7)
    point[GRADIENT] = tuple(Fraction(rng.choice((-1, 1)) * rng.randint(1, 9), rng.randint(1, 5)) for _ in range(STEPS))
    statement = Statement((), (), (), tuple(sequences.values()))
    try:
        evaluation = Evaluation(statement, point)
        return point, _values(evaluation, one), _values(evaluation, two)
    except Rejected:
        return None


def _values(evaluation: Evaluation, run: Run) -> Values:
    found = {}
    for name, function in run.functions.items():
        if name != GRADIENT:
            ends = [evaluation.value(("at", function.__name__, Fraction(k))) for k in range(STEPS + 1)]
            found[name] = tuple(float((low + high) / 2) for low, high, _ in ends)
    return found
