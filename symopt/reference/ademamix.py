"""AdEMAMix by hand."""

from typing import Any

import numpy as np


def ademamix(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    beta3: float,
    alpha: float,
    eps: float,
    weight_decay: float,
    t_alpha: float = 100000.0,
    schedule: str = "none",
) -> tuple[Any, dict[str, Any]]:
    """One step of Pagliardini et al. 2024, Algorithm 1; lines 6 and 7 are the schedules of alpha and beta3."""
    if schedule == "both":
        a, b, done = np.log(beta1), np.log(beta3), t / t_alpha
        beta3 = np.minimum(np.exp(a * b / ((1 - done) * b + done * a)), beta3)
    zero = np.zeros_like(x)
    fast = beta1 * state.get("m1", zero) + (1 - beta1) * g
    old, new = (np.positive(part).astype(x.dtype) for part in (beta3, 1 - beta3))
    slow = old * state.get("m2", zero) + new * g
    v = beta2 * state.get("v", zero) + (1 - beta2) * g**2
    share = np.minimum(np.full_like(x, t * alpha / t_alpha), alpha) if schedule != "none" else alpha
    mixture = fast / (1 - beta1**t) + share * slow
    step = mixture / (np.sqrt(v / (1 - beta2**t)) + eps)
    return x - lr * (step + weight_decay * x), {"m1": fast, "m2": slow, "v": v}
