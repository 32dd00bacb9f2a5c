"""NAdam: Adam with Nesterov's momentum."""

from typing import Any

from symopt.language import choice, decay, effective_gradient, rate, rule, small, sqrt, state, switch, weight


@rule(
    cites="Dozat 2016, ICLR workshop, Incorporating Nesterov Momentum into Adam, Algorithm 2",
    lr=rate(0.002),
    beta1=decay(0.9),
    beta2=decay(0.999),
    eps=small("1e-8"),
    weight_decay=weight(0.01),
    mu_decay=decay("0.9998367253526752"),
    m=state(),
    v=state(nonnegative=True),
    mu_product=state(1, nonnegative=True, scope="step"),
)
def nadam(
    s: Any,
    *,
    schedule: Any = switch(),
    correction: Any = choice("ahead", "same"),
    decay: Any = choice("none", "coupled", "decoupled"),
    maximize: Any = switch(),
) -> None:
    """NAdam: Adam's step with the gradient counted as if the mean had been updated once more.

    mu is constant, beta1, or grows to it ("schedule": the paper's section 3, torch, Keras): beta1 (1 - mu_decay**t/2),
    with mu_decay = 0.96**(1/250) in the paper and 0.96**momentum_decay in torch, here to 16 digits, and 0.96 in Keras.
    The product of all mu is then a state, one number for all elements. The mean is corrected for the step after this
    one ("ahead": the paper, optax's nesterov=True) or for this one, as in Ruder's survey. ``decay``: torch's,
    optax.nadamw. The defaults are torch's; the paper's own text could not be consulted.
    """
    effective_gradient(s, decay=decay, maximize=maximize)
    if schedule:
        s.mu = s.beta1 * (1 - s.mu_decay**s.t / 2)
        s.mu_next = s.beta1 * (1 - s.mu_decay ** (s.t + 1) / 2)
        s.mu_product = s.mu_product * s.mu
        now, ahead = s.mu_product, s.mu_product * s.mu_next
    else:
        now, ahead = s.beta1**s.t, s.beta1 ** (s.t + 1)
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.v = s.beta2 * s.v + (1 - s.beta2) * s.g**2
    s.m_hat = s.m / (1 - (ahead if correction == "ahead" else now))
    s.g_hat = s.g / (1 - now)
    s.v_hat = s.v / (1 - s.beta2**s.t)
    mu, mu_next = (s.mu, s.mu_next) if schedule else (s.beta1, s.beta1)
    s.x = s.x - s.lr * (mu_next * s.m_hat + (1 - mu) * s.g_hat) / (sqrt(s.v_hat) + s.eps)
