"""AMSGrad: Adam whose second moment never falls."""

from typing import Any

from symopt.language import choice, decay, effective_gradient, maximum, rate, rule, small, sqrt, state, switch, weight


@rule(
    cites="Reddi, Kale & Kumar 2018, arXiv:1904.09237, Algorithm 2",
    lr=rate(0.001),
    beta1=decay(0.9),
    beta2=decay(0.999),
    eps=small("1e-8"),
    eps_root=small("1e-8"),
    weight_decay=weight(0.01),
    m=state(),
    v=state(nonnegative=True),
    v_max=state(nonnegative=True),
)
def amsgrad(
    s: Any,
    *,
    correction: Any = choice("none", "before", "after", "rate"),
    eps_placement: Any = choice("outside", "both"),
    decay: Any = choice("none", "coupled", "decoupled"),
    maximize: Any = switch(),
) -> None:
    """AMSGrad: the first moment divided by the root of the greatest second moment so far.

    The paper corrects nothing. optax corrects the moments "before" the maximum is taken, torch "after" it, and Keras in
    the "rate", which leaves eps beside an uncorrected root; optax has eps_root under the root too ("both"). The paper
    has no eps, and no weight decay: "coupled" is torch.optim.Adam's, "decoupled" AdamW's, both with amsgrad=True. Read
    in quotations of Algorithm 2 and in the frameworks; the paper's own text could not be consulted.
    """
    effective_gradient(s, decay=decay, maximize=maximize)
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.v = s.beta2 * s.v + (1 - s.beta2) * s.g**2
    within = s.eps_root if eps_placement == "both" else 0
    s.v_max = maximum(s.v_max, s.v / (1 - s.beta2**s.t) if correction == "before" else s.v)
    if correction == "none":
        s.x = s.x - s.lr * s.m / (sqrt(s.v_max + within) + s.eps)
        return
    s.m_hat = s.m / (1 - s.beta1**s.t)
    if correction == "rate":
        s.x = s.x - s.lr * sqrt(1 - s.beta2**s.t) * s.m_hat / (sqrt(s.v_max + within) + s.eps)
        return
    s.v_hat = s.v_max / (1 - s.beta2**s.t) if correction == "after" else s.v_max
    s.x = s.x - s.lr * s.m_hat / (sqrt(s.v_hat + within) + s.eps)
