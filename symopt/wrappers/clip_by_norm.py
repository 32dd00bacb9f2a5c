"""Clipping by norm: the gradient of each tensor keeps its direction and gets at most a given norm."""

from typing import Any

from symopt.language import choice, clip_to_norm, rate, rule


@rule(cites="Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, Algorithm 1, on each tensor", max_norm=rate(1))
def clip_by_norm(s: Any, *, form: Any = choice("exact", "softened")) -> None:
    """Clipping by norm: where a tensor's gradient is longer than max_norm, it is shortened to that.

    "exact" is the paper (tf.clip_by_norm, Keras' clipnorm); "softened" adds 1e-6 to the norm that is divided by, as
    torch does. Read in quotations of Algorithm 1 and in the frameworks; the paper's own text could not be consulted.
    """
    clip_to_norm(s, over="tensor", softened=form == "softened")
