"""One slip in each hand-written twin: a sign, a name, a number or a bracket."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import symopt.reference
from symopt.conform.variants import find_variant

FOLDER = Path(symopt.reference.__file__).parent


@dataclass(frozen=True)
class Planted:
    """A rule, the text in its twin that is replaced, and the lines in which the difference may be told.

    ``line``: names of lines, or of the one option that the slip amounts to, joined by "|".
    """

    rule: str
    old: str
    new: str
    line: str
    row: int = 0
    variant: str = ""

    @cached_property
    def step(self):
        """The twin with the slip, at the rule's defaults."""
        rule = find_variant(self.rule)
        file = FOLDER / f"{rule.name}.py"
        source = file.read_text()
        assert source.count(self.old) == 1, (self.rule, self.old)
        names = {"__name__": f"planted_{rule.name}", "__file__": str(file)}
        exec(compile(source.replace(self.old, self.new), str(file), "exec"), names)  # noqa: S102 - our own file
        step = names[rule.name]
        defaults = {h.name: float(h.default) for h in rule.program.hypers}
        step.__kwdefaults__ = (step.__kwdefaults__ or {}) | rule.setting | defaults
        step.__name__ = f"{rule.name}_{re.sub(r'[^a-z0-9]+', '_', self.new.lower()).strip('_')[:30]}"
        return step

    @property
    def name(self):
        return f"{self.rule}: {self.new}"


PLANTED = (
    Planted("adabelief", "strayed = g - (", "strayed = g + (", "v"),
    Planted("adabelief", "v = v + eps", "v = v - eps", "v"),
    Planted("adabound", "(gamma * t + 1)", "(gamma * t + 2)", "lower"),
    Planted("adabound", "np.clip(initial / (np.sqrt(v) + eps), lower, upper)", "initial / (np.sqrt(v) + eps)", "eta|x"),
    Planted("adadelta", "mean_dx2 + (1 - rho) * dx**2", "mean_dx2 + (1 - rho) * dx", "u"),
    Planted("adadelta", "rms(mean_dx2) / rms(mean_g2)", "rms(mean_g2) / rms(mean_dx2)", "delta|u|x"),
    Planted("adagrad", "a = a + g * g", "a = a - g * g", "a"),
    Planted("adagrad", "rate * g / root", "rate * g * g / root", "x"),
    Planted("adam", "(1 - beta1) * g", "(1 - beta2) * g", "m"),
    Planted("adam", "(1 - beta2) * g**2", "(1 - beta2) * g**3", "v"),
    Planted("adam", "1 - beta2**t if", "1 - beta1**t if", "v_hat"),
    Planted("adam", "return x - lr * m_hat / root", "return x + lr * m_hat / root", "x|maximize"),
    Planted("adamax", "np.maximum(beta2", "np.minimum(beta2", "u"),
    Planted("adamax", "lr / (1 - beta1**t)", "lr / (1 - beta2**t)", "x"),
    Planted("adamod", "np.minimum(eta, r)", "np.maximum(eta, r)", "x"),
    Planted("adamod", "(1 - beta3) * eta", "(1 - beta2) * eta", "r"),
    Planted("adamw", "lr * weight_decay if", "lr * lr * weight_decay if", "x"),
    Planted("adamw", "shrink = 1 - (", "shrink = 1 + (", "x"),
    Planted("adan", "share * change) ** 2", "change) ** 2", "n"),
    Planted("adan", "(1 - beta2) * change", "(1 - beta1) * change", "v"),
    Planted("adapnm", "(1 + beta0) * positive", "(1 - beta0) * positive", "m_hat|x"),
    Planted("ademamix", "share * slow", "slow", "alpha|m2|x"),
    Planted("adopt", "np.maximum(np.sqrt(v), eps)", "(np.sqrt(v) + eps)", "n"),
    Planted("adopt", "(1 - beta2) * g**2", "(1 - beta2) * normed**2", "v|m"),
    Planted("aggmo", "lr / len(betas) * v", "lr * v", "x"),
    Planted("amsgrad", "v / correction2 if correction == \"before\" else v)", "g**2)", "v_max"),
    Planted("asgd", "(t - 1)\n", "t\n", "c"),
    Planted("cautious_adamw", "(u * g > 0)", "(u * g < 0)", "mask"),
    Planted("classical_momentum", "downhill = -lr * g", "downhill = -lr * g / (1 - momentum)", "v"),
    Planted("diffgrad", "np.exp(-np.abs(", "np.exp(np.abs(", "friction"),
    Planted("lamb", "np.sum(update * update", "np.sum(m_hat * m_hat", "u_norm"),
    Planted("lars", "size = g_norm + weight_decay * x_norm", "size = g_norm", "ratio"),
    Planted("lion", "beta2 * m + (1 - beta2) * g", "beta1 * m + (1 - beta1) * g", "m"),
    Planted("lion", "c = beta1 * m", "c = beta2 * m", "c"),
    Planted("madgrad", "rate * t**0.5", "rate * t", "lamb|lamda|rate|weight"),
    Planted("momentum", "share * g", "share + g", "v"),
    Planted("nadam", "beta1 / (1 - beta1**ahead) * m", "m / (1 - beta1**ahead)", "x|m"),
    Planted("nesterov", "(ahead - y)", "(ahead - x)", "x"),
    Planted("novograd", "(1 - beta2) * square", "square", "v"),
    Planted("padam", "np.maximum(state.get(\"v_max\", np.zeros_like(x)), v)", "v", "v_max"),
    Planted("pnm", "(1 + beta0) ** 2 + beta0**2", "(1 + beta0) ** 2 - beta0**2", "noise_norm"),
    Planted("qhadam", "(1 - nu2) * g**2", "(1 - nu1) * g**2", "below"),
    Planted("qhm", "(1 - nu) * g", "nu * g", "x"),
    Planted("radam", "rho = limit - 2 * t", "rho = limit - t", "rho"),
    Planted("radam", "(rho - 4) * (rho - 2)", "(rho - 4) * (rho - 4)", "r"),
    Planted("rmsprop", "before + (1 - rho) * g**2", "before + g**2", "v"),
    Planted("rprop", "agree = np.sign(g) * np.sign(last)", "agree = -np.sign(g) * np.sign(last)", "same"),
    Planted("rprop", "np.minimum(eta * eta_plus", "np.minimum(eta + eta_plus", "moved"),
    Planted("schedule_free_adamw", "z + beta1 * (mean - z)", "z + beta2 * (mean - z)", "x"),
    Planted("schedule_free_sgd", "(z - mean) / count", "(z - mean) / (count + 1)", "mean"),
    Planted("sgd", "x - lr * g", "x - lr * (g + x)", "x|decay"),
    Planted("sgdw", "- shrink * x", "- shrink * v", "x"),
    Planted("signsgd", "return x - lr * np.sign(g)", "return x - lr * np.sign(g) * np.abs(g)", "x"),
    Planted("sm3", "nu = nu + g * g if", "nu = nu + np.abs(g) if", "nu|v"),
    Planted("tiger", "np.sign(m) + weight_decay * x", "np.sign(m) - weight_decay * x", "x"),
    Planted("yogi", "np.sign(v - g2) * g2", "np.sign(v - g2) * v", "v"),
    Planted("adafactor", "new = 1 / t**decay_rate", "new = 1 / (t + 1) ** decay_rate", "rho|beta2|decay|new"),
)  # fmt: skip
