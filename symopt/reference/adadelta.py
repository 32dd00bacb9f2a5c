"""AdaDelta by hand."""

from typing import Any

import numpy as np


def adadelta(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    rho: float,
    eps: float,
    lr: float = 1.0,
    weight_decay: float = 0.0,
    eps_placement: str = "inside",
    decay: str = "none",
    maximize: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """One step of Zeiler 2012, Algorithm 1, lines 4 to 7; RMS[y] = sqrt(E[y^2] + eps) is his eq. (9).

    ``v`` is E[g^2] and ``u`` is E[dx^2], where dx is the step before lr, which Zeiler does not have.
    """
    if maximize:
        g = -g
    if decay == "coupled":
        g = g + weight_decay * x
    if decay == "decoupled":
        x = (1 - lr * weight_decay) * x

    def rms(mean_square: Any) -> Any:
        return np.sqrt(mean_square) + eps if eps_placement == "outside" else np.sqrt(mean_square + eps)

    mean_g2 = rho * state.get("v", np.zeros_like(x)) + (1 - rho) * g**2
    mean_dx2 = state.get("u", np.zeros_like(x))
    dx = -(rms(mean_dx2) / rms(mean_g2)) * g
    mean_dx2 = rho * mean_dx2 + (1 - rho) * dx**2
    return x + lr * dx, {"v": mean_g2, "u": mean_dx2}
