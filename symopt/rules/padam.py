"""Padam: AMSGrad that divides by a smaller power of the second moment."""

from typing import Any

from symopt.language import choice, decay, effective_gradient, maximum, rate, rule, small, sqrt, state, switch, weight


@rule(
    cites="Chen et al. 2020, arXiv:1806.06763, Algorithm 1",
    lr=rate(0.1),
    beta1=decay(0.9),
    beta2=decay(0.999),
    eps=small("1e-8"),
    weight_decay=weight(0.01),
    m=state(),
    v=state(nonnegative=True),
    v_max=state(nonnegative=True),
)
def padam(
    s: Any,
    *,
    power: Any = choice("1/8", "1/4", "1/2"),
    bias_correction: Any = switch(),
    decay: Any = choice("none", "coupled"),
) -> None:
    """Padam: partly adaptive, between SGD with momentum (power 0) and AMSGrad (power 1/2).

    The paper's p is ``power``, 1/8 in its first experiments and 1/4 in the authors' code (uclaml/Padam), which also
    corrects the moments, adds eps to the root before the power is taken and knows coupled decay. Read in this code;
    the paper's own text could not be consulted.
    """
    effective_gradient(s, decay=decay, maximize=False)
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.v = s.beta2 * s.v + (1 - s.beta2) * s.g**2
    s.v_max = maximum(s.v_max, s.v)
    s.root = sqrt(s.v_max) + s.eps
    for _ in range({"1/2": 0, "1/4": 1, "1/8": 2}[power]):
        s.root = sqrt(s.root)
    s.lr_hat = s.lr * sqrt(1 - s.beta2**s.t) / (1 - s.beta1**s.t) if bias_correction else s.lr
    s.x = s.x - s.lr_hat * s.m / s.root
