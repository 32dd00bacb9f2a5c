"""Adan by hand."""

from typing import Any

import numpy as np


def adan(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    beta3: float,
    eps: float,
    weight_decay: float,
    bias_correction: bool = True,
    eps_placement: str = "outside",
    difference: str = "beta2",
    decay: str = "proximal",
) -> tuple[Any, dict[str, Any]]:
    """One step of Xie et al. 2024, Algorithm 1, with the decay rates of the authors' code (1 minus the paper's)."""
    zero = np.zeros_like(x)
    change = zero if t == 1 else g - state["p"]
    share = 1 - beta2 if difference == "1 - beta2" else beta2
    m = beta1 * state.get("m", zero) + (1 - beta1) * g
    v = beta2 * state.get("v", zero) + (1 - beta2) * change
    n = beta3 * state.get("n", zero) + (1 - beta3) * (g + share * change) ** 2
    new = {"m": m, "v": v, "n": n, "p": np.copy(g)}
    if bias_correction:
        m, v, n = m / (1 - beta1**t), v / (1 - beta2**t), n / (1 - beta3**t)
    root = np.sqrt(n + eps) if eps_placement == "inside" else np.sqrt(n) + eps
    step = lr / root * (m + share * v)
    if decay == "before":
        return x * (1 - lr * weight_decay) - step, new
    return (x - step) / (1 + lr * weight_decay), new
