"""Steps that are their rules, in the many ways in which NumPy code is written."""

import math
from dataclasses import dataclass
from math import sqrt

import numpy as np

from .discrepancies import Case


@dataclass
class Moments:
    """What an implementation may keep its states in."""

    m: object
    v: object
    count: int = 0


def ema(old, new, decay):
    return old + (1.0 - decay) * (new - old)


def adam_counter(x, g, state, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    state["step"] = state.get("step", 0) + 1
    k = state["step"]
    state["m"] = ema(state.get("m", 0.0 * x), g, beta1)
    state["v"] = ema(state.get("v", 0.0 * x), g * g, beta2)
    step_size = lr * math.sqrt(1 - beta2**k) / (1 - beta1**k)
    return x - step_size * state["m"] / (np.sqrt(state["v"]) + eps * math.sqrt(1 - beta2**k)), state


def adam_running_products(x, g, state, t, *, alpha=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8):
    if "m" not in state:
        state.update(m=np.zeros(x.shape), v=np.zeros(x.shape), b1t=1.0, b2t=1.0)
    state["b1t"] *= beta1
    state["b2t"] *= beta2
    m, v = state["m"], state["v"]
    m *= beta1
    m += (1 - beta1) * g
    v *= beta2
    v += (1 - beta2) * np.square(g)
    x -= alpha * (m / (1 - state["b1t"])) / (np.sqrt(v / (1 - state["b2t"])) + epsilon)


def adam_dataclass(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    s = state.setdefault("adam", Moments(np.zeros_like(x), np.zeros_like(x)))
    s.count += 1
    s.m = b1 * s.m + (1 - b1) * g
    s.v = b2 * s.v + (1 - b2) * g**2
    corrected = s.m / (1 - b1**s.count), s.v / (1 - b2**s.count)
    return x - lr * corrected[0] / (corrected[1] ** 0.5 + eps), state


def adam_list(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    moments = state.get("moments") or [np.zeros_like(x), np.zeros_like(x)]
    powers = [g, g * g]
    moments = [b * s + (1 - b) * p for b, s, p in zip((b1, b2), moments, powers, strict=True)]
    first, second = (s / (1 - b**t) for b, s in zip((b1, b2), moments, strict=True))
    return x - lr * first / (np.sqrt(second) + eps), {"moments": moments}


def adam_sums(x, g, state, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    total = beta1 * state.get("total", np.zeros_like(x)) + g
    squares = beta2 * state.get("squares", np.zeros_like(x)) + g * g
    weight1, weight2 = (1 - beta1) / (1 - beta1**t), (1 - beta2) / (1 - beta2**t)
    return x - lr * weight1 * total / (np.sqrt(weight2 * squares) + eps), {"total": total, "squares": squares}


def adam_out(x, g, state, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = state.get("m", np.zeros_like(x)), state.get("v", np.zeros_like(x))
    buffer = np.empty_like(x)
    np.multiply(m, beta1, out=m)
    np.add(m, np.multiply(g, 1 - beta1), out=m)
    np.multiply(v, beta2, out=v)
    np.multiply(g, g, out=buffer)
    buffer *= 1 - beta2
    np.add(v, buffer, out=v)
    np.sqrt(v, out=buffer)
    buffer /= np.sqrt(1 - beta2**t)
    buffer += eps
    np.divide(m, buffer, out=buffer)
    buffer *= lr / (1 - beta1**t)
    np.subtract(x, buffer, out=x)
    return x, {"m": m, "v": v}


def adam_float_step(x, g, state, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    k = float(t)
    x, g = np.asarray(x, dtype=float), np.array(g, dtype=np.float64)
    m = state.get("m", 0.0) * beta1 + g * (1 - beta1)
    v = state.get("v", 0.0) * beta2 + np.power(g, 2) * (1 - beta2)
    return x - lr * m / (1 - math.pow(beta1, k)) / (eps + np.sqrt(v / (1 - beta2**k))), {"m": m, "v": v}


def adamw_shrunk(x, g, state, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=1e-2):
    x *= 1.0 - lr * weight_decay
    m = state["m"] if state else np.zeros_like(x)
    v = state["v"] if state else np.zeros_like(x)
    m += (g - m) * (1 - beta1)
    v += (g * g - v) * (1 - beta2)
    denominator = np.sqrt(v) / sqrt(1 - beta2**t) + eps
    x -= lr / (1 - beta1**t) * (m / denominator)
    return None, {"m": m, "v": v}


def amsgrad_masked(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m = b1 * state.get("m", np.zeros_like(x)) + (1 - b1) * g
    v = b2 * state.get("v", np.zeros_like(x)) + (1 - b2) * g**2
    top = state.get("top", np.zeros_like(x)).copy()
    larger = v > top
    top[larger] = v[larger]
    return x - lr * m / (np.sqrt(top) + eps), {"m": m, "v": v, "top": top}


def adamax_norm(x, g, state, t, *, lr=2e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * state.get("m", np.zeros_like(x)) + (1 - beta1) * g
    decayed = beta2 * state.get("u", np.zeros_like(x))
    size = np.abs(g) + eps
    u = np.where(decayed >= size, decayed, size)
    return x - (lr / (1 - beta1**t)) * (m / u), {"m": m, "u": u}


def adagrad_hypot(x, g, state, t, *, lr=1e-2, eps=1e-10):
    root = np.hypot(state.get("root", np.zeros_like(x)), g)
    return x - lr * g / (root + eps), {"root": root}


def adagrad_in_place(x, g, state, t, *, lr=1e-2, eps=1e-10):
    total = state.setdefault("total", np.zeros(x.shape))
    total += g**2
    x -= np.divide(lr, np.add(np.sqrt(total), eps)) * g
    return x


def rmsprop_scaled(x, g, state, t, *, lr=1e-3, rho=0.9, eps=1e-8):
    s = rho * state.get("s", np.zeros_like(x)) + g * g
    return x - lr * g / np.sqrt((1 - rho) * s + eps), {"s": s}


def momentum_negated(x, g, state, t, *, lr=1e-2, momentum=0.9):
    v = state.get("v", np.zeros_like(x))
    v = momentum * v - lr * g
    return x + v, {"v": v}


def momentum_mean_folded(x, g, state, t, *, lr=1e-2, momentum=0.9):
    b = state["b"] if t > 1 else np.zeros_like(x)
    b = momentum * b + g
    return x - lr * (1 - momentum) * b, {"b": b}


def signsgd_masks(x, g, state, t, *, lr=1e-3):
    step = np.zeros_like(x)
    step[g > 0] = lr
    step[g < 0] = -lr
    return x - step


def signsgd_difference(x, g, state, t, *, lr=1e-3):
    return x - lr * ((g > 0).astype(float) - (g < 0).astype(float))


def lion_where(x, g, state, t, *, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=1e-3):
    m = state.get("m", np.zeros_like(x))
    c = beta1 * m + (1 - beta1) * g
    direction = np.where(c > 0, 1.0, np.where(c < 0, -1.0, 0.0))
    x = x * (1 - lr * weight_decay) - lr * direction
    return x, {"m": ema(m, g, beta2)}


def yogi_cases(x, g, state, t, *, lr=1e-2, beta1=0.9, beta2=0.999, eps=1e-3):
    m = beta1 * state.get("m", np.zeros_like(x)) + (1 - beta1) * g
    v = state.get("v", np.zeros_like(x))
    square = g * g
    v = v + (1 - beta2) * np.sign(square - v) * square
    return x - lr * m / (np.sqrt(v) + eps), {"m": m, "v": v}


def yogi_corrected(x, g, state, t, *, lr=1e-2, beta1=0.9, beta2=0.999, eps=1e-3):
    g2 = np.square(g)
    m = ema(state.get("m", np.zeros_like(x)), g, beta1)
    v = state.get("v", np.zeros_like(x))
    v -= (1 - beta2) * np.sign(v - g2) * g2
    return x - lr / (1 - beta1**t) * m / (np.sqrt(v / (1 - beta2**t)) + eps), {"m": m, "v": v}


def adabelief_centred(x, g, state, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-16):
    m = ema(state.get("m", np.zeros_like(x)), g, beta1)
    error = np.subtract(g, m)
    s = state.get("s", np.zeros_like(x)) * beta2 + (1 - beta2) * error * error + eps
    return x - lr * (m / (1 - beta1**t)) / (eps + np.sqrt(s / (1 - beta2**t))), {"m": m, "s": s}


def adadelta_roots(x, g, state, t, *, lr=1.0, rho=0.9, eps=1e-6):
    acc = state.setdefault("acc", {"g": np.zeros_like(x), "d": np.zeros_like(x)})
    acc["g"] = rho * acc["g"] + (1 - rho) * g * g
    d = (acc["d"] + eps) ** 0.5 * (acc["g"] + eps) ** -0.5 * g
    acc["d"] = rho * acc["d"] + (1 - rho) * d * d
    return x - lr * d, state


def nadam_folded(x, g, state, t, *, lr=2e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * state.get("m", np.zeros_like(x)) + (1 - beta1) * g
    v = beta2 * state.get("v", np.zeros_like(x)) + (1 - beta2) * g * g
    c2 = math.sqrt(1 - beta2**t)
    a, b = beta1 / (1 - beta1 ** (t + 1)), (1 - beta1) / (1 - beta1**t)
    return x - lr * (a * m + b * g) * c2 / (np.sqrt(v) + eps * c2), {"m": m, "v": v}


def radam_branch(x, g, state, t, *, lr=1e-3, beta1=0.9, beta2=0.999):
    m = beta1 * state.get("m", np.zeros_like(x)) + (1 - beta1) * g
    v = beta2 * state.get("v", np.zeros_like(x)) + (1 - beta2) * g * g
    top = 2 / (1 - beta2) - 1
    rho = top - 2 * t * beta2**t / (1 - beta2**t)
    mean = m / (1 - beta1**t)
    if top > 4 and rho > 4:
        r = math.sqrt((rho - 4) * (rho - 2) * top / ((top - 4) * (top - 2) * rho))
        return x - lr * r * mean * math.sqrt(1 - beta2**t) / np.sqrt(v), {"m": m, "v": v}
    return x - lr * mean, {"m": m, "v": v}


def rprop_masks(x, g, state, t, *, lr=0.1, etaminus=0.5, etaplus=1.2, step_min=1e-6, step_max=50.0):
    size = state.get("size", np.full_like(x, lr))
    last = state.get("last", np.zeros_like(x))
    product = g * last
    same, turned = product > 0, product < 0
    size = np.where(same, np.minimum(size * etaplus, step_max), size)
    size = np.where(turned, np.maximum(size * etaminus, step_min), size)
    g = np.where(turned, 0.0, g)
    return x - size * np.sign(g), {"size": size, "last": g}


def rprop_clip(x, g, state, t, *, lr=0.1, etaminus=0.5, etaplus=1.2, step_min=1e-6, step_max=50.0):
    size = state["size"] if state else np.ones_like(x) * lr
    last = state["last"] if state else np.zeros_like(x)
    factor = np.ones_like(x)
    factor[g * last > 0] = etaplus
    factor[g * last < 0] = etaminus
    size = (size * factor).clip(step_min, step_max)
    g = g.copy()
    g[~(g * last >= 0)] = 0
    return x - size * np.sign(g), {"size": size, "last": g}


def asgd_root(x, g, state, t, *, lr=1e-2, lambd=1e-4, t0=1e6):
    eta = lr / math.pow(1 + lambd * lr * (t - 1), 0.75)
    x = x * (1 - lambd * eta) - eta * g
    mean = state.get("mean", np.zeros_like(x))
    mean = mean + (x - mean) / max(1, t - 1 - t0)
    return x, {"mean": mean}


def adopt_early(x, g, state, t, *, lr=1e-3, beta1=0.9, beta2=0.9999, eps=1e-6):
    if t == 1:
        return x, {"m": np.zeros_like(x), "v": g * g}
    n = g / np.clip(np.sqrt(state["v"]), eps, None)
    m = ema(state["m"], n, beta1)
    return x - lr * m, {"m": m, "v": ema(state["v"], g * g, beta2)}


def lamb_norms(x, g, state, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-6, weight_decay=1e-2):
    m = ema(state.get("m", np.zeros_like(x)), g, beta1)
    v = ema(state.get("v", np.zeros_like(x)), g * g, beta2)
    r = m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps) + weight_decay * x
    return x - lr * np.linalg.norm(x) / np.sqrt(np.sum(np.square(r))) * r, {"m": m, "v": v}


def lars_flat(x, g, state, t, *, lr=0.1, momentum=0.9, weight_decay=5e-4, trust=1e-3, eps=0.0):
    wn, gn = np.sqrt(np.sum(x**2)), np.linalg.norm(g.ravel())
    local = trust * wn / (gn + weight_decay * wn + eps)
    v = momentum * state.get("v", np.zeros_like(x)) + lr * local * (g + weight_decay * x)
    return x - v, {"v": v}


def qhm_mixed(x, g, state, t, *, lr=0.1, beta=0.999, nu=0.7):
    d = state.get("d", np.zeros_like(x))
    d = d * beta + g * (1 - beta)
    return x - lr * (g + nu * (d - g)), {"d": d}


def qhadam_mixed(x, g, state, t, *, lr=1e-3, beta1=0.995, beta2=0.999, nu1=0.7, nu2=1.0, eps=1e-8):
    m = ema(state.get("m", np.zeros_like(x)), g, beta1)
    v = ema(state.get("v", np.zeros_like(x)), g * g, beta2)
    mh, vh = m / (1 - beta1**t), v / (1 - beta2**t)
    return x - lr * (g + nu1 * (mh - g)) / (np.sqrt(g * g + nu2 * (vh - g * g)) + eps), {"m": m, "v": v}


def diffgrad_sigmoid(x, g, state, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m = ema(state.get("m", np.zeros_like(x)), g, beta1)
    v = ema(state.get("v", np.zeros_like(x)), g * g, beta2)
    friction = 1.0 / (1.0 + np.exp(-np.abs(g - state.get("last", np.zeros_like(x)))))
    step = lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return x - friction * step, {"m": m, "v": v, "last": g}


def adan_negated(x, g, state, t, *, lr=1e-3, beta1=0.98, beta2=0.92, beta3=0.99, eps=1e-8, weight_decay=0.02):
    minus = state.get("minus", -g)
    d = minus + g
    m = beta1 * state.get("m", np.zeros_like(x)) + (1 - beta1) * g
    v = beta2 * state.get("v", np.zeros_like(x)) + (1 - beta2) * d
    n = beta3 * state.get("n", np.zeros_like(x)) + (1 - beta3) * (g + beta2 * d) ** 2
    root = np.sqrt(n / (1 - beta3**t)) + eps
    x = x - lr / root * (m / (1 - beta1**t) + beta2 * v / (1 - beta2**t))
    return x / (1 + lr * weight_decay), {"m": m, "v": v, "n": n, "minus": -g}


def adabound_clip(x, g, state, t, *, lr=1e-3, beta1=0.9, beta2=0.999, final_lr=0.1, gamma=1e-3, eps=1e-8):
    m = ema(state.get("m", np.zeros_like(x)), g, beta1)
    v = ema(state.get("v", np.zeros_like(x)), g * g, beta2)
    low, high = final_lr * (1 - 1 / (gamma * t + 1)), final_lr * (1 + 1 / (gamma * t))
    eta = np.clip(lr / (np.sqrt(v) + eps), low, high) / math.sqrt(t)
    return x - eta * m, {"m": m, "v": v}


def novograd_norm(x, g, state, t, *, lr=1e-3, beta1=0.95, beta2=0.98, eps=1e-8, weight_decay=1e-3):
    square = np.sum(g * g)
    if t == 1:
        v, root = square, np.sqrt(square)
    else:
        v = beta2 * state["v"] + (1 - beta2) * square
        root = np.sqrt(v) + eps
    m = beta1 * state.get("m", np.zeros_like(x)) + g / root + weight_decay * x
    return x - lr * m, {"m": m, "v": v}


def adamod_least(x, g, state, t, *, lr=1e-3, beta1=0.9, beta2=0.999, beta3=0.999, eps=1e-8):
    m = ema(state.get("m", np.zeros_like(x)), g, beta1)
    v = ema(state.get("v", np.zeros_like(x)), g * g, beta2)
    eta = lr / (np.sqrt(v / (1 - beta2**t)) + eps)
    r = ema(state.get("r", np.zeros_like(x)), eta, beta3)
    return x - np.where(eta < r, eta, r) * m / (1 - beta1**t), {"m": m, "v": v, "r": r}


def pnm_by_parity(x, g, state, t, *, lr=1e-3, beta0=1.0, beta1=0.9):
    even, odd = state.get("even", np.zeros_like(x)), state.get("odd", np.zeros_like(x))
    square = beta1 * beta1
    if t % 2 == 0:
        even = square * even + (1 - square) * g
        new, old = even, odd
    else:
        odd = square * odd + (1 - square) * g
        new, old = odd, even
    x = x - lr / math.sqrt((1 + beta0) ** 2 + beta0**2) * ((1 + beta0) * new - beta0 * old)
    return x, {"even": even, "odd": odd}


def cautious_mask(x, g, state, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    m = ema(state.get("m", np.zeros_like(x)), g, beta1)
    v = ema(state.get("v", np.zeros_like(x)), g * g, beta2)
    u = m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
    mask = (u * g > 0).astype(x.dtype)
    return x - lr * weight_decay * x - lr * u * mask / (mask.mean() + eps), {"m": m, "v": v}


#: Steps that are their rules.
CORRECT = (
    Case(0, adam_counter, "adam"),
    Case(0, adam_running_products, "adam"),
    Case(0, adam_dataclass, "adam"),
    Case(0, adam_list, "adam"),
    Case(0, adam_sums, "adam"),
    Case(0, adam_out, "adam"),
    Case(0, adam_float_step, "adam"),
    Case(0, adamw_shrunk, "adamw"),
    Case(0, amsgrad_masked, "amsgrad"),
    Case(0, adamax_norm, "adamax[eps_placement=inside]"),
    Case(0, adagrad_hypot, "adagrad"),
    Case(0, adagrad_in_place, "adagrad"),
    Case(0, rmsprop_scaled, "rmsprop"),
    Case(0, momentum_negated, "classical_momentum"),
    Case(0, momentum_mean_folded, "momentum[velocity=mean]"),
    Case(0, signsgd_masks, "signsgd"),
    Case(0, signsgd_difference, "signsgd"),
    Case(0, lion_where, "lion"),
    Case(0, yogi_cases, "yogi"),
    Case(0, yogi_corrected, "yogi[bias_correction=True]"),
    Case(0, adabelief_centred, "adabelief"),
    Case(0, adadelta_roots, "adadelta"),
    Case(0, nadam_folded, "nadam"),
    Case(0, radam_branch, "radam"),
    Case(0, rprop_masks, "rprop[after_change=stay]"),
    Case(0, rprop_clip, "rprop[after_change=stay, clamp=always]"),
    Case(0, asgd_root, "asgd"),
    Case(0, adopt_early, "adopt"),
    Case(0, lamb_norms, "lamb"),
    Case(0, lars_flat, "lars"),
    Case(0, qhm_mixed, "qhm"),
    Case(0, qhadam_mixed, "qhadam"),
    Case(0, diffgrad_sigmoid, "diffgrad"),
    Case(0, adan_negated, "adan"),
    Case(0, adabound_clip, "adabound"),
    Case(0, novograd_norm, "novograd"),
    Case(0, adamod_least, "adamod"),
    Case(0, pnm_by_parity, "pnm"),
    Case(0, cautious_mask, "cautious_adamw"),
)
