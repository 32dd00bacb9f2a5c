"""Nesterov's accelerated gradient by hand."""

from typing import Any


def nesterov(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    momentum: float,
) -> tuple[Any, dict[str, Any]]:
    """One step of Nesterov's scheme: y' = x - lr grad f(x), x' = y' + momentum (y' - y), with y = x at first."""
    y = x if t == 1 else state["y"]
    ahead = x - lr * g
    return ahead + momentum * (ahead - y), {"y": ahead}
