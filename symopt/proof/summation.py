"""Closed forms of finite sums, guessed by SymPy; the search proves what it uses of them (untrusted)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from .certificate import Relation, Statement, Term
from .checker import free_variables
from .reading import to_term


def closed_forms(statement: Statement, t: str) -> tuple[Relation, ...]:
    """Equations sum = closed form for the sums up to t, or t plus a number, in the claim."""
    found: dict[Term, Relation] = {}
    for relation in statement.claim:
        for total in _sums(relation):
            if t in free_variables(total[3]) and total not in found:
                form = _closed(total, statement.integers)
                if form is not None:
                    found[total] = ("=", total, form)
    return tuple(found.values())


def _sums(term: Any) -> list[Term]:
    if not isinstance(term, tuple):
        return []
    inner = [total for part in term[1:] for total in _sums(part)]
    return [*inner, term] if term[0] == "sum" else inner


def _closed(total: Term, integers: tuple[str, ...]) -> Term | None:
    _, name, low, high, body = total
    whole = {*integers, name}
    try:
        form = sp.summation(
            _to_sympy(body, whole), (_variable(name, whole), _to_sympy(low, whole), _to_sympy(high, whole))
        )
        if isinstance(form, sp.Piecewise):  # a special value first, the general case last
            form = form.args[-1].expr
        if form.has(sp.Sum) or form.has(sp.Piecewise):
            return None
        return to_term(sp.factor(form))
    except Exception:  # noqa: BLE001 - a guess: whatever SymPy makes of it, there is no closed form then
        return None


def _variable(name: str, whole: set[str]) -> sp.Symbol:
    return sp.Symbol(name, integer=True, nonnegative=True) if name in whole else sp.Symbol(name, real=True)


def _to_sympy(term: Term, whole: set[str]) -> sp.Expr:
    """The SymPy expression of a term without sequences and case distinctions."""
    if isinstance(term, (Fraction, int)):
        return sp.Rational(Fraction(term).numerator, Fraction(term).denominator)
    if isinstance(term, str):
        return _variable(term, whole)
    op, *args = term
    make: Any = {
        "exp": sp.exp,
        "log": sp.log,
        "+": sp.Add,
        "*": sp.Mul,
        "^": sp.Pow,
        "sqrt": sp.sqrt,
        "/": lambda a, b: a / b,
    }[op]
    return make(*(_to_sympy(arg, whole) for arg in args))
