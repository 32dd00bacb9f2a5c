"""Stochastic gradient descent by hand."""

from typing import Any


def sgd(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    weight_decay: float = 0.0,
    decay: str = "none",
    maximize: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """One step of Robbins & Monro 1951, seeking the zero of a gradient: x_t = x_(t-1) - lr g_t."""
    if maximize:
        g = -g
    if decay == "coupled":
        g = g + weight_decay * x
    return x - lr * g, {}
