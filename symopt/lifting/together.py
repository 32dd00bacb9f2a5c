"""Sums over all tensors of a model, read off a trace of two: x, and one that stands for every other tensor.

What belongs to the other tensor has names of its own, ``g~`` beside ``g``; where the same is added up of both, the sum
is one over the elements of all tensors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from symopt.language import REDUCTIONS, Reduction, rebuild, substitute

from .errors import LiftError

MARK = "~"
#: The other tensor's length along each axis: not that of x, so that it is known whose even a constant is.
LENGTH = 3
#: The number 1, as it is added up over the elements of the other tensor.
ONE = sp.Symbol(f"1{MARK}")


def other(name: str) -> str:
    """The other tensor's name for what x has under that one."""
    return name + MARK


def over_all(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs with sums over all tensors; LiftError where they depend on the other tensor in another way."""
    seen: dict[Any, Any] = {}
    found = {name: _joined(expr, seen) for name, expr in outputs.items()}
    for name, expr in found.items():
        if _others(expr):
            raise LiftError(f"{name} depends on the other tensors in another way than by sums over all of them")
    return found


def _others(expr: Any) -> list[Any]:
    return [symbol for symbol in expr.free_symbols if symbol.name.endswith(MARK)]


def _joined(expr: Any, seen: dict[Any, Any]) -> Any:
    if not expr.args or not _others(expr):
        return expr
    if expr not in seen:
        args = tuple(_joined(arg, seen) for arg in expr.args)
        made = expr if args == expr.args else rebuild(expr, args)
        seen[expr] = _added(made) if isinstance(made, sp.Add) else made
    return seen[expr]


def _terms(expr: Any) -> list[Any]:
    return [term for arg in expr.args for term in _terms(arg)] if isinstance(expr, sp.Add) else [expr]


def _factors(expr: Any) -> list[Any]:
    return [part for arg in expr.args for part in _factors(arg)] if isinstance(expr, sp.Mul) else [expr]


def _added(expr: Any) -> Any:
    """A sum in which each term of x and the other tensor's like it are one term over all tensors."""
    terms = _terms(expr)
    for mine in list(terms):
        split = _split(mine)
        if split is None or _others(mine) or mine not in terms:
            continue
        factors, summand = split
        for theirs in terms:
            both = _split(theirs)
            if both is not None and both[0] == factors and _others(both[1]) and _own(both[1]) == summand:
                terms.remove(theirs)
                with sp.evaluate(False):
                    terms[terms.index(mine)] = (
                        sp.Mul(*factors, REDUCTIONS["sum", "all"](summand))
                        if factors
                        else (REDUCTIONS["sum", "all"](summand))
                    )
                break
    if len(terms) == len(_terms(expr)):
        return expr
    with sp.evaluate(False):
        return terms[0] if len(terms) == 1 else sp.Add(*terms)


def _own(expr: Any) -> Any:
    """What it is of x, for what it is of the other tensor."""
    if isinstance(expr, sp.Mul) and expr.args[-1] == ONE:
        return expr.args[0]
    names = {s: sp.Integer(1) if s == ONE else sp.Symbol(s.name.removesuffix(MARK)) for s in _others(expr)}
    return substitute(expr, names)


def marked(summand: Any) -> Any:
    """What is added up over the other tensor's elements, where nothing in it says so."""
    names = (symbol.name.partition("[")[0] for symbol in summand.free_symbols)
    if any(name.endswith(MARK) for name in names):
        return summand
    with sp.evaluate(False):
        return ONE if summand == 1 else sp.Mul(summand, ONE)


def _split(term: Any) -> tuple[list[Any], Any] | None:
    """The summand of the term's one sum over a tensor, and the other factors."""
    rest, base, exponent = [], None, sp.Integer(0)
    for factor in _factors(term):
        inner, power = _power(factor)
        if base is None and isinstance(inner, Reduction) and inner == _tensor_sum(inner):
            base = inner
        if base is not None and inner == base:
            with sp.evaluate(True):
                exponent = exponent + power
        elif factor != 1:
            rest.append(factor)
    return (rest, base.args[0]) if base is not None and exponent == 1 else None


def _tensor_sum(found: Any) -> Any:
    return REDUCTIONS["sum", "tensor"](found.args[0]) if (found.fold, found.over) == ("sum", "tensor") else None


def _power(expr: Any) -> tuple[Any, Any]:
    """The base and exponent of powers of powers: the square of a root, which has a value, is what it is the root of."""
    if isinstance(expr, sp.Pow) and expr.exp.is_Rational:
        base, exponent = _power(expr.base)
        with sp.evaluate(True):
            return base, exponent * expr.exp
    factors = [part for part in _factors(expr) if part != 1]
    if isinstance(expr, sp.Mul) and len(factors) == 1:
        return _power(factors[0])
    if isinstance(expr, sp.Mul) and len(set(factors)) == 1:
        base, exponent = _power(factors[0])
        with sp.evaluate(True):
            return base, exponent * len(factors)
    return expr, sp.Integer(1)
