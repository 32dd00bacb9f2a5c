"""From the checker's polynomials back to terms and to SymPy, for the untrusted search."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp

from .certificate import Term
from .normal import Context
from .polynomial import Key, Poly, key


def term_of(context: Context, p: Poly) -> Term:
    """A term whose normal form is p."""
    parts = []
    for monomial, c in sorted(p.items(), key=str):
        factors = [_atom_term(context, x, n) for x, n in monomial]
        if c != 1 or not factors:
            factors.insert(0, c)
        parts.append(factors[0] if len(factors) == 1 else ("*", *factors))
    return Fraction(0) if not parts else parts[0] if len(parts) == 1 else ("+", *parts)


def _atom_term(context: Context, index: int, power: int) -> Term:
    kind, *rest = context.kinds[index]
    if kind == "variable":
        term: Term = rest[0]
    elif kind == "sqrt":
        term = ("sqrt", term_of(context, dict(rest[0])))
    elif kind == "inverse":
        term = ("/", Fraction(1), term_of(context, dict(rest[0])))
    elif kind == "power":
        term = ("^", term_of(context, dict(rest[0])), term_of(context, dict(rest[1])))
    elif kind in ("exp", "log"):
        term = (kind, term_of(context, dict(rest[0])))
    elif kind == "real":
        term = ("^", term_of(context, dict(rest[0])), term_of(context, dict(rest[1])))
    elif kind == "root":
        term = ("^", term_of(context, dict(rest[0])), Fraction(1, rest[1]))
    elif kind == "at":
        term = ("at", rest[0], term_of(context, dict(rest[1])))
    elif kind == "if":
        gap, then, otherwise = (term_of(context, dict(part)) for part in rest)
        term = ("if", Fraction(0), gap, then, otherwise)
    else:
        bound, low, high = rest
        j = max((n for n in context.names[index] | _inner(context, bound) if n.startswith("#")), default="#1")
        body = term_of(context, {bound: Fraction(1)})
        term = ("sum", f"i{j[1:]}_", term_of(context, dict(low)), term_of(context, dict(high)), _renamed(body, j))
    return term if power == 1 else ("^", term, Fraction(power))


def _inner(context: Context, bound: Any) -> frozenset[str]:
    return frozenset().union(*(context.names[x] for x, _ in bound))


def _renamed(term: Term, j: str) -> Term:
    if term == j:
        return f"i{j[1:]}_"
    return (term[0], *(_renamed(part, j) for part in term[1:])) if isinstance(term, tuple) else term


def to_sympy(p: Poly) -> sp.Expr:
    """p with the atom number n as the symbol a_n."""
    return sp.Add(
        *(sp.Rational(c.numerator, c.denominator) * sp.Mul(*(_symbol(x) ** n for x, n in m)) for m, c in p.items())
    )


def from_sympy(expr: sp.Expr) -> Poly:
    """The polynomial of an expanded SymPy expression in the symbols of ``to_sympy``."""
    result: Poly = {}
    for monomial, c in (
        sp.Poly(expr, *sorted(expr.free_symbols, key=str)).terms() if expr.free_symbols else [((), expr)]
    ):
        symbols = sorted(expr.free_symbols, key=str)
        powers = tuple(sorted((int(s.name[2:]), int(n)) for s, n in zip(symbols, monomial, strict=True) if n))
        if c != 0:
            result[powers] = Fraction(int(c.p), int(c.q))
    return result


def _symbol(index: int) -> sp.Symbol:
    return sp.Symbol(f"a_{index}")


def factors(p: Poly) -> tuple[Fraction, list[tuple[Poly, int]]]:
    """The content and the irreducible factors of p over the rationals, with multiplicities."""
    content, parts = _factored(key(p))
    return content, [(dict(factor), n) for factor, n in parts]


@lru_cache(maxsize=4096)
def _factored(p: Key) -> tuple[Fraction, tuple[tuple[Key, int], ...]]:
    """The same, remembered: a proof asks for the factors of its facts again and again."""
    content, parts = sp.factor_list(to_sympy(dict(p)))
    return Fraction(int(content.p), int(content.q)), tuple((key(from_sympy(sp.expand(f))), int(n)) for f, n in parts)
