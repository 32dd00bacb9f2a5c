"""AdaBound and AMSBound by hand."""

from typing import Any

import numpy as np


def adabound(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    final_lr: float,
    gamma: float,
    eps: float,
    weight_decay: float = 0.0,
    amsbound: bool = False,
    bias_correction: bool = False,
    annealed: bool = True,
    decay: str = "none",
) -> tuple[Any, dict[str, Any]]:
    """One step of Luo et al. 2019, Algorithm 2 (AMSBound: 3), with the bounds and corrections of the authors' code."""
    if decay == "coupled":
        g = g + weight_decay * x
    m = beta1 * state.get("m", np.zeros_like(x)) + (1 - beta1) * g
    v = beta2 * state.get("v", np.zeros_like(x)) + (1 - beta2) * g**2
    new = {"m": m, "v": v}
    if amsbound:
        v = new["v_max"] = np.maximum(state.get("v_max", np.zeros_like(x)), v)
    initial = lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t) if bias_correction else lr
    lower = final_lr * (1 - 1 / (gamma * t + 1))
    upper = final_lr * (1 + 1 / (gamma * t))
    eta = np.clip(initial / (np.sqrt(v) + eps), lower, upper)
    return x - (eta / t**0.5 if annealed else eta) * m, new
