"""AdaGrad by hand."""

from typing import Any

import numpy as np


def adagrad(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    eps: float,
    lr_decay: float = 0.0,
    initial_accumulator: float = 0.0,
    weight_decay: float = 0.0,
    eps_placement: str = "outside",
    start: str = "zero",
    lr_falls: bool = False,
    decay: str = "none",
    maximize: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """One step of Duchi, Hazan & Singer 2011, diagonal form: x_t = x_(t-1) - lr diag(G_t)^(-1/2) g_t.

    ``a`` is the diagonal of G_t, the sum of the outer products g_i g_i^T over all steps i <= t.
    """
    if maximize:
        g = -g
    if decay == "coupled":
        g = g + weight_decay * x
    if decay == "decoupled":
        x = (1 - lr * weight_decay) * x
    a = state.get("a", np.zeros_like(x))
    if start == "positive" and t == 1:
        a = np.full_like(x, initial_accumulator)
    a = a + g * g
    root = np.sqrt(a + eps) if eps_placement == "inside" else np.sqrt(a) + eps
    rate = lr / (1 + (t - 1) * lr_decay) if lr_falls else lr
    return x - rate * g / root, {"a": a}
