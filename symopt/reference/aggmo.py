"""AggMo by hand."""

from typing import Any

import numpy as np


def aggmo(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    beta3: float = 0.0,
    weight_decay: float = 0.0,
    velocities: str = "three",
    decay: str = "none",
) -> tuple[Any, dict[str, Any]]:
    """One step of Lucas et al. 2019, section 3, the velocities with the other sign."""
    if decay == "coupled":
        g = g + weight_decay * x
    betas = {"v1": beta1, "v2": beta2, "v3": beta3}
    if velocities == "two":
        del betas["v3"]
    new = {name: beta * state.get(name, np.zeros_like(x)) + g for name, beta in betas.items()}
    for v in new.values():
        x = x - lr / len(betas) * v
    return x, new
