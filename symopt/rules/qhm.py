"""Quasi-hyperbolic momentum: the average of a plain and a momentum step."""

from typing import Any

from symopt.language import choice, decay, effective_gradient, rate, rule, state, weight


@rule(
    cites="Ma & Yarats 2019, arXiv:1810.06801, section 3",
    lr=rate(1),
    momentum=decay(0.999),
    nu=weight(0.7),
    weight_decay=weight(0.01),
    v=state(),
)
def qhm(s: Any, *, decay: Any = choice("none", "coupled", "decoupled")) -> None:
    """QHM: a step along the gradient and its running mean, nu being the share of the mean.

    nu = 0 is gradient descent, nu = 1 momentum as a running mean, nu = momentum Nesterov's. ``decay`` is that of the
    authors' qhoptim, weight_decay_type "grad" or "direct"; the lines and defaults were read there.
    """
    effective_gradient(s, decay=decay, maximize=False)
    s.v = s.momentum * s.v + (1 - s.momentum) * s.g
    s.step = s.lr * ((1 - s.nu) * s.g + s.nu * s.v)
    s.x = s.x - s.step
