"""Cautious: of a rule's step, only the elements are taken that go against the gradient."""

from collections.abc import Generator
from typing import Any

from symopt.language import choice, maximum, mean, rule, size, small, total, where


@rule(cites="Liang, Chen, Liu & Liu 2024, arXiv:2411.16085, Algorithm 1", mask_eps=small("1e-8"))
def cautious(s: Any, *, scale: Any = choice("eps", "count", "clamp", "none")) -> Generator[None]:
    """Cautious: elements whose step has the gradient's own sign stay where they are, the others go farther for them.

    The step is divided by the mean of the mask, which mask_eps keeps from 0 ("eps", the paper's one line), or one more
    element ("count", pytorch-optimizer), or the bound 1/1000 ("clamp", the authors' code kyleliang919/C-Optim, timm),
    or by nothing. The gradient is the one that the rule inside is given; whatever that rule does to x is masked, its
    decoupled weight decay too, which the authors' code leaves out (``cautious_adamw`` is their AdamW).
    """
    before, gradient = s.x, s.g
    yield
    s.u = before - s.x
    s.mask = where(s.u * gradient > 0, 1, 0)
    s.d = s.u * s.mask
    if scale == "eps":
        s.d = s.d / (mean(s.mask) + s.mask_eps)
    elif scale == "count":
        s.d = s.d * size(gradient) / (total(s.mask) + 1)
    elif scale == "clamp":
        s.d = s.d / maximum(mean(s.mask), 0.001)
    s.x = before - s.d
