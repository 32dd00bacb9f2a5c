"""AMSGrad by hand."""

from typing import Any

import numpy as np


def amsgrad(
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
    weight_decay: float = 0.0,
    correction: str = "none",
    eps_placement: str = "outside",
    decay: str = "none",
    maximize: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """One step of Reddi, Kale & Kumar 2018, Algorithm 2, without the projection; ``v_max`` is their v-hat.

    ``correction`` names the four ways of the paper and of optax, torch and Keras to correct (or not) for the start.
    """
    if maximize:
        g = -g
    if decay == "coupled":
        g = g + weight_decay * x
    m = beta1 * state.get("m", np.zeros_like(x)) + (1 - beta1) * g
    v = beta2 * state.get("v", np.zeros_like(x)) + (1 - beta2) * g**2
    within = eps_root if eps_placement == "both" else 0.0
    correction1, correction2 = 1 - beta1**t, 1 - beta2**t
    v_max = np.maximum(state.get("v_max", np.zeros_like(x)), v / correction2 if correction == "before" else v)
    if correction == "none":
        step = lr * m / (np.sqrt(v_max + within) + eps)
    elif correction == "rate":
        step = lr * correction2**0.5 / correction1 * m / (np.sqrt(v_max + within) + eps)
    else:
        v_hat = v_max / correction2 if correction == "after" else v_max
        step = lr * (m / correction1) / (np.sqrt(v_hat + within) + eps)
    if decay == "decoupled":
        x = x - lr * weight_decay * x
    return x - step, {"m": m, "v": v, "v_max": v_max}
