"""Clipping by the global norm: the gradients of all tensors, as one vector, get at most a given norm."""

from typing import Any

from symopt.language import choice, clip_to_norm, rate, rule


@rule(cites="Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, Algorithm 1", max_norm=rate(1))
def clip_by_global_norm(s: Any, *, form: Any = choice("exact", "softened")) -> None:
    """Clipping by the global norm: where all gradients as one vector are longer than max_norm, all are shortened alike.

    "exact" is the paper (optax.clip_by_global_norm, Keras' global_clipnorm); "softened" adds 1e-6 to the norm that is
    divided by (torch.nn.utils.clip_grad_norm_). Read in quotations of Algorithm 1 and in the frameworks; the paper's
    own text could not be consulted.
    """
    clip_to_norm(s, over="all", softened=form == "softened")
