"""Schedule-free AdamW by hand."""

from typing import Any

import numpy as np


def schedule_free_adamw(
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
    warmup_steps: float = 1000.0,
    average: str = "t",
    warmup: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """One step of Defazio et al. 2024, Algorithm 1; ``x`` is their y, ``mean`` their x."""
    if warmup:
        lr = (lr * np.minimum(t / warmup_steps, 1)).astype(x.dtype)
    z, mean = (x, x) if t == 1 else (state["z"], state["mean"])
    v = beta2 * state.get("v", np.zeros_like(x)) + (1 - beta2) * g**2
    z = z - lr * (g / (np.sqrt(v / (1 - beta2**t)) + eps)) - lr * (weight_decay * x)
    mean = mean + (z - mean) / (t if average == "t" else t + 1)
    return z + beta1 * (mean - z), {"z": z, "v": v, "mean": mean}
