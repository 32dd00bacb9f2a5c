"""Cautious AdamW: the coordinates in which AdamW would step against the gradient stay where they are."""

from typing import Any

from symopt.language import choice, decay, maximum, mean, rate, rule, size, small, sqrt, state, total, weight, where


@rule(
    cites="Liang, Chen, Liu & Liu 2024, arXiv:2411.16085, Algorithm 1 on AdamW",
    lr=rate(0.001),
    beta1=decay(0.9),
    beta2=decay(0.999),
    eps=small("1e-8"),
    weight_decay=weight(0.01),
    m=state(),
    v=state(nonnegative=True),
)
def cautious_adamw(
    s: Any,
    *,
    scale: Any = choice("eps", "count", "clamp", "none"),
    decay_when: Any = choice("before", "after"),
) -> None:
    """Cautious AdamW: steps are taken where they have the gradient's sign, and made longer for those left out.

    The step is divided by the mean of the mask, which eps keeps from 0 ("eps", the paper's one line), or one more
    element ("count", pytorch-optimizer), or the bound 1/1000 ("clamp", the authors' code, timm), or by nothing. The
    weights decay as in AdamW, before the step (torch) or after it (the authors' code).
    """
    if decay_when == "before":
        s.x = s.x - s.lr * s.weight_decay * s.x
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.v = s.beta2 * s.v + (1 - s.beta2) * s.g**2
    s.m_hat = s.m / (1 - s.beta1**s.t)
    s.v_hat = s.v / (1 - s.beta2**s.t)
    s.u = s.m_hat / (sqrt(s.v_hat) + s.eps)
    s.mask = where(s.u * s.g > 0, 1, 0)
    s.d = s.u * s.mask
    if scale == "eps":
        s.d = s.d / (mean(s.mask) + s.eps)
    elif scale == "count":
        s.d = s.d * size(s.g) / (total(s.mask) + 1)
    elif scale == "clamp":
        s.d = s.d / maximum(mean(s.mask), 0.001)
    s.x = s.x - s.lr * s.d
    if decay_when == "after":
        s.x = s.x - s.lr * s.weight_decay * s.x
