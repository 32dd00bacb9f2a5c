"""AdaPNM by hand."""

from typing import Any

import numpy as np


def adapnm(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    beta0: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float = 0.0,
    amsgrad: bool = True,
    eps_placement: str = "outside",
    decay: str = "none",
) -> tuple[Any, dict[str, Any]]:
    """One step of Xie et al. 2021, algorithm AdaPNM; ``m`` and ``p`` are its m_t and m_(t-1)."""
    zero = np.zeros_like(x)
    if decay == "coupled":
        g = g + weight_decay * x
    if decay == "decoupled":
        x = x * (1 - lr * weight_decay)
    negative = state.get("m", zero)
    positive = beta1**2 * state.get("p", zero) + (1 - beta1**2) * g
    v = beta2 * state.get("v", zero) + (1 - beta2) * g**2
    new = {"m": positive, "p": np.copy(negative), "v": v}
    if amsgrad:
        new["v_max"] = v = np.maximum(state.get("v_max", zero), v)
    mixture = ((1 + beta0) * positive - beta0 * negative) / ((1 + beta0) ** 2 + beta0**2) ** 0.5
    root = (np.sqrt(v) + eps) / (1 - beta2**t) ** 0.5 if eps_placement == "hat" else np.sqrt(v / (1 - beta2**t)) + eps
    return x - lr * (mixture / (1 - beta1**t)) / root, new
