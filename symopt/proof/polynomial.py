"""Polynomials with rational coefficients over numbered atoms, as dictionaries (trusted, standard library only)."""

from __future__ import annotations

from fractions import Fraction

Monomial = tuple[tuple[int, int], ...]  # (atom, exponent), sorted
Poly = dict[Monomial, Fraction]
Key = tuple[tuple[Monomial, Fraction], ...]
ONE: Poly = {(): Fraction(1)}


def key(p: Poly) -> Key:
    """The polynomial as a dictionary key."""
    return tuple(sorted(p.items()))


def plus(p: Poly, q: Poly, scale: Fraction | int = 1) -> Poly:
    """p + scale q."""
    total = dict(p)
    for monomial, c in q.items():
        total[monomial] = total.get(monomial, 0) + scale * c
    return {monomial: c for monomial, c in total.items() if c}


def constant(p: Poly) -> Fraction | None:
    """The number that p is, if it is one."""
    return Fraction(0) if not p else p[()] if len(p) == 1 and () in p else None


def increase(total: Poly, part: Poly) -> Poly:
    """Add to a total in place, terms that cancel left as zeros."""
    for monomial, c in part.items():
        total[monomial] = total.get(monomial, Fraction(0)) + c
    return total


def scaled(p: Poly, sign: int = 1) -> Key:
    """The key of p (of -p, for sign -1) divided by the absolute value of its leading coefficient."""
    lead = abs(p[max(p)]) * sign
    return key({monomial: c / lead for monomial, c in p.items()})
