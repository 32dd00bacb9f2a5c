"""Gradient descent, one rate for every coordinate."""

from typing import Any

from symopt.language import choice, effective_gradient, rate, rule, switch, weight


@rule(cites="Robbins & Monro 1951, doi:10.1214/aoms/1177729586", lr=rate(0.01), weight_decay=weight(0.01))
def sgd(s: Any, *, decay: Any = choice("none", "coupled"), maximize: Any = switch()) -> None:
    """Stochastic gradient descent: a step against the gradient."""
    effective_gradient(s, decay=decay, maximize=maximize)
    s.x = s.x - s.lr * s.g
