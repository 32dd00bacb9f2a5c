"""Cautious AdamW by hand."""

from typing import Any

import numpy as np


def cautious_adamw(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
    scale: str = "eps",
    decay_when: str = "before",
) -> tuple[Any, dict[str, Any]]:
    """One step of Liang et al. 2024, Algorithm 1 ("m = (u*g > 0); p -= lr u m/(m.mean() + eps)"), u being AdamW's."""
    if decay_when == "before":
        x = x - lr * weight_decay * x
    m = beta1 * state.get("m", np.zeros_like(x)) + (1 - beta1) * g
    v = beta2 * state.get("v", np.zeros_like(x)) + (1 - beta2) * g**2
    u = m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
    mask = (u * g > 0).astype(x.dtype)
    count = np.sum(mask, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.divide(count, np.size(g))
    step = u * mask
    if scale == "eps":
        step = step / (share + eps).astype(x.dtype)
    elif scale == "count":
        step = step * np.size(g) / (count + 1).astype(x.dtype)
    elif scale == "clamp":
        step = step / np.maximum(share, 1e-3).astype(x.dtype)
    x = x - lr * step
    if decay_when == "after":
        x = x - lr * weight_decay * x
    return x, {"m": m, "v": v}
