"""LARS by hand."""

from typing import Any

import numpy as np


def lars(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    momentum: float,
    weight_decay: float,
    trust: float,
    eps: float = 0.0,
    measured: str = "apart",
    guard: bool = False,
    nesterov: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """One step of You, Gitman & Ginsburg 2017, Algorithm 1: the local rate is trust |w|/(|g| + weight_decay |w|).

    Norms are taken in float64; the local rate is rounded to the dtype of x when it is known.
    """
    decayed = g + weight_decay * x
    x_norm = np.sqrt(np.sum(x * x, dtype=np.float64))
    if measured == "apart":
        g_norm = np.sqrt(np.sum(g * g, dtype=np.float64))
        size = g_norm + weight_decay * x_norm
    else:
        size = g_norm = np.sqrt(np.sum(decayed * decayed, dtype=np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        local = trust * x_norm / (size + eps)
    if guard:
        local = np.where(x_norm > 0, np.where(g_norm > 0, local, 1.0), 1.0)
    step = (lr * local).astype(x.dtype) * decayed
    v = momentum * state.get("v", np.zeros_like(x)) + step
    return x - (momentum * v + step if nesterov else v), {"v": v}
