"""RAdam: Adam that waits until the second moment rests on enough gradients."""

from typing import Any

from symopt.language import choice, decay, effective_gradient, rate, rule, small, sqrt, state, switch, weight, where


@rule(
    cites="Liu et al. 2020, arXiv:1908.03265, Algorithm 2",
    lr=rate(0.001),
    beta1=decay(0.9),
    beta2=decay(0.999),
    eps=small("1e-8"),
    eps_root=small("1e-8"),
    weight_decay=weight(0.01),
    m=state(),
    v=state(nonnegative=True),
)
def radam(
    s: Any,
    *,
    threshold: Any = choice("4", "5", "from 5"),
    eps_placement: Any = choice("none", "hat", "outside", "both"),
    nesterov: Any = switch(),
    decay: Any = choice("none", "coupled", "decoupled"),
    maximize: Any = switch(),
) -> None:
    """RAdam: while too few gradients are averaged, momentum; after that Adam, its rate rectified.

    r is the rectification, rho the number of gradients that the second moment's average is worth. The paper adapts
    where rho > 4, torch where rho > 5, optax and the authors' code "from 5" on. It has no eps; torch and the authors
    add it to the uncorrected root ("hat"), optax to the corrected one ("outside"), with eps_root under it ("both").
    ``nesterov`` counts the gradient once more (optax). ``decay``: torch. Read in quotations of Algorithm 2, in the
    authors' code and in the frameworks; the paper's own text could not be consulted.
    """
    effective_gradient(s, decay=decay, maximize=maximize)
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.v = s.beta2 * s.v + (1 - s.beta2) * s.g**2
    if nesterov:
        s.m_hat = s.beta1 * s.m / (1 - s.beta1 ** (s.t + 1)) + (1 - s.beta1) * s.g / (1 - s.beta1**s.t)
    else:
        s.m_hat = s.m / (1 - s.beta1**s.t)
    s.limit = 2 / (1 - s.beta2) - 1
    s.rho = s.limit - 2 * s.t * s.beta2**s.t / (1 - s.beta2**s.t)
    enough = s.rho >= 5 if threshold == "from 5" else s.rho > int(threshold)
    ratio = (s.rho - 4) * (s.rho - 2) * s.limit / ((s.limit - 4) * (s.limit - 2) * s.rho)
    s.r = sqrt(where(s.limit > 4, where(enough, ratio, 0), 0))
    s.v_hat = s.v / (1 - s.beta2**s.t)
    if eps_placement in ("outside", "both"):
        s.l = 1 / (sqrt(s.v_hat + s.eps_root if eps_placement == "both" else s.v_hat) + s.eps)
    else:
        s.l = sqrt(1 - s.beta2**s.t) / (sqrt(s.v) + s.eps if eps_placement == "hat" else sqrt(s.v))
    adapted = where(enough, s.r * s.m_hat * s.l, s.m_hat)
    s.x = s.x - s.lr * where(s.limit > 4, adapted, s.m_hat)
