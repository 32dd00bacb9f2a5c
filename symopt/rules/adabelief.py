"""AdaBelief: Adam that divides by how far the gradient strays from its mean."""

from typing import Any

from symopt.language import choice, decay, effective_gradient, rate, rule, small, sqrt, state, switch, weight


@rule(
    cites="Zhuang et al. 2020, arXiv:2010.07468, Algorithm 2",
    lr=rate(0.001),
    beta1=decay(0.9),
    beta2=decay(0.999),
    eps=small("1e-16"),
    weight_decay=weight(0.01),
    m=state(),
    v=state(nonnegative=True),
)
def adabelief(
    s: Any,
    *,
    eps_placement: Any = choice("both", "outside"),
    residual: Any = choice("new", "old"),
    nesterov: Any = switch(),
    decay: Any = choice("none", "coupled", "decoupled"),
) -> None:
    """AdaBelief: the second moment is that of the gradient about its running mean.

    v is the paper's s. eps is added to it in every step, where it stays, and to its root ("both": the paper, the
    authors' code, optax), or to the root alone. The gradient is compared with the mean that already contains it
    ("new": all of these) or with the "old" one (optax before 0.2.4). ``nesterov`` is optax's, ``decay`` the authors'
    (decoupled by default). Read in the authors' code and in optax; the paper's own text could not be consulted.
    """
    effective_gradient(s, decay=decay, maximize=False)
    mean = s.m
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.v = s.beta2 * s.v + (1 - s.beta2) * (s.g - (s.m if residual == "new" else mean)) ** 2
    if eps_placement == "both":
        s.v = s.v + s.eps
    if nesterov:
        s.m_hat = s.beta1 * s.m / (1 - s.beta1 ** (s.t + 1)) + (1 - s.beta1) * s.g / (1 - s.beta1**s.t)
    else:
        s.m_hat = s.m / (1 - s.beta1**s.t)
    s.v_hat = s.v / (1 - s.beta2**s.t)
    s.x = s.x - s.lr * s.m_hat / (sqrt(s.v_hat) + s.eps)
