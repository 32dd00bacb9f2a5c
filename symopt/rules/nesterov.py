"""Nesterov's accelerated gradient as two sequences: a gradient step, then a step past it."""

from typing import Any

from symopt.language import decay, rate, rule, state, where


@rule(
    cites="Nesterov 1983, Soviet Math. Dokl. 27:372-376; Nesterov 2004, scheme (2.2.11) with a constant momentum",
    lr=rate(0.01),
    momentum=decay(0.9),
    y=state(),
)
def nesterov(s: Any) -> None:
    """Nesterov's method: y is the gradient step from x, the next x lies beyond it on the line from the last y.

    x is where gradients are taken; y starts there. The momentum is constant, as for a strongly convex function; the
    sequence of 1983 that grows towards 1 is a schedule. The sources could not be consulted.
    """
    s.before = where(s.t > 1, s.y, s.x)
    s.y = s.x - s.lr * s.g
    s.x = s.y + s.momentum * (s.y - s.before)
