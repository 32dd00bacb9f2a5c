"""Adafactor: second moments kept as one number for each row and each column of a matrix."""

from typing import Any

from symopt.language import choice, decay, maximum, mean, minimum, rate, rule, small, sqrt, state, switch, total, weight


@rule(
    cites="Shazeer & Stern 2018, arXiv:1804.04235, Algorithms 4 and 5",
    lr=rate(0.01),
    beta1=decay(0.9),
    decay_rate=weight(0.8),
    eps1=small("1e-30"),
    eps2=small("1e-3"),
    clip_threshold=rate(1),
    weight_decay=weight(0.01),
    r=state(nonnegative=True, scope="row"),
    c=state(nonnegative=True, scope="column"),
    v=state(nonnegative=True),
    m=state(),
)
def adafactor(
    s: Any,
    *,
    factored: Any = switch(True),
    factors: Any = choice("sum", "mean"),
    eps_placement: Any = choice("squares", "floor"),
    relative_step: Any = switch(True),
    parameter_scale: Any = switch(True),
    momentum: Any = switch(),
    decay: Any = choice("none", "decoupled"),
    maximize: Any = switch(),
) -> None:
    """Adafactor: Adam's second moment as the product of a column and a row, and a step in the parameters' own scale.

    A vector is one row; without factors the moment is kept for each element. The factors are sums in the paper, means
    in torch, Keras and optax. eps1 is added to the squares; in torch the mean of r is at least eps1, and the second
    moment its square ("floor"). ``momentum`` averages the steps (optax). Read in the frameworks, whose documentation
    quotes the algorithms.
    """
    fold = total if factors == "sum" else mean
    s.rho = minimum(s.lr, 1 / sqrt(s.t)) if relative_step else s.lr
    s.alpha = maximum(s.eps2, sqrt(mean(s.x**2))) * s.rho if parameter_scale else s.rho
    s.beta2_t = 1 - 1 / s.t**s.decay_rate
    s.g2 = s.g**2 + s.eps1 if eps_placement == "squares" else s.g**2
    floor = eps_placement == "floor"
    if factored:
        s.r = s.beta2_t * s.r + (1 - s.beta2_t) * fold(s.g2, "row")
        s.c = s.beta2_t * s.c + (1 - s.beta2_t) * fold(s.g2, "column")
        s.v_hat = s.r * s.c / (maximum(fold(s.r, "column"), s.eps1) if floor else fold(s.r, "column"))
    else:
        s.v = s.beta2_t * s.v + (1 - s.beta2_t) * s.g2
        s.v_hat = s.v
    s.u = (-s.g if maximize else s.g) / sqrt(maximum(s.v_hat, s.eps1**2) if floor else s.v_hat)
    s.u = s.alpha * s.u / maximum(1, sqrt(mean(s.u**2)) / s.clip_threshold)
    if momentum:
        s.m = s.beta1 * s.m + (1 - s.beta1) * s.u
    if decay == "decoupled":
        s.x = s.x - s.lr * s.weight_decay * s.x
    s.x = s.x - (s.m if momentum else s.u)
