"""SGDW: momentum with weight decay that does not pass through the velocity."""

from typing import Any

from symopt.language import choice, decay, rate, rule, state, switch, weight


@rule(
    cites="Loshchilov & Hutter 2019, arXiv:1711.05101, Algorithm 1",
    lr=rate(0.01),
    momentum=decay(0.9),
    weight_decay=weight(0.01),
    v=state(),
)
def sgdw(
    s: Any,
    *,
    lr_placement: Any = choice("inside", "outside"),
    decay_times: Any = choice("lr", "schedule"),
    nesterov: Any = switch(),
) -> None:
    """SGDW: momentum, and beside it a decay of the weights.

    The learning rate stands inside the velocity (the paper, Keras) or outside (pytorch_optimizer). The decay is
    multiplied by the learning rate (both frameworks) or by the schedule's multiplier alone, here 1 (the paper, which
    gives no default for it). Read in quotations of Algorithm 1; the paper's own text could not be consulted.
    """
    decay = s.lr * s.weight_decay if decay_times == "lr" else s.weight_decay
    if lr_placement == "inside":
        s.v = s.momentum * s.v + s.lr * s.g
        s.step = s.momentum * s.v + s.lr * s.g if nesterov else s.v
    else:
        s.v = s.momentum * s.v + s.g
        s.step = s.lr * (s.momentum * s.v + s.g if nesterov else s.v)
    s.x = s.x - s.step - decay * s.x
