"""AdaBelief by hand."""

from typing import Any

import numpy as np


def adabelief(
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
    eps_placement: str = "both",
    residual: str = "new",
    nesterov: bool = False,
    decay: str = "none",
) -> tuple[Any, dict[str, Any]]:
    """One step of Zhuang et al. 2020, Algorithm 2; ``v`` is their s_t, which keeps the eps added to it."""
    if decay == "coupled":
        g = g + weight_decay * x
    old = state.get("m", np.zeros_like(x))
    m = beta1 * old + (1 - beta1) * g
    strayed = g - (m if residual == "new" else old)
    v = beta2 * state.get("v", np.zeros_like(x)) + (1 - beta2) * strayed**2
    if eps_placement == "both":
        v = v + eps
    m_hat = m / (1 - beta1**t)
    if nesterov:
        m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) / (1 - beta1**t) * g
    if decay == "decoupled":
        x = x * (1 - lr * weight_decay)
    return x - lr * m_hat / (np.sqrt(v / (1 - beta2**t)) + eps), {"m": m, "v": v}
