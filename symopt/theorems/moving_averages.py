"""Exponential moving averages: the closed form of the recurrence, and what a constant gradient gives."""

from collections.abc import Iterator

import sympy as sp
from sympy import Eq, Function, Sum, Symbol

from symopt.language import Program, Rule
from symopt.proof import every, trajectory

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
step = Symbol("t", integer=True, positive=True)
i = Symbol("i", integer=True)
g = Function("g")


def averages(program: Program) -> Iterator[tuple[str, sp.Symbol, int]]:
    """The states that are moving averages of g or g**2: name, decay rate, power of g."""
    signal = Symbol("g")
    for state in program.states:
        for hyper in program.hypers:
            beta, before = Symbol(hyper.name), Symbol(state.name)
            for power in (1, 2):
                form = beta * before + (1 - beta) * (signal**power if power > 1 else signal)
                if any(line.name == state.name and line.expr == form for line in program.definitions):
                    yield state.name, beta, power


@theorem(cites="Kingma & Ba 2015, section 3, equation (1)", article=(9, 16))
def closed_form(rule: Rule) -> Iterator[Claim]:
    """A moving average is the sum of all past values, the i-th weighted by (1 - beta) beta^(t-i)."""
    run = trajectory(rule)
    for name, beta, power in averages(rule.program):
        state, value = getattr(run, name), g(i) ** power if power > 1 else g(i)
        yield Claim(
            Eq(state(t), (1 - beta) * Sum(beta ** (t - i) * value, (i, 1, t))),
            [run.of(name)],
            mutant=Eq(state(t), (1 - beta) * Sum(beta ** (t - i + 1) * value, (i, 1, t))),
            of=name,
        )


@theorem(cites="Kingma & Ba 2015, section 3", article=(19,))
def corrected_under_constant_gradient(rule: Rule) -> Iterator[Claim]:
    """Under a constant gradient c the corrected average is c (or c^2) at every step t >= 1."""
    c = Symbol("c")
    run = trajectory(rule, g=c)
    for name, beta, power in averages(rule.program):
        state, value = getattr(run, name), c**power if power > 1 else c
        yield Claim(
            Eq(state(step) / (1 - beta**step), value),
            [run.of(name)],
            mutant=Eq(state(step), value),
            of=name,
        )


@theorem(cites="Kingma & Ba 2015, section 3", rules=("adam", "rmsprop", "adadelta"), article=(17,))
def weights_sum() -> Iterator[Claim]:
    """The weights of a moving average at step t sum to 1 - beta^t."""
    beta = Symbol("beta")
    given = [beta >= 0, beta < 1]
    yield Claim(
        Eq(Sum((1 - beta) * beta ** (t - i), (i, 1, t)), 1 - beta**t),
        given,
        mutant=Eq(Sum((1 - beta) * beta ** (t - i), (i, 1, t)), 1 - beta ** (t + 1)),
    )


@theorem(cites="Kingma & Ba 2015, section 3", rules=("adam",), article=(18,))
def corrected_weights_sum() -> Iterator[Claim]:
    """After the bias correction the weights sum to 1, for every t >= 1."""
    beta = Symbol("beta")
    weights = Sum((1 - beta) * beta ** (step - i), (i, 1, step))
    yield Claim(
        Eq(weights / (1 - beta**step), 1),
        [beta >= 0, beta < 1],
        mutant=Eq(weights / (1 - beta ** (step + 1)), 1),
    )


@theorem(cites="Kingma & Ba 2015, section 3")
def corrected_average_between(rule: Rule) -> Iterator[Claim]:
    """low <= g(i) <= high for all i (or low <= g(i)^2 <= high) gives low <= corrected average <= high, t >= 1."""
    low, high = Symbol("low"), Symbol("high")
    run = trajectory(rule)
    for name, beta, power in averages(rule.program):
        value = g(i) ** power if power > 1 else g(i)
        state, one = getattr(run, name)(step), 1 - beta**step
        yield Claim(
            [low <= state / one, state / one <= high],
            [run.of(name), every(i, low <= value, value <= high)],
            mutant=[low <= state, state <= high],
            of=name,
            using=[low * one <= state, state <= high * one],
        )
