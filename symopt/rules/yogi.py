"""Yogi: Adam whose second moment changes by no more than the squared gradient."""

from typing import Any

from symopt.language import choice, decay, rate, rule, sign, small, sqrt, state, switch, weight, where


@rule(
    cites="Zaheer et al. 2018, NeurIPS, Adaptive Methods for Nonconvex Optimization, Algorithm 2",
    lr=rate(0.01),
    beta1=decay(0.9),
    beta2=decay(0.999),
    eps=small("1e-3"),
    initial_accumulator=weight("1e-6"),
    m=state(),
    v=state(nonnegative=True),
)
def yogi(
    s: Any,
    *,
    bias_correction: Any = switch(),
    start: Any = choice("zero", "second", "both"),
) -> None:
    """Yogi: the second moment moves towards the squared gradient, by a fixed part of it.

    ``bias_correction`` is optax's. The paper starts the second moment at the squared gradients of a large batch; here
    it starts at 0 ("zero") or at initial_accumulator, "both" moments in optax and pytorch_optimizer. Read in these
    and in quotations of Algorithm 2; the paper's own text could not be consulted.
    """
    if start != "zero":
        s.v = where(s.t > 1, s.v, s.initial_accumulator)
    if start == "both":
        s.m = where(s.t > 1, s.m, s.initial_accumulator)
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.v = s.v - (1 - s.beta2) * sign(s.v - s.g**2) * s.g**2
    s.m_hat = s.m / (1 - s.beta1**s.t) if bias_correction else s.m
    s.v_hat = s.v / (1 - s.beta2**s.t) if bias_correction else s.v
    s.x = s.x - s.lr * s.m_hat / (sqrt(s.v_hat) + s.eps)
