"""AdaGrad: each coordinate's rate falls with the squares of all its gradients."""

from typing import Any

from symopt.language import choice, effective_gradient, rate, rule, small, sqrt, state, switch, weight, where


@rule(
    cites="Duchi, Hazan & Singer 2011, JMLR 12:2121-2159, figure 1 (diagonal)",
    lr=rate(0.01),
    eps=small("1e-10"),
    lr_decay=weight(0),
    initial_accumulator=weight(0.1),
    weight_decay=weight(0.01),
    a=state(nonnegative=True),
)
def adagrad(
    s: Any,
    *,
    eps_placement: Any = choice("outside", "inside"),
    start: Any = choice("zero", "positive"),
    lr_falls: Any = switch(),
    decay: Any = choice("none", "coupled", "decoupled"),
    maximize: Any = switch(),
) -> None:
    """AdaGrad: the rate is divided by the root of the sum of squared gradients.

    The sum starts at 0, or at initial_accumulator ("positive"; 0.1 in Keras and optax, 0 but free in torch).
    ``lr_falls`` divides the rate by 1 + (t - 1) lr_decay too (torch). eps stands outside the root in torch, inside in
    Keras and optax.
    """
    effective_gradient(s, decay=decay, maximize=maximize)
    s.a = s.a + s.g**2 if start == "zero" else where(s.t > 1, s.a, s.initial_accumulator) + s.g**2
    lr = s.lr / (1 + (s.t - 1) * s.lr_decay) if lr_falls else s.lr
    s.x = s.x - lr * s.g / (sqrt(s.a) + s.eps if eps_placement == "outside" else sqrt(s.a + s.eps))
