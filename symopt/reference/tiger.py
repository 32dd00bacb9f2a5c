"""Tiger by hand."""

from typing import Any

import numpy as np


def tiger(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    beta1: float,
    weight_decay: float,
) -> tuple[Any, dict[str, Any]]:
    """One step of Su 2023: theta_t = theta_(t-1) - lr [sign(m_t) + weight_decay theta_(t-1)]."""
    m = beta1 * state.get("m", np.zeros_like(x)) + (1 - beta1) * g
    return x - lr * (np.sign(m) + weight_decay * x), {"m": m}
