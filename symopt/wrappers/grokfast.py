"""Grokfast: what changes slowly in the gradient is made stronger before a rule sees it."""

from typing import Any

from symopt.language import decay, rule, state, weight, where


@rule(
    cites="Lee, Kang, Kim & Lee 2024, arXiv:2405.20233, Grokfast-EMA",
    alpha=decay(0.98),
    lamb=weight(2),
    slow=state(),
)
def grokfast(s: Any) -> None:
    """Grokfast-EMA: lamb times a running mean of the gradients is added to each.

    The mean starts at the first gradient, as in the authors' code (ironjr/grokfast) and in pytorch-optimizer; the
    paper's own text could not be consulted.
    """
    s.slow = where(s.t > 1, s.alpha * s.slow + (1 - s.alpha) * s.g, s.g)
    s.g = s.g + s.lamb * s.slow
