"""Adamax by hand."""

from typing import Any

import numpy as np


def adamax(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float = 0.0,
    weight_decay: float = 0.0,
    eps_placement: str = "inside",
    decay: str = "none",
    maximize: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """One step of Kingma & Ba 2015, Algorithm 2: x_t = x_(t-1) - (lr/(1 - beta1^t)) m_t/u_t."""
    if maximize:
        g = -g
    if decay == "coupled":
        g = g + weight_decay * x
    m = beta1 * state.get("m", np.zeros_like(x)) + (1 - beta1) * g
    size = np.abs(g)
    if eps_placement == "inside":
        size = size + eps
    u = np.maximum(beta2 * state.get("u", np.zeros_like(x)), size)
    norm = u + eps if eps_placement == "outside" else u
    if decay == "decoupled":
        x = x * (1 - lr * weight_decay)
    return x - lr / (1 - beta1**t) * m / norm, {"m": m, "u": u}
