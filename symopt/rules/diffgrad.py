"""diffGrad: Adam with a friction where the gradient hardly changes."""

from typing import Any

from symopt.language import choice, decay, effective_gradient, exp, rate, rule, small, sqrt, state, weight


@rule(
    cites="Dubey et al. 2020, arXiv:1909.11015, section III (diffGrad), equations for the friction coefficient",
    lr=rate(0.001),
    beta1=decay(0.9),
    beta2=decay(0.999),
    eps=small("1e-8"),
    weight_decay=weight(0.01),
    previous=state(),
    m=state(),
    v=state(nonnegative=True),
)
def diffgrad(
    s: Any,
    *,
    eps_placement: Any = choice("outside", "hat"),
    decay: Any = choice("none", "coupled", "decoupled"),
) -> None:
    """diffGrad: Adam's step times a sigmoid of the gradient's change, between 1/2 (no change) and 1.

    The gradient before the first is 0. With eps "hat", in the authors' code (shivram1987/diffGrad) and in
    pytorch-optimizer, it is added before the second moment is corrected. Decay is coupled in the authors' code,
    either in pytorch-optimizer. Read in pytorch-optimizer; the paper's own text could not be consulted.
    """
    effective_gradient(s, decay=decay, maximize=False)
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.v = s.beta2 * s.v + (1 - s.beta2) * s.g**2
    s.friction = 1 / (1 + exp(-abs(s.previous - s.g)))
    s.m_hat = s.m / (1 - s.beta1**s.t)
    if eps_placement == "outside":
        s.root = sqrt(s.v / (1 - s.beta2**s.t)) + s.eps
    else:
        s.root = (sqrt(s.v) + s.eps) / sqrt(1 - s.beta2**s.t)
    s.previous = s.g
    s.x = s.x - s.lr * s.friction * s.m_hat / s.root
