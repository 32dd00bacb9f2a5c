"""Heavy ball and Nesterov momentum by hand."""

from typing import Any

import numpy as np


def momentum(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    momentum: float,
    dampening: float = 0.0,
    weight_decay: float = 0.0,
    nesterov: bool = False,
    velocity: str = "sum",
    decay: str = "none",
    maximize: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """One step of Polyak 1964, the two-step method, with the velocity v_t = (x_(t-1) - x_t)/lr made explicit.

    ``nesterov`` is Sutskever et al. 2013, eqs. (3) and (4), rewritten in the point where the gradient is taken.
    """
    if maximize:
        g = -g
    if decay == "coupled":
        g = g + weight_decay * x
    share = {"sum": 1.0, "mean": 1 - momentum}.get(velocity, 1 - dampening)
    v = momentum * state.get("v", np.zeros_like(x)) + share * g
    if velocity == "undamped-first" and t == 1:
        v = g
    direction = g + momentum * v if nesterov else v
    return x - lr * direction, {"v": v}
