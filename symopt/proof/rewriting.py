"""Known equalities, each solved for one atom that is replaced from then on (untrusted)."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from typing import Any

import sympy as sp

from .checker import free_variables
from .conditions import settle
from .explorer import Explorer, Failed
from .polynomial import Poly, constant, plus
from .positivity import Steps
from .readback import from_sympy, term_of, to_sympy


def rewrite_known(context: Explorer, steps: Steps) -> None:
    """Solve every known equality for one atom and replace it from now on; one that cannot be solved is left."""
    for fact in [fact for fact in context.facts if context.known(dict(fact), "=")]:
        e = settle(context, steps, ("<=", Fraction(0), term_of(context, dict(fact))))
        target = _solvable(context, e)
        if target is not None:
            with suppress(Failed):  # the coefficient may be zero
                _replace(context, steps, e, *target)


def _replace(context: Explorer, steps: Steps, e: Poly, atom: int, c: Poly) -> None:
    """Replace the atom by -rest/c, where e = c atom + rest = 0."""
    rest = {m: k for m, k in e.items() if (atom, 1) not in m}
    value = (
        ("/", ("*", Fraction(-1), term_of(context, rest)), term_of(context, c))
        if constant(c) is None
        else term_of(context, {m: -k / c[()] for m, k in rest.items()})
    )
    name = term_of(context, {((atom, 1),): Fraction(1)})
    gap = settle(context, steps, ("=", name, value))
    if not context.known(gap, "="):
        factor = _quotient(context, gap, e)
        relation = ("=", name, value)
        steps.append(("show", relation, ((), (), ((term_of(context, factor), term_of(context, e)),))))
        context.assume(relation)
    steps.append(("rewrite", name, value))
    context.rewrite(atom, context.normal(value))
    # Facts keep the roots that they were read with: hypotheses with roots are to be read again.
    context.pending = [n for n, given in enumerate(context.given) if n in context.pending or _has_root(given)]


def _has_root(term: Any) -> bool:
    return isinstance(term, tuple) and (term[0] == "sqrt" or any(map(_has_root, term[1:])))


def _solvable(context: Explorer, e: Poly) -> tuple[int, Poly] | None:
    """An atom that e contains linearly, with its coefficient; recurrent ones and constant coefficients first."""
    rank = {"at": 0, "sum": 1, "power": 2, "variable": 3}
    best = None
    for x in sorted({x for m in e for x, _ in m}):
        kind, name = context.kinds[x][:2]
        if kind == "variable" and name in context.integers and _is_index(context, name):
            continue  # facts about sequences would keep the index that they were read with
        if kind not in rank or any(n != 1 for m in e for y, n in m if y == x):
            continue
        if any(x in _support(context, y) for m in e for y, _ in m if y != x):
            continue
        c = {tuple(y for y in m if y[0] != x): k for m, k in e.items() if (x, 1) in m}
        score = (constant(c) is None, rank[kind], len(c), -x)
        if best is None or score < best[0]:
            best = (score, x, c)
    return None if best is None else (best[1], best[2])


def _is_index(context: Explorer, name: str) -> bool:
    """Whether facts are known of a sequence at an index that holds the integer."""
    atoms = {x for fact in context.facts for m, _ in fact for x, _ in m if context.kinds[x][0] == "at"}
    return any(name in free_variables(term_of(context, {((x, 1),): Fraction(1)})) for x in atoms)


def _support(context: Explorer, index: int) -> set[int]:
    """The atoms inside a compound atom: those that its polynomial names."""
    found: set[int] = set()
    for p in (context.squares.get(index), context.inverses.get(index)):
        if p:
            found |= {x for m in p for x, _ in m}
    return found


def _quotient(context: Explorer, p: Poly, e: Poly) -> Poly:
    """p / e where e divides p up to the relations between roots; the search only guesses, the checker decides."""
    quotient, remainder = sp.div(to_sympy(p), to_sympy(e))
    if remainder != 0 or plus(context.times(from_sympy(sp.expand(quotient)), e), p, -1):
        raise Failed("a known equality could not be solved")
    return from_sympy(sp.expand(quotient))
