"""ADOPT by hand."""

from typing import Any

import numpy as np


def adopt(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float = 0.0,
    clipped: bool = False,
    first: str = "weighed",
    decay: str = "none",
) -> tuple[Any, dict[str, Any]]:
    """One step of Taniguchi et al. 2024, Algorithm 1 (clipped: 2); t = 1 is their initialization v_0 = g_0^2."""
    if decay == "coupled":
        g = g + weight_decay * x
    if decay == "decoupled":
        x = x - lr * weight_decay * x
    if t == 1:
        return np.copy(x), {"m": np.zeros_like(x), "v": g * g}
    m, v = state["m"], state["v"]
    normed = g / np.maximum(np.sqrt(v), eps)
    if clipped:
        bound = ((t - 1) ** 0.5) ** 0.5
        normed = np.clip(normed, -bound, bound)
    m = beta1 * m + (1 - beta1) * normed if first == "weighed" or t > 2 else normed
    return x - lr * m, {"m": m, "v": beta2 * v + (1 - beta2) * g**2}
