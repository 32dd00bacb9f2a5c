"""AdaDelta: the step has the units of x, from a running mean of its own squares."""

from typing import Any

from symopt.language import choice, decay, effective_gradient, rate, rule, small, sqrt, state, switch, weight


@rule(
    cites="Zeiler 2012, arXiv:1212.5701, Algorithm 1",
    lr=rate(1),
    rho=decay(0.95),
    eps=small("1e-6"),
    weight_decay=weight(0.01),
    v=state(nonnegative=True),
    u=state(nonnegative=True),
)
def adadelta(
    s: Any,
    *,
    eps_placement: Any = choice("inside", "outside"),
    decay: Any = choice("none", "coupled", "decoupled"),
    maximize: Any = switch(),
) -> None:
    """AdaDelta: the step is the gradient times the ratio of two running root mean squares.

    v is Zeiler's E[g²], u his E[Δx²]. He has no learning rate (lr = 1); the frameworks multiply one in
    where x is updated.
    """
    effective_gradient(s, decay=decay, maximize=maximize)
    s.v = s.rho * s.v + (1 - s.rho) * s.g**2
    if eps_placement == "inside":
        s.delta = sqrt(s.u + s.eps) / sqrt(s.v + s.eps) * s.g
    else:
        s.delta = (sqrt(s.u) + s.eps) / (sqrt(s.v) + s.eps) * s.g
    s.u = s.rho * s.u + (1 - s.rho) * s.delta**2
    s.x = s.x - s.lr * s.delta
