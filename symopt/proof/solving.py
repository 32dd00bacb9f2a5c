"""Real solutions of small systems of polynomial equations, by square roots and isolated roots of polynomials.

Untrusted: what is found need not solve the system, and not all that solves it is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import floor

import sympy as sp

from .algebraic import Root
from .certificate import Term
from .reading import to_term

Known = Mapping[sp.Symbol, sp.Expr]  # values: rationals, square roots, sp.CRootOf, and what + * / make of them
MOST_STEPS, MOST_ROOTS = 12, 16  # of the solution of a system; the degree of an equation
FILL = (0, 1, 2, -1, sp.Rational(1, 2), 3)  # for unknowns that the equations leave free


def solve(equations: Sequence[sp.Expr], known: Known, steps: int = MOST_STEPS) -> Iterator[Known]:
    """What the symbols can be where the polynomials are zero; ``known`` are those that have a value already.

    Equations in one unknown first, then those where an unknown is linear, then resultants; then an unknown is chosen.
    """
    rest = [e for e in map(sp.expand, equations) if e != 0]
    if steps == 0 or any(not e.free_symbols for e in rest):
        return
    left = [(sorted(e.free_symbols - known.keys(), key=str), e) for e in rest]
    left = sorted((pair for pair in left if pair[0]), key=lambda pair: (len(pair[0]), _degree(pair), str(pair[1])))
    if not left:
        yield known
    elif len(left[0][0]) == 1:
        (x,), equation = left[0]
        for value in _roots(sp.Poly(equation, x), known, rest):
            yield from solve([_put(e, x, value) for e in rest], {**known, x: value}, steps - 1)
    else:
        linear = next(((x, p) for unknowns, e in left for x in unknowns if _is_linear(p := sp.Poly(e, x))), None)
        resultant = next(_resultants(left), None) if linear is None and steps > 6 else None
        if linear:
            yield from _solve_linear(*linear, rest, known, steps)
        elif resultant is not None:
            yield from solve([*rest, resultant], known, steps - 6)
        else:
            x = left[0][0][-1]
            for value in map(sp.Rational, FILL):
                yield from solve([_put(e, x, value) for e in rest], {**known, x: value}, steps - 1)


def real_roots(coefficients: Sequence[Fraction]) -> list[sp.Expr]:
    """The real roots of a polynomial with these coefficients (of 1, x, x^2, ...)."""
    numbers = [sp.Rational(c.numerator, c.denominator) for c in reversed(coefficients)]
    return list(_roots(sp.Poly(numbers, sp.Symbol("x")), {}, ()))


def closed(value: sp.Expr) -> Term:
    """A number as a term, for a point."""
    roots = {sp.Symbol(f"root {n}"): root for n, root in enumerate(sorted(value.atoms(sp.CRootOf), key=str))}
    term = to_term(value.subs({root: symbol for symbol, root in roots.items()}))
    return _put_roots(term, {symbol.name: _isolated(root) for symbol, root in roots.items()})


def _put_roots(term: Term, roots: Mapping[str, Term]) -> Term:
    if isinstance(term, str):
        return roots[term]
    return (term[0], *(_put_roots(part, roots) for part in term[1:])) if isinstance(term, tuple) else term


def _degree(pair: tuple[list[sp.Symbol], sp.Expr]) -> int:
    return int(sp.Poly(pair[1], *pair[0]).total_degree())


def _put(equation: sp.Expr, x: sp.Symbol, value: sp.Expr) -> sp.Expr:
    """The equation with a rational in place of the symbol; other numbers stay symbols."""
    return equation.subs(x, value) if value.is_Rational else equation


def _number(expression: sp.Expr, known: Known) -> sp.Expr:
    """An expression's value, with few roots and none in the denominator."""
    return sp.expand(sp.radsimp(sp.sqrtdenest(sp.expand(expression.subs(known)))))


def _is_linear(p: sp.Poly) -> bool:
    return bool(p.degree() == 1 and p.LC().is_number)


def _solve_linear(x: sp.Symbol, p: sp.Poly, rest: list[sp.Expr], known: Known, steps: int) -> Iterator[Known]:
    """Solve the others without x, then put what they give into the equation that is linear in x."""
    value = sp.expand(-p.nth(0) / p.LC())
    for found in solve([e.subs(x, value) for e in rest], known, steps - 1):
        whole = {**dict.fromkeys(sorted(value.free_symbols, key=str), sp.Integer(1)), **found}
        yield {**whole, x: _number(value, whole)}


def _resultants(left: Sequence[tuple[list[sp.Symbol], sp.Expr]]) -> Iterator[sp.Expr]:
    """Equations without one of the unknowns of two equations."""
    (unknowns, first), *others = left
    for also, second in others:
        for x in (x for x in unknowns if x in also):
            resultant = sp.resultant(first, second, x)
            if resultant != 0:
                yield resultant


def _roots(p: sp.Poly, known: Known, equations: Sequence[sp.Expr]) -> Iterator[sp.Expr]:
    """The real roots of a polynomial, whose coefficients may have known symbols."""
    symbols = sorted(p.free_symbols_in_domain, key=str)
    if not symbols:
        for factor, _ in p.factor_list()[1]:
            yield from _roots_of_irreducible(factor)
    elif p.degree() <= 2:
        yield from _roots_of_irreducible(sp.Poly([_number(c, known) for c in p.all_coeffs()], p.gen, domain="EX"))
    else:  # the conjugates of the coefficients all at once, by resultants with what defines them
        for symbol in symbols:
            defining = next((e for e in equations if e.free_symbols == {symbol}), None)
            if defining is None:
                return
            p = sp.Poly(sp.resultant(p.as_expr(), defining, symbol), p.gen)
        yield from _roots(p, known, ())


def _roots_of_irreducible(p: sp.Poly) -> Iterator[sp.Expr]:
    """By square roots where these do, or else as isolated roots; positive ones first."""
    c = p.all_coeffs()
    if p.degree() == 1:
        yield _number(-c[1] / c[0], {})
    elif p.degree() == 2:
        middle, square = _number(-c[1] / (2 * c[0]), {}), _number((c[1] ** 2 - 4 * c[0] * c[2]) / (4 * c[0] ** 2), {})
        if square.is_nonnegative:
            yield from (_number(middle + sp.sqrt(square), {}), _number(middle - sp.sqrt(square), {}))
    elif p.degree() == 4 and c[1] == c[3] == 0:
        for square in _roots_of_irreducible(sp.Poly(c[::2], p.gen)):
            if square.is_positive:
                yield from (_number(sp.sqrt(square), {}), _number(-sp.sqrt(square), {}))
    elif p.degree() <= MOST_ROOTS:
        yield from sorted((sp.CRootOf(p, n) for n in range(p.count_roots())), key=lambda r: (r < 0) == sp.true)


def _isolated(root: sp.CRootOf) -> Term:
    """The root of a polynomial with an interval of short ends, which the checker accepts."""
    p = root.poly
    coefficients = tuple(Fraction(int(c.p), int(c.q)) for c in reversed(p.all_coeffs()))
    low, high = p.intervals()[root.index][0]
    for digits in range(30):
        scale = 10**digits
        low, high = p.refine_root(low, high, eps=sp.Rational(1, 10 * scale))
        ends = (Fraction(floor(low * scale), scale), Fraction(floor(low * scale) + 1, scale))
        try:
            Root(coefficients, *ends)
        except ValueError:
            continue
        return ("root", coefficients, *ends)
    raise ZeroDivisionError("the root is too close to another")
