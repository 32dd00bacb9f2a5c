"""Clipping by value: every coordinate of the gradient is kept within a bound."""

from typing import Any

from symopt.language import maximum, minimum, rate, rule


@rule(cites="Mikolov 2012, Statistical Language Models Based on Neural Networks, PhD thesis, Brno", max_value=rate(1))
def clip_by_value(s: Any) -> None:
    """Clipping by value: each coordinate of the gradient at most max_value in size.

    torch.nn.utils.clip_grad_value_, optax.clip, Keras' clipvalue. The source could not be consulted.
    """
    s.g = minimum(maximum(s.g, -s.max_value), s.max_value)
