"""diffGrad by hand."""

from typing import Any

import numpy as np


def diffgrad(
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
    eps_placement: str = "outside",
    decay: str = "none",
) -> tuple[Any, dict[str, Any]]:
    """One step of Dubey et al. 2020: Adam's, times the sigmoid of the change of the gradient."""
    if decay == "coupled":
        g = g + weight_decay * x
    zero = np.zeros_like(x)
    m = beta1 * state.get("m", zero) + (1 - beta1) * g
    v = beta2 * state.get("v", zero) + (1 - beta2) * g**2
    sigmoid = 1 / (1 + np.exp(-np.abs(state.get("previous", zero) - g)))
    c1, c2 = 1 - beta1**t, 1 - beta2**t
    below = np.sqrt(v / c2) + eps if eps_placement == "outside" else (np.sqrt(v) + eps) / c2**0.5
    if decay == "decoupled":
        x = x - lr * weight_decay * x
    return x - lr * sigmoid * (m / c1) / below, {"previous": g, "m": m, "v": v}
