"""A lifted step held against the implementation itself: both are run on the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import sympy as sp

from symopt.language import GRADIENT, PARAMETER, STEP, evaluate

from .errors import LiftError
from .function import LiftedStep

STEPS, SEED = 5, 11
#: Of vectors and matrices; other sizes than those of lifting, so that one that was read off shows.
SHAPES = {1: (5,), 2: (3, 4)}
#: Of what x moves by, beside the rounding of x. Frameworks keep some scalars in float32 whatever the parameters are:
#: one that is 1 - 0.999 is off by 2**-24/0.001 = 6e-5 of itself. Where everything is float32, some ten roundings of
#: that size meet. A difference smaller than this, and only such a one, would pass; a larger one always refuses.
TOLERANCES = {"float64": 1e-4, "float32": 1e-3}

Real = Callable[[Any, Sequence[Any]], Sequence[Any]]


def rerun(lifted: LiftedStep, real: Real, shape: tuple[int, ...], dtype: str = "float64") -> LiftedStep:
    """The lifted step, if ``real(x, gradients)`` gives the same x after each of a few steps at the default values.

    LiftError where they differ by more than rounding in ``dtype`` makes up for: something was followed wrongly.
    """
    tolerance, unit = TOLERANCES[dtype], STEPS * float(np.finfo(dtype).eps)
    rng = np.random.default_rng(SEED)
    x, gradients = rng.normal(size=shape), list(rng.normal(size=(STEPS, *shape)))
    expected = real(x.copy(), gradients)
    for step, (ours, theirs) in enumerate(zip(trajectory_of(lifted, x, gradients), expected, strict=True), 1):
        moved = np.abs(np.asarray(theirs) - x).max()
        if not np.allclose(ours, theirs, rtol=unit, atol=tolerance * max(moved, 1e-12), equal_nan=True):
            raise LiftError(
                f"what was lifted gives x = {np.ravel(ours)[0]:.17g} after step {step}, and the implementation "
                f"{np.ravel(theirs)[0]:.17g}: something that it does was not followed"
            )
    return lifted


def trajectory_of(lifted: LiftedStep, x: Any, gradients: Sequence[Any]) -> list[Any]:
    """x after each step of the lifted formulas in float64, at the default values."""
    known: dict[Any, Any] = {sp.Symbol(h.name): float(h.default) for h in lifted.program.hypers}
    known[sp.Symbol(PARAMETER)], outputs, found = x, dict(lifted.first), []
    with np.errstate(all="ignore"):
        for t, g in enumerate(gradients, 1):
            known |= {sp.Symbol(GRADIENT): g, sp.Symbol(STEP): float(t)}
            new = {sp.Symbol(name): np.asarray(evaluate(expr, known)) for name, expr in outputs.items()}
            known |= new
            found.append(np.broadcast_to(known[sp.Symbol(PARAMETER)], np.shape(x)))
            outputs = dict(lifted.program.outputs)
    return found
