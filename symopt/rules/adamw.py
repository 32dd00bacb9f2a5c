"""AdamW: Adam with weight decay that does not pass through the moments."""

from typing import Any

from symopt.language import choice, decay, rate, rule, small, sqrt, state, switch, weight


@rule(
    cites="Loshchilov & Hutter 2019, arXiv:1711.05101, Algorithm 2",
    lr=rate(0.001),
    beta1=decay(0.9),
    beta2=decay(0.999),
    eps=small("1e-8"),
    eps_root=small("1e-8"),
    weight_decay=weight(0.01),
    m=state(),
    v=state(nonnegative=True),
)
def adamw(
    s: Any,
    *,
    eps_placement: Any = choice("outside", "inside", "hat", "both"),
    decay_times: Any = choice("lr", "schedule"),
    decay_when: Any = choice("before", "after"),
    maximize: Any = switch(),
) -> None:
    """AdamW: Adam's step, and beside it a decay of the weights.

    The decay is multiplied by the learning rate ("lr": torch, optax, Keras) or by the schedule's multiplier alone, here
    1 ("schedule": the paper). It acts on the weights before the step (the paper, torch, optax, Keras) or on those after
    it ("after": transformers up to version 4). eps stands as in Adam; "hat" is Keras, "both" optax. Read in quotations
    of Algorithm 2 and in the frameworks; the paper's own text could not be consulted.
    """
    decay = s.lr * s.weight_decay if decay_times == "lr" else s.weight_decay
    if maximize:
        s.g = -s.g
    if decay_when == "before":
        s.x = s.x - decay * s.x
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.v = s.beta2 * s.v + (1 - s.beta2) * s.g**2
    s.m_hat = s.m / (1 - s.beta1**s.t)
    s.v_hat = s.v / (1 - s.beta2**s.t)
    if eps_placement in ("outside", "both"):
        s.x = s.x - s.lr * s.m_hat / (sqrt(s.v_hat + s.eps_root if eps_placement == "both" else s.v_hat) + s.eps)
    elif eps_placement == "inside":
        s.x = s.x - s.lr * s.m_hat / sqrt(s.v_hat + s.eps)
    else:
        s.x = s.x - s.lr * sqrt(1 - s.beta2**s.t) * s.m_hat / (sqrt(s.v) + s.eps)
    if decay_when == "after":
        s.x = s.x - decay * s.x
