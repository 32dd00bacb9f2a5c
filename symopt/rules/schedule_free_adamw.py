"""Schedule-free AdamW: the schedule-free average around steps divided by Adam's second moment."""

from typing import Any

from symopt.language import choice, decay, minimum, period, rate, rule, small, sqrt, state, switch, weight, where


@rule(
    cites="Defazio et al. 2024, arXiv:2405.15682, Algorithm 1",
    lr=rate("0.0025"),
    beta1=decay(0.9),
    beta2=decay(0.999),
    eps=small("1e-8"),
    weight_decay=weight(0.01),
    warmup_steps=period(1000),
    z=state(),
    v=state(nonnegative=True),
    mean=state(),
)
def schedule_free_adamw(s: Any, *, average: Any = choice("t", "t + 1"), warmup: Any = switch()) -> None:
    """Schedule-free AdamW: beta1 mixes the iterate z and its average, in place of a first moment.

    x is the paper's y, where gradients are taken and decay acts, mean its x. With a constant rate all points count
    alike in the average: those after the start (the authors' code, optax, Keras) or the start too ("t + 1"). ``warmup``
    raises the rate in equal steps to lr (Keras; the authors weigh the points by the rate too). Read in optax and Keras;
    the paper's own text could not be consulted.
    """
    s.v = s.beta2 * s.v + (1 - s.beta2) * s.g**2
    lr = s.lr * minimum(s.t / s.warmup_steps, 1) if warmup else s.lr
    s.v_hat = s.v / (1 - s.beta2**s.t)
    s.z = where(s.t > 1, s.z, s.x) - lr * (s.g / (sqrt(s.v_hat) + s.eps) + s.weight_decay * s.x)
    s.c = 1 / (s.t if average == "t" else s.t + 1)
    s.mean = (1 - s.c) * where(s.t > 1, s.mean, s.x) + s.c * s.z
    s.x = (1 - s.beta1) * s.z + s.beta1 * s.mean
