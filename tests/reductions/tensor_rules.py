"""Rules that sum over elements, in every way that the language has, each with its step by hand."""

import numpy as np

from symopt.language import decay, mean, norm, rate, rule, small, sqrt, state, total, weight, where


@rule(cites="here", lr=rate(0.1), eps=small("1e-8"))
def normalized(s):
    """A step of length lr."""
    s.x = s.x - s.lr * s.g / (norm(s.g) + s.eps)


@rule(cites="here", lr=rate(0.1))
def centralized(s):
    """The gradient without its mean."""
    s.x = s.x - s.lr * (s.g - mean(s.g))


@rule(cites="here", lr=rate(0.1), eps=small("1e-4"))
def standardized(s):
    """A sum of what is known after another sum: two loops before the last."""
    s.d = s.g - mean(s.g)
    s.x = s.x - s.lr * s.d / (sqrt(mean(s.d**2)) + s.eps)


@rule(cites="here", lr=rate(0.1), alpha=small(0.02), weight_decay=weight(0.01))
def trusting(s):
    """A ratio of norms, where there is one."""
    s.x_norm = norm(s.x)
    s.u = s.g + s.weight_decay * s.x
    s.u_norm = norm(s.u)
    s.ratio = where(s.x_norm > 0, where(s.u_norm > 0, s.alpha * s.x_norm / s.u_norm, 1), 1)
    s.x = s.x - s.lr * s.ratio * s.u


@rule(
    cites="here",
    lr=rate(0.1),
    beta2=decay(0.9),
    eps=small("1e-8"),
    v=state(nonnegative=True, scope="tensor"),
    m=state(),
)
def remembering(s):
    """A state with one value for the tensor, beside one with a value for each element."""
    s.v = s.beta2 * s.v + (1 - s.beta2) * total(s.g**2)
    s.m = s.m + s.g / (sqrt(s.v) + s.eps)
    s.x = s.x - s.lr * s.m


RULES = [normalized, centralized, standardized, trusting, remembering]


# By hand, on floating-point arrays and on object arrays of decimals; h are the hyperparameters, s the states.
def by_hand_normalized(x, g, s, h):
    return {"x": x - h["lr"] * g / (np.sqrt(np.sum(g * g)) + h["eps"])}


def by_hand_centralized(x, g, s, h):
    return {"x": x - h["lr"] * (g - np.sum(g) / x.size)}


def by_hand_standardized(x, g, s, h):
    d = g - np.sum(g) / x.size
    return {"x": x - h["lr"] * d / (np.sqrt(np.sum(d * d) / x.size) + h["eps"])}


def by_hand_trusting(x, g, s, h):
    u = g + h["weight_decay"] * x
    x_norm, u_norm = np.sqrt(np.sum(x * x)), np.sqrt(np.sum(u * u))
    ratio = h["alpha"] * x_norm / u_norm if x_norm and u_norm else 1
    return {"x": x - h["lr"] * ratio * u}


def by_hand_remembering(x, g, s, h):
    v = h["beta2"] * s["v"] + (1 - h["beta2"]) * np.sum(g * g)
    m = s["m"] + g / (np.sqrt(v) + h["eps"])
    return {"x": x - h["lr"] * m, "m": m, "v": v}


BY_HAND = {
    "normalized": by_hand_normalized,
    "centralized": by_hand_centralized,
    "standardized": by_hand_standardized,
    "trusting": by_hand_trusting,
    "remembering": by_hand_remembering,
}
