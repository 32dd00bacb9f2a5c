"""signSGD and Signum: of each coordinate only the sign counts."""

from typing import Any

from symopt.language import decay, rate, rule, sign, state, switch


@rule(
    cites="Bernstein et al. 2018, arXiv:1802.04434, Algorithms 1 and 2",
    lr=rate("1e-4"),
    beta1=decay(0.9),
    m=state(),
)
def signsgd(s: Any, *, signum: Any = switch()) -> None:
    """signSGD: a step of one length in every coordinate, against the sign of the gradient.

    ``signum`` takes the sign of the gradient's running mean instead (Algorithm 2, Signum; optax.signum). Read in
    optax and in the literature; the paper's own text could not be consulted.
    """
    if signum:
        s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
        s.x = s.x - s.lr * sign(s.m)
    else:
        s.x = s.x - s.lr * sign(s.g)
