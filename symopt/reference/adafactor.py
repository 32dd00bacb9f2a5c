"""Adafactor by hand."""

from typing import Any

import numpy as np


def adafactor(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    decay_rate: float,
    eps1: float,
    clip_threshold: float,
    eps2: float = 1e-3,
    beta1: float = 0.9,
    weight_decay: float = 0.0,
    factored: bool = True,
    factors: str = "sum",
    eps_placement: str = "squares",
    relative_step: bool = True,
    parameter_scale: bool = True,
    momentum: bool = False,
    decay: str = "none",
    maximize: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """One step of Shazeer & Stern 2018, Algorithm 4 with the step sizes of Algorithm 5; rows are the last axis."""
    fold, axes = (np.sum if factors == "sum" else np.mean), tuple(range(g.ndim))
    kind = x.dtype
    step = np.minimum(lr, 1 / np.sqrt(t)) if relative_step else np.positive(lr)
    if parameter_scale:
        step = step * np.maximum(eps2, np.sqrt(np.mean(x * x, dtype=np.float64)))
    new = 1 / t**decay_rate
    if maximize:
        g = -g
    squares = g * g + eps1 if eps_placement == "squares" else g * g
    if factored:
        rows = new * fold(squares, axis=axes[-1:], keepdims=True, dtype=np.float64)
        cols = new * fold(squares, axis=axes[:-1], keepdims=True, dtype=np.float64)
        if "r" in state:
            rows = (1 - new) * state["r"].astype(np.float64) + rows
            cols = (1 - new) * state["c"].astype(np.float64) + cols
        whole = fold(rows, axis=axes[:-1], keepdims=True, dtype=np.float64)
        if eps_placement == "floor":
            whole = np.maximum(whole, eps1)
        moment = rows.astype(kind) * cols.astype(kind) / whole.astype(kind)
        after = {"r": rows.astype(kind), "c": cols.astype(kind)}
    else:
        moment = (1 - new) * state.get("v", np.zeros_like(x)) + new * squares
        after = {"v": moment}
    if eps_placement == "floor":
        moment = np.maximum(moment, eps1**2)
    u = g / np.sqrt(moment)
    rms = np.sqrt(np.mean(u * u, dtype=np.float64))
    u = step.astype(kind) * u / np.maximum(1, rms / clip_threshold).astype(kind)
    if momentum:
        after["m"] = u = beta1 * state.get("m", np.zeros_like(x)) + (1 - beta1) * u
    if decay == "decoupled":
        x = x - lr * weight_decay * x
    return x - u, after
