"""The same lifted step in other words: without states that follow from t, without those that x never reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from symopt.language import PARAMETER, STEP, Hyper, exact, fold, rebuild, substitute, with_outputs
from symopt.lifting import LiftedStep

T = sp.Symbol(STEP)


def solved(lifted: LiftedStep) -> LiftedStep:
    """Without the states that are formulas of t and the hyperparameters: in step t, what step t - 1 made of them."""
    hypers = {sp.Symbol(h.name) for h in lifted.program.hypers}
    while True:
        program = lifted.program
        outputs = program.outputs
        known = {
            sp.Symbol(s.name): _before(lifted, s.name)
            for s in program.states
            if outputs[s.name].free_symbols <= hypers | {T}
        }
        if not known:
            return lifted
        with sp.evaluate(False):
            rest = {n: fold(_put(e, known)) for n, e in outputs.items() if sp.Symbol(n) not in known}
        lifted = _with(lifted, rest)


def _before(lifted: LiftedStep, name: str) -> Any:
    """The value of such a state when step t begins; its own first value where the formula does not give that."""
    later = lifted.program.outputs[name]
    with sp.evaluate(False):
        false = {condition.negated: sp.false for condition in lifted.conditions}
        begun = fold(substitute(substitute(later, {T: sp.Integer(1)}), false))
        first, then = fold(lifted.first[name]), substitute(later, {T: T - 1})
        return then if alike(begun, first) else sp.Piecewise((first, T <= 2), (then, True))


def _put(expr: Any, known: Mapping[Any, Any]) -> Any:
    """``substitute``, in which a relation between cases becomes cases of relations: SymPy's own way there is long."""
    if expr in known:
        return known[expr]
    if not expr.args:
        return expr
    args = tuple(_put(arg, known) for arg in expr.args)
    if args == expr.args:
        return expr
    if isinstance(expr, Relational):
        return _by_cases(substitute(expr, known))
    return rebuild(expr, args)


def _by_cases(relation: Any) -> Any:
    cases = min(relation.atoms(sp.Piecewise), key=str, default=None)
    if cases is None:
        if all(arg.is_Rational for arg in relation.args):
            return relation.func(*relation.args, evaluate=True)
        return relation
    found, left = sp.false, sp.true
    for value, condition in cases.args:
        inside = _by_cases(substitute(relation, {cases: value}))
        found = _joined(sp.Or, found, _joined(sp.And, left, _joined(sp.And, condition, inside)))
        left = _joined(sp.And, left, sp.Not(condition))
    return found


def _joined(join: Any, a: Any, b: Any) -> Any:
    neutral = sp.true if join is sp.And else sp.false
    if sp.Not(neutral) in (a, b):
        return sp.Not(neutral)
    return b if a == neutral else a if b == neutral else join(a, b)


def read_by_x(lifted: LiftedStep) -> LiftedStep:
    """Without the states that no x is ever computed of."""
    outputs = dict(lifted.program.outputs)
    needed, more = set[str](), {PARAMETER}
    while more - needed:
        needed |= more
        more = {s.name for name in needed for s in outputs[name].free_symbols if s.name in outputs}
    return _with(lifted, {name: expr for name, expr in outputs.items() if name in needed})


def of_x_alone(lifted: LiftedStep) -> LiftedStep:
    """``read_by_x``, and without the hyperparameters that are then read no more; the step itself if all are."""
    kept = read_by_x(lifted)
    formulas = (*kept.program.outputs.values(), *kept.first.values())
    read = {symbol.name for expr in formulas for symbol in expr.free_symbols}
    hypers = tuple(h for h in kept.program.hypers if h.name in read)
    if len(hypers) == len(lifted.program.hypers):
        return lifted
    return LiftedStep(replace(kept.program, hypers=hypers), kept.first, kept.conditions)


def as_powers(lifted: LiftedStep) -> LiftedStep:
    """With a hyperparameter q for each h that stands in powers c**(h*k) of one number c alone: c**h is q."""
    outputs = dict(lifted.program.outputs)
    program = lifted.program
    for hyper in program.hypers:
        every = [*outputs.values(), *lifted.first.values()]
        bases = {base for expr in every for base in _bases(expr, sp.Symbol(hyper.name))}
        if len(bases) != 1 or not (base := bases.pop()) or not 0 < base < 1:
            continue
        value = float(base) ** float(hyper.default)
        new = Hyper(exact(value), hyper.domain, f"{float(base):g}**{hyper.name}")
        with sp.evaluate(False):
            outputs = {n: _powers(e, sp.Symbol(hyper.name), sp.Symbol(new.name)) for n, e in outputs.items()}
            first = {n: _powers(e, sp.Symbol(hyper.name), sp.Symbol(new.name)) for n, e in lifted.first.items()}
        program = replace(program, hypers=tuple(new if h is hyper else h for h in program.hypers))
        lifted = _with(LiftedStep(program, first, lifted.conditions), outputs)
    return lifted


def downhill(lifted: LiftedStep) -> LiftedStep:
    """With what is added to x taken from it: a transformation of gradients, as the step that descends by it."""
    with sp.evaluate(False):
        first = {**lifted.first, PARAMETER: _turned(lifted.first[PARAMETER])}
        outputs = {**lifted.program.outputs, PARAMETER: _turned(lifted.program.outputs[PARAMETER])}
    return _with(LiftedStep(lifted.program, first, lifted.conditions), outputs)


def _turned(x: Any) -> Any:
    return sp.Add(sp.Mul(2, sp.Symbol(PARAMETER)), sp.Mul(-1, x))


def with_square_roots(lifted: LiftedStep) -> LiftedStep:
    """With c**(3/4) as sqrt(c) times sqrt(sqrt(c)), as rules are written: roots of roots are shorter to prove."""
    with sp.evaluate(False):
        first = {name: _roots(expr) for name, expr in lifted.first.items()}
        outputs = {name: _roots(expr) for name, expr in lifted.program.outputs.items()}
    return _with(LiftedStep(lifted.program, first, lifted.conditions), outputs)


def _roots(expr: Any) -> Any:
    if not expr.args:
        return expr
    args = tuple(map(_roots, expr.args))
    if not (isinstance(expr, sp.Pow) and args[1].is_Rational and args[1].q == 4):
        return expr if args == expr.args else rebuild(expr, args)
    whole, rest = divmod(abs(int(args[1].p)), 4)
    root = sp.sqrt(args[0])
    factors = [args[0]] * whole + [root] * (rest // 2) + [sp.sqrt(root)] * (rest % 2)
    product = factors[0] if len(factors) == 1 else sp.Mul(*factors)
    return product if args[1] > 0 else sp.Pow(product, -1)


def alike(a: Any, b: Any) -> bool:
    """Whether two expressions are the same but for the order of terms and factors."""
    if isinstance(a, (sp.Add, sp.Mul)) and a.func == b.func and len(a.args) == len(b.args):
        rest = list(b.args)
        for arg in a.args:
            other = next((o for o in rest if alike(arg, o)), None)
            if other is None:
                return False
            rest.remove(other)
        return True
    if not a.args:
        return bool(a == b)
    return a.func == b.func and len(a.args) == len(b.args) and all(map(alike, a.args, b.args))


def _with(lifted: LiftedStep, outputs: Mapping[str, Any]) -> LiftedStep:
    first = {name: lifted.first[name] for name in outputs}
    return LiftedStep(with_outputs(lifted.program, outputs), first, lifted.conditions)


def _bases(expr: Any, h: sp.Symbol) -> Iterator[Any]:
    """The c of every c**(h*k), and None for every other place of h."""
    if expr == h:
        yield None
    elif isinstance(expr, sp.Pow) and expr.base.is_Rational and _factor(expr.exp, h) is not None:
        yield expr.base
    else:
        for arg in expr.args:
            yield from _bases(arg, h)


def _factor(exponent: Any, h: sp.Symbol) -> Any:
    """k of h*k, where k has no h."""
    if exponent == h:
        return sp.Integer(1)
    if isinstance(exponent, sp.Mul) and list(exponent.args).count(h) == 1:
        rest = [arg for arg in exponent.args if arg != h]
        return None if any(arg.has(h) for arg in rest) else rest[0] if len(rest) == 1 else sp.Mul(*rest)
    return None


def _powers(expr: Any, h: sp.Symbol, q: sp.Symbol) -> Any:
    powers = {p: sp.Pow(q, _factor(p.exp, h)) for p in expr.atoms(sp.Pow) if _factor(p.exp, h) is not None}
    return fold(substitute(expr, powers))
