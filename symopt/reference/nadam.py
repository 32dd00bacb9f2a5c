"""NAdam by hand."""

from typing import Any

import numpy as np


def nadam(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float = 0.0,
    mu_decay: float = 0.0,
    schedule: bool = False,
    correction: str = "ahead",
    decay: str = "none",
    maximize: bool = False,
) -> tuple[Any, dict[str, Any]]:
    """One step of Dozat 2016, Algorithm 2; without ``schedule`` mu_t = beta1, so that the product of mu is a power.

    ``mu_product``, an array of one element, is kept in the dtype of x; what is not an element's own is computed in
    float64 and rounded when an array meets it.
    """
    if maximize:
        g = -g
    if decay == "coupled":
        g = g + weight_decay * x
    m = beta1 * state.get("m", np.zeros_like(x)) + (1 - beta1) * g
    v = beta2 * state.get("v", np.zeros_like(x)) + (1 - beta2) * g**2
    new = {"m": m, "v": v}
    if decay == "decoupled":
        x = x * (1 - lr * weight_decay)
    root = np.sqrt(v / (1 - beta2**t)) + eps
    if not schedule:
        ahead = t + 1 if correction == "ahead" else t
        m_bar = beta1 / (1 - beta1**ahead) * m + (1 - beta1) / (1 - beta1**t) * g
        return x - lr * m_bar / root, new
    mu, mu_next = (beta1 * (1 - 0.5 * mu_decay**step) for step in (t, t + 1))
    product = state.get("mu_product", np.ones(1, x.dtype))[0].astype(np.float64) * mu
    ahead = product * mu_next if correction == "ahead" else product
    weight_m, weight_g = mu_next / (1 - ahead), (1 - mu) / (1 - product)
    m_bar = weight_m.astype(x.dtype) * m + weight_g.astype(x.dtype) * g
    return x - lr * m_bar / root, new | {"mu_product": product.astype(x.dtype).reshape(1)}
