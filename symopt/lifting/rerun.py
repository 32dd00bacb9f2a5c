"""A lifted step held against the implementation itself: both are run on the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from symopt.language import (
    GRADIENT,
    PARAMETER,
    REDUCTIONS,
    STEP,
    Hyper,
    SymoptError,
    evaluate,
    exact,
    reductions,
    substitute,
)

from .errors import LiftError
from .function import LiftedStep

STEPS, SEED = 5, 11
#: Of vectors and matrices; other sizes than those of lifting, so that one that was read off shows.
SHAPES = {1: (5,), 2: (3, 4)}
#: Of what x moves by, beside the rounding of x. Frameworks keep some scalars in float32 whatever the parameters are:
#: one that is 1 - 0.999 is off by 2**-24/0.001 = 6e-5 of itself. Where everything is float32, some ten roundings of
#: that size meet. A difference smaller than this, and only such a one, would pass; a larger one always refuses.
TOLERANCES = {"float64": 1e-4, "float32": 1e-3}

#: What x must move by, of itself, to be told from its rounding.
SEEN = {"float64": 1e-9, "float32": 1e-3}

Real = Callable[[Any, Sequence[Any], Mapping[str, float]], Sequence[Any]]


@dataclass(frozen=True)
class Runnable:
    """An implementation that can be run, whether or not it can be lifted.

    ``steps(x, gradients, hypers)`` are the x after each step, in ``dtype`` numbers, ``hypers`` its hyperparameters.
    """

    hypers: tuple[Hyper, ...]
    dtype: str
    steps: Real


def rerun(
    lifted: LiftedStep, real: Real, shape: tuple[int, ...], dtype: str = "float64", steps: int = STEPS
) -> LiftedStep:
    """The lifted step, if ``real(x, gradients, hypers)`` gives the same x after each of some steps.

    At the default values of the hyperparameters, and at others, where the target takes them. LiftError where they
    differ by more than rounding in ``dtype`` makes up for: something was followed wrongly.
    """
    rng = np.random.default_rng(SEED)
    x, gradients = rng.normal(size=shape), list(rng.normal(size=(steps, *shape)))

    def hold(hypers: Mapping[str, float]) -> None:
        def held(xs: Sequence[Any]) -> Sequence[Any]:
            found = [[each] for each in real(xs[0].copy(), gradients, hypers)]
            compare(lifted, hypers, xs, [[g] for g in gradients], found, dtype)
            return found[-1]

        where_it_shows(held, [x], dtype)

    return at_defaults_and_others(lifted, hold)


def where_it_shows(held: Callable[[Sequence[Any]], Sequence[Any]], xs: Sequence[Any], dtype: str) -> None:
    """``held(xs)``, which gives what they become; from smaller ones too, if rounding hides what these move by."""
    moved = max(np.max(np.abs(after - x)) / np.max(np.abs(x)) for after, x in zip(held(xs), xs, strict=True))
    if 0 < moved < SEEN[dtype]:
        held([x * moved for x in xs])


def at_defaults_and_others(lifted: LiftedStep, hold: Callable[[Mapping[str, float]], None]) -> LiftedStep:
    """The lifted step, if ``hold`` raises nothing at the default values, nor at others that fulfil the conditions.

    ``hold`` may raise another error than LiftError where the target refuses such values.
    """
    defaults = {h.name: float(h.default) for h in lifted.program.hypers}
    hold(defaults)
    others = {name: moved(value) for name, value in defaults.items()}
    if all(holds(condition, others) for condition in lifted.conditions):
        try:
            hold(others)
        except NotFollowedError:
            raise
        except SymoptError:  # it refuses such values
            return lifted
    return lifted


def moved(value: float) -> float:
    """Another value of a hyperparameter, and one that matters: of numbers below 1 half way to 1, and in their order."""
    return (value + 1) / 2 if value < 1 else 1.5 * value


def holds(condition: Any, values: Mapping[str, float]) -> bool:
    """Whether a relation between hyperparameters holds at these values; of what else is in it, nothing is said."""
    exactly = {sp.Symbol(name): sp.Rational(*exact(value).as_integer_ratio()) for name, value in values.items()}
    if condition.free_symbols - exactly.keys():
        return True
    return bool(condition.subs(exactly) == sp.true)


class NotFollowedError(LiftError):
    """What was lifted does something else than the target."""


class CoupledError(NotFollowedError):
    """Other tensors change what happens to one."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}: what happens to one tensor depends on the others, as by a global norm")


def compare(
    lifted: LiftedStep,
    hypers: Mapping[str, float],
    xs: Sequence[Any],
    gradients: Sequence[Sequence[Any]],
    theirs: Sequence[Sequence[Any]],
    dtype: str,
) -> None:
    """NotFollowedError where the tensors after each step are apart from ``theirs``."""
    ours = list(trajectories_of(lifted, hypers, xs, gradients))
    at = ", ".join(f"{name} = {value:g}" for name, value in hypers.items())
    for n, x in enumerate(xs):
        if apart := first_apart([made[n] for made in ours], [made[n] for made in theirs], x, dtype):
            raise NotFollowedError(f"{apart}{f' at {at}' if at else ''}: something that it does was not followed")


def first_apart(ours: Iterable[Any], theirs: Sequence[Any], x: Any, dtype: str = "float64") -> str:
    """Where two runs from x are apart by more than rounding in ``dtype`` makes up for, said; else nothing."""
    tolerance, unit = TOLERANCES[dtype], len(theirs) * float(np.finfo(dtype).eps)
    for step, (own, real) in enumerate(zip(ours, theirs, strict=True), 1):
        distances = np.abs(np.asarray(real) - x)
        farthest = np.max(distances, where=np.isfinite(distances), initial=0.0)
        if not np.allclose(own, real, rtol=unit, atol=tolerance * max(farthest, 1e-12), equal_nan=True):
            return (
                f"what was lifted gives x = {np.ravel(own)[0]:.17g} after step {step}, and the implementation "
                f"{np.ravel(real)[0]:.17g}"
            )
    return ""


def trajectories_of(
    lifted: LiftedStep, hypers: Mapping[str, float], xs: Sequence[Any], gradients: Sequence[Sequence[Any]]
) -> Iterator[list[Any]]:
    """The tensors after each step of the lifted formulas in float64: all that one optimizer has.

    ``gradients``: one for each tensor, for each step.
    """
    numbers = {sp.Symbol(name): np.float64(value) for name, value in hypers.items()}
    tensors: list[dict[Any, Any]] = [numbers | {sp.Symbol(PARAMETER): x} for x in xs]
    formulas = [_without_totals(lifted.first), _without_totals(lifted.program.outputs)]
    for t, given in enumerate(gradients, 1):
        outputs, totals = formulas[t > 1]
        with np.errstate(all="ignore"):
            for known, g in zip(tensors, given, strict=True):
                known |= {sp.Symbol(GRADIENT): g, sp.Symbol(STEP): np.float64(t)}
            for symbol, summand in totals:
                total = sum(evaluate(summand, known, np.float64) for known in tensors)
                for known in tensors:
                    known[symbol] = total
            for known in tensors:
                seen: dict[Any, Any] = {}
                new = {n: np.asarray(evaluate(expr, known, np.float64, seen)) for n, expr in outputs.items()}
                known |= {sp.Symbol(name): value for name, value in new.items()}
        yield [np.broadcast_to(k[sp.Symbol(PARAMETER)], np.shape(x)) for k, x in zip(tensors, xs, strict=True)]


def _without_totals(outputs: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[Any, Any]]]:
    """The formulas with a symbol for each sum over all tensors, and, in their order, a tensor's part of each sum."""
    images: dict[Any, Any] = {}
    parts = []
    for expr in outputs.values():
        for found in reductions(expr):
            if found.over == "all" and found not in images:
                if found.fold != "sum":
                    raise LiftError("the largest value of all tensors is not followed")
                symbol = sp.Symbol(f"total {len(images)}")
                parts.append((symbol, REDUCTIONS["sum", "tensor"](substitute(found.args[0], images))))
                images[found] = symbol
    return {name: substitute(expr, images) for name, expr in outputs.items()}, parts
