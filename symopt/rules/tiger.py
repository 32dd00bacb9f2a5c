"""Tiger: the sign of the running mean of the gradient, with decoupled decay."""

from typing import Any

from symopt.language import decay, rate, rule, sign, state, weight


@rule(
    cites="Su 2023, Tiger: a tight-fisted optimizer, kexue.fm/archives/9512; code at bojone/tiger",
    lr=rate(0.001),
    beta1=decay(0.965),
    weight_decay=weight(0.01),
    m=state(),
)
def tiger(s: Any) -> None:
    """Tiger: Lion with one decay rate, or Signum with weight decay.

    The author's code also multiplies the rate by the root mean square of the weights; pytorch_optimizer does not.
    """
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.x = s.x - s.lr * (sign(s.m) + s.weight_decay * s.x)
