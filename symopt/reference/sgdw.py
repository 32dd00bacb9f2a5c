"""SGDW by hand."""

from typing import Any

import numpy as np


def sgdw(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    momentum: float,
    weight_decay: float,
    lr_placement: str = "inside",
    decay_times: str = "lr",
    nesterov: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """One step of Loshchilov & Hutter 2019, Algorithm 1, lines 8 and 9, with the schedule's multiplier at 1.

    ``v`` is their m. Nesterov's step looks one velocity ahead, as in Keras and torch.
    """
    scale = lr if lr_placement == "inside" else 1
    v = momentum * state.get("v", np.zeros_like(x)) + scale * g
    step = momentum * v + scale * g if nesterov else v
    if lr_placement == "outside":
        step = lr * step
    shrink = weight_decay * lr if decay_times == "lr" else weight_decay
    return x - step - shrink * x, {"v": v}
