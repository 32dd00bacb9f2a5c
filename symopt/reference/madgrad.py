"""MADGRAD by hand."""

from typing import Any

import numpy as np


def madgrad(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    momentum: float,
    eps: float,
    weight_decay: float = 0.0,
    anchor: str = "kept",
    lr_plus_eps: bool = False,
    decay: str = "none",
) -> tuple[Any, dict[str, Any]]:
    """One step of Defazio & Jelassi 2021, Algorithm 1, with k = t - 1 and c = 1 - momentum."""
    if decay == "coupled":
        g = g + weight_decay * x
    rate = lr + eps if lr_plus_eps else lr
    zero = np.zeros_like(x)
    s, nu = state.get("total", zero), state.get("v", zero)
    after = {}
    if anchor == "kept":
        after["x0"] = origin = state["x0"] if t > 1 else x
    else:
        origin = x + s / (np.cbrt(nu) + eps)
    lamb = rate * t**0.5
    s, nu = s + lamb * g, nu + lamb * (g * g)
    new = momentum * x + (1 - momentum) * (origin - s / (np.cbrt(nu) + eps))
    if decay == "decoupled":
        new = new - rate * weight_decay * x
    return new, after | {"total": s, "v": nu}
