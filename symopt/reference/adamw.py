"""AdamW by hand."""

from typing import Any

import numpy as np


def adamw(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    eps_root: float = 0.0,
    weight_decay: float,
    eps_placement: str = "outside",
    decay_times: str = "lr",
    decay_when: str = "before",
    maximize: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """One step of Loshchilov & Hutter 2019, Algorithm 2, lines 7 to 12, with the schedule's multiplier at 1."""
    if maximize:
        g = -g
    m = beta1 * state.get("m", np.zeros_like(x)) + (1 - beta1) * g
    v = beta2 * state.get("v", np.zeros_like(x)) + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    correction2 = 1 - beta2**t
    if eps_placement == "hat":
        step = lr * correction2**0.5 * m_hat / (np.sqrt(v) + eps)
    elif eps_placement == "inside":
        step = lr * m_hat / np.sqrt(v / correction2 + eps)
    elif eps_placement == "both":
        step = lr * m_hat / (np.sqrt(v / correction2 + eps_root) + eps)
    else:
        step = lr * m_hat / (np.sqrt(v / correction2) + eps)
    shrink = 1 - (lr * weight_decay if decay_times == "lr" else weight_decay)
    new = shrink * x - step if decay_when == "before" else shrink * (x - step)
    return new, {"m": m, "v": v}
