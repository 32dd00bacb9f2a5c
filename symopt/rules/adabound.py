"""AdaBound and AMSBound: Adam whose rates are clipped between bounds that close in on that of SGD."""

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
)  # fmt: skip


@rule(
    cites="Luo, Xiong, Liu & Sun 2019, arXiv:1902.09843, Algorithms 2 and 3; code at Luolc/AdaBound",
    lr=rate(0.001),
    beta1=decay(0.9),
    beta2=decay(0.999),
    final_lr=rate(0.1),
    gamma=rate("1e-3"),
    eps=small("1e-8"),
    weight_decay=weight(0.01),
    m=state(),
    v=state(nonnegative=True),
    v_max=state(nonnegative=True),
)
def adabound(
    s: Any,
    *,
    amsbound: Any = switch(),
    bias_correction: Any = switch(),
    annealed: Any = switch(True),
    decay: Any = choice("none", "coupled"),
) -> None:
    """AdaBound: Adam's rate for each coordinate, clipped, times the first moment.

    ``amsbound`` divides by the root of the greatest second moment so far (Algorithm 3). ``annealed`` divides the
    clipped rate by the root of t, as the paper's algorithms do; the authors' code does not, but corrects the moments
    (``bias_correction``). The bounds and eps are the code's. The paper was read in quotations of its algorithms.
    """
    effective_gradient(s, decay=decay, maximize=False)
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.v = s.beta2 * s.v + (1 - s.beta2) * s.g**2
    if amsbound:
        s.v_max = maximum(s.v_max, s.v)
    s.lower = s.final_lr * (1 - 1 / (s.gamma * s.t + 1))
    s.upper = s.final_lr * (1 + 1 / (s.gamma * s.t))
    s.alpha = s.lr * sqrt(1 - s.beta2**s.t) / (1 - s.beta1**s.t) if bias_correction else s.lr
    s.eta = minimum(maximum(s.alpha / (sqrt(s.v_max if amsbound else s.v) + s.eps), s.lower), s.upper)
    s.x = s.x - (s.eta / sqrt(s.t) if annealed else s.eta) * s.m
