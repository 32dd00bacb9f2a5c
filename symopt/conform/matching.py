"""Which hyperparameter of an implementation is which of a rule: found by running both (untrusted: proofs decide)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, islice, permutations, product
from typing import Any
from zlib import crc32

import numpy as np
import sympy as sp

from symopt.language import GRADIENT, PARAMETER, STEP, Hyper, InputError, Program, evaluate, shape_of, substitute

from .decimals import decimal, decimals, digits, step_in_decimals, text

DIGITS, AGREED = 60, 30
#: What implementations call what the rules call otherwise; the first that the rule has is meant.
NAMES = {
    "learning_rate": ("lr",), "step_size": ("lr",), "eta": ("lr",), "stepsize": ("lr",),
    "alpha": ("alpha", "rho", "lr"),
    "b1": ("beta1",), "b2": ("beta2",), "b3": ("beta3",), "beta_1": ("beta1",), "beta_2": ("beta2",),
    "beta_3": ("beta3",), "epsilon": ("eps",), "decay": ("rho", "weight_decay", "beta"), "decay_rate": ("rho",),
    "wd": ("weight_decay",), "l2": ("weight_decay",), "weight_decay_rate": ("weight_decay",), "mu": ("momentum",),
    "gamma": ("rho", "momentum"), "rho": ("rho", "beta2"), "momentum": ("momentum", "beta1", "beta"),
}  # fmt: skip
FEW = 5  # hyperparameters of which every order is tried
TRIES = 400
SHAPE = (2, 3)  # rows and columns of different lengths


@dataclass(frozen=True)
class Sample:
    """Hyperparameters (of a rule's names) at which to run, for how many steps, and whether from x = 0 everywhere."""

    generic: bool
    steps: int
    zero: bool = False


#: The first is soon done, and tells most programs apart. Tensors begin at 0 as biases do: there norms are 0.
SAMPLES = (Sample(generic=True, steps=1), Sample(generic=True, steps=5), Sample(generic=False, steps=9))
FROM_ZERO = Sample(generic=True, steps=3, zero=True)


@dataclass(frozen=True)
class Naming:
    """An implementation's hyperparameters by the rule's names, and the numbers that the others are fixed at."""

    names: tuple[tuple[str, str], ...]
    own: tuple[tuple[str, Fraction], ...] = ()
    rule: tuple[tuple[str, Fraction], ...] = ()


#: How far the search for a naming goes: by names as far as they are known, in every order, with what one of both lacks
#: at its default, or at other numbers.
NAMED, ORDERED, DEFAULTED, FIXED = range(4)


def namings(own: Program, goal: Program, search: int = NAMED) -> Iterator[Naming]:
    """How the implementation may be the rule, as far as a few steps in 60 digits show; the most general first.

    ``search``: DEFAULTED also tries hyperparameters that one of both lacks at their defaults, FIXED those of the rule
    at 0 or at a constant of the implementation too.
    """
    tried = set[Naming]()
    for naming in islice(candidates(own, goal, search), TRIES):
        if naming not in tried and agrees(own, goal, naming):
            yield naming
        tried.add(naming)


def agrees(own: Program, goal: Program, naming: Naming) -> bool:
    """Whether both give the same x for a few steps, to 30 digits."""
    told = False
    tensors = not (own.is_elementwise and goal.is_elementwise)
    for sample in (*SAMPLES, FROM_ZERO) if tensors else SAMPLES:
        found = _image(own, naming, goal, sample)
        if found != _goal(goal, naming, sample):
            return False
        told = told or not any("NaN" in text or "Infinity" in text for text in found)
    return told  # what is undefined on both sides says nothing


def candidates(own: Program, goal: Program, search: int = NAMED) -> Iterator[Naming]:
    """How the implementation's hyperparameters may be called in the rule, by their names first."""
    known = _meant(own, goal)
    yield from _orders(own, goal, known)
    if search >= ORDERED and known:
        theirs = [h.name for h in goal.hypers]
        yield from _orders(own, goal, {h.name: h.name for h in own.hypers if h.name in theirs})
    if search >= DEFAULTED:
        yield from _with_numbers(own, goal, known, search)
        yield from _tied(own, goal, known)


def by_names(own: Program, goal: Program) -> list[Naming]:
    """The one naming of an implementation that lacks some of the rule's hyperparameters, if names tell all it has."""
    known = _meant(own, goal)
    return [Naming(tuple(sorted(known.items())))] if len(known) == len(own.hypers) else []


def _meant(own: Program, goal: Program) -> dict[str, str]:
    """The rule's hyperparameters that the implementation's are called like."""
    theirs = [h.name for h in goal.hypers]
    known: dict[str, str] = {}
    for name in (h.name for h in own.hypers):
        meant = next((m for m in (name, *NAMES.get(name, ())) if m in theirs and m not in known.values()), None)
        known |= {name: meant} if meant else {}
    return known


def _left(own: Program, goal: Program, known: Mapping[str, str]) -> tuple[list[Hyper], list[Hyper]]:
    rest = [h for h in own.hypers if h.name not in known]
    return rest, [h for h in goal.hypers if h.name not in known.values()]


def _orders(own: Program, goal: Program, known: Mapping[str, str]) -> Iterator[Naming]:
    """Each of those without a name in the rule for each that the rule has beside."""
    rest, free = _left(own, goal, known)
    if len(rest) == len(free) and len(rest) <= FEW:
        for chosen in permutations(free):
            pairs = zip(rest, chosen, strict=True)
            yield Naming(tuple(sorted({**known, **{a.name: b.name for a, b in pairs}}.items())))


def _with_numbers(own: Program, goal: Program, known: Mapping[str, str], search: int) -> Iterator[Naming]:
    rest, free = _left(own, goal, known)
    for count in range(min(len(rest), len(free), 2), -1, -1):
        for kept, chosen in product(combinations(rest, count), permutations(free, count)):
            names = {**known, **{a.name: b.name for a, b in zip(kept, chosen, strict=True)}}
            fixed = tuple((h.name, h.default) for h in rest if h not in kept)
            left = [h for h in free if h not in chosen]
            for values in product(*(_constants(own, hyper) if search == FIXED else [hyper.default] for hyper in left)):
                numbers = tuple((h.name, value) for h, value in zip(left, values, strict=True))
                if bool(fixed) != bool(numbers) or (count == 0 and _unlike(rest, left)):
                    yield Naming(tuple(sorted(names.items())), fixed, numbers)


def _unlike(own: list[Hyper], goal: list[Hyper]) -> bool:
    """Whether none can be another's name: what is free on both sides is not to be fixed."""
    return not {h.default for h in own} & {h.default for h in goal}


def _tied(own: Program, goal: Program, known: Mapping[str, str]) -> Iterator[Naming]:
    """One hyperparameter that the rule does not have is another, of the same default: two eps, say, are one there."""
    rest, free = _left(own, goal, known)
    numbers = tuple((h.name, h.default) for h in free)
    alike = {known[h.name] for h in own.hypers if len(rest) == 1 and h.default == rest[0].default and h.name in known}
    for meant in sorted(alike):
        yield Naming(tuple(sorted({**known, rest[0].name: meant}.items())), (), numbers)


def _constants(own: Program, hyper: Hyper) -> list[Fraction]:
    """What a hyperparameter that the implementation does not have may be there: a number that it is written with."""
    numbers = {hyper.default, Fraction(0), Fraction(1)} | _numbers(own)
    return sorted((n for n in numbers if n in hyper.domain), key=lambda n: (n != hyper.default, abs(n), n))


@lru_cache(maxsize=256)
def _numbers(own: Program) -> frozenset[Fraction]:
    found = {n for line in own.definitions for n in line.expr.atoms(sp.Rational)}
    values = {abs(Fraction(int(n.p), int(n.q))) for n in found}
    return frozenset(values | {1 - n for n in values if n < 1})


def _image(own: Program, naming: Naming, goal: Program, sample: Sample) -> tuple[str, ...]:
    values = dict(_values(goal, naming, sample))
    hypers = tuple((n, values[m]) for n, m in naming.names) + naming.own
    return _fingerprint(own, hypers, sample.steps, sample.zero)


def _goal(goal: Program, naming: Naming, sample: Sample) -> tuple[str, ...]:
    return _fingerprint(goal, _values(goal, naming, sample), sample.steps, sample.zero)


def _values(goal: Program, naming: Naming, sample: Sample) -> tuple[tuple[str, Fraction], ...]:
    fixed = dict(naming.rule)
    return tuple((h.name, fixed.get(h.name, generic(h) if sample.generic else h.default)) for h in goal.hypers)


def generic(hyper: Hyper) -> Fraction:
    """A number inside the domain that is none of the usual ones, and another for each name.

    Where there is no upper end, it is on the default's side of 1: a factor that is to lengthen steps does.
    """
    low = hyper.domain.lower or Fraction(0)
    if hyper.domain.upper is None and hyper.default > 1 >= low:
        low = Fraction(1)
    high = low + 1 if hyper.domain.upper is None else hyper.domain.upper
    return low + (high - low) * Fraction(907 + crc32(hyper.name.encode()) % 8009, 9973)


@lru_cache(maxsize=20_000)
def _fingerprint(program: Program, values: tuple[tuple[str, Fraction], ...], steps: int, zero: bool) -> tuple[str, ...]:
    runs = run(program, dict(values), steps, zero=zero)
    return tuple(text(value, AGREED) for value in runs[-1][PARAMETER].reshape(-1))


def start() -> Any:
    """Where every comparison begins, if not at 0."""
    return np.linspace(1, -1.5, 6).reshape(SHAPE)


def gradients(steps: int) -> list[Any]:
    """Those of every comparison: normal ones, some exactly 0 after the first step."""
    rng = np.random.default_rng(5)
    drawn = [rng.normal(size=SHAPE) for _ in range(steps)]
    for step, g in enumerate(drawn[1:], 1):
        g.reshape(-1)[-1] *= step % 3 != 0
    return drawn


def run(program: Program, hypers: Mapping[str, Fraction], steps: int, *, zero: bool = False) -> list[dict[str, Any]]:
    """x and the states after each of the steps from x = 1, ..., or 0, on the same gradients, in 60 digits."""
    with digits(DIGITS):
        known: dict[str, Any] = {name: decimal(value) for name, value in hypers.items()}
        for s in program.states:
            known[s.name] = np.full(shape_of(s.scope, SHAPE), decimal(s.initial))
        known[PARAMETER] = decimals((not zero) * start())
        found = []
        for t, g in enumerate(gradients(steps), 1):
            known |= {GRADIENT: decimals(g), STEP: Decimal(t)}
            new = step_in_decimals(program, known)
            known |= new
            found.append({name: np.broadcast_to(np.asarray(value, object), SHAPE) for name, value in new.items()})
        return found


def run_plainly(program: Program, hypers: Mapping[str, float], steps: int) -> Iterator[Any]:
    """x after each of the steps of ``run`` in float64, which are soon computed; none from where they make no sense."""
    known: dict[Any, Any] = {sp.Symbol(name): value for name, value in hypers.items()}
    known |= {sp.Symbol(s.name): np.full(shape_of(s.scope, SHAPE), float(s.initial)) for s in program.states}
    known[sp.Symbol(PARAMETER)] = start()
    with suppress(TypeError, ValueError, ArithmeticError, InputError):
        for t, g in enumerate(gradients(steps), 1):
            known |= {sp.Symbol(GRADIENT): g, sp.Symbol(STEP): float(t)}
            with np.errstate(all="ignore"):
                for line in program.definitions:
                    known[line.symbol] = evaluate(line.expr, known)
            known |= {sp.Symbol(name): known[symbol] for name, symbol in program.results}
            yield known[sp.Symbol(PARAMETER)]


def fixed(program: Program, values: Mapping[str, Fraction]) -> Program:
    """The Program with numbers in the place of hyperparameters."""
    if not values:
        return program
    images = {sp.Symbol(name): sp.Rational(value.numerator, value.denominator) for name, value in values.items()}
    lines = tuple(replace(line, expr=substitute(line.expr, images)) for line in program.definitions)
    hypers = tuple(h for h in program.hypers if h.name not in values)
    return replace(program, hypers=hypers, definitions=lines)
