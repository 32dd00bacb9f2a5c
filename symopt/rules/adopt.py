"""ADOPT: Adam that divides each gradient by the moment of those before it, and only then averages."""

from typing import Any

from symopt.language import (
    choice,
    decay,
    effective_gradient,
    maximum,
    minimum,
    rate,
    rule,
    small,
    sqrt,
    state,
    switch,
    weight,
    where,
)  # fmt: skip


@rule(
    cites="Taniguchi et al. 2024, arXiv:2411.02853, Algorithm 1",
    lr=rate(0.001),
    beta1=decay(0.9),
    beta2=decay(0.9999),
    eps=small("1e-6"),
    weight_decay=weight(0.01),
    m=state(),
    v=state(nonnegative=True),
)
def adopt(
    s: Any,
    *,
    clipped: Any = switch(),
    first: Any = choice("weighed", "whole"),
    decay: Any = choice("none", "coupled", "decoupled"),
) -> None:
    """ADOPT: a mean of gradients, each divided by the root of the squares of those before it.

    The step t = 1 only takes the first gradient's square for v. ``clipped`` bounds each divided gradient by the
    fourth root of the number of steps before (a later version of the paper; the default of optax). The authors' code
    (iShohei220/adopt) takes the first divided gradient "whole" for the mean; ``decay`` is that code's. Read there, in
    optax and in quotations of the algorithm; the paper's own text could not be consulted.
    """
    effective_gradient(s, decay=decay, maximize=False)
    s.n = s.g / maximum(sqrt(s.v), s.eps)
    if clipped:
        s.c = sqrt(sqrt(s.t - 1))
        s.n = minimum(maximum(s.n, -s.c), s.c)
    mean = s.beta1 * s.m + (1 - s.beta1) * s.n
    if first == "whole":
        mean = where(s.t > 2, mean, s.n)
    s.m = where(s.t > 1, mean, 0)
    s.x = s.x - s.lr * s.m
    s.v = where(s.t > 1, s.beta2 * s.v + (1 - s.beta2) * s.g**2, s.g**2)
