"""Lion by hand."""

from typing import Any

import numpy as np


def lion(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    weight_decay: float,
    direction: str = "sign",
) -> tuple[Any, dict[str, Any]]:
    """One step of Chen et al. 2023, Algorithm 2; its momentum is updated last."""
    m = state.get("m", np.zeros_like(x))
    c = beta1 * m + (1 - beta1) * g
    u = np.clip(c, -1, 1) if direction == "refined" else np.sign(c)
    return x - lr * (u + weight_decay * x), {"m": beta2 * m + (1 - beta2) * g}
