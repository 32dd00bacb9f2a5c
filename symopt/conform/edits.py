"""The smallest change of a rule's lines that gives an implementation: every single edit, tried on numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.relational import Relational
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import Boolean

from symopt.language import GRADIENT, PARAMETER, STEP, Program, base_name, rebuild

from .matching import Naming, agrees, by_names, candidates, generic, run_plainly

HALF = sp.Rational(1, 2)
T = sp.Symbol(STEP)
QUICK = 3  # steps in float64


@dataclass(frozen=True)
class Edit:
    """A line of a rule as it is and as the implementation has it, and how the hyperparameters are called there."""

    line: str
    before: str
    after: str
    program: Program
    naming: Naming

    def __str__(self) -> str:
        return f"in the line {self.line}: {self.after} instead of {self.before}"


def find_edit(own: Program, goal: Program) -> Edit | None:
    """The first single edit of the rule's lines with which a few steps agree to 30 digits; None if there is none."""
    namings = list(candidates(own, goal)) or by_names(own, goal)
    called = [(naming, list(run_plainly(own, _hypers(goal, naming), QUICK))) for naming in namings]
    at = {h.name: float(generic(h)) for h in goal.hypers}
    for line, before, after, program in edits(goal) if called else ():
        alike = list(called)
        for step, x in enumerate(run_plainly(program, at, QUICK)):
            alike = [(naming, xs) for naming, xs in alike if len(xs) <= step or _alike(x, xs[step])]
            if not alike:
                break
        for naming, _ in alike:
            if _agrees(own, program, naming):
                return Edit(line, _text(before), _text(after), program, naming)
    return None


def _hypers(goal: Program, naming: Naming) -> dict[str, float]:
    """The implementation's hyperparameters where the rule's are generic."""
    values = {h.name: float(generic(h)) for h in goal.hypers}
    return {own: values[name] for own, name in naming.names}


def _alike(x: Any, own_x: Any) -> bool:
    """Whether two results may be the same, as far as float64 tells: what is kept here is held in 60 digits after."""
    return bool(np.allclose(x, own_x, rtol=1e-6, atol=1e-9, equal_nan=True))


def _agrees(own: Program, program: Program, naming: Naming) -> bool:
    try:
        return agrees(own, program, naming)
    except (TypeError, ArithmeticError):  # an edit that makes no sense
        return False


Edited = tuple[str, Any, Any, Program]


def edits(program: Program) -> Iterator[Edited]:
    """Every Program that is one change away: the line's name, what stood there, what stands there now."""
    for place, line in enumerate(program.definitions):
        known = _known(program, place)
        for old, new in _changed(line.expr, known):
            yield line.name, old, new, _with(program, place, _replaced(line.expr, old, new))
        for whole, changed in _in_one_place(line.expr, known):
            yield line.name, whole, changed, _with(program, place, _replaced(line.expr, whole, changed))
    yield from _throughout(program)
    yield from _written_back(program)
    yield from _begun_otherwise(program)


def _with(program: Program, place: int, expr: Any) -> Program:
    lines = list(program.definitions)
    lines[place] = replace(lines[place], expr=expr)
    return replace(program, definitions=tuple(lines))


def _text(expr: Any) -> str:
    return sp.sstr(expr, order="none") if isinstance(expr, sp.Basic) else str(expr)


@dataclass(frozen=True)
class _Known:
    """What a line may read: arrays, hyperparameters, and the factors that updates are scaled by."""

    arrays: tuple[Any, ...]
    numbers: tuple[Any, ...]
    factors: tuple[Any, ...]


def _known(program: Program, place: int) -> _Known:
    earlier = [line.symbol for line in program.definitions[:place]]
    arrays = [sp.Symbol(name) for name in (GRADIENT, PARAMETER, *(s.name for s in program.states))] + earlier
    numbers = [sp.Symbol(h.name) for h in program.hypers]
    decays = [sp.Symbol(h.name) for h in program.hypers if h.domain.upper is not None]
    with sp.evaluate(False):
        factors = [*numbers, *(1 - h for h in decays), *(1 - h**T for h in decays), sp.Integer(2)]
    return _Known(tuple(arrays), tuple(numbers), tuple(factors))


def _changed(expr: Any, known: _Known) -> Iterator[tuple[Any, Any]]:
    """Pairs of a subexpression and what could stand in its place; the slightest changes first."""
    parts = list(dict.fromkeys(_parts(expr)))
    for change in (_renamed, _dropped, _turned, _bracketed, _raised, _scaled):
        for part in parts:
            for new in change(part, known):
                if new != part:
                    yield part, new


def _in_one_place(expr: Any, known: _Known) -> Iterator[tuple[Any, Any]]:
    """Another symbol in one of the places where it stands, with the part that it stands in."""
    parts = list(dict.fromkeys(_parts(expr)))
    for symbol in (p for p in parts if isinstance(p, sp.Symbol)):
        holders = [p for p in parts if symbol in p.args]
        for holder in holders if len(holders) > 1 else ():
            for new in _renamed(symbol, known):
                if new != symbol:
                    yield holder, rebuild(holder, tuple(new if arg == symbol else arg for arg in holder.args))


def _parts(expr: Any) -> Iterator[Any]:
    if not isinstance(expr, ExprCondPair):
        yield expr
    for arg in expr.args:
        yield from _parts(arg)


def _replaced(expr: Any, old: Any, new: Any) -> Any:
    if expr == old:
        return new
    if not expr.args:
        return expr
    args = tuple(_replaced(arg, old, new) for arg in expr.args)
    return expr if args == expr.args else rebuild(expr, args)


def _renamed(part: Any, known: _Known) -> Iterator[Any]:
    """Another symbol or number: the state before for that after, another hyperparameter, the step before or after."""
    if part == T:
        with sp.evaluate(False):
            yield from (T - 1, T + 1)
    elif part.is_Integer and part > 0:
        yield from (part + 1, part - 1)
    elif isinstance(part, sp.Symbol):
        group = known.arrays if part in known.arrays else known.numbers if part in known.numbers else ()
        yield from sorted(group, key=lambda s: base_name(s) != base_name(part))


def _dropped(part: Any, _: _Known) -> Iterator[Any]:
    """A term, a factor, a root or a function less."""
    if isinstance(part, (sp.Add, sp.Mul)):
        for place in range(len(part.args)):
            rest = part.args[:place] + part.args[place + 1 :]
            yield rest[0] if len(rest) == 1 else rebuild(part, rest)
    elif isinstance(part, (sp.Max, sp.Min)):
        yield from part.args
    elif isinstance(part, sp.Piecewise):
        yield from (value for value, _ in part.args)
    elif part.args and not isinstance(part, Boolean):
        yield part.args[0]


def _turned(part: Any, _: _Known) -> Iterator[Any]:
    """A sign, a comparison, or the larger for the smaller."""
    with sp.evaluate(False):
        if isinstance(part, sp.Add):
            for place, term in enumerate(part.args):
                yield rebuild(part, (*part.args[:place], sp.Mul(-1, term), *part.args[place + 1 :]))
        elif isinstance(part, (sp.Max, sp.Min)):
            yield (sp.Min if isinstance(part, sp.Max) else sp.Max)(*part.args)
        elif isinstance(part, Relational):
            yield part.func(part.args[1], part.args[0])
            yield sp.Not(part)
        elif isinstance(part, sp.Piecewise) and len(part.args) == 2:
            (then, condition), (otherwise, _last) = part.args
            yield sp.Piecewise((otherwise, condition), (then, True))


def _bracketed(part: Any, _: _Known) -> Iterator[Any]:
    """The same parts with the brackets elsewhere: sqrt(a) + b for sqrt(a + b), a b + c for a (b + c), and back."""
    with sp.evaluate(False):
        if isinstance(part, sp.Pow) and isinstance(part.base, sp.Add):
            for place, term in enumerate(part.base.args):
                rest = [a for n, a in enumerate(part.base.args) if n != place]
                others = rest[0] if len(rest) == 1 else sp.Add(*rest)
                yield sp.Add(sp.Pow(others, part.exp), term)
                if isinstance(term, sp.Mul):
                    for factor in term.args:
                        yield sp.Add(others, _replaced(term, factor, sp.Pow(factor, part.exp)))
        if isinstance(part, sp.Pow) and isinstance(part.base, sp.Mul):
            for factor in part.base.args:
                yield _replaced(part.base, factor, sp.Pow(factor, part.exp))
        if isinstance(part, sp.Add):
            yield from _gathered(part)
        if isinstance(part, sp.Mul):
            yield from _spread(part)


def _gathered(part: Any) -> Iterator[Any]:
    """Of a sum: its other terms taken into a power or a product that is one of the terms."""
    for place, term in enumerate(part.args):
        rest = part.args[:place] + part.args[place + 1 :]
        if isinstance(term, sp.Pow):
            yield sp.Pow(sp.Add(term.base, *rest), term.exp)
        if isinstance(term, sp.Mul):
            for inner, factor in enumerate(term.args):
                others = term.args[:inner] + term.args[inner + 1 :]
                yield sp.Mul(sp.Add(factor, *rest), *others)
                if isinstance(factor, sp.Pow) and factor.exp == -1:
                    yield sp.Mul(*others, sp.Pow(sp.Add(factor.base, *rest), -1))
                if len(others) > 1:
                    yield sp.Mul(sp.Add(sp.Mul(*others), *rest), factor)


def _spread(part: Any) -> Iterator[Any]:
    """Of a product: one term alone of a sum that is a factor multiplied by the others."""
    for place, factor in enumerate(part.args):
        rest = part.args[:place] + part.args[place + 1 :]
        if isinstance(factor, sp.Add):
            for term in factor.args:
                yield sp.Add(sp.Mul(term, *rest), *(a for a in factor.args if a != term))
        if isinstance(factor, sp.Pow) and factor.exp == -1 and isinstance(factor.base, sp.Add):
            for term in factor.base.args:
                others = [a for a in factor.base.args if a != term]
                yield sp.Add(sp.Mul(*rest, sp.Pow(sp.Add(*others), -1)), term)


def _raised(part: Any, known: _Known) -> Iterator[Any]:
    """Another power, or a function more; an exponent times a number."""
    with sp.evaluate(False):
        if isinstance(part, sp.Pow):
            for exponent in (HALF, sp.Rational(1, 3), sp.Integer(1), sp.Integer(2), sp.Integer(3), sp.Integer(-1)):
                yield sp.Pow(part.base, exponent)
        if _is_plain(part):
            return
        yield from (sp.Pow(part, 2), sp.sqrt(part), sp.Abs(part), sp.sign(part), sp.Mul(-1, part))
        yield sp.Mul(sp.sign(part), sp.Pow(part, 2))
        if isinstance(part, sp.Pow) and isinstance(part.base, sp.Symbol):
            yield sp.Pow(sp.Mul(sp.sign(part.base), part), 2)


def _is_plain(part: Any) -> bool:
    return bool(part.is_Number) or (isinstance(part, Boolean) and not part.is_Symbol)


def _scaled(part: Any, known: _Known) -> Iterator[Any]:
    """A factor or a small number more."""
    if _is_plain(part):
        return
    with sp.evaluate(False):
        for factor in known.factors:
            yield sp.Mul(part, factor)
            yield sp.Mul(part, sp.Pow(factor, -1))
        for number in known.numbers:
            yield sp.Add(part, number)


def _throughout(program: Program) -> Iterator[Edited]:
    """The step counted from another number, in every line."""
    with sp.evaluate(False):
        others = (T + 1, T - 1, sp.Integer(1))
    counted = [line.name for line in program.definitions if T in line.expr.free_symbols]
    for other in others if counted else ():
        lines = tuple(replace(line, expr=_replaced(line.expr, T, other)) for line in program.definitions)
        yield counted[0], T, f"{_text(other)} in every line", replace(program, definitions=lines)


def _written_back(program: Program) -> Iterator[Edited]:
    """A state that keeps what another line computed, or what it was."""
    symbols = [line.symbol for line in program.definitions]
    for place, (name, symbol) in enumerate(program.results):
        for other in (*symbols, sp.Symbol(name)):
            if name != PARAMETER and other != symbol:
                results = (*program.results[:place], (name, other), *program.results[place + 1 :])
                yield name, f"{symbol} kept as {name}", f"{other} kept as {name}", replace(program, results=results)


def _begun_otherwise(program: Program) -> Iterator[Edited]:
    """A line that the first step computes otherwise."""
    for place, line in enumerate(program.definitions):
        with sp.evaluate(False):
            firsts: list[Any] = [sp.Symbol(GRADIENT), sp.Pow(sp.Symbol(GRADIENT), 2), sp.Integer(0)]
        for first in firsts:
            with sp.evaluate(False):
                expr = sp.Piecewise((first, T <= 1), (line.expr, True))
            yield line.name, line.expr, f"{_text(first)} at t = 1", _with(program, place, expr)
