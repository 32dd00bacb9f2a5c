"""LAMB: Adam's direction, in each tensor as long as its weights."""

from typing import Any

from symopt.language import choice, decay, minimum, norm, rate, rule, small, sqrt, state, switch, weight, where


@rule(
    cites="You et al. 2020, arXiv:1904.00962, Algorithm 2",
    lr=rate(0.001),
    beta1=decay(0.9),
    beta2=decay(0.999),
    eps=small("1e-6"),
    eps_root=small("1e-6"),
    weight_decay=weight(0.01),
    max_norm=rate(10),
    m=state(),
    v=state(nonnegative=True),
)
def lamb(
    s: Any,
    *,
    phi: Any = choice("norm", "clipped"),
    bias_correction: Any = switch(True),
    guard: Any = switch(),
    eps_placement: Any = choice("outside", "both"),
) -> None:
    """LAMB: in each tensor the step of AdamW is scaled by the norm of the weights over its own.

    phi, which the paper leaves open, is the norm of the weights (optax, Keras) or at most max_norm ("clipped": its
    example min(max(z, gamma_l), gamma_u) with gamma_l = 0). ``guard``: the ratio is 1 where a norm is 0 (optax, Keras);
    the paper divides by 0 there. optax has eps_root under the root too ("both"). Read in quotations of Algorithm 2 and
    in the frameworks; the paper's own text could not be consulted.
    """
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.v = s.beta2 * s.v + (1 - s.beta2) * s.g**2
    s.m_hat = s.m / (1 - s.beta1**s.t) if bias_correction else s.m
    s.v_hat = s.v / (1 - s.beta2**s.t) if bias_correction else s.v
    s.u = s.m_hat / (sqrt(s.v_hat + s.eps_root if eps_placement == "both" else s.v_hat) + s.eps) + s.weight_decay * s.x
    s.x_norm = norm(s.x)
    s.u_norm = norm(s.u)
    s.ratio = (minimum(s.x_norm, s.max_norm) if phi == "clipped" else s.x_norm) / s.u_norm
    if guard:
        s.ratio = where(s.x_norm > 0, where(s.u_norm > 0, s.ratio, 1), 1)
    s.x = s.x - s.lr * s.ratio * s.u
