"""Adamax: Adam with the greatest discounted gradient in place of the root of the second moment."""

from typing import Any

from symopt.language import choice, decay, effective_gradient, rate, rule, small, state, switch, weight, where


@rule(
    cites="Kingma & Ba 2015, arXiv:1412.6980, Algorithm 2",
    lr=rate(0.002),
    beta1=decay(0.9),
    beta2=decay(0.999),
    eps=small("1e-8"),
    weight_decay=weight(0.01),
    m=state(),
    u=state(nonnegative=True),
)
def adamax(
    s: Any,
    *,
    eps_placement: Any = choice("inside", "outside", "none"),
    decay: Any = choice("none", "coupled", "decoupled"),
    maximize: Any = switch(),
) -> None:
    """Adamax: the first moment divided by the greatest of the discounted gradients.

    The paper has no eps ("none"), and divides by 0 until a gradient is not 0. It is added to the gradient's size
    before the maximum ("inside": torch, optax) or to the maximum ("outside": Keras). ``decay``: "coupled" is torch's,
    "decoupled" that of optax.adamaxw and Keras.
    """
    effective_gradient(s, decay=decay, maximize=maximize)
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.size = abs(s.g) + s.eps if eps_placement == "inside" else abs(s.g)
    s.u = where(s.size < s.beta2 * s.u, s.beta2 * s.u, s.size)
    s.x = s.x - s.lr / (1 - s.beta1**s.t) * s.m / (s.u + s.eps if eps_placement == "outside" else s.u)
