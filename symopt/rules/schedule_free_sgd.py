"""Schedule-free SGD: gradients are taken between an iterate and its average, and no schedule is needed."""

from typing import Any

from symopt.language import choice, decay, effective_gradient, rate, rule, state, weight, where


@rule(
    cites="Defazio et al. 2024, arXiv:2405.15682, equations (2) to (4)",
    lr=rate(1),
    momentum=decay(0.9),
    weight_decay=weight(0.01),
    z=state(),
    mean=state(),
)
def schedule_free_sgd(s: Any, *, average: Any = choice("t + 1", "t"), decay: Any = choice("none", "coupled")) -> None:
    """Schedule-free SGD: z descends, mean is its average, and x, where gradients are taken, lies between them.

    x is the paper's y, mean its x, which both start at z. The average counts the starting point ("t + 1", the paper)
    or does not ("t": the authors' code, optax), all points alike as the rate is constant; weights that grow with the
    rate need a sum over past steps. ``decay`` is the code's. Read in facebookresearch/schedule_free, in optax and in
    quotations of the equations; the paper's own text could not be consulted.
    """
    effective_gradient(s, decay=decay, maximize=False)
    s.z = where(s.t > 1, s.z, s.x) - s.lr * s.g
    s.c = 1 / (s.t + 1 if average == "t + 1" else s.t)
    s.mean = (1 - s.c) * where(s.t > 1, s.mean, s.x) + s.c * s.z
    s.x = (1 - s.momentum) * s.z + s.momentum * s.mean
