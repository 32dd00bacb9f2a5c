"""AdaPNM: Adam with positive-negative momentum in place of its mean of gradients."""

from typing import Any

from symopt.language import choice, decay, effective_gradient, maximum, rate, rule, small, sqrt, state, switch, weight


@rule(
    cites="Xie, Yuan, Zhu & Sugiyama 2021, arXiv:2103.17182, algorithm AdaPNM",
    lr=rate(0.001),
    beta0=weight(1),
    beta1=decay(0.9),
    beta2=decay(0.999),
    eps=small("1e-8"),
    weight_decay=weight(0.01),
    m=state(),
    p=state(),
    v=state(nonnegative=True),
    v_max=state(nonnegative=True),
)
def adapnm(
    s: Any,
    *,
    amsgrad: Any = switch(True),
    eps_placement: Any = choice("outside", "hat"),
    decay: Any = choice("none", "coupled", "decoupled"),
) -> None:
    """AdaPNM: PNM's mixture of two means over the root of Adam's mean of squares, both corrected.

    The means are as in PNM; what corrects them is Adam's 1 - beta1**t. ``amsgrad`` divides by the largest mean of
    squares so far (the authors' code zeke-xie/Positive-Negative-Momentum unless told otherwise, pytorch-optimizer's
    ams_bound); in both beta0 is called beta3, and ``decay`` is theirs. eps is added to the corrected root (the authors'
    code) or before it is corrected ("hat": pytorch-optimizer). Read in these; the paper's own text could not be
    consulted.
    """
    effective_gradient(s, decay=decay, maximize=False)
    s.n = s.beta1**2 * s.p + (1 - s.beta1**2) * s.g
    s.p = s.m
    s.m = s.n
    s.v = s.beta2 * s.v + (1 - s.beta2) * s.g**2
    if amsgrad:
        s.v_max = maximum(s.v_max, s.v)
    most, correction = s.v_max if amsgrad else s.v, 1 - s.beta2**s.t
    s.root = sqrt(most / correction) + s.eps if eps_placement == "outside" else (sqrt(most) + s.eps) / sqrt(correction)
    s.noise_norm = sqrt((1 + s.beta0) ** 2 + s.beta0**2)
    s.m_hat = ((1 + s.beta0) * s.m - s.beta0 * s.p) / s.noise_norm / (1 - s.beta1**s.t)
    s.x = s.x - s.lr * s.m_hat / s.root
