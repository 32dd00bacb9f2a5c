"""What couples coordinates: elementwise rules do not; LAMB, LARS and clipping by the global norm do."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sympy import Add, Eq, Expr, Symbol

from symopt.language import (
    GRADIENT,
    PARAMETER,
    GlobalSum,
    Program,
    Rule,
    TensorSum,
    decay,
    maximum,
    norm,
    rate,
    rebuild,
    rule,
    small,
    state,
    substitute,
    weight,
    where,
)
from symopt.proof import Step
from symopt.proof.normal import put

from .statement import Claim, defined_step, theorem

RAJBHANDARI = "Rajbhandari et al. 2020, arXiv:1910.02054, section 5"
Values = dict[tuple[str, str], Expr]  # of a name in a coordinate


@rule(cites="Pascanu, Mikolov & Bengio 2013, Algorithm 1", lr=rate(0.01), max_norm=rate(1))
def clipped(s: Any) -> None:
    """Gradient descent with the gradient clipped by its norm over all tensors."""
    s.x = s.x - s.lr * s.max_norm / maximum(s.max_norm, norm(s.g, "all")) * s.g


@rule(
    cites="You, Gitman & Ginsburg 2017, arXiv:1708.03888, Algorithm 1",
    lr=rate(0.01),
    momentum=decay(0.9),
    weight_decay=weight("1e-4"),
    trust=rate(0.001),
    eps=small("1e-8"),
    v=state(),
)
def lars(s: Any) -> None:
    """LARS: the rate of a layer goes with the norm of its weights over that of its gradient."""
    s.local = s.trust * norm(s.x) / (norm(s.g) + s.weight_decay * norm(s.x) + s.eps)
    s.v = s.momentum * s.v + s.lr * s.local * (s.g + s.weight_decay * s.x)
    s.x = s.x - s.v


@rule(
    cites="You et al. 2020, arXiv:1904.00962, Algorithm 2, last two lines",
    lr=rate(0.001),
    weight_decay=weight(0.01),
)
def lamb(s: Any) -> None:
    """LAMB: a layer's step, scaled by the norm of its weights over its own; g is the direction that Adam gives."""
    s.u = s.g + s.weight_decay * s.x
    s.u_norm = norm(s.u)
    s.x = s.x - s.lr * where(s.u_norm > 0, norm(s.x) / s.u_norm, 1) * s.u


def on_vector(program: Program, labels: str, sums_over: str = "") -> Values:
    """One step on a vector whose coordinates have these labels; sums are over them, or over ``sums_over``."""
    every, over = dict.fromkeys(sums_over + labels), sums_over or labels
    known = {label: {Symbol(name): Symbol(name + label) for name in _names(program)} for label in every}

    def value(expr: Expr, label: str) -> Expr:
        if isinstance(expr, (TensorSum, GlobalSum)):
            return Add(*(value(expr.args[0], other) for other in over))
        if expr in known[label] or not expr.args:
            return known[label].get(expr, expr)
        return rebuild(expr, tuple(value(arg, label) for arg in expr.args))

    for line in program.definitions:
        for label in every:
            known[label][line.symbol] = value(line.expr, label)
    return {(name, label): known[label][symbol] for name, symbol in program.results for label in labels}


def _names(program: Program) -> list[str]:
    """The inputs of which every coordinate has its own."""
    return [PARAMETER, GRADIENT, *(state.name for state in program.states if state.scope == "element")]


def _exchanged(program: Program, values: Values) -> Values:
    """The same step, fed with the coordinates 1 and 2 in each other's place."""
    swap = {Symbol(name + a): Symbol(name + b) for name in _names(program) for a, b in ("12", "21")}
    return {name: substitute(value, swap) for name, value in values.items()}


def _hypotheses(rule: Rule) -> Step:
    """Those of one step, for both coordinates."""
    plain = defined_step(rule).given
    return Step({}, tuple(dict.fromkeys(put(r, {n: n + i for n in _names(rule.program)}) for r in plain for i in "12")))


def _permuting(rule: Rule) -> Claim:
    """Fed with the coordinates exchanged, its first result is the second, and so (names being free) the other way."""
    whole = on_vector(rule.program, "12")
    other = _exchanged(rule.program, whole)
    claim = [Eq(other[name, "1"], whole[name, "2"]) for name, _ in rule.program.results]
    return Claim(claim, [_hypotheses(rule)], mutant=Eq(other["x", "1"], whole["x", "1"]))


@theorem(cites=RAJBHANDARI)
def commutes_with_permuting(rule: Rule) -> Iterator[Claim]:
    """On a vector with its coordinates exchanged, a step gives the results exchanged."""
    yield _permuting(rule)


@theorem(cites=RAJBHANDARI)
def commutes_with_sharding(rule: Rule) -> Iterator[Claim]:
    """A step on one part of a vector is that part of the step on the whole (not so after centring the gradient)."""
    whole, part = on_vector(rule.program, "12"), on_vector(rule.program, "1")
    claim = [Eq(whole[name, "1"], part[name, "1"]) for name, _ in rule.program.results]
    broken = [Eq(_centred(whole[name, "1"], "12"), _centred(part[name, "1"], "1")) for name, _ in rule.program.results]
    yield Claim(claim, [_hypotheses(rule)], mutant=broken)


def _centred(value: Expr, labels: str) -> Expr:
    """The value with the mean taken off the gradient: gradient centralisation, which couples coordinates."""
    every = [Symbol(GRADIENT + label) for label in labels]
    return substitute(value, {g: g - Add(*every) / len(every) for g in every})


@theorem(cites="You et al. 2020; You, Gitman & Ginsburg 2017; Pascanu, Mikolov & Bengio 2013")
def norms_commute_with_permuting() -> Iterator[Claim]:
    """LAMB, LARS and clipping by the global norm commute with exchanging coordinates too: norms are symmetric."""
    for coupled in (lamb, lars, clipped):
        yield replace(_permuting(coupled), of=coupled.name, rules=(coupled.name,))


@theorem(cites=RAJBHANDARI, expected="refuted")
def norms_commute_with_sharding() -> Iterator[Claim]:
    """LAMB, LARS and clipping commute with sharding (false; they do if the shards are told the norms of the whole)."""
    for coupled in (lamb, lars, clipped):
        program = coupled.program
        whole, alone, told = on_vector(program, "12"), on_vector(program, "1"), on_vector(program, "1", "12")
        yield Claim(
            Eq(alone["x", "1"], whole["x", "1"]),
            [_hypotheses(coupled)],
            mutant=Eq(told["x", "1"], whole["x", "1"]),
            of=coupled.name,
            rules=(coupled.name,),
        )
