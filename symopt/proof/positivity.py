"""Search for combinations that show a sign: p = sum of c * (product of facts) * (square), c > 0 (untrusted)."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from .certificate import Term
from .normal import Context, Rejected
from .polynomial import ONE, Monomial, Poly, constant, key, plus
from .readback import factors, term_of

Combination = tuple[tuple[Term, ...], tuple[Any, ...], tuple[Any, ...]]
Steps = list[tuple[Any, ...]]
#: Nothing to add up: shows an equality whose gap is zero.
ZERO: Combination = ((), (), ())
MAX_FACTS, MAX_ATOMS, MAX_DEGREE, MAX_COLUMNS, MAX_SCALES, MAX_TRIPLES = 30, 6, 10, 2500, 6, 12  # in one linear program


def show_sign(context: Context, p: Poly, op: str, *, deep: bool = False) -> tuple[Steps, Combination] | None:
    """Steps and a combination that show p = 0, p != 0, p >= 0 or p > 0 by the facts (op: =, !=, <=, <); or None.

    ``deep`` also tries p times each positive fact: for claims, too slow for every side condition.
    """
    if op == "=":
        if not p:
            return [], ZERO
        return ([], ((), (), ((Fraction(1), term_of(context, p)),))) if context.known(p, "=") else None
    if op == "!=":
        return _show_nonzero(context, p)
    return (
        _first(context, p, op == "<", (_by_constant, _by_fact, _by_monomials))
        or _by_factors(context, p, op)
        or _by_conjugate(context, p, op)
        or _first(context, p, op == "<", (_by_programming,))
        or (_by_scale(context, p, op) if deep else None)
    )


def _first(context: Context, p: Poly, strict: bool, attempts: Any) -> tuple[Steps, Combination] | None:
    for attempt in attempts:
        terms = attempt(context, p, strict)
        if terms is not None:
            return [], ((), terms, ())
    return None


def show_absurd(context: Context) -> Combination | None:
    """A combination of 0 < 0, where the facts contradict each other."""
    for fact, known in list(context.facts.items()):
        if ">" in known:
            negative = {m: -c for m, c in fact}
            shown = _first(context, negative, False, (_by_constant, _by_fact, _by_monomials, _by_programming))
            if shown:
                own = (Fraction(1), (term_of(context, dict(fact)),), Fraction(1))
                return ((), (own, *shown[1][1]), ())
    return None


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
    """Every monomial is a positive number times atoms of known sign times a square."""
    terms, positive = [], False
    for monomial, c in p.items():
        parts: list[Poly] = []
        square = []
        for x, n in monomial:
            atom: Poly = {((x, 1),): Fraction(1)}
            # an even power of a positive atom stays a product of facts, which keeps the term strict
            outside = n if context.known(atom, ">") else n % 2
            if outside and not context.known(atom, ">="):
                atom, c = {((x, 1),): Fraction(-1)}, -c
                if not context.known(atom, ">="):
                    return None
            parts += [atom] * outside
            square += [(x, (n - outside) // 2)] if n > outside else []
        if c <= 0:
            return None
        root: Poly = {tuple(square): Fraction(1)}
        terms.append((c, tuple(term_of(context, a) for a in parts), term_of(context, root)))
        nonzero = all(context.known({((x, 1),): Fraction(1)}, "!=") for x, _ in square)
        positive |= nonzero and all(context.known(a, ">") for a in parts)
    return tuple(terms) if positive or not strict else None


def _leaning(context: Context, monomial: Monomial, c: Fraction) -> Fraction:
    """The sign of a monomial as far as its atoms are known; those of unknown sign count as positive."""
    for x, n in monomial:
        if n % 2 and context.known({((x, 1),): Fraction(-1)}, ">="):
            c = -c
    return c


def _by_scale(context: Context, p: Poly, op: str) -> tuple[Steps, Combination] | None:
    """The sign of p from that of h p, for one positive fact h that shares an atom with p."""
    near = {x for m in p for x, _ in m}
    positive = [dict(fact) for fact, known in context.facts.items() if ">" in known]
    shared = [h for h in positive if near & {x for m in h for x, _ in m}]
    for h in sorted(shared, key=_degree)[:MAX_SCALES]:
        terms = _by_fact(context, context.times(p, h), op == "<")
        terms = _by_programming(context, context.times(p, h), op == "<") if terms is None else terms
        if terms is not None:
            return [], ((term_of(context, h),), terms, ())
    return None


def _by_conjugate(context: Context, p: Poly, op: str) -> tuple[Steps, Combination] | None:
    """b - a >= 0 from b^2 - a^2 >= 0 and b + a > 0, where p holds roots."""
    if not any(x in context.squares for m in p for x, _ in m):
        return None
    more = {m: c for m, c in p.items() if _leaning(context, m, c) > 0}
    less = {m: -c for m, c in p.items() if m not in more}
    total = plus(more, less)
    square = plus(context.times(more, more), context.times(less, less), -1)
    if _degree(square) > MAX_DEGREE or not more or not less or total == p:
        return None
    if any(_first(context, part, False, (_by_constant, _by_fact, _by_monomials)) is None for part in (more, less)):
        return None
    positive = _first(context, total, True, (_by_fact, _by_monomials, _by_programming))
    found = show_sign(context, square, op, deep=True) if positive else None
    if positive is None or found is None:
        return None
    term, gap = term_of(context, total), term_of(context, square)
    steps = [("show", ("<", Fraction(0), term), positive[1]), *found[0]]
    steps.append(("show", (op, Fraction(0), gap), found[1]))
    return steps, ((term,), ((Fraction(1), (gap,), Fraction(1)),), ())


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
    if not candidates or len(candidates) > MAX_COLUMNS:
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
    squares = _squares(context, p, near)
    one: tuple[Poly, bool] = ({(): Fraction(1)}, True)
    found = []
    for chosen in combinations_with_replacement([one, *facts], 3 if len(facts) <= MAX_TRIPLES else 2):
        room = degree - sum(_degree(h) for h, _ in chosen)
        if room < 0:
            continue
        hs = tuple(term_of(context, h) for h, _ in chosen if constant(h) is None)
        for q in squares if room >= 2 else squares[:1]:
            if 2 * _degree(q) <= room and (len(hs) < 3 or q == ONE):
                poly = _expanded(context, q, *(h for h, _ in chosen))
                positive = all(strict for _, strict in chosen) and (q == ONE or context.known(q, "!="))
                if poly:
                    found.append((hs, term_of(context, q), poly, positive))
    return found


def _expanded(context: Context, q: Poly, *factors_: Poly) -> Poly:
    """The product of the factors and q^2, remembered: the same come back in every search of a context."""
    known = context.__dict__.setdefault("products", {})
    name = (len(context.squares), key(q), *map(key, factors_))
    if name not in known:
        known[name] = context.product(q, q, *factors_)
    return known[name]  # type: ignore[no-any-return]


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
