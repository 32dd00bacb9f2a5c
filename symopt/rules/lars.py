"""LARS: momentum whose rate, in each tensor, goes with the size of the weights over that of their gradient."""

from typing import Any

from symopt.language import choice, decay, norm, rate, rule, small, state, switch, weight, where


@rule(
    cites="You, Gitman & Ginsburg 2017, arXiv:1708.03888, Algorithm 1",
    lr=rate(0.1),
    momentum=decay(0.9),
    weight_decay=weight("5e-4"),
    trust=rate(0.001),
    eps=small(0),
    v=state(),
)
def lars(
    s: Any,
    *,
    measured: Any = choice("apart", "together"),
    guard: Any = switch(),
    nesterov: Any = switch(),
) -> None:
    """LARS: in each tensor the rate is multiplied by the norm of the weights over that of what they are stepped by.

    The norms of the gradient and of the decay are added ("apart": the paper, MXNet, LARC), or it is the norm of their
    sum ("together": optax, nnabla). ``guard``: the ratio is 1 where a norm is 0, as in all frameworks; the paper
    divides by 0 there, and has no eps. Read in quotations of Algorithm 1 and in the frameworks; the paper's own text
    could not be consulted.
    """
    s.x_norm = norm(s.x)
    s.d = s.g + s.weight_decay * s.x
    s.d_norm = norm(s.g if measured == "apart" else s.d)
    decayed = s.weight_decay * s.x_norm
    s.ratio = s.trust * s.x_norm / ((s.d_norm + decayed if measured == "apart" else s.d_norm) + s.eps)
    if guard:
        s.ratio = where(s.x_norm > 0, where(s.d_norm > 0, s.ratio, 1), 1)
    s.v = s.momentum * s.v + s.lr * s.ratio * s.d
    s.x = s.x - (s.momentum * s.v + s.lr * s.ratio * s.d if nesterov else s.v)
