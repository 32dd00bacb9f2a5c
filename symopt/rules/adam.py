"""Adam: bias-corrected running means of the gradient and of its square."""

from typing import Any

from symopt.language import choice, decay, effective_gradient, rate, rule, small, sqrt, state, switch, weight


@rule(
    cites="Kingma & Ba 2015, arXiv:1412.6980, Algorithm 1",
    lr=rate(0.001),
    beta1=decay(0.9),
    beta2=decay(0.999),
    eps=small("1e-8"),
    eps_root=small("1e-8"),
    weight_decay=weight(0.01),
    m=state(),
    v=state(nonnegative=True),
)
def adam(
    s: Any,
    *,
    eps_placement: Any = choice("outside", "inside", "hat", "both"),
    bias_correction: Any = switch(True),
    decay: Any = choice("none", "coupled"),
    maximize: Any = switch(),
) -> None:
    """Adam: the first moment divided by the root of the second, both corrected for their start at 0.

    ε is added to the corrected root ("outside", the paper and torch), under it ("inside", Flux), or to the uncorrected
    root ("hat", the paper's section 2, TensorFlow and Keras); optax has one outside and eps_root under it ("both").
    """
    effective_gradient(s, decay=decay, maximize=maximize)
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.v = s.beta2 * s.v + (1 - s.beta2) * s.g**2
    s.m_hat = s.m / (1 - s.beta1**s.t) if bias_correction else s.m
    if eps_placement == "hat":
        s.lr_hat = s.lr * sqrt(1 - s.beta2**s.t) if bias_correction else s.lr
        s.x = s.x - s.lr_hat * s.m_hat / (sqrt(s.v) + s.eps)
        return
    s.v_hat = s.v / (1 - s.beta2**s.t) if bias_correction else s.v
    if eps_placement == "inside":
        s.x = s.x - s.lr * s.m_hat / sqrt(s.v_hat + s.eps)
    else:
        s.x = s.x - s.lr * s.m_hat / (sqrt(s.v_hat + s.eps_root if eps_placement == "both" else s.v_hat) + s.eps)
