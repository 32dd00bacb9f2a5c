"""Search for combinations that show a sign: p = sum of c * (product of facts) * (square), c > 0 (untrusted)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .certificate import Term
from .normal import Context
from .polynomial import Monomial, Poly, constant, plus
from .programming import Terms, by_programming, contradiction, degree_of
from .readback import factors, term_of
from .squares import by_squares

Combination = tuple[tuple[Term, ...], tuple[Any, ...], tuple[Any, ...]]
Steps = list[tuple[Any, ...]]
#: Nothing to add up: shows an equality whose gap is zero.
ZERO: Combination = ((), (), ())
MAX_DEGREE, MAX_SCALES = 10, 6  # of what a conjugate squares to, of the facts tried as factors of the claim


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
        or _first(context, p, op == "<", (by_programming,))
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
            shown = _first(context, negative, False, (_by_constant, _by_fact, _by_monomials))
            if shown:
                own = (Fraction(1), (term_of(context, dict(fact)),), Fraction(1))
                return ((), (own, *shown[1][1]), ())
    terms = contradiction(context)
    return None if terms is None else ((), terms, ())


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


def show_hard_sign(context: Context, p: Poly, op: str) -> tuple[Steps, Combination] | None:
    """As show_sign, by products of a higher degree and by squares that are not known beforehand."""
    return _first(context, p, op == "<", (_by_higher_degree, by_squares)) if op in ("<", "<=") else None


def _by_higher_degree(context: Context, p: Poly, strict: bool) -> Terms | None:
    return by_programming(context, p, strict, extra=1)


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
    for h in sorted(shared, key=degree_of)[:MAX_SCALES]:
        terms = _by_fact(context, context.times(p, h), op == "<")
        terms = by_programming(context, context.times(p, h), op == "<") if terms is None else terms
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
    if degree_of(square) > MAX_DEGREE or not more or not less or total == p:
        return None
    if any(_first(context, part, False, (_by_constant, _by_fact, _by_monomials)) is None for part in (more, less)):
        return None
    positive = _first(context, total, True, (_by_fact, _by_monomials, by_programming))
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
