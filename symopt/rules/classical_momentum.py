"""Momentum as Sutskever wrote it: the velocity is the step itself."""

from typing import Any

from symopt.language import decay, rate, rule, state, switch


@rule(
    cites="Sutskever, Martens, Dahl & Hinton 2013, ICML, equations (1) to (4)",
    lr=rate(0.01),
    momentum=decay(0.9),
    v=state(),
)
def classical_momentum(s: Any, *, nesterov: Any = switch()) -> None:
    """Classical momentum: the learning rate stands inside the velocity (keras.optimizers.SGD, MXNet, Caffe).

    ``nesterov`` looks one velocity further from the point where the gradient was taken, as Keras does: the paper's
    (3) and (4) in the variable x + momentum*v. Lines (1) and (2) as written, after Keras; the paper's own text could
    not be consulted.
    """
    s.v = s.momentum * s.v - s.lr * s.g
    s.x = s.x + (s.momentum * s.v - s.lr * s.g if nesterov else s.v)
