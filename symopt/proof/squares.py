"""Sums of squares found one at a time: where a linear program fails, the square that it lacks most (untrusted)."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from .normal import Context
from .polynomial import ONE, Monomial, Poly, plus
from .programming import Candidate, Terms, as_terms, candidates, degree_of, exactly, spend

ROUNDS, MAX_ATOMS, MAX_BASIS, MAX_MULTIPLIERS, MAX_CANDIDATES = 40, 5, 24, 8, 400
GRIDS = (1, 2, 4, 8, 16, 64)  # denominators that the coefficients of a new square are rounded to
MARGINS = (Fraction(1, 8), Fraction(1, 1024))  # a strict claim: this much stays when the rest is shown to be >= 0


def by_squares(context: Context, p: Poly, strict: bool) -> Terms | None:
    """p as a sum of c * (product of facts) * (square of a polynomial), c > 0; strictly positive by a constant."""
    for margin in MARGINS if strict else (Fraction(0),):
        rest = plus(p, {(): margin}, -1)
        terms = _search(context, rest)
        if terms is not None:
            return (*terms, (margin, (), Fraction(1))) if margin else terms
    return None


def _search(context: Context, p: Poly) -> Terms | None:
    atoms = sorted({x for m in p for x, _ in m})
    degree = degree_of(p) + degree_of(p) % 2
    if not atoms or len(atoms) > MAX_ATOMS or degree < 2:
        return None
    found = candidates(context, p, degree)
    if len(found) > MAX_CANDIDATES:
        return None
    facts = [c for c in found if len(c.factors) == 1 and c.root == ONE][:MAX_MULTIPLIERS]
    multipliers = [Candidate((), ONE, ONE, True), *facts]
    bases = [_basis(atoms, (degree - degree_of(h.poly)) // 2) for h in multipliers]
    for _ in range(ROUNDS):
        spend(context)
        weights, dual = _nearest([c.poly for c in found], p)
        if dual is None:
            chosen = [c for c, w in zip(found, weights, strict=True) if w > 1e-9]
            exact = exactly([c.poly for c in chosen], p)
            if exact is not None and all(c >= 0 for c in exact):
                return as_terms(context, list(zip(exact, chosen, strict=True)))
            return None
        new = [c for h, basis in zip(multipliers, bases, strict=True) for c in _lacking(context, h, basis, dual)]
        new = [c for c in new if all(c.poly != known.poly for known in found)]
        if not new:
            return None
        found += new
    return None


def _basis(atoms: list[int], degree: int) -> list[Monomial]:
    """The monomials up to a degree, few enough."""
    found: list[Monomial] = []
    for d in range(degree + 1):
        for chosen in combinations_with_replacement(atoms, d):
            found.append(tuple((x, chosen.count(x)) for x in sorted(set(chosen))))
    return found[:MAX_BASIS]


def _nearest(columns: list[Poly], p: Poly) -> tuple[Any, dict[Monomial, float] | None]:
    """Weights >= 0 whose sum of columns is nearest to p; and where it is not p, a functional that tells them apart."""
    from scipy.optimize import linprog

    monomials = sorted({m for poly in columns for m in poly} | set(p))
    row = {m: i for i, m in enumerate(monomials)}
    matrix = np.zeros((len(monomials), len(columns)))
    for j, poly in enumerate(columns):
        for m, c in poly.items():
            matrix[row[m], j] = float(c)
    target = np.array([float(p.get(m, 0)) for m in monomials])
    slack = np.eye(len(monomials))
    cost = np.concatenate([np.zeros(len(columns)), np.ones(2 * len(monomials))])
    result = linprog(cost, A_eq=np.hstack([matrix, slack, -slack]), b_eq=target, bounds=(0, None), method="highs-ds")
    if result.status != 0:
        return np.zeros(len(columns)), {}
    if result.fun < 1e-7:
        return result.x[: len(columns)], None
    return result.x[: len(columns)], dict(zip(monomials, -np.asarray(result.eqlin.marginals), strict=True))


def _lacking(context: Context, h: Candidate, basis: list[Monomial], dual: dict[Monomial, float]) -> list[Candidate]:
    """The squares, times a fact, to which the functional gives the least: a negative value where it gives p one."""
    if not dual or not basis:
        return []
    squares = [[context.product(h.poly, {a: Fraction(1)}, {b: Fraction(1)}) for b in basis] for a in basis]
    if any(m not in dual for line in squares for q in line for m in q):
        dual = {m: 1.0 if not m else 0.0 for line in squares for q in line for m in q} | dual
    moments = np.array([[sum(float(c) * dual[m] for m, c in q.items()) for q in line] for line in squares])
    values, vectors = np.linalg.eigh(moments)
    found = []
    for k in range(min(2, len(basis))):
        if values[k] < -1e-9:
            found += _rounded(context, h, basis, vectors[:, k], moments)
    return found


def _rounded(context: Context, h: Candidate, basis: list[Monomial], vector: Any, moments: Any) -> list[Candidate]:
    """The coarsest and a fine rounding of the vector that the functional still gives a negative value."""
    vector = vector / vector[np.argmax(np.abs(vector))]
    found = []
    for grid in GRIDS:
        near = np.round(vector * grid)
        if near @ moments @ near < 0:
            q: Poly = {m: Fraction(int(c), grid) for m, c in zip(basis, near, strict=True) if c}
            poly = context.product(q, q, h.poly)
            found.append(Candidate(h.factors, q, poly, False))
    return [found[0], found[-1]] if len(found) > 1 else found
