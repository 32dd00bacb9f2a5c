"""Steps that frameworks take or took where the papers take others, written anew, and what each of them is.

Rows are those of the project's list of documented discrepancies. Names and arrangements vary on purpose.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Case:
    """A step, the rule it is held against, and the variant that it is or else the line in which it differs."""

    row: int
    step: Any
    rule: str
    variant: str = ""
    line: str = ""

    @property
    def name(self):
        return f"{self.row}-{self.step.__name__}"


def zero(state, name, x):
    return state.get(name, np.zeros_like(x))


def moments(g, state, b1, b2):
    m = b1 * zero(state, "exp_avg", g) + (1 - b1) * g
    v = b2 * zero(state, "exp_avg_sq", g) + (1 - b2) * g * g
    return m, v, {"exp_avg": m, "exp_avg_sq": v}


def adam_hat(x, g, state, t, *, learning_rate=1e-3, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m, v, state = moments(g, state, beta_1, beta_2)
    alpha = learning_rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
    return x - m * alpha / (np.sqrt(v) + epsilon), state


def adam_inside(x, g, state, t, *, eta=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, state = moments(g, state, b1, b2)
    return x - eta * m / (1 - b1**t) / np.sqrt(v / (1 - b2**t) + eps), state


def rmsprop_inside(x, g, state, t, *, learning_rate=1e-3, decay=0.9, epsilon=1e-7):
    nu = decay * zero(state, "nu", x) + (1 - decay) * np.square(g)
    return x - learning_rate * g / np.sqrt(nu + epsilon), {"nu": nu}


def rmsprop_outside(x, g, state, t, *, learning_rate=1e-3, decay=0.9, epsilon=1e-7):
    nu = decay * zero(state, "nu", x) + (1 - decay) * np.square(g)
    return x - learning_rate * g / (np.sqrt(nu) + epsilon), {"nu": nu}


def adagrad_keras(x, g, state, t, *, learning_rate=1e-2, initial=0.1, epsilon=1e-7):
    total = state.get("total", np.zeros_like(x) + initial) + g * g
    return x - learning_rate * g / np.sqrt(total + epsilon), {"total": total}


def adamax_outside(x, g, state, t, *, learning_rate=1e-3, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m = beta_1 * zero(state, "m", x) + (1 - beta_1) * g
    u = np.maximum(beta_2 * zero(state, "u", x), np.abs(g))
    return x - learning_rate * m / ((1 - beta_1**t) * (u + epsilon)), {"m": m, "u": u}


def adam_uncorrected(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, state = moments(g, state, b1, b2)
    return x - lr * m / (np.sqrt(v) + eps), state


def adam_written_back(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, _ = moments(g, state, b1, b2)
    m, v = m / (1 - b1**t), v / (1 - b2**t)
    return x - lr * m / (np.sqrt(v) + eps), {"exp_avg": m, "exp_avg_sq": v}


def adam_counts_from_zero(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, state = moments(g, state, b1, b2)
    return x - lr * m / (1 - b1 ** (t + 1)) / (np.sqrt(v / (1 - b2 ** (t + 1))) + eps), state


def amsgrad_before(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, new = moments(g, state, b1, b2)
    top = np.maximum(zero(state, "top", x), v / (1 - b2**t))
    return x - lr * (m / (1 - b1**t)) / (np.sqrt(top) + eps), {**new, "top": top}


def amsgrad_after(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, new = moments(g, state, b1, b2)
    top = np.maximum(zero(state, "top", x), v)
    return x - lr / (1 - b1**t) * m / (np.sqrt(top) / np.sqrt(1 - b2**t) + eps), {**new, "top": top}


def amsgrad_paper(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, new = moments(g, state, b1, b2)
    top = np.maximum(zero(state, "top", x), v)
    return x - lr * m / (np.sqrt(top) + eps), {**new, "top": top}


def adamw_schedule(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8, wd=1e-2):
    m, v, state = moments(g, state, b1, b2)
    x = x - wd * x
    return x - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), state


def adamw_after(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8, wd=1e-2):
    m, v, state = moments(g, state, b1, b2)
    x = x - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
    return x - lr * wd * x, state


def adam_l2(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8, wd=1e-2):
    m, v, state = moments(g + wd * x, state, b1, b2)
    return x - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), state


def sgdw_without_x(x, g, state, t, *, lr=1e-2, momentum=0.9, weight_decay=1e-2):
    buf = momentum * zero(state, "buf", x) + lr * g
    return x - buf - lr * weight_decay, {"buf": buf}


def lamb_outside(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.999, eps=1e-6, wd=1e-2):
    m, v, state = moments(g, state, b1, b2)
    r = (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
    wx, wr = np.linalg.norm(x), np.linalg.norm(r)
    trust = np.where(wx > 0, np.where(wr > 0, wx / wr, 1.0), 1.0)
    return x - lr * (trust * r + wd * x), state


def sgd_rate_inside(x, g, state, t, *, learning_rate=1e-2, momentum=0.9):
    velocity = momentum * zero(state, "velocity", x) - learning_rate * g
    return x + velocity, {"velocity": velocity}


def sgd_first_undamped(x, g, state, t, *, lr=1e-2, momentum=0.9, dampening=0.1):
    buf = g if t == 1 else momentum * state["buf"] + (1 - dampening) * g
    return x - lr * buf, {"buf": buf + np.zeros_like(x)}


def nesterov_torch(x, g, state, t, *, lr=1e-2, momentum=0.9):
    buf = momentum * zero(state, "buf", x) + g
    return x - lr * (g + momentum * buf), {"buf": buf}


def nadam_constant(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, state = moments(g, state, b1, b2)
    ahead = b1 * m / (1 - b1 ** (t + 1)) + (1 - b1) * g / (1 - b1**t)
    return x - lr * ahead / (np.sqrt(v / (1 - b2**t)) + eps), state


def yogi_signed_square(x, g, state, t, *, lr=1e-2, b1=0.9, b2=0.999, eps=1e-3):
    m = b1 * zero(state, "m", x) + (1 - b1) * g
    v = zero(state, "v", x)
    signed = np.sign(v - g * g) * g * g
    v = b2 * v + (1 - b2) * signed * signed
    return x - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps), {"m": m, "v": v}


def adabelief_old_mean(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.999, eps=1e-16):
    old = zero(state, "m", x)
    s = b2 * zero(state, "s", x) + (1 - b2) * (g - old) ** 2 + eps
    m = b1 * old + (1 - b1) * g
    return x - lr * (m / (1 - b1**t)) / (np.sqrt(s / (1 - b2**t)) + eps), {"m": m, "s": s}


def rmsprop_centred_of_squares(x, g, state, t, *, lr=1e-2, rho=0.99, eps=1e-8):
    v = rho * zero(state, "v", x) + (1 - rho) * g * g
    mean = rho * zero(state, "mean", x) + (1 - rho) * g * g
    return x - lr * g / np.sqrt(v - mean * mean + eps), {"v": v, "mean": mean}


def adadelta_brackets(x, g, state, t, *, lr=1.0, rho=0.9, eps=1e-6):
    e = (rho * zero(state, "e", x) + 1 - rho) * g * g
    d = zero(state, "d", x)
    delta = np.sqrt(d + eps) / np.sqrt(e + eps) * g
    return x - lr * delta, {"e": e, "d": rho * d + (1 - rho) * delta * delta}


def adadelta_rate_inside(x, g, state, t, *, lr=1.0, rho=0.9, eps=1e-6):
    e = rho * zero(state, "e", x) + (1 - rho) * g * g
    d = zero(state, "d", x)
    delta = lr * np.sqrt(d + eps) / np.sqrt(e + eps) * g
    return x - delta, {"e": e, "d": rho * d + (1 - rho) * delta * delta}


def asgd_power_inside(x, g, state, t, *, lr=1e-2, lambd=1e-4, t0=1e6):
    eta = lr / (1 + lambd * lr * np.sqrt(t - 1) * np.sqrt(np.sqrt(t - 1)))
    x = x - lambd * eta * x - eta * g
    mean = zero(state, "ax", x)
    return x, {"ax": mean + (x - mean) / np.maximum(1, t - 1 - t0)}


def adam_rounded_beta(x, g, state, t, *, lr=1e-3, b1=0.9, eps=1e-8):
    m, v, state = moments(g, state, b1, 1.0 - 2.0**-8)
    return x - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - 0.999**t)) + eps), state


def radam(x, g, state, t, lr, b1, b2, eps, *, threshold, hat):
    m, v, state = moments(g, state, b1, b2)
    longest = 2 / (1 - b2) - 1
    length = longest - 2 * t * b2**t / (1 - b2**t)
    step = m / (1 - b1**t)
    if longest > 4 and length > threshold:
        rect = ((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)) ** 0.5
        step = rect * step * (1 - b2**t) ** 0.5 / (np.sqrt(v) + (eps if hat else 0.0))
    return x - lr * step, state


def radam_without_eps(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.999):
    return radam(x, g, state, t, lr, b1, b2, 0.0, threshold=5, hat=False)


def radam_threshold_4(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    return radam(x, g, state, t, lr, b1, b2, eps, threshold=4, hat=True)


def nadam_decay_by_t(x, g, state, t, *, lr=2e-3, b1=0.9, b2=0.999, eps=1e-7):
    m, v, new = moments(g, state, b1, b2)
    mu, ahead = (b1 * (1 - 0.5 * 0.96**k) for k in (t, t + 1))
    product = state.get("product", np.ones(1)) * mu
    step = ahead * m / (1 - product * ahead) + (1 - mu) * g / (1 - product)
    return x - lr * step / (np.sqrt(v / (1 - b2**t)) + eps), {**new, "product": product}


def adam_never_counts(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    m, v, state = moments(g, state, b1, b2)
    return x - lr * m / (1 - b1) / (np.sqrt(v / (1 - b2)) + eps), state


def adopt_early_v(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.9999, eps=1e-6):
    if t == 1:
        return x, {"m": np.zeros_like(x), "v": g * g}
    v = b2 * state["v"] + (1 - b2) * g * g
    m = b1 * state["m"] + (1 - b1) * g / np.maximum(np.sqrt(v), eps)
    return x - lr * m, {"m": m, "v": v}


def rprop_late(x, g, state, t, *, lr=0.1, eta_minus=0.5, eta_plus=1.2, min_step=1e-6, max_step=50.0):
    eta, last = state.get("eta", np.full_like(x, lr)), state.get("update", np.zeros_like(x))
    turn = np.sign(g) * np.sign(last)
    moved = np.clip(eta * np.where(turn > 0, eta_plus, eta_minus), min_step, max_step)
    eta = np.where(turn == 0, eta, moved)
    update = np.where(turn < 0, 0.0, eta * np.sign(g))
    return x - np.where(turn < 0, 0.0, last), {"eta": eta, "update": update}


def keras_rmsprop_centred(x, g, state, t, *, learning_rate=1e-3, rho=0.9, epsilon=1e-7):
    v = rho * zero(state, "v", x) + (1 - rho) * g * g
    return x - learning_rate * g / np.sqrt(v - v * v + epsilon), {"v": v}


CASES = (
    Case(1, adam_hat, "adam", "adam[eps_placement=hat]"),
    Case(2, adam_inside, "adam", "adam[eps_placement=inside]"),
    Case(3, rmsprop_outside, "rmsprop", "rmsprop[eps_placement=outside]"),
    Case(4, adagrad_keras, "adagrad", "adagrad[eps_placement=inside, start=positive]"),
    Case(5, adamax_outside, "adamax", "adamax[eps_placement=outside]"),
    Case(6, radam_without_eps, "radam[threshold=5, eps_placement=hat]", "radam[threshold=5]"),
    Case(6, radam_threshold_4, "radam[threshold=5, eps_placement=hat]", "radam[eps_placement=hat]"),
    Case(7, adam_uncorrected, "adam", "adam[bias_correction=False]"),
    Case(8, adam_written_back, "adam", line="m"),
    Case(9, adam_counts_from_zero, "adam", line="m_hat"),
    Case(9, adam_never_counts, "adam", line="m_hat"),
    Case(10, amsgrad_before, "amsgrad", "amsgrad[correction=before]"),
    Case(10, amsgrad_after, "amsgrad", "amsgrad[correction=after]"),
    Case(11, adamw_schedule, "adamw", "adamw[decay_times=schedule]"),
    Case(12, adamw_after, "adamw", "adamw[decay_when=after]"),
    Case(13, adam_l2, "adamw", "adam[decay=coupled]"),
    Case(14, sgdw_without_x, "sgdw", line="x"),
    Case(15, lamb_outside, "lamb", line="x"),
    Case(16, sgd_rate_inside, "momentum[velocity=mean]", "classical_momentum"),
    Case(17, sgd_first_undamped, "momentum[velocity=damped]", "momentum[velocity=undamped-first]"),
    Case(18, nesterov_torch, "classical_momentum", "classical_momentum[nesterov=True]"),
    Case(19, nadam_decay_by_t, "nadam[schedule=True]", "nadam[schedule=True]"),
    Case(20, nadam_constant, "nadam[schedule=True]", "nadam"),
    Case(21, yogi_signed_square, "yogi", line="v"),
    Case(22, adabelief_old_mean, "adabelief", "adabelief[residual=old]"),
    Case(23, rmsprop_centred_of_squares, "rmsprop[centered=True]", line="mean"),
    Case(23, keras_rmsprop_centred, "rmsprop[centered=True]", line="m"),
    Case(24, adadelta_brackets, "adadelta", line="v"),
    Case(25, adadelta_rate_inside, "adadelta", line="u"),
    Case(26, adopt_early_v, "adopt", line="n"),
    Case(27, rprop_late, "rprop[after_change=stay, clamp=both]", "rprop[after_change=late, clamp=both]"),
    Case(28, asgd_power_inside, "asgd", line="x"),
    Case(29, adam_rounded_beta, "adam", line="v"),
)


def adam_lerp(x, g, state, t, *, lr=1e-3, betas1=0.9, betas2=0.999, eps=1e-8):
    m, v = zero(state, "avg", x), zero(state, "sq", x)
    m, v = m + (g - m) * (1 - betas1), v + (g * g - v) * (1 - betas2)
    return x - lr / (1 - betas1**t) * m / (np.sqrt(v) / np.sqrt(1 - betas2**t) + eps), {"avg": m, "sq": v}


def adamw_factor(x, g, state, t, *, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8, wd=1e-2):
    m, v, state = moments(g, state, b1, b2)
    return x * (1 - lr * wd) - lr * m / (1 - b1**t) / (np.sqrt(v / (1 - b2**t)) + eps), state


def rmsprop_one_root(x, g, state, t, *, lr=1e-2, decay=0.9, eps=1e-8):
    v = zero(state, "v", x) - (1 - decay) * (zero(state, "v", x) - g**2)
    return x - lr * (g * (v + eps) ** -0.5), {"v": v}


def momentum_by_parts(x, g, state, t, *, lr=1e-2, mu=0.9):
    step = g + mu * zero(state, "b", x)
    return x - step * lr, {"b": step}


def adagrad_by_sum(x, g, state, t, *, eta=1e-2, eps=1e-10):
    a = g * g + zero(state, "a", x)
    return x - eta / (eps + np.sqrt(a)) * g, {"a": a}


def lion_by_mix(x, g, state, t, *, learning_rate=1e-4, b1=0.9, b2=0.99, wd=1e-3):
    m = zero(state, "m", x)
    mix = m + (1 - b1) * (g - m)
    return x - learning_rate * (np.sign(mix) + wd * x), {"m": m + (1 - b2) * (g - m)}


def adadelta_product(x, g, state, t, *, lr=1.0, rho=0.95, eps=1e-6):
    e = rho * zero(state, "e", x) + (1 - rho) * np.square(g)
    d = zero(state, "d", x)
    delta = g * np.sqrt((d + eps) / (e + eps))
    return x - lr * delta, {"e": e, "d": rho * d + (1 - rho) * np.square(delta)}


#: Steps that are their rules, in other words.
CORRECT = (
    Case(0, adam_lerp, "adam"),
    Case(0, adamw_factor, "adamw"),
    Case(0, rmsprop_inside, "rmsprop"),
    Case(0, rmsprop_one_root, "rmsprop"),
    Case(0, momentum_by_parts, "classical_momentum"),
    Case(0, adagrad_by_sum, "adagrad"),
    Case(0, lion_by_mix, "lion"),
    Case(0, adadelta_product, "adadelta"),
    Case(0, amsgrad_paper, "amsgrad"),
)
