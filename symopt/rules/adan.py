"""Adan: Adam with Nesterov's momentum written by differences of gradients."""

from typing import Any

from symopt.language import choice, decay, rate, rule, small, sqrt, state, switch, weight, where


@rule(
    cites="Xie, Zhou, Li, Lin & Yan 2024, arXiv:2208.06677, Algorithm 1",
    lr=rate(0.001),
    beta1=decay(0.98),
    beta2=decay(0.92),
    beta3=decay(0.99),
    eps=small("1e-8"),
    weight_decay=weight(0.02),
    m=state(),
    v=state(),
    n=state(nonnegative=True),
    p=state(),
)
def adan(
    s: Any,
    *,
    bias_correction: Any = switch(True),
    eps_placement: Any = choice("outside", "inside"),
    difference: Any = choice("beta2", "1 - beta2"),
    decay: Any = choice("proximal", "before"),
) -> None:
    """Adan: a mean of the gradients, one of their differences and one of the squares of both together.

    p is the last gradient. Each beta is what the paper calls 1 - beta, as in the authors' code (sail-sg/Adan), which
    also corrects the means and adds eps to the root; the paper has no correction and eps "inside" it. The weights
    shrink with the step ("proximal") or before it (the code's no_prox, optax). optax weighs the differences by
    1 - beta2, having turned beta2 round but not its weight. Read in both and in quotations of Algorithm 1.
    """
    d = where(s.t > 1, s.g - s.p, 0)
    w = s.beta2 if difference == "beta2" else 1 - s.beta2
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.v = s.beta2 * s.v + (1 - s.beta2) * d
    s.n = s.beta3 * s.n + (1 - s.beta3) * (s.g + w * d) ** 2
    s.p = s.g
    s.m_hat = s.m / (1 - s.beta1**s.t) if bias_correction else s.m
    s.v_hat = s.v / (1 - s.beta2**s.t) if bias_correction else s.v
    s.n_hat = s.n / (1 - s.beta3**s.t) if bias_correction else s.n
    s.eta = s.lr / (sqrt(s.n_hat) + s.eps if eps_placement == "outside" else sqrt(s.n_hat + s.eps))
    if decay == "before":
        s.x = s.x - s.lr * s.weight_decay * s.x
    s.x = s.x - s.eta * (s.m_hat + w * s.v_hat)
    if decay == "proximal":
        s.x = s.x / (1 + s.lr * s.weight_decay)
