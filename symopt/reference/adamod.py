"""AdaMod by hand."""

from typing import Any

import numpy as np


def adamod(
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
    weight_decay: float = 0.0,
    eps_placement: str = "outside",
    decay: str = "none",
) -> tuple[Any, dict[str, Any]]:
    """One step of Ding et al. 2019, Algorithm 1; ``r`` is their s, the mean of the rates eta."""
    zero = np.zeros_like(x)
    m = beta1 * state.get("m", zero) + (1 - beta1) * g
    v = beta2 * state.get("v", zero) + (1 - beta2) * g**2
    correction1, correction2 = 1 - beta1**t, 1 - beta2**t
    if eps_placement == "hat":
        direction = m
        eta = lr * correction2**0.5 / correction1 / (np.sqrt(v) + eps)
    else:
        direction = m / correction1
        eta = lr / (np.sqrt(v / correction2) + eps)
    r = beta3 * state.get("r", zero) + (1 - beta3) * eta
    if decay == "decoupled":
        x = x * (1 - lr * weight_decay)
    return x - np.minimum(eta, r) * direction, {"m": m, "v": v, "r": r}
