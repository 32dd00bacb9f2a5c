"""A lifted step held against the implementation itself: both are run on the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp

from symopt.language import GRADIENT, PARAMETER, STEP, SymoptError, evaluate, exact

from .errors import LiftError
from .function import LiftedStep

STEPS, SEED = 5, 11
#: Of vectors and matrices; other sizes than those of lifting, so that one that was read off shows.
SHAPES = {1: (5,), 2: (3, 4)}
#: Of what x moves by, beside the rounding of x. Frameworks keep some scalars in float32 whatever the parameters are:
#: one that is 1 - 0.999 is off by 2**-24/0.001 = 6e-5 of itself. Where everything is float32, some ten roundings of
#: that size meet. A difference smaller than this, and only such a one, would pass; a larger one always refuses.
TOLERANCES = {"float64": 1e-4, "float32": 1e-3}

Real = Callable[[Any, Sequence[Any], Mapping[str, float]], Sequence[Any]]


def rerun(lifted: LiftedStep, real: Real, shape: tuple[int, ...], dtype: str = "float64") -> LiftedStep:
    """The lifted step, if ``real(x, gradients, hypers)`` gives the same x after each of a few steps.

    At the default values of the hyperparameters, and at others, where the target takes them. LiftError where they
    differ by more than rounding in ``dtype`` makes up for: something was followed wrongly.
    """
    rng = np.random.default_rng(SEED)
    x, gradients = rng.normal(size=shape), list(rng.normal(size=(STEPS, *shape)))
    defaults = {h.name: float(h.default) for h in lifted.program.hypers}
    _hold(lifted, defaults, x, gradients, real(x.copy(), gradients, defaults), dtype)
    others = {name: moved(value) for name, value in defaults.items()}
    if not all(holds(condition, others) for condition in lifted.conditions):
        return lifted
    try:
        expected = real(x.copy(), gradients, others)
    except SymoptError:  # it refuses such values
        return lifted
    _hold(lifted, others, x, gradients, expected, dtype)
    return lifted


def moved(value: float) -> float:
    """Another value of a hyperparameter, and one that matters: of numbers below 1 half way to 1, and in their order."""
    return (value + 1) / 2 if value < 1 else 1.5 * value


def holds(condition: Any, values: Mapping[str, float]) -> bool:
    """Whether a relation between hyperparameters holds at these values."""
    exactly = {sp.Symbol(name): sp.Rational(*exact(value).as_integer_ratio()) for name, value in values.items()}
    return bool(condition.subs(exactly) == sp.true)


def _hold(
    lifted: LiftedStep, hypers: Mapping[str, float], x: Any, gradients: Sequence[Any], expected: Any, dtype: str
) -> None:
    tolerance, unit = TOLERANCES[dtype], STEPS * float(np.finfo(dtype).eps)
    found = trajectory_of(lifted, hypers, x, gradients)
    for step, (ours, theirs) in enumerate(zip(found, expected, strict=True), 1):
        farthest = np.nanmax(np.abs(np.asarray(theirs) - x), initial=0.0)
        if not np.allclose(ours, theirs, rtol=unit, atol=tolerance * max(farthest, 1e-12), equal_nan=True):
            at = ", ".join(f"{name} = {value:g}" for name, value in hypers.items())
            raise LiftError(
                f"what was lifted gives x = {np.ravel(ours)[0]:.17g} after step {step}, and the implementation "
                f"{np.ravel(theirs)[0]:.17g}{f' at {at}' if at else ''}: something that it does was not followed"
            )


def trajectory_of(lifted: LiftedStep, hypers: Mapping[str, float], x: Any, gradients: Sequence[Any]) -> list[Any]:
    """x after each step of the lifted formulas in float64."""
    known: dict[Any, Any] = {sp.Symbol(name): value for name, value in hypers.items()}
    known[sp.Symbol(PARAMETER)], outputs, found = x, dict(lifted.first), []
    with np.errstate(all="ignore"):
        for t, g in enumerate(gradients, 1):
            known |= {sp.Symbol(GRADIENT): g, sp.Symbol(STEP): float(t)}
            new = {sp.Symbol(name): np.asarray(evaluate(expr, known)) for name, expr in outputs.items()}
            known |= new
            found.append(np.broadcast_to(known[sp.Symbol(PARAMETER)], np.shape(x)))
            outputs = dict(lifted.program.outputs)
    return found
