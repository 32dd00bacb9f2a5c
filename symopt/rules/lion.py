"""Lion: the sign of a mixture of gradient and momentum."""

from typing import Any

from symopt.language import choice, decay, rate, rule, sign, state, weight, where


@rule(
    cites="Chen et al. 2023, arXiv:2302.06675, Algorithm 2",
    lr=rate("1e-4"),
    beta1=decay(0.9),
    beta2=decay(0.99),
    weight_decay=weight(0.01),
    m=state(),
)
def lion(s: Any, *, direction: Any = choice("sign", "refined")) -> None:
    """Lion: the sign of a mean of gradient and momentum, with decoupled decay.

    The momentum forgets more slowly (beta2) than the mixture that is stepped along (beta1). "refined" keeps the
    mixture where it is smaller than 1 (optax, mode="refined"). Read in the authors' code (google/automl), in optax
    and in Keras, where weight_decay is 0 unless it is given.
    """
    s.c = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.u = sign(s.c) if direction == "sign" else where(abs(s.c) < 1, s.c, sign(s.c))
    s.x = s.x - s.lr * (s.u + s.weight_decay * s.x)
    s.m = s.beta2 * s.m + (1 - s.beta2) * s.g
