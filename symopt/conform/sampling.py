"""Where nothing can be lifted: the implementation is run, and held against a rule within tolerances that are derived.

The tolerance is the bound on the rounding errors of the rule's own operations over the whole run, in the format of the
tensors. An implementation may take them in another order: it is allowed a few times that. Nothing is proved so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
import sympy as sp

from symopt.language import PARAMETER, Program, Rule, SymoptError, exact
from symopt.lifting import LiftError
from symopt.lifting.program import to_program
from symopt.lifting.rerun import NotFollowedError, Runnable, moved
from symopt.rounding import Enclosure, trajectory

from .conformance import Conformance, Nearest
from .evidence import Witness, last, shown
from .matching import DEFAULTED, SHAPE, Naming, by_names, candidates, generic, gradients, run_plainly, start
from .target import Target
from .variants import catalog
from .words import changes, distance

STEPS = 6
#: How many times the bound: as if an implementation took four operations for each of ours, each with its rounding.
SLACK = 4
#: The largest part of what x moves by that a tolerance may be, or it tells nothing.
TELLING = 1e-2
#: Namings that are tried for each rule.
TRIED = 24
#: Of scalars at the least: frameworks keep some of them in it, whatever the tensors are.
COARSEST = "float32"


@dataclass(frozen=True)
class Sampled:
    """An implementation's runs, at its hyperparameters' defaults and at other values, each on the same gradients."""

    target: Target
    runnable: Runnable
    shape: tuple[int, ...]

    @cached_property
    def own(self) -> Program:
        """Its hyperparameters, as those of a step that does nothing."""
        return to_program(self.target.name, {PARAMETER: sp.Symbol(PARAMETER)}, self.runnable.hypers, ())

    @cached_property
    def x(self) -> Any:
        """Where every run starts."""
        return start().reshape(self.shape)

    @cached_property
    def gradients(self) -> list[Any]:
        """Numbers of float32, and so of each format."""
        return [g.astype(np.float32).astype(np.float64).reshape(self.shape) for g in gradients(STEPS)]

    @cached_property
    def _runs(self) -> dict[tuple[tuple[str, float], ...], Any]:
        return {}

    def run(self, hypers: Mapping[str, float]) -> list[Any] | None:
        """x after each step; None where it takes no such hyperparameters, or two runs are not the same."""
        key = tuple(hypers.items())
        if key not in self._runs:
            self._runs[key] = self._run(hypers)
        found: list[Any] | None = self._runs[key]
        return found

    def _run(self, hypers: Mapping[str, float]) -> list[Any] | None:
        try:
            one, other = (self.runnable.steps(self.x.copy(), self.gradients, hypers) for _ in range(2))
        except Exception:  # noqa: BLE001 - the target's own, whatever it is
            return None
        return list(one) if np.array_equal(one, other, equal_nan=True) else None


def sample(target: Target, rule: Rule | None, settings: Mapping[str, Any], error: LiftError) -> Conformance:
    """Whether runs of an implementation are those of a rule, or of any in the catalog, within derived tolerances.

    ``error``: why it is not lifted. Never more than "sampled"; "unknown" where it cannot be run, where names do not
    tell which of its hyperparameters is which, and where a run has shown already that it does something unseen.
    """
    label, reason = rule.label if rule else None, f"cannot be lifted: {error}"
    unknown = Conformance(target.name, label, "unknown", reason=reason, location=target.location)
    if isinstance(error, NotFollowedError):
        return unknown
    sampled = _runs_of(target, settings)
    if sampled is None:
        return replace(unknown, reason=f"{reason}; nor sampled: it cannot be run, or two runs are not the same")
    rules = catalog() if rule is None else (rule,)
    if match := _first(sampled, rules):
        return _conforming(unknown, sampled, match)
    if rule is None or (seen := _apart(sampled, rule)) is None:
        told = "is none of the catalog" if rule is None else "no hyperparameters were found for which it is the rule"
        return replace(unknown, reason=f"{reason}; sampled: {told}")
    naming, witness = seen
    nearest, difference = _nearest(sampled, rule)
    return replace(
        unknown,
        verdict="differs",
        scope="sampled",
        nearest=nearest,
        difference=difference,
        witness=witness,
        hyper_map=dict(naming.names),
        reason=f"{reason}; sampled",
    )


def _nearest(sampled: Sampled, rule: Rule) -> tuple[Nearest, str]:
    """A variant of the rule, or else of another, that the runs are those of, and what it has otherwise."""
    variants = sorted((v for v in rule.combinations() if v.label != rule.label), key=lambda v: distance(rule, v))
    if match := _first(sampled, variants):
        far = distance(rule, match.rule)
    elif match := _first(sampled, (other for other in catalog() if other.name != rule.name)):
        far = 1 + len(match.rule.chosen)
    else:
        return Nearest(rule.name, rule.label, 1), "more than rounding makes up for"
    return Nearest(match.rule.name, match.rule.label, far, "sampled"), changes(rule, match.rule)


@dataclass(frozen=True)
class _Match:
    """A rule that the runs are within the tolerances of; ``tolerance``: the largest, as a part of what x moves by."""

    rule: Rule
    naming: Naming
    form: str
    runs: int
    tolerance: float


def _runs_of(target: Target, settings: Mapping[str, Any]) -> Sampled | None:
    for shape in (start().shape, (start().size,)):
        try:
            sampled = Sampled(target, target.run(settings, len(shape)), shape)
        except SymoptError:
            continue
        if sampled.run({h.name: float(h.default) for h in sampled.runnable.hypers}) is not None:
            return sampled
    return None


def _first(sampled: Sampled, rules: Iterable[Rule]) -> _Match | None:
    return next((match for rule in rules for match in _matches(sampled, rule)), None)


def _matches(sampled: Sampled, rule: Rule) -> Iterator[_Match]:
    """The namings under which every run is within the tolerance, in its own format, or else in a coarser one."""
    if len(sampled.shape) == 1 and rule.program.has_matrices:
        return
    for naming in islice(candidates(sampled.own, rule.program, DEFAULTED), TRIED):
        if not _begins_alike(sampled, rule.program, naming):
            continue
        if match := _within(sampled, rule, naming, COARSEST):
            yield _within(sampled, rule, naming, sampled.runnable.dtype) or match


def _begins_alike(sampled: Sampled, goal: Program, naming: Naming) -> bool:
    """Whether the first step, in float64, leaves it possible: no tolerance is so wide."""
    point = next(_points(sampled, goal, naming), None)
    if point is None:
        return False
    hypers = {h.name: float(point.hypers.get(h.name, h.default)) for h in goal.hypers}
    for x in run_plainly(goal, hypers, 1):
        apart = np.abs(np.broadcast_to(x, SHAPE).reshape(sampled.shape) - point.xs[0])
        return not np.max(apart) > 2 * TELLING * np.max(np.abs(point.xs[0] - sampled.x))
    return True


def _within(sampled: Sampled, rule: Rule, naming: Naming, form: str) -> _Match | None:
    """Whether every run is within the tolerances of a format, and these are narrow enough to tell."""
    runs, widest = 0, 0.0
    for point in _points(sampled, rule.program, naming):
        held, wide = _held(sampled, rule.program, point, form)
        if not held or wide > TELLING:
            return None
        runs, widest = runs + 1, max(widest, wide)
    return _Match(rule, naming, form, runs, widest) if runs else None


@dataclass(frozen=True)
class _Point:
    """The same hyperparameters for the rule, and what the implementation does at them."""

    hypers: Mapping[str, Fraction]
    xs: Sequence[Any]


def _points(sampled: Sampled, goal: Program, naming: Naming) -> Iterator[_Point]:
    """Runs at the defaults, and where it takes them at other numbers for all that are hyperparameters on both sides."""
    names, theirs = dict(naming.names), {h.name: h for h in goal.hypers}
    defaults = {h.name: float(h.default) for h in sampled.runnable.hypers}
    near = {name: moved(value) for name, value in defaults.items() if name in names}
    far = {name: round(float(generic(theirs[meant])), 4) for name, meant in names.items()}
    for values in (defaults, defaults | near, defaults | far):
        given = {names[n]: exact(value) for n, value in values.items() if n in names} | dict(naming.rule)
        fits = all(value in theirs[name].domain for name, value in given.items())
        if fits and (xs := sampled.run(values)) is not None:
            yield _Point(given, xs)


def _held(sampled: Sampled, goal: Program, point: _Point, form: str) -> tuple[bool, float]:
    """Whether every x is within the tolerance; and the largest tolerance over what x has moved by."""
    widest, given = 0.0, sampled.gradients[: len(point.xs)]
    for allowed, x in zip(tolerances(goal, sampled.x, given, point.hypers, form), point.xs, strict=True):
        if not (np.all(np.isfinite(x)) and np.all(np.isfinite(allowed.error))):
            return False, np.inf
        farthest = max(float(np.max(np.abs(x - sampled.x))), np.finfo(float).tiny)
        widest = max(widest, float(np.max(allowed.error)) / farthest)
        if np.any(np.maximum(allowed.low - x, x - allowed.high) > allowed.error):
            return False, widest
    return True, widest


def tolerances(
    program: Program, x: Any, gradients: Sequence[Any], hypers: Mapping[str, Fraction], form: str
) -> Iterator[Enclosure]:
    """After each step where our kernel's x may be, and how far from there another implementation's, as ``error``.

    In another order, what is added to x in parts passes through numbers of x's size: a rounding more for each step.
    """
    unit, largest = float(np.finfo(form).eps) / 2, np.abs(x)
    for t, found in enumerate(trajectory(program, x, gradients, hypers, form), 1):
        largest = np.maximum(largest, np.maximum(np.abs(found.low), np.abs(found.high)))
        yield replace(found, error=SLACK * (found.error + t * unit * largest))


def _apart(sampled: Sampled, rule: Rule) -> tuple[Naming, Witness] | None:
    """Names that tell all hyperparameters of both, and a run in which x is farther off than any format makes up for."""
    naming = next(iter(by_names(sampled.own, rule.program)), None)
    if naming is None or len(naming.names) < len(rule.program.hypers):
        return None
    for point in _points(sampled, rule.program, naming):
        for count in range(1, STEPS + 1):
            part = _Point(point.hypers, point.xs[:count])
            held, wide = _held(sampled, rule.program, part, COARSEST)
            if not held and wide <= TELLING:
                return naming, _witness(sampled, rule.program, part)
    return None


def _witness(sampled: Sampled, goal: Program, point: _Point) -> Witness:
    given = sampled.gradients[: len(point.xs)]
    exactly = [np.vectorize(Fraction, otypes=[object])(array) for array in (sampled.x, *given)]
    return Witness(
        tuple((name, str(value)) for name, value in point.hypers.items()),
        *(tuple(map(str, exactly[0].reshape(-1))), tuple(tuple(map(str, g.reshape(-1))) for g in exactly[1:])),
        tuple(map(shown, last(goal, point.hypers, exactly[0], exactly[1:]))),
        tuple(repr(float(value)) for value in np.ravel(point.xs[-1])),
    )


def _conforming(unknown: Conformance, sampled: Sampled, match: _Match) -> Conformance:
    rule, naming = match.rule, match.naming
    settings = "their defaults" if match.runs == 1 else "their defaults and at other values"
    within = f"within the rounding of {match.form}, at most {match.tolerance:.1g} of what x moved by"
    return replace(
        unknown,
        verdict="conforms",
        scope="sampled",
        nearest=Nearest(rule.name, rule.label, 0),
        hyper_map=dict(naming.names),
        fixed={n: str(value) for n, value in (*naming.own, *naming.rule)},
        reason=f"{unknown.reason}; {STEPS} steps at {settings} are {within}",
    )
