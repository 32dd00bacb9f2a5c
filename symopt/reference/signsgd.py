"""signSGD and Signum by hand."""

from typing import Any

import numpy as np


def signsgd(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    beta1: float = 0.9,
    signum: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """One step of Bernstein et al. 2018, Algorithm 1 (signSGD) or 2 (Signum), their delta being ``lr``."""
    if not signum:
        return x - lr * np.sign(g), {}
    m = beta1 * state.get("m", np.zeros_like(x)) + (1 - beta1) * g
    return x - lr * np.sign(m), {"m": m}
