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
    weight_decay: float = 0.0,
    eps_placement: str = "inside",
    decay: str = "none",
    maximize: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """One step of Tieleman & Hinton 2012, lecture 6.5, slide 29.

    MeanSquare(w, t) = 0.9 MeanSquare(w, t-1) + 0.1 (dE/dw)^2, and the gradient is divided by its root.
    """
    if maximize:
        g = -g
    if decay == "coupled":
        g = g + weight_decay * x
    mean_square = rho * state.get("v", np.zeros_like(x)) + (1 - rho) * g**2
    root = np.sqrt(mean_square) + eps if eps_placement == "outside" else np.sqrt(mean_square + eps)
    return x - lr * (g / root), {"v": mean_square}
