"""NovoGrad: gradients divided by the running norm of their tensor, before they are averaged."""

from typing import Any

from symopt.language import choice, decay, rate, rule, small, sqrt, state, switch, total, weight, where


@rule(
    cites="Ginsburg et al. 2020, arXiv:1905.11286, Algorithm 1",
    lr=rate(0.001),
    beta1=decay("0.95"),
    beta2=decay("0.98"),
    eps=small("1e-8"),
    eps_root=small("1e-8"),
    weight_decay=weight(0.001),
    m=state(),
    v=state(nonnegative=True, scope="tensor"),
)
def novograd(
    s: Any,
    *,
    first: Any = choice("without eps", "with eps"),
    averaging: Any = switch(),
    eps_placement: Any = choice("outside", "both"),
) -> None:
    """NovoGrad: the second moment is one number for each tensor, the square of its gradient's norm.

    It starts at the first gradient's, by whose norm alone that gradient is divided ("without eps", the paper), or as in
    every other step ("with eps": optax, pytorch-optimizer). ``averaging`` weighs what is added to the first moment by 1
    - beta1 (TensorFlow Addons, apex). optax has eps_root under the root too ("both"). The defaults are
    pytorch-optimizer's. Read in quotations of Algorithm 1 and in the frameworks; the paper's own text could not be
    consulted.
    """
    s.v = where(s.t > 1, s.beta2 * s.v + (1 - s.beta2) * total(s.g**2), total(s.g**2))
    s.root = sqrt(s.v + s.eps_root if eps_placement == "both" else s.v)
    s.root = s.root + (s.eps if first == "with eps" else where(s.t > 1, s.eps, 0))
    s.d = s.g / s.root + s.weight_decay * s.x
    s.m = s.beta1 * s.m + ((1 - s.beta1) * s.d if averaging else s.d)
    s.x = s.x - s.lr * s.m
