"""PNM by hand."""

from typing import Any

import numpy as np


def pnm(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    beta0: float,
    beta1: float,
    weight_decay: float = 0.0,
    decay: str = "none",
) -> tuple[Any, dict[str, Any]]:
    """One step of Xie et al. 2021, algorithm PNM; ``m`` and ``p`` are its m_t and m_(t-1)."""
    if decay == "coupled":
        g = g + weight_decay * x
    if decay == "decoupled":
        x = x * (1 - lr * weight_decay)
    negative = state.get("m", np.zeros_like(x))
    positive = beta1**2 * state.get("p", np.zeros_like(x)) + (1 - beta1**2) * g
    mixture = (1 + beta0) * positive - beta0 * negative
    return x - lr / ((1 + beta0) ** 2 + beta0**2) ** 0.5 * mixture, {"m": positive, "p": np.copy(negative)}
