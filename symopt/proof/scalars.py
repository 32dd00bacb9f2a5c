"""Scalars under roots that two formulas have in common, as numbers of which nothing is known.

What holds whatever the number is, holds for the scalar: so neither its divisors nor its sign need to be shown again for
a comparison in which it is only ever compared with itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any

import sympy as sp

from symopt.language import Reduction, rebuild

HALF = sp.Rational(1, 2)


def without_common_scalars(
    own: Mapping[str, sp.Expr], other: Mapping[str, sp.Expr], inputs: Collection[str]
) -> tuple[dict[str, sp.Expr], dict[str, sp.Expr]]:
    """Both formulas, with a number for each scalar under a root in one that also stands somewhere in the other.

    ``inputs``: those that are scalars themselves. They are the same up to the order of terms and factors.
    """
    scalars, every = set(map(sp.Symbol, inputs)), [*own.values(), *other.values()]
    roots = {_key(part) for expr in every for part in _radicands(expr, scalars)}
    if not roots:
        return dict(own), dict(other)
    mine, theirs = ({_key(part) for expr in outputs.values() for part in _parts(expr)} for outputs in (own, other))
    common = sorted(roots & mine & theirs, key=str)
    taken = {s.name for expr in every for s in expr.free_symbols}
    names = (name for name in map("scalar{}".format, range(1, 10_000)) if name not in taken)
    numbers = {key: sp.Symbol(name) for key, name in zip(common, names, strict=False)}
    first, second = ({n: _put(e, numbers) for n, e in outputs.items()} for outputs in (own, other))
    return first, second


def _parts(expr: Any) -> Iterator[Any]:
    yield expr
    for arg in expr.args:
        yield from _parts(arg)


def _radicands(expr: Any, scalars: Collection[Any]) -> Iterator[Any]:
    """What is under roots, or is a case of that, computed of scalars with a division."""
    for part in _parts(expr):
        if isinstance(part, sp.Pow) and part.exp == HALF:
            for inner in _cases(part.base):
                divides = any(isinstance(p, sp.Pow) and p.exp.is_negative for p in _parts(inner))
                if divides and inner.free_symbols <= scalars and not inner.has(Reduction):
                    yield inner


def _cases(expr: Any) -> Iterator[Any]:
    if isinstance(expr, sp.Piecewise):
        for value, _ in expr.args:
            yield from _cases(value)
    else:
        yield expr


def _put(expr: Any, numbers: Mapping[Any, sp.Symbol]) -> Any:
    if not expr.args:
        return expr
    if (key := _key(expr)) in numbers:
        return numbers[key]
    args = tuple(_put(arg, numbers) for arg in expr.args)
    return expr if args == expr.args else rebuild(expr, args)


@lru_cache(maxsize=10_000)
def _key(expr: Any) -> Any:
    """The same for expressions that are so but for the order and grouping of terms and of factors."""
    if not expr.args:
        return expr
    args = [_key(arg) for arg in expr.args]
    if isinstance(expr, (sp.Add, sp.Mul)):
        flat = [part for arg in args for part in (arg[1] if isinstance(arg, tuple) and arg[0] is expr.func else (arg,))]
        return expr.func, tuple(sorted(flat, key=str))
    return expr.func, tuple(args)
