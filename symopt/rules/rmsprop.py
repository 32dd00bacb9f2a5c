"""RMSProp: AdaGrad with a mean that forgets in place of the sum."""

from typing import Any

from symopt.language import choice, decay, effective_gradient, rate, rule, small, sqrt, state, switch, weight, where


@rule(
    cites="Tieleman & Hinton 2012, Neural Networks for Machine Learning, lecture 6.5",
    lr=rate(0.001),
    rho=decay(0.9),
    eps=small("1e-8"),
    momentum=decay(0.9),
    initial_accumulator=weight(0.1),
    weight_decay=weight(0.01),
    v=state(nonnegative=True),
    m=state(),
    b=state(),
)
def rmsprop(
    s: Any,
    *,
    eps_placement: Any = choice("inside", "outside"),
    centered: Any = switch(),
    velocity: Any = choice("none", "outside", "inside", "nesterov"),
    start: Any = choice("zero", "positive"),
    bias_correction: Any = switch(),
    decay: Any = choice("none", "coupled", "decoupled"),
    maximize: Any = switch(),
) -> None:
    """RMSProp: the rate is divided by the root of a running mean of squared gradients.

    The lecture names no ε; it stands inside the root in Graves 2013, optax and Keras, outside in torch. ``centered``
    takes the square of the mean gradient off (Graves). ``velocity`` adds momentum, the learning rate outside it
    (torch) or inside (Graves, optax, Keras), or inside with a look ahead ("nesterov": optax). The mean may start at
    initial_accumulator, and be corrected for its start (optax).
    """
    effective_gradient(s, decay=decay, maximize=maximize)
    if start == "positive":
        s.v = where(s.t > 1, s.v, s.initial_accumulator)
    s.v = s.rho * s.v + (1 - s.rho) * s.g**2
    correction = 1 - s.rho**s.t if bias_correction else 1
    s.variance = s.v / correction if bias_correction else s.v
    if centered:
        s.m = s.rho * s.m + (1 - s.rho) * s.g
        s.variance = s.variance - (s.m / correction if bias_correction else s.m) ** 2
    s.root = sqrt(s.variance + s.eps) if eps_placement == "inside" else sqrt(s.variance) + s.eps
    if velocity == "none":
        s.x = s.x - s.lr * s.g / s.root
    elif velocity == "outside":
        s.b = s.momentum * s.b + s.g / s.root
        s.x = s.x - s.lr * s.b
    else:
        s.b = s.momentum * s.b + s.lr * s.g / s.root
        s.x = s.x - (s.momentum * s.b + s.lr * s.g / s.root if velocity == "nesterov" else s.b)
