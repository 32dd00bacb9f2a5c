"""Momentum with the learning rate inside the velocity, by hand."""

from typing import Any

import numpy as np


def classical_momentum(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    momentum: float,
    nesterov: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """One step of Sutskever et al. 2013: v' = momentum v - lr g, then x' = x + v'.

    ``nesterov`` moves the variable to theirs plus momentum v, where their gradient is taken.
    """
    downhill = -lr * g
    v = momentum * state.get("v", np.zeros_like(x)) + downhill
    return x + (momentum * v + downhill if nesterov else v), {"v": v}
