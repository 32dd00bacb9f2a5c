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
    weight_decay: float = 0.0,
    eps_placement: str = "inside",
    centered: bool = False,
    velocity: str = "none",
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
    mean_square = rho * state.get("v", np.zeros_like(x)) + (1 - rho) * g**2
    new = {"v": mean_square}
    if centered:
        new["m"] = rho * state.get("m", np.zeros_like(x)) + (1 - rho) * g
        mean_square = mean_square - new["m"] ** 2
    root = np.sqrt(mean_square) + eps if eps_placement == "outside" else np.sqrt(mean_square + eps)
    if velocity == "none":
        return x - lr * (g / root), new
    new["b"] = momentum * state.get("b", np.zeros_like(x)) + (lr * (g / root) if velocity == "inside" else g / root)
    return x - (new["b"] if velocity == "inside" else lr * new["b"]), new
