"""SM3 by hand."""

from typing import Any

import numpy as np


def sm3(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    version: str = "II",
    accumulator: str = "sum",
    eps_placement: str = "none",
    momentum: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """One step of Anil et al. 2019, SM3-II or SM3-I, the cover being a matrix' rows and columns."""
    axes = tuple(range(g.ndim))

    def most(values: Any) -> tuple[Any, Any]:
        return np.max(values, axis=axes[-1:], keepdims=True), np.max(values, axis=axes[:-1], keepdims=True)

    row, col = (state["r"], state["c"]) if state else map(np.zeros_like, most(g))
    if version == "I":
        more = most(g * g)
        row, col = row + more[0], col + more[1]
        nu = np.minimum(row, col)
    else:
        nu = np.minimum(row, col)
        nu = nu + g * g if accumulator == "sum" else beta2 * nu + (1 - beta2) * (g * g)
        row, col = most(nu)
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.where(nu <= 0, 0, g / np.sqrt(nu + eps if eps_placement == "inside" else nu))
    after = {"r": row, "c": col}
    if momentum:
        after["m"] = u = beta1 * state.get("m", np.zeros_like(x)) + (1 - beta1) * u
    return x - lr * u, after
