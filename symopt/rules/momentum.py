"""Heavy ball, and Nesterov's momentum in the form evaluated at the current point."""

from typing import Any

from symopt.language import choice, decay, effective_gradient, rate, rule, state, switch, weight, where


@rule(
    cites="Polyak 1964, doi:10.1016/0041-5553(64)90137-5; Sutskever et al. 2013, section 2",
    lr=rate(0.01),
    momentum=decay(0.9),
    dampening=decay(0),
    weight_decay=weight(0.01),
    v=state(),
)
def momentum(
    s: Any,
    *,
    nesterov: Any = switch(),
    velocity: Any = choice("sum", "damped", "undamped-first", "mean"),
    decay: Any = choice("none", "coupled"),
    maximize: Any = switch(),
) -> None:
    """Momentum: the velocity remembers past gradients, the learning rate stands outside it.

    ``nesterov`` steps along g + momentum*v, the change of variable of Sutskever's look-ahead form that torch and
    optax use. The velocity adds the gradient as it is ("sum", Polyak, optax), weighed by 1 - dampening in every step
    ("damped"), or in every step but the first ("undamped-first", torch.optim.SGD), or by 1 - momentum ("mean", a
    running mean).
    """
    effective_gradient(s, decay=decay, maximize=maximize)
    if velocity == "sum":
        s.v = s.momentum * s.v + s.g
    elif velocity == "damped":
        s.v = s.momentum * s.v + (1 - s.dampening) * s.g
    elif velocity == "undamped-first":
        s.v = where(s.t > 1, s.momentum * s.v + (1 - s.dampening) * s.g, s.g)
    else:
        s.v = s.momentum * s.v + (1 - s.momentum) * s.g
    s.x = s.x - s.lr * (s.g + s.momentum * s.v if nesterov else s.v)
