"""AdEMAMix: Adam with a second, far slower mean of the gradients beside the first."""

from typing import Any

from symopt.language import choice, decay, exp, log, minimum, rate, rule, small, sqrt, state, weight


@rule(
    cites="Pagliardini, Ablin & Grangier 2024, arXiv:2409.03137, Algorithm 1",
    lr=rate(0.001),
    beta1=decay(0.9),
    beta2=decay(0.999),
    beta3=decay(0.9999),
    alpha=weight(5),
    t_alpha=rate(100000),
    eps=small("1e-8"),
    weight_decay=weight(0.01),
    m1=state(),
    m2=state(),
    v=state(nonnegative=True),
)
def ademamix(s: Any, *, schedule: Any = choice("none", "alpha", "both")) -> None:
    """AdEMAMix: Adam's step along its mean of the gradients plus alpha times one that forgets far more slowly.

    The slow mean is not corrected. Its weight is constant (optax, bitsandbytes by default) or grows to alpha over
    t_alpha steps ("alpha": line 6 of the algorithm, the authors' code apple/ml-ademamix); with "both", its memory grows
    from beta1's to beta3's, linearly in half-lives (line 7; pytorch-optimizer). Read in the authors' code, in optax, in
    pytorch-optimizer and in a quotation of Algorithm 1; the defaults are optax's. The paper's own text could not be
    consulted.
    """
    s.m1 = s.beta1 * s.m1 + (1 - s.beta1) * s.g
    if schedule == "both":
        s.log1, s.log3, s.share = log(s.beta1), log(s.beta3), s.t / s.t_alpha
        s.memory = exp(s.log1 * s.log3 / ((1 - s.share) * s.log3 + s.share * s.log1))
    beta3 = minimum(s.memory, s.beta3) if schedule == "both" else s.beta3
    s.m2 = beta3 * s.m2 + (1 - beta3) * s.g
    s.v = s.beta2 * s.v + (1 - s.beta2) * s.g**2
    s.m1_hat = s.m1 / (1 - s.beta1**s.t)
    s.v_hat = s.v / (1 - s.beta2**s.t)
    s.w = minimum(s.t * s.alpha / s.t_alpha, s.alpha) if schedule != "none" else s.alpha
    s.x = s.x - s.lr * ((s.m1_hat + s.w * s.m2) / (sqrt(s.v_hat) + s.eps) + s.weight_decay * s.x)
