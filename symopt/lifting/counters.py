"""Numbers that an implementation counts along with the step, written in t: a counter, beta**t kept as a product."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from symopt.language import PARAMETER, STEP, Program, rebuild, substitute, with_outputs

T = sp.Symbol(STEP)


def without_counters(program: Program, first: Mapping[str, sp.Expr]) -> tuple[Program, Mapping[str, sp.Expr]]:
    """The step without those states that are functions of t: what reads them reads the function.

    A state s of one value whose new value is a s + b, with a and b of hyperparameters alone.
    """
    outputs = dict(program.outputs)
    for state in [s for s in program.states if s.scope == "step"]:
        others = {s.name for s in program.states if s.name in outputs and s.name != state.name}
        closed = _closed(state.name, outputs[state.name], first[state.name], others | {PARAMETER, "g"})
        if closed is None:
            continue
        known = {outputs.pop(state.name): closed, sp.Symbol(state.name): substitute(closed, {T: T - 1})}
        outputs = {name: _counted(substitute(expr, known)) for name, expr in outputs.items()}
    if len(outputs) == len(program.outputs):
        return program, first
    return with_outputs(program, outputs), {name: expr for name, expr in first.items() if name in outputs}


def _counted(expr: Any) -> Any:
    """What counts steps is worked out, so that t - 1 + 1 is t, and b*b**(t - 1) is b**t."""
    if expr.is_Add and expr.free_symbols == {T} and not expr.has(sp.Pow):
        with sp.evaluate(True):
            return sp.expand(expr.doit())
    args = tuple(map(_counted, expr.args))
    if expr.is_Mul:
        powers = [a for a in args if a.is_Pow and a.exp == T - 1 and a.base in args]
        for power in powers[:1]:
            rest = list(args)
            rest.remove(power)
            rest[rest.index(power.base)] = sp.Pow(power.base, T, evaluate=False)
            return rest[0] if len(rest) == 1 else rebuild(expr, tuple(rest))
    return expr if not args else rebuild(expr, args)


def _closed(name: str, new: Any, first: Any, others: set[str]) -> Any:
    """The state after step t as a function of t and hyperparameters, from step 0 on; None if none is seen."""
    state = sp.Symbol(name)
    if {symbol.name for expr in (new, first) for symbol in expr.free_symbols} & others or new.has(sp.Piecewise):
        return None
    if state not in new.free_symbols or T in new.free_symbols or T in first.free_symbols:
        return None
    with sp.evaluate(True):
        whole, start = (sp.expand(_evaluated(expr)) for expr in (new, first))
        if not whole.is_polynomial(state) or sp.degree(whole, state) != 1:
            return None
        factor, added = whole.coeff(state, 1), whole.coeff(state, 0)
        if factor == 1:
            return start + added * (T - 1)
        limit = sp.cancel(added / (1 - factor))
        scale = sp.cancel((start - limit) / factor)
        if not (limit.is_polynomial() and scale.is_polynomial()):
            return None
    with sp.evaluate(False):
        power = sp.Mul(scale, sp.Pow(factor, T)) if scale != 1 else sp.Pow(factor, T)
        return power if limit == 0 else sp.Add(limit, power)


def _evaluated(expr: Any) -> Any:
    return expr.func(*map(_evaluated, expr.args)) if expr.args else expr
