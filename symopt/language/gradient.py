"""The lines that many algorithms put before their own: what is done to the gradient first."""

from __future__ import annotations

from typing import Any


def effective_gradient(s: Any, *, decay: str, maximize: bool) -> None:
    """Negate g to maximize; then add weight_decay*x to it for coupled (L2) weight decay.

    The order is that of torch.optim: a coupled decay always pulls x towards 0, also when maximizing.
    """
    if maximize:
        s.g = -s.g
    if decay == "coupled":
        s.g = s.g + s.weight_decay * s.x
