"""MADGRAD: dual averaging with momentum, divided by the cube root of the sum of squares."""

from typing import Any

from symopt.language import (
    cbrt,
    choice,
    decay,
    effective_gradient,
    rate,
    rule,
    small,
    sqrt,
    state,
    switch,
    weight,
    where,
)


@rule(
    cites="Defazio & Jelassi 2021, arXiv:2101.11075, Algorithm 1",
    lr=rate(0.01),
    momentum=decay(0.9),
    eps=small("1e-6"),
    weight_decay=weight(0.01),
    x0=state(),
    total=state(),
    v=state(nonnegative=True),
)
def madgrad(
    s: Any,
    *,
    anchor: Any = choice("kept", "recomputed"),
    lr_plus_eps: Any = switch(),
    decay: Any = choice("none", "coupled", "decoupled"),
) -> None:
    """MADGRAD: x moves towards the starting point minus all gradients, weighted by sqrt(t), over a cube root.

    momentum is 1 - c of the paper. The starting point is kept, or found again from x before each step ("recomputed",
    by the authors' code where momentum is 0), which differs once weights decay. The authors' code
    (facebookresearch/madgrad), pytorch-optimizer and optax add eps to lr. Read in the latter two; the paper's own text
    could not be consulted.
    """
    effective_gradient(s, decay="coupled" if decay == "coupled" else "none", maximize=False)
    gamma = s.lr + s.eps if lr_plus_eps else s.lr
    s.lamb = gamma * sqrt(s.t)
    if anchor == "kept":
        s.x0 = where(s.t > 1, s.x0, s.x)
        s.start = s.x0
    else:
        s.start = s.x + s.total / (cbrt(s.v) + s.eps)
    s.total = s.total + s.lamb * s.g
    s.v = s.v + s.lamb * s.g**2
    s.z = s.start - s.total / (cbrt(s.v) + s.eps)
    drift = gamma * s.weight_decay * s.x if decay == "decoupled" else 0
    s.x = s.momentum * s.x + (1 - s.momentum) * s.z - drift
