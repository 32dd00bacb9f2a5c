"""Padam by hand."""

from typing import Any

import numpy as np


def padam(
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
    power: str = "1/8",
    bias_correction: bool = False,
    decay: str = "none",
) -> tuple[Any, dict[str, Any]]:
    """One step of Chen et al. 2020, Algorithm 1, the power p of v-hat taken as the power 2 p of its root plus eps."""
    if decay == "coupled":
        g = g + weight_decay * x
    m = beta1 * state.get("m", np.zeros_like(x)) + (1 - beta1) * g
    v = beta2 * state.get("v", np.zeros_like(x)) + (1 - beta2) * g**2
    v_max = np.maximum(state.get("v_max", np.zeros_like(x)), v)
    below = np.sqrt(v_max) + eps
    if power != "1/2":
        below = np.sqrt(below)
    if power == "1/8":
        below = np.sqrt(below)
    alpha = lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t) if bias_correction else lr
    return x - alpha * m / below, {"m": m, "v": v, "v_max": v_max}
