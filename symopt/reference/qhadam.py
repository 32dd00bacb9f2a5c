"""QHAdam by hand."""

from typing import Any

import numpy as np


def qhadam(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    nu1: float,
    nu2: float,
    eps: float,
    weight_decay: float = 0.0,
    decay: str = "none",
) -> tuple[Any, dict[str, Any]]:
    """One step of Ma & Yarats 2019, section 4: Adam with quasi-hyperbolic terms for both its moments."""
    if decay == "coupled":
        g = g + weight_decay * x
    m = beta1 * state.get("m", np.zeros_like(x)) + (1 - beta1) * g
    v = beta2 * state.get("v", np.zeros_like(x)) + (1 - beta2) * g**2
    if decay == "decoupled":
        x = x * (1 - lr * weight_decay)
    direction = (1 - nu1) * g + nu1 * (m / (1 - beta1**t))
    square = (1 - nu2) * g**2 + nu2 * (v / (1 - beta2**t))
    return x - lr * direction / (np.sqrt(square) + eps), {"m": m, "v": v}
