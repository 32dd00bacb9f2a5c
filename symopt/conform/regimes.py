"""Regimes: kinds of inputs, fair and foul, in which a kernel must keep within its bound."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from symopt.language import GRADIENT, PARAMETER, STEP, Program, shape_of

Arrays = dict[str, Any]

#: Columns of the matrices.
WIDTH = 16
Hypers = Callable[[Program], dict[str, Any]]


def uniform(rng: Any, size: int) -> Any:
    """Numbers of one scale."""
    return rng.normal(size=size)


def mixed(rng: Any, size: int) -> Any:
    """Numbers of very different scales."""
    return rng.normal(size=size) * 10.0 ** rng.uniform(-30, 15, size=size)


def untouched(program: Program, arrays: Arrays, hypers: Mapping[str, Fraction], rng: Any) -> None:
    """The numbers as they were drawn."""


def unchanged(program: Program) -> dict[str, Any]:
    """The defaults."""
    return {}


@dataclass(frozen=True)
class Regime:
    """How inputs are drawn.

    ``gradient`` and ``state`` scale g and the states, as powers of the dtype's smallest normal number (0 is 1, 0.55
    makes squares underflow, a negative one is huge); ``zero`` names what is 0 ("states" for all of them); ``hypers``
    gives hyperparameters, ``arrange`` changes the drawn arrays.
    """

    gradient: float = 0.0
    state: float = 0.0
    t: int = 100
    draw: Callable[[Any, int], Any] = uniform
    zero: tuple[str, ...] = ()
    hypers: Hypers = unchanged
    arrange: Callable[[Program, Arrays, Mapping[str, Fraction], Any], None] = untouched


def betas(value: float) -> Hypers:
    """Every decay rate."""
    return lambda program: {h.name: value for h in program.hypers if h.domain.upper == 1}


def eps(value: float) -> Hypers:
    """The constant in the denominator."""
    return lambda program: {h.name: value for h in program.hypers if h.name == "eps"}


def odd(program: Program) -> dict[str, Any]:
    """Numbers that no binary format holds; 1/3 stands for the quotient itself."""
    drawn = {h: Fraction(1, 3) if h.domain.upper == 1 else Fraction(1, 7 + i) for i, h in enumerate(program.hypers)}
    return {h.name: value if value in h.domain else 1 / value for h, value in drawn.items()}


def cancelling(program: Program, arrays: Arrays, hypers: Mapping[str, Fraction], rng: Any) -> None:
    """Differences that nearly vanish: of means and gradients, of squares and their means, of x and its step."""
    size = arrays[PARAMETER].size

    def nearly(values: Any) -> Any:
        return values * (1 + rng.integers(-4, 5, size=size) * rng.choice([2.0**-22, 2.0**-51], size=size))

    rates = [float(value) for name, value in hypers.items() if 0 < value < 1] or [0.5]
    signed = [s.name for s in program.states if not s.nonnegative] or [PARAMETER]
    weight = rng.choice([-1.0, 1.0, *(-r / (1 - r) for r in rates), *(-r for r in rates)], size=size)
    for name in signed:
        arrays[name] = nearly(arrays[signed[0]])
    arrays[GRADIENT] = nearly(weight * arrays[signed[0]])
    for state in program.states:
        if state.nonnegative:
            arrays[state.name] = np.abs(nearly(arrays[signed[0]] ** 2))
    moved = rng.random(size) < 0.5
    arrays[PARAMETER] = np.where(moved, nearly(float(hypers.get("lr", 1)) * arrays[GRADIENT]), arrays[PARAMETER])


REGIMES: dict[str, Regime] = {
    "default": Regime(),
    "eps = 1e-30": Regime(hypers=eps(1e-30)),
    "no eps": Regime(hypers=eps(0)),
    "no memory": Regime(hypers=betas(0)),
    "long memory": Regime(t=1000, hypers=betas(1 - 2.0**-40)),
    "hard to round": Regime(gradient=0.05, hypers=betas(0.50000003)),  # nearly half a unit from any float32
    "odd numbers": Regime(hypers=odd),
    "squares underflow": Regime(gradient=0.55, state=0.55),
    "squares underflow, eps = 1e-30": Regime(gradient=0.55, state=0.55, hypers=eps(1e-30)),
    "subnormal states": Regime(gradient=0.52, state=1.04),
    "subnormal everything": Regime(gradient=1.04, state=1.04, hypers=eps(0)),
    "huge gradients": Regime(gradient=-0.45, state=-0.45),
    "overflow": Regime(gradient=-0.7, state=-0.7),
    "t = 1": Regime(t=1, zero=("states",)),
    "t = 1, tiny gradients": Regime(t=1, zero=("states",), gradient=0.55),
    "t = 1000000": Regime(t=10**6),
    "cancellation": Regime(arrange=cancelling),
    "zero gradients": Regime(zero=("g",)),
    "all zero": Regime(zero=("x", "g", "states"), t=1),
    "mixed scales": Regime(draw=mixed),
    "mixed scales, eps = 1e-30": Regime(draw=mixed, hypers=eps(1e-30)),
}


def sample(program: Program, regime: Regime, dtype: str, size: int, seed: int = 11) -> dict[str, Any]:
    """Inputs by name: x, g and states as arrays of ``dtype``, t, and the hyperparameters that are not defaults."""
    rng, smallest = np.random.default_rng(seed), float(np.finfo(dtype).smallest_normal)
    chosen = regime.hypers(program)
    hypers = {h.name: Fraction(chosen.get(h.name, h.default)) for h in program.hypers}
    with np.errstate(all="ignore"):
        arrays = {PARAMETER: regime.draw(rng, size), GRADIENT: regime.draw(rng, size) * smallest**regime.gradient}
        for state in program.states:
            drawn = regime.draw(rng, size)
            arrays[state.name] = (drawn * drawn if state.nonnegative else drawn) * smallest**regime.state
        arrays[GRADIENT][:3] = (0.0, -0.0, smallest)[:size]
        regime.arrange(program, arrays, hypers, rng)
        for name, array in arrays.items():
            if name in regime.zero or (name not in (PARAMETER, GRADIENT) and "states" in regime.zero):
                array[...] = 0
        shape = tensor_shape(program, size)
        shapes = {state.name: shape_of(state.scope, shape) for state in program.states}
        arrays = {
            n: array[: math.prod(shapes.get(n, shape))].reshape(shapes.get(n, shape)) for n, array in arrays.items()
        }
        return {name: array.astype(dtype) for name, array in arrays.items()} | {STEP: regime.t} | chosen


def tensor_shape(program: Program, size: int) -> tuple[int, ...]:
    """The shape of a tensor of at most so many elements: a vector, or a matrix where rows and columns matter."""
    columns = max(min(WIDTH, size), 1)
    return (size // columns, columns) if program.has_matrices else (size,)
