"""RMSProp by hand."""

from typing import Any

import numpy as np


def rmsprop(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    rho: float,
    eps: float,
    momentum: float = 0.0,
    initial_accumulator: float = 0.0,
    weight_decay: float = 0.0,
    eps_placement: str = "inside",
    centered: bool = False,
    velocity: str = "none",
    start: str = "zero",
    bias_correction: bool = False,
    decay: str = "none",
    maximize: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """One step of Tieleman & Hinton 2012, lecture 6.5, slide 29.

    MeanSquare(w, t) = 0.9 MeanSquare(w, t-1) + 0.1 (dE/dw)^2, and the gradient is divided by its root. ``centered``
    and ``velocity`` are Graves 2013, arXiv:1308.0850, equations (38) to (41).
    """
    if maximize:
        g = -g
    if decay == "coupled":
        g = g + weight_decay * x
    if decay == "decoupled":
        x = (1 - lr * weight_decay) * x
    before = state.get("v", np.zeros_like(x))
    if start == "positive" and t == 1:
        before = np.full_like(x, initial_accumulator)
    mean_square = rho * before + (1 - rho) * g**2
    new, correction = {"v": mean_square}, 1 - rho**t if bias_correction else 1.0
    mean_square = mean_square / correction
    if centered:
        new["m"] = rho * state.get("m", np.zeros_like(x)) + (1 - rho) * g
        mean_square = mean_square - (new["m"] / correction) ** 2
    root = np.sqrt(mean_square) + eps if eps_placement == "outside" else np.sqrt(mean_square + eps)
    if velocity == "none":
        return x - lr * (g / root), new
    step = g / root if velocity == "outside" else lr * (g / root)
    new["b"] = momentum * state.get("b", np.zeros_like(x)) + step
    if velocity == "nesterov":
        return x - (step + momentum * new["b"]), new
    return x - (new["b"] if velocity == "inside" else lr * new["b"]), new
