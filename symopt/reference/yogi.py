"""Yogi by hand."""

from typing import Any

import numpy as np


def yogi(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    initial_accumulator: float = 0.0,
    bias_correction: bool = False,
    start: str = "zero",
) -> tuple[Any, dict[str, Any]]:
    """One step of Zaheer et al. 2018, Algorithm 2: v_t = v_(t-1) - (1 - beta2) sign(v_(t-1) - g^2) g^2."""
    zero = np.zeros_like(x)
    m, v = state.get("m", zero), state.get("v", zero)
    if t == 1 and start != "zero":
        v = zero + initial_accumulator
        m = v if start == "both" else m
    m = beta1 * m + (1 - beta1) * g
    g2 = g * g
    v = v - (1 - beta2) * np.sign(v - g2) * g2
    correction1 = 1 - beta1**t if bias_correction else 1.0
    correction2 = 1 - beta2**t if bias_correction else 1.0
    return x - lr * (m / correction1) / (np.sqrt(v / correction2) + eps), {"m": m, "v": v}
