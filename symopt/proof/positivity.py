"""Search for combinations that show a sign: p = sum of c * (product of facts) * (square), c > 0 (untrusted)."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from .certificate import Term
from .normal import Context, Monomial, Poly, constant
from .readback import factors, term_of

Combination = tuple[tuple[Term, ...], tuple[Any, ...], tuple[Any, ...]]
Steps = list[tuple[Any, ...]]
#: Nothing to add up: shows an equality whose gap is zero.
ZERO: Combination = ((), (), ())
MAX_FACTS = 30  # in one linear program


def show_sign(context: Context, p: Poly, op: str) -> tuple[Steps, Combination] | None:
    """Steps and a combination that show p = 0, p != 0, p >= 0 or p > 0 by the facts (op: =, !=, <=, <); or None."""
    if op == "=":
        if not p:
            return [], ZERO
        return ([], ((), (), ((Fraction(1), term_of(context, p)),))) if context.known(p, "=") else None
    if op == "!=":
        return _show_nonzero(context, p)
    for attempt in (_by_constant, _by_fact, _by_monomials, _by_programming):
        terms = attempt(context, p, op == "<")
        if terms is not None:
            return [], ((), terms, ())
    return _by_factors(context, p, op)


def _show_nonzero(context: Context, p: Poly) -> tuple[Steps, Combination] | None:
    if not p:
        return None
    if context.known(p, "!="):
        return [], ((), ((Fraction(1), (term_of(context, p),), Fraction(1)),), ())
    found = show_sign(context, p, "<")
    if found:
        return found
    negative = {m: -c for m, c in p.items()}
    found = show_sign(context, negative, "<")
    if found:
        steps, combination = found
        term = term_of(context, negative)
        steps = [*steps, ("show", ("<", Fraction(0), term), combination)]
        return steps, ((), ((Fraction(1), (term_of(context, p),), Fraction(1)),), ())
    content, parts = factors(p)
    if len(parts) < 2 and not any(n > 1 for _, n in parts):
        return None
    steps, product = [], []
    for factor, n in parts:
        shown = _show_nonzero(context, factor)
        if shown is None:
            return None
        term = term_of(context, factor)
        steps += [*shown[0], ("show", ("!=", Fraction(0), term), shown[1])]
        product += [term] * n
    if content < 0:
        product[0] = ("*", Fraction(-1), product[0])
    return steps, ((), ((abs(content), tuple(product), Fraction(1)),), ())


def _by_constant(context: Context, p: Poly, strict: bool) -> tuple[Any, ...] | None:
    c = constant(p)
    if c is None or c < 0 or (strict and c == 0):
        return None
    return ((c, (), Fraction(1)),) if c else ()


def _by_fact(context: Context, p: Poly, strict: bool) -> tuple[Any, ...] | None:
    return ((Fraction(1), (term_of(context, p),), Fraction(1)),) if context.known(p, ">" if strict else ">=") else None


def _by_monomials(context: Context, p: Poly, strict: bool) -> tuple[Any, ...] | None:
    """Every monomial is a positive number times signed atoms times a square."""
    terms, positive = [], False
    for monomial, c in p.items():
        parts: list[Poly] = []
        square = []
        for x, n in monomial:
            atom: Poly = {((x, 1),): Fraction(1)}
            # an even power of a positive atom stays a product of facts, which keeps the term strict
            outside = n if context.known(atom, ">") else n % 2
            if outside and not context.known(atom, ">="):
                return None
            parts += [atom] * outside
            square += [(x, (n - outside) // 2)] if n > outside else []
        if c <= 0:
            return None
        root: Poly = {tuple(square): Fraction(1)}
        terms.append((c, tuple(term_of(context, a) for a in parts), term_of(context, root)))
        positive |= not square and all(context.known(a, ">") for a in parts)
    return tuple(terms) if positive or not strict else None


def _by_factors(context: Context, p: Poly, op: str) -> tuple[Steps, Combination] | None:
    """The sign of a product from the signs of its factors."""
    content, parts = factors(p)
    if len(parts) < 2 and not any(n > 1 for _, n in parts):
        return None
    steps: Steps = []
    product: list[Term] = []
    root: list[Term] = []
    for factor, n in parts:
        if n % 2 == 0 and op == "<=":
            root += [term_of(context, factor)] * (n // 2)
            continue
        for sign in (1, -1):
            signed = {m: c * sign for m, c in factor.items()}
            shown = show_sign(context, signed, op)
            if shown:
                term = term_of(context, signed)
                steps += [*shown[0], ("show", ("<" if op == "<" else "<=", Fraction(0), term), shown[1])]
                product += [term] * n
                content *= sign**n
                break
        else:
            return None
    if content < 0:
        return None
    square = ("*", Fraction(1), *root) if root else Fraction(1)
    return steps, ((), ((content, tuple(product), square),), ())


# ---------------------------------------------------------------- linear programming
def _by_programming(context: Context, p: Poly, strict: bool) -> tuple[Any, ...] | None:
    """Non-negative coefficients over products of at most two facts and squares of monomials, exact at the end."""
    candidates = _candidates(context, p)
    if not candidates:
        return None
    monomials = sorted({m for _, _, poly, _ in candidates for m in poly} | set(p))
    row = {m: i for i, m in enumerate(monomials)}
    matrix = np.zeros((len(monomials), len(candidates)))
    for j, (_, _, poly, _) in enumerate(candidates):
        for m, c in poly.items():
            matrix[row[m], j] = float(c)
    target = np.array([float(p.get(m, 0)) for m in monomials])
    chosen = _solve(matrix, target, [s for *_, s in candidates] if strict else None)
    if chosen is None:
        return None
    exact = _exactly([candidates[j][2] for j in chosen], p)
    if exact is None or any(c < 0 for c in exact):
        return None
    used = [(c, candidates[j]) for c, j in zip(exact, chosen, strict=True) if c > 0]
    if strict and not any(candidate[3] for _, candidate in used):
        return None
    return tuple((c, hs, q) for c, (hs, q, _, _) in used)


def _candidates(context: Context, p: Poly) -> list[tuple[tuple[Term, ...], Term, Poly, bool]]:
    near = {x for m in p for x, _ in m}
    signed = [(dict(fact), ">" in known) for fact, known in context.facts.items() if known & {">", ">="}]
    facts = _related(signed, near)
    degree = _degree(p)
    squares: list[Monomial] = [()] + [((x, 1),) for x in sorted(near)]
    one: tuple[Poly, bool] = ({(): Fraction(1)}, True)
    found = []
    for (a, sa), (b, sb) in combinations_with_replacement([one, *facts], 2):
        room = degree - _degree(a) - _degree(b)
        if room < 0:
            continue
        product = context.times(a, b)
        hs = tuple(term_of(context, h) for h in (a, b) if constant(h) is None)
        for square in squares if room >= 2 else squares[:1]:
            q: Poly = {square: Fraction(1)}
            poly = context.product(q, q, product) if square else product
            if poly:
                found.append((hs, term_of(context, q), poly, sa and sb and not square))
    return found


def _degree(p: Poly) -> int:
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


def _exactly(columns: list[Poly], p: Poly) -> list[Fraction] | None:
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
