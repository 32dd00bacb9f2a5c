"""ASGD by hand."""

from typing import Any

import numpy as np


def asgd(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    lambd: float,
    t0: float,
    weight_decay: float = 0.0,
    power: str = "3/4",
    decay: str = "none",
    maximize: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """One step of Polyak & Juditsky 1992 with the rate lr (1 + lambd lr k)^-power and k = t - 1 steps done before.

    ``mean`` is the running mean of the iterates x_j with j > t0 + 1, and the last iterate before there is one.
    """
    if maximize:
        g = -g
    if decay == "coupled":
        g = g + weight_decay * x
    base = 1 + lambd * lr * (t - 1)
    root = base**0.5
    eta = lr / (base if power == "1" else root if power == "1/2" else root * root**0.5)
    x = x * (1 - lambd * eta) - eta * g
    mean = state.get("mean", np.zeros_like(x))
    return x, {"mean": mean + (x - mean) / max(1, t - 1 - t0)}
