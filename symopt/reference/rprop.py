"""Rprop by hand."""

from typing import Any

import numpy as np


def rprop(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    eta_minus: float,
    eta_plus: float,
    min_step: float,
    max_step: float,
    after_change: str = "back",
    clamp: str = "one-side",
    maximize: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """One step of Riedmiller & Braun 1993 ("back") or of a variant that Igel & Huesken 2003 name.

    ``eta`` is their Delta; ``d`` is minus their weight step Delta w, and 0 where they set the derivative to 0.
    """
    if maximize:
        g = -g
    eta = np.zeros_like(x) + lr if t == 1 else state["eta"]
    last = state.get("d", np.zeros_like(x))
    agree = np.sign(g) * np.sign(last)
    if clamp == "one-side":
        longer, shorter = np.minimum(eta * eta_plus, max_step), np.maximum(eta * eta_minus, min_step)
    else:
        longer, shorter = (np.clip(eta * factor, min_step, max_step) for factor in (eta_plus, eta_minus))
    same = np.clip(eta, min_step, max_step) if clamp == "always" else eta
    eta = np.where(agree > 0, longer, np.where(agree < 0, shorter, same))
    step = eta * np.sign(g)
    quiet = np.where(agree < 0, np.zeros_like(x), step)
    new = {"eta": eta, "d": step if after_change == "step" else quiet}
    if after_change == "late":
        return x - np.where(agree < 0, np.zeros_like(x), last), new
    if after_change == "back":
        return np.where(agree < 0, x + last, x - step), new
    return x - new["d"], new
