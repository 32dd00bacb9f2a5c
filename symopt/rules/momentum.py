"""Heavy ball, and Nesterov's momentum in the form evaluated at the current point."""

from typing import Any

from symopt.language import choice, decay, effective_gradient, rate, rule, state, switch, weight


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
    damped: Any = switch(),
    decay: Any = choice("none", "coupled"),
    maximize: Any = switch(),
) -> None:
    """Momentum: the velocity remembers past gradients, the learning rate stands outside it.

    ``nesterov`` steps along g + momentum*v, the change of variable of Sutskever's look-ahead form
    that torch and optax use. ``damped`` weighs the gradient by 1 - dampening in every step, also the first one
    (torch.optim.SGD skips it there).
    """
    effective_gradient(s, decay=decay, maximize=maximize)
    s.v = s.momentum * s.v + ((1 - s.dampening) * s.g if damped else s.g)
    s.x = s.x - s.lr * (s.g + s.momentum * s.v if nesterov else s.v)
