"""RAdam by hand."""

from typing import Any

import numpy as np


def radam(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float = 0.0,
    eps_root: float = 0.0,
    weight_decay: float = 0.0,
    threshold: str = "4",
    eps_placement: str = "none",
    nesterov: bool = False,
    decay: str = "none",
    maximize: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """One step of Liu et al. 2020, Algorithm 2; ``rho`` is their rho_t, ``limit`` their rho_infinity."""
    if maximize:
        g = -g
    if decay == "coupled":
        g = g + weight_decay * x
    m = beta1 * state.get("m", np.zeros_like(x)) + (1 - beta1) * g
    v = beta2 * state.get("v", np.zeros_like(x)) + (1 - beta2) * g**2
    if decay == "decoupled":
        x = x - lr * weight_decay * x
    m_hat, correction2 = m / (1 - beta1**t), 1 - beta2**t
    if nesterov:
        m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
    limit = 2 / (1 - beta2) - 1
    rho = limit - 2 * t * beta2**t / correction2
    enough = rho >= 5 if threshold == "from 5" else rho > float(threshold)
    if limit > 4 and enough:
        r = ((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho)) ** 0.5
        if eps_placement in ("outside", "both"):
            adapted = m_hat / (np.sqrt(v / correction2 + (eps_root if eps_placement == "both" else 0)) + eps)
        else:
            adapted = m_hat * correction2**0.5 / (np.sqrt(v) + (eps if eps_placement == "hat" else 0))
        x = x - lr * r * adapted
    else:
        x = x - lr * m_hat
    return x, {"m": m, "v": v}
