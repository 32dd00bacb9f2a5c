"""NovoGrad by hand."""

from typing import Any

import numpy as np


def novograd(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    eps_root: float = 0.0,
    weight_decay: float,
    first: str = "without eps",
    averaging: bool = False,
    eps_placement: str = "outside",
) -> tuple[Any, dict[str, Any]]:
    """One step of Ginsburg et al. 2020, Algorithm 1; ``v``, an array of one element, is kept in the dtype of x.

    What is not an element's own is computed in float64 and rounded when an array meets it.
    """
    square = np.sum(g * g, dtype=np.float64)
    v = square
    if t > 1:
        v = beta2 * state.get("v", np.zeros(1, x.dtype))[0].astype(np.float64) + (1 - beta2) * square
    root = np.sqrt(v + (eps_root if eps_placement == "both" else 0.0)) + (eps if t > 1 or first == "with eps" else 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        normalized = g / root.astype(x.dtype)
    d = normalized + weight_decay * x
    m = beta1 * state.get("m", np.zeros_like(x)) + ((1 - beta1) * d if averaging else d)
    return x - lr * m, {"m": m, "v": v.astype(x.dtype).reshape(1)}
