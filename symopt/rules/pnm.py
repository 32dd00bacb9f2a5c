"""PNM: two means of the gradients in turn, of which the older is subtracted."""

from typing import Any

from symopt.language import choice, decay, effective_gradient, rate, rule, sqrt, state, weight


@rule(
    cites="Xie, Yuan, Zhu & Sugiyama 2021, arXiv:2103.17182, algorithm PNM",
    lr=rate(0.001),
    beta0=weight(1),
    beta1=decay(0.9),
    weight_decay=weight(0.01),
    m=state(),
    p=state(),
)
def pnm(s: Any, *, decay: Any = choice("none", "coupled", "decoupled")) -> None:
    """PNM: a step along 1 + beta0 times one mean of gradients, less beta0 times another that has seen none of them.

    m is the mean of the gradients of this step, the last but one and so on, p that of those between: the noise of the
    two is independent and adds up. The norm of (1 + beta0, beta0) is divided by. The authors' code
    (zeke-xie/Positive-Negative-Momentum) and pytorch-optimizer keep the two in place and take them in turn; there
    beta0 is called beta2. ``decay`` is theirs. Read in these; the paper's own text could not be consulted.
    """
    effective_gradient(s, decay=decay, maximize=False)
    s.n = s.beta1**2 * s.p + (1 - s.beta1**2) * s.g
    s.p = s.m
    s.m = s.n
    s.noise_norm = sqrt((1 + s.beta0) ** 2 + s.beta0**2)
    s.x = s.x - s.lr / s.noise_norm * ((1 + s.beta0) * s.m - s.beta0 * s.p)
