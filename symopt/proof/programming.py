"""Linear programs for signs: non-negative weights on products of facts and squares, exact at the end (untrusted)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from .normal import Context, Rejected
from .polynomial import ONE, Key, Monomial, Poly, key, plus
from .readback import term_of

Terms = tuple[Any, ...]  # of (c, factors, root): c * factors * root^2
STRICT: Monomial = ((-1, 1),)  # no atom's: counts the positive candidates
MAX_FACTS, MAX_ATOMS, MAX_COLUMNS, MAX_TRIPLES = 30, 6, 2500, 12  # in one linear program


@dataclass(frozen=True)
class Candidate:
    """A product of facts and a square, ``poly``, which is >= 0, or > 0 if ``positive``."""

    factors: tuple[Poly, ...]
    root: Poly
    poly: Poly
    positive: bool


def by_programming(context: Context, p: Poly, strict: bool, extra: int = 0) -> Terms | None:
    """p as a sum of candidates of its degree, or of a greater one by ``extra``."""
    spend(context)
    found = candidates(context, p, degree_of(p) + extra, equalities=extra > 0)
    if not found or len(found) > MAX_COLUMNS:
        return None
    return _weighted(context, found, [c.poly for c in found], p, strict=strict)


def _weighted(
    context: Context, found: list[Candidate], columns: list[Poly], p: Poly, *, strict: bool = False
) -> Terms | None:
    """Weights >= 0 with which the columns add up to p, on a positive candidate if strict; exact."""
    monomials = sorted({m for poly in columns for m in poly} | set(p))
    _expand(len(monomials) * len(columns) // 100)
    row = {m: i for i, m in enumerate(monomials)}
    matrix = np.zeros((len(monomials), len(columns)))
    for j, poly in enumerate(columns):
        for m, c in poly.items():
            matrix[row[m], j] = float(c)
    target = np.array([float(p.get(m, 0)) for m in monomials])
    chosen = _solve(matrix, target, [c.positive for c in found] if strict else None)
    exact = None if chosen is None else exactly([columns[j] for j in chosen], p)
    if chosen is None or exact is None or any(c < 0 for c in exact):
        return None
    weighted = [(c, found[j]) for c, j in zip(exact, chosen, strict=True) if c > 0]
    return None if strict and not any(c.positive for _, c in weighted) else as_terms(context, weighted)


_room: ContextVar[list[int] | None] = ContextVar("room", default=None)


@contextmanager
def limited(terms: int) -> Iterator[None]:
    """Searches inside may expand products to so many terms in all, the same on every machine; then they give up."""
    token = _room.set([terms])
    try:
        yield
    finally:
        _room.reset(token)


def _expand(terms: int) -> None:
    room = _room.get()
    if room is not None:
        room[0] -= terms
        if room[0] < 0:
            raise Rejected("the search gave up")


def spend(context: Context) -> None:
    """Count one linear program; Rejected once a search has had its share, which is the same on every machine."""
    effort = getattr(context, "effort", None)
    if effort:
        effort[0] -= 1
        if effort[0] < 1:
            raise Rejected("the search gave up")


def contradiction(context: Context) -> Terms | None:
    """Candidates, one of them positive, whose weighted sum is 0: the facts contradict each other.

    All of them; where these are too many or show nothing, those that speak only of the atoms of the last fact about
    more than one, which is the case that was supposed last.
    """
    facts = [dict(fact) for fact in context.facts]
    degree = max(map(degree_of, facts), default=0)
    for bound in (degree, degree + 1):
        found = candidates(context, _atoms(*facts), max(bound, 2), equalities=True)
        if not found or len(found) > MAX_COLUMNS:
            break
        if terms := _absurd(context, found):
            return terms
    last = next((fact for fact in reversed(facts) if len(_atoms(fact)) > 1), None)
    found = candidates(context, _atoms(last), degree_of(last), within=True) if last else []
    return _absurd(context, found) if 0 < len(found) <= MAX_COLUMNS else None


def _atoms(*facts: Poly) -> Poly:
    """The sum of all atoms that facts speak of."""
    return {((x, 1),): Fraction(1) for fact in facts for m in fact for x, _ in m}


def _absurd(context: Context, found: list[Candidate]) -> Terms | None:
    """Weights with which candidates add up to 0; the positive ones weigh 1, as if each had a monomial more."""
    columns = [c.poly | {STRICT: Fraction(1)} if c.positive else c.poly for c in found]
    return _weighted(context, found, columns, {STRICT: Fraction(1)})


def as_terms(context: Context, weighted: list[tuple[Fraction, Candidate]]) -> Terms:
    """The terms of a combination."""
    return tuple(
        (c, tuple(term_of(context, h) for h in candidate.factors), term_of(context, candidate.root))
        for c, candidate in weighted
        if c
    )


def candidates(
    context: Context, p: Poly, degree: int, *, equalities: bool = False, within: bool = False
) -> list[Candidate]:
    """Products of at most three facts about the atoms of p, and squares of small polynomials, up to a degree.

    ``equalities``: these too are facts to multiply with, in both directions. ``within``: facts about no other atoms.
    """
    near = {x for m in p for x, _ in m}
    signed = [(dict(fact), ">" in known) for fact, known in context.facts.items() if known & {">", ">="}]
    if equalities:
        equal = [dict(fact) for fact, known in context.facts.items() if "=" in known]
        signed += [(h, False) for fact in equal for h in (fact, {m: -c for m, c in fact.items()})]
    if within:
        signed = [(fact, strict) for fact, strict in signed if {x for m in fact for x, _ in m} <= near]
    facts = [(h, key(h), degree_of(h), strict) for h, strict in _related(signed, near)]
    squares = [(q, key(q), degree_of(q), context.known(q, "!=")) for q in _squares(context, p, near)]
    one = (ONE, key(ONE), 0, True)
    found = []
    for chosen in combinations_with_replacement([one, *facts], 3 if len(facts) <= MAX_TRIPLES else 2):
        room = degree - sum(d for _, _, d, _ in chosen)
        if room < 0:
            continue
        hs = tuple(h for h, _, d, _ in chosen if d)
        names, strict = tuple(name for _, name, _, _ in chosen), all(s for *_, s in chosen)
        for q, name, d, nonzero in squares if room >= 2 else squares[:1]:
            if 2 * d <= room and (len(hs) < 3 or d == 0):
                poly = _expanded(context, (name, *names), q, hs)
                if poly:
                    found.append(Candidate(hs, q, poly, strict and nonzero))
    return found


def _expanded(context: Context, name: tuple[Key, ...], q: Poly, factors_: tuple[Poly, ...]) -> Poly:
    """The product of the factors and q^2, remembered: the same come back in every search of a context."""
    known = context.__dict__.setdefault("products", {})
    name_ = (len(context.squares), *name)
    if name_ not in known:
        known[name_] = context.product(q, q, *factors_)
        _expand(1 + len(known[name_]))
    return known[name_]  # type: ignore[no-any-return]


def _squares(context: Context, p: Poly, near: set[int]) -> list[Poly]:
    """1, the atoms of p, and the sums and differences of two of them."""
    atoms: list[Poly] = [{((x, 1),): Fraction(1)} for x in sorted(near)]
    pairs = [plus(a, b, sign) for i, a in enumerate(atoms) for b in atoms[:i] for sign in (1, -1)]
    hinted: list[Poly] = []
    for hint in getattr(context, "hints", ()):
        with suppress(Rejected):  # a hint about t + 1 says nothing where t has a value
            hinted.append(context.normal(hint))
    completed = [q for x in sorted(near) for q in _completed(p, x)]
    return [ONE, *atoms, *completed, *(hinted or (pairs if len(atoms) <= MAX_ATOMS else ()))]


def _completed(p: Poly, x: int) -> list[Poly]:
    """x + b/2a, where p = a x^2 + b x + c with a number a > 0: what completing the square squares."""
    powers = [dict(monomial).get(x, 0) for monomial in p]
    a = p.get(((x, 2),), Fraction(0))
    if a <= 0 or max(powers) > 2 or powers.count(2) > 1:
        return []
    linear = {
        tuple(y for y in m if y[0] != x): c / (2 * a) for (m, c), n in zip(p.items(), powers, strict=True) if n == 1
    }
    return [plus({((x, 1),): Fraction(1)}, linear)] if linear else []


def degree_of(p: Poly) -> int:
    """The total degree in the atoms."""
    return max((sum(n for _, n in m) for m in p), default=0)


def _related(facts: list[tuple[Poly, bool]], near: set[int]) -> list[tuple[Poly, bool]]:
    """The facts about the atoms of p, then about the atoms those mention, while they are few."""
    atoms = set(near)
    chosen: list[tuple[Poly, bool]] = []
    for _ in range(3):
        new = [f for f in facts if f not in chosen and any(x in atoms for m in f[0] for x, _ in m)]
        if not new or len(chosen) + len(new) > MAX_FACTS:
            break
        chosen += new
        atoms |= {x for f, _ in new for m in f for x, _ in m}
    return chosen


def _solve(matrix: Any, target: Any, strict: list[bool] | None) -> list[int] | None:
    from scipy.optimize import linprog

    cost = np.ones(matrix.shape[1]) if strict is None else -np.array(strict, dtype=float)
    result = linprog(cost, A_eq=matrix, b_eq=target, bounds=(0, 1e6), method="highs-ds")
    return [j for j, c in enumerate(result.x) if c > 1e-9] if result.status == 0 else None


def exactly(columns: list[Poly], p: Poly) -> list[Fraction] | None:
    """The exact coefficients of p in the columns, by elimination over the rationals."""
    rows = [
        [c.get(m, Fraction(0)) for c in columns] + [p.get(m, Fraction(0))]
        for m in sorted({m for c in columns for m in c} | set(p))
    ]
    width, done = len(columns), 0
    for j in range(width):
        pivot = next((i for i in range(done, len(rows)) if rows[i][j]), None)
        if pivot is None:
            return None
        rows[done], rows[pivot] = rows[pivot], rows[done]
        rows[done] = [value / rows[done][j] for value in rows[done]]
        for i, other in enumerate(rows):
            if i != done and other[j]:
                rows[i] = [v - other[j] * w for v, w in zip(other, rows[done], strict=True)]
        done += 1
    return [rows[j][width] for j in range(width)] if not any(r[width] for r in rows[done:]) else None
