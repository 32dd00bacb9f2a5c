"""The lines that many algorithms put before their own: what is done to the gradient first."""

from __future__ import annotations

from typing import Any

from .functions import minimum, where
from .totals import norm


def effective_gradient(s: Any, *, decay: str, maximize: bool) -> None:
    """Negate g to maximize; then let weights decay: coupled (L2) through g, decoupled from x itself, by lr times them.

    The order is that of torch.optim: a coupled decay always pulls x towards 0, also when maximizing. Every optimizer of
    Keras has a decoupled one, before its step.
    """
    if maximize:
        s.g = -s.g
    if decay == "coupled":
        s.g = s.g + s.weight_decay * s.x
    elif decay == "decoupled":
        s.x = s.x - s.lr * s.weight_decay * s.x


def clip_to_norm(s: Any, *, over: str, softened: bool) -> None:
    """Shorten g to the norm max_norm where it is longer, as a vector over the tensor or over all of them.

    ``softened`` adds 1e-6 to the norm that is divided by.
    """
    s.g_norm = norm(s.g, over)
    if softened:
        s.scale = minimum(s.max_norm / (s.g_norm + 0.000001), 1)
    else:
        s.scale = where(s.g_norm > s.max_norm, s.max_norm / s.g_norm, 1)
    s.g = s.scale * s.g
