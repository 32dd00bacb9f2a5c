"""AdaGrad: each coordinate's rate falls with the squares of all its gradients."""

from typing import Any

from symopt.language import choice, effective_gradient, rate, rule, small, sqrt, state, switch, weight


@rule(
    cites="Duchi, Hazan & Singer 2011, JMLR 12:2121-2159, figure 1 (diagonal)",
    lr=rate(0.01),
    eps=small("1e-10"),
    weight_decay=weight(0.01),
    a=state(nonnegative=True),
)
def adagrad(
    s: Any,
    *,
    eps_placement: Any = choice("outside", "inside"),
    decay: Any = choice("none", "coupled"),
    maximize: Any = switch(),
) -> None:
    """AdaGrad: the rate is divided by the root of the sum of squared gradients."""
    effective_gradient(s, decay=decay, maximize=maximize)
    s.a = s.a + s.g**2
    s.x = s.x - s.lr * s.g / (sqrt(s.a) + s.eps if eps_placement == "outside" else sqrt(s.a + s.eps))
