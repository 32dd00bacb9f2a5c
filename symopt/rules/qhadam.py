"""QHAdam: Adam whose two moments are averaged with the present gradient."""

from typing import Any

from symopt.language import choice, decay, effective_gradient, rate, rule, share, small, sqrt, state, weight


@rule(
    cites="Ma & Yarats 2019, arXiv:1810.06801, section 4",
    lr=rate(0.001),
    beta1=decay(0.995),
    beta2=decay(0.999),
    nu1=weight(0.7),
    nu2=share(1),
    eps=small("1e-8"),
    weight_decay=weight(0.01),
    m=state(),
    v=state(nonnegative=True),
)
def qhadam(s: Any, *, decay: Any = choice("none", "coupled", "decoupled")) -> None:
    """QHAdam: a step along the gradient and its mean, nu1 and nu2 being the shares of Adam's corrected moments.

    nu1 = nu2 = 1 is Adam. The defaults are those that the authors' qhoptim recommends, ``decay`` its own; it keeps
    the corrected moments in place of m and v. The lines were read there.
    """
    effective_gradient(s, decay=decay, maximize=False)
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.v = s.beta2 * s.v + (1 - s.beta2) * s.g**2
    s.m_hat = s.m / (1 - s.beta1**s.t)
    s.v_hat = s.v / (1 - s.beta2**s.t)
    s.above = (1 - s.nu1) * s.g + s.nu1 * s.m_hat
    s.below = (1 - s.nu2) * s.g**2 + s.nu2 * s.v_hat
    s.x = s.x - s.lr * s.above / (sqrt(s.below) + s.eps)
