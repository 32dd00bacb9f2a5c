"""Quasi-hyperbolic momentum by hand."""

from typing import Any

import numpy as np


def qhm(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    momentum: float,
    nu: float,
    weight_decay: float = 0.0,
    decay: str = "none",
) -> tuple[Any, dict[str, Any]]:
    """One step of Ma & Yarats 2019: theta' = theta - lr [(1 - nu) g + nu v], v being their g_(t+1)."""
    if decay == "coupled":
        g = g + weight_decay * x
    v = momentum * state.get("v", np.zeros_like(x)) + (1 - momentum) * g
    if decay == "decoupled":
        x = x * (1 - lr * weight_decay)
    return x - lr * ((1 - nu) * g + nu * v), {"v": v}
