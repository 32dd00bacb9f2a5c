"""Lookahead: slow weights that follow a rule's fast ones, and from time to time call them back."""

from collections.abc import Generator
from typing import Any

from symopt.language import period, rule, share, state, where


@rule(
    cites="Zhang, Lucas, Hinton & Ba 2019, arXiv:1907.08610, Algorithm 1",
    sync_period=period(5),
    alpha=share("0.5"),
    slow=state(),
    count=state(nonnegative=True, scope="step"),
)
def lookahead(s: Any) -> Generator[None]:
    """Lookahead: every few steps of what it is put around, slow weights go alpha of the way to x, and x to them.

    The slow weights start at the parameters before the first step. The states of the rule inside go on (as in optax by
    default, and in pytorch-optimizer without pullback). sync_period is the paper's k, 5 there. Read in optax and in
    quotations of Algorithm 1; the paper's own text could not be consulted.
    """
    s.slow = where(s.t > 1, s.slow, s.x)
    yield
    s.count = s.count + 1
    s.slow = where(s.count >= s.sync_period, s.slow + s.alpha * (s.x - s.slow), s.slow)
    s.x = where(s.count >= s.sync_period, s.slow, s.x)
    s.count = where(s.count >= s.sync_period, 0, s.count)
