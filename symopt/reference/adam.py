"""Adam by hand."""

from typing import Any

import numpy as np


def adam(
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
    eps_placement: str = "outside",
    bias_correction: bool = True,
    decay: str = "none",
    maximize: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """One step of Kingma & Ba 2015, Algorithm 1.

    ``eps_placement="hat"`` is the reordering that their section 2 gives: x_t = x_(t-1) - lr_t m_t / (sqrt(v_t) + eps)
    with lr_t = lr sqrt(1 - beta2^t) / (1 - beta1^t).
    """
    if maximize:
        g = -g
    if decay == "coupled":
        g = g + weight_decay * x
    m = beta1 * state.get("m", np.zeros_like(x)) + (1 - beta1) * g
    v = beta2 * state.get("v", np.zeros_like(x)) + (1 - beta2) * g**2
    state = {"m": m, "v": v}
    # Both corrections are Python floats, which take the dtype of the array they meet.
    correction1 = 1 - beta1**t if bias_correction else 1.0
    correction2 = 1 - beta2**t if bias_correction else 1.0
    if eps_placement == "hat":
        return x - lr * correction2**0.5 / correction1 * m / (np.sqrt(v) + eps), state
    m_hat = m / correction1
    v_hat = v / correction2
    within = {"inside": eps, "both": eps_root}.get(eps_placement, 0.0)
    root = np.sqrt(v_hat + within) + (0.0 if eps_placement == "inside" else eps)
    return x - lr * m_hat / root, state
