"""LAMB by hand."""

from typing import Any

import numpy as np


def lamb(
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
    max_norm: float = 10.0,
    phi: str = "norm",
    bias_correction: bool = True,
    guard: bool = False,
    eps_placement: str = "outside",
) -> tuple[Any, dict[str, Any]]:
    """One step of You et al. 2020, Algorithm 2; norms in float64, the ratio rounded to the dtype of x when it is known.

    Of their phi(z) = min(max(z, gamma_l), gamma_u), gamma_l is 0 and gamma_u infinite or ``max_norm``.
    """
    m = beta1 * state.get("m", np.zeros_like(x)) + (1 - beta1) * g
    v = beta2 * state.get("v", np.zeros_like(x)) + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t) if bias_correction else m
    v_hat = v / (1 - beta2**t) if bias_correction else v
    update = m_hat / (np.sqrt(v_hat + (eps_root if eps_placement == "both" else 0.0)) + eps) + weight_decay * x
    x_norm = np.sqrt(np.sum(x * x, dtype=np.float64))
    u_norm = np.sqrt(np.sum(update * update, dtype=np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (np.minimum(x_norm, max_norm) if phi == "clipped" else x_norm) / u_norm
    if guard:
        ratio = np.where(x_norm > 0, np.where(u_norm > 0, ratio, 1.0), 1.0)
    return x - (lr * ratio).astype(x.dtype) * update, {"m": m, "v": v}
