"""Where an implementation and a rule part: inputs in exact numbers, both results, and the line that differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import numpy as np

from symopt.language import GRADIENT, PARAMETER, STEP, Program, shape_of

from .decimals import decimal, digits, step_in_decimals, text
from .matching import AGREED, DIGITS, generic, run

#: Gradients in the order in which they are tried, and one of them twice: small numbers show best what happens.
GRADIENTS = tuple(map(Fraction, ("1", "-1/2", "2", "0", "-3", "1/4", "1/4", "-1/8", "5")))
SMALL = tuple(g / 1024 for g in GRADIENTS)
ALIKE = tuple(abs(g) + Fraction(n, 7) for n, g in enumerate(GRADIENTS))  # of one sign
SHOWN = 20
PARTED = 4
RANDOM = 60  # random gradients that are tried last
LONGEST = 2000  # steps of a run that a point of a single step is reached by


@dataclass(frozen=True)
class Witness:
    """Inputs on which two programs give different x after the last gradient; exact numbers, results to 20 digits."""

    hypers: tuple[tuple[str, str], ...]
    x: tuple[str, ...]
    gradients: tuple[tuple[str, ...], ...]
    rule: tuple[str, ...]
    target: tuple[str, ...]

    @property
    def steps(self) -> int:
        """The number of steps after which x differs."""
        return len(self.gradients)

    def to_json(self) -> dict[str, Any]:
        """The witness as JSON data."""
        return asdict(self) | {"hypers": dict(self.hypers), "steps": self.steps}


def find_witness(own: Program, goal: Program) -> Witness | None:
    """The first of a few exact inputs on which x differs; hyperparameters of one name are the same number.

    Where the implementation's x is no number it differs too, if there is no better input. None where no difference
    shows.
    """
    undefined = None
    tensors = not (own.is_elementwise and goal.is_elementwise)
    starts = (Fraction(1), Fraction(0)) if tensors else (Fraction(1),)  # at 0 norms are 0
    for (hypers, gradients), x in product(_inputs(goal), starts):
        found = _at(own, goal, hypers, gradients, x)
        if found and all(Decimal(value).is_finite() for value in found.target):
            return found
        undefined = undefined or found
    return undefined


def _inputs(goal: Program) -> Iterator[tuple[dict[str, Fraction], list[Fraction]]]:
    """Hyperparameters and gradients to try, the simplest first; then many at random, the same each time."""
    at_defaults = {h.name: h.default for h in goal.hypers}
    at_generic = {h.name: generic(h) for h in goal.hypers}
    for steps in (1, 2, 3, 5, len(GRADIENTS)):
        for hypers in (at_defaults, at_generic):
            for gradients in (GRADIENTS, SMALL, ALIKE):
                yield hypers, list(gradients[:steps])
    rng = Random(5)  # noqa: S311 - a fixed seed
    for attempt in range(RANDOM):
        drawn = [Fraction(rng.randint(-40, 40), 8) for _ in range(2 + attempt % 8)]
        yield (at_generic if attempt % 2 else at_defaults), drawn


def confirm(own: Program, goal: Program, point: Mapping[str, Any]) -> Witness | None:
    """A witness made of the point at which a proof of equality failed, if both really give different x there.

    The point is one of whole runs (x0, g at every step), or of a single step at some t: the gradients before are 0.
    None where x does not differ, and for points of whole tensors.
    """
    g, t = point.get(GRADIENT, Fraction(0)), point.get(STEP, Fraction(1))
    x = point.get(f"{PARAMETER}0", point.get(PARAMETER, Fraction(0)))
    whole = isinstance(g, tuple)
    scalars = g if whole else (g,)
    if not all(isinstance(value, Fraction) for value in (x, t, *scalars)) or t > LONGEST:
        return None
    steps = list(scalars) if whole else [*[Fraction(0)] * (int(t) - 1), g]
    hypers = {h.name: point.get(h.name, h.default) for h in goal.hypers}
    found = _at(own, goal, hypers, steps, x) if own.is_elementwise and goal.is_elementwise else None
    return found if found and all(Decimal(value).is_finite() for value in found.target) else None


def _at(
    own: Program, goal: Program, hypers: Mapping[str, Fraction], steps: list[Fraction], x: Fraction = Fraction(1)
) -> Witness | None:
    shape = (2, 2) if own.has_matrices or goal.has_matrices else (1,) if _alone(own) and _alone(goal) else (2,)
    factors = np.array([Fraction(n + 1) for n in range(int(np.prod(shape)))], object).reshape(shape)
    xs = factors * x
    all_g = [g * factors for g in steps]
    mine, theirs = (last(program, hypers, xs, all_g) for program in (own, goal))
    if mine == theirs or not all(Decimal(value).is_finite() for value in theirs):
        return None

    def flat(array: Any) -> tuple[str, ...]:
        return tuple(map(str, array.reshape(-1)))

    return Witness(
        tuple((name, str(value)) for name, value in hypers.items()),
        flat(xs),
        tuple(map(flat, all_g)),
        tuple(map(shown, theirs)),
        tuple(map(shown, mine)),
    )


def _alone(program: Program) -> bool:
    return program.is_elementwise


def last(program: Program, hypers: Mapping[str, Fraction], x: Any, steps: Sequence[Any]) -> tuple[str, ...]:
    """x after the steps, in decimals that agree to so many digits where they are the same."""
    make = np.frompyfunc(decimal, 1, 1)
    with digits(DIGITS):
        known: dict[str, Any] = {name: decimal(value) for name, value in hypers.items()}
        for s in program.states:
            known[s.name] = np.full(shape_of(s.scope, x.shape), decimal(s.initial))
        known[PARAMETER] = make(x)
        for t, g in enumerate(steps, 1):
            known |= {GRADIENT: make(g), STEP: Decimal(t)}
            known |= step_in_decimals(program, known)
        values = np.broadcast_to(np.asarray(known[PARAMETER], object), x.shape).reshape(-1)
        return tuple(text(value, AGREED) for value in values)


def shown(number: str) -> str:
    """A decimal of many digits, rounded to those shown, in plain form where that is short."""
    with digits(SHOWN):
        value = (+Decimal(number)).normalize()
    if not value.is_finite():
        return str(value).lower()
    return f"{value:f}" if -6 <= value.adjusted() < SHOWN else str(value)


def differing_line(own: Program, goal: Program) -> str:
    """The first line of the rule, of those for states and x, that the implementation has no counterpart of.

    The values are those up to the step after which x differs first: what differs later may come of that.
    """
    mine, theirs = _until_parted(own, goal)
    order = [symbol.name for symbol in (line.symbol for line in goal.definitions)]
    places = {name: order.index(symbol.name) if symbol.name in order else -1 for name, symbol in goal.results}
    lost = [s.name for s in goal.states if not _has(own, s.name, mine, theirs)]
    return min((*lost, PARAMETER), key=lambda name: places[name])


def common_states(own: Program, goal: Program) -> int:
    """How many states of the rule the implementation has a multiple of."""
    hypers = {h.name: generic(h) for h in goal.hypers}
    mine, theirs = run(own, hypers, PARTED), run(goal, hypers, PARTED)
    return sum(_has(own, s.name, mine, theirs) for s in goal.states)


def _until_parted(own: Program, goal: Program) -> tuple[Any, Any]:
    hypers = {h.name: generic(h) for h in goal.hypers}
    mine, theirs = run(own, hypers, PARTED), run(goal, hypers, PARTED)
    reading = [p.outputs[s.name] for p in (own, goal) for s in p.states]
    if not any(symbol.name == PARAMETER for expr in reading for symbol in expr.free_symbols):
        return mine, theirs  # what x is does not matter to the states
    last = next((n for n in range(PARTED) if _texts(mine[n]) != _texts(theirs[n])), PARTED - 1)
    return mine[: last + 1], theirs[: last + 1]


def _texts(values: Mapping[str, Any]) -> list[str]:
    with digits(DIGITS):
        return [text(value, AGREED) for value in values[PARAMETER].reshape(-1)]


def _has(own: Program, name: str, mine: Any, theirs: Any) -> bool:
    return any(_proportional(mine, theirs, state.name, name) for state in own.states)


def _proportional(mine: Any, theirs: Any, own: str, name: str) -> bool:
    """Whether one state is a constant multiple of the other at every step and element."""
    with digits(DIGITS):
        pairs = [
            (p, q)
            for a, b in zip(mine, theirs, strict=True)
            for p, q in zip(a[own].reshape(-1), b[name].reshape(-1), strict=True)
        ]
        ratios = {text(p / q, AGREED) for p, q in pairs if q and p.is_finite() and q.is_finite()}
        return len(ratios) == 1 and all(not p for p, q in pairs if not q)
