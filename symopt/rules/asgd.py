"""ASGD: gradient descent with a falling rate, and the average of its iterates."""

from typing import Any

from symopt.language import choice, effective_gradient, maximum, rate, rule, small, sqrt, state, switch, weight


@rule(
    cites="Polyak & Juditsky 1992, doi:10.1137/0330046; rate and average as in torch.optim.ASGD",
    lr=rate(0.01),
    lambd=weight("1e-4"),
    t0=small("1e6"),
    weight_decay=weight(0.01),
    mean=state(),
)
def asgd(
    s: Any,
    *,
    power: Any = choice("3/4", "1/2", "1"),
    decay: Any = choice("none", "coupled"),
    maximize: Any = switch(),
) -> None:
    """ASGD: the iterates descend at a rate that falls with a power of t, and their mean is the answer.

    The mean begins after t0 steps; until then it is the iterate. lambd is the weight of an L2 penalty, of which the
    rate is to know; ``decay`` adds a penalty of which it does not. torch's alpha is ``power``, 3/4 by default. torch
    was read; the paper, which leaves the rate open, could not be consulted.
    """
    effective_gradient(s, decay=decay, maximize=maximize)
    s.c = 1 + s.lambd * s.lr * (s.t - 1)
    fall = s.c if power == "1" else sqrt(s.c)
    s.eta = s.lr / (fall * sqrt(fall) if power == "3/4" else fall)
    s.x = s.x - s.lambd * s.eta * s.x - s.eta * s.g
    s.mean = s.mean + (s.x - s.mean) / maximum(1, s.t - 1 - s.t0)
