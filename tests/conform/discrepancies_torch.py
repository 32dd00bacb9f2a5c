"""The steps that were torch's, or are held against torch's, as optimizers of torch."""

import torch

from .discrepancies import Case


class Written(torch.optim.Optimizer):
    """Calls ``update`` of each parameter with its gradient, state and number of the step."""

    def __init__(self, params, **defaults):
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self, closure=None):
        """One step of every parameter."""
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    state = self.state[p]
                    state["step"] = state.get("step", 0) + 1
                    self.update(p, p.grad, state, state["step"], group)

    def moments(self, g, state, group):
        """Adam's means of gradients and squares."""
        if "m" not in state:
            state["m"], state["v"] = torch.zeros_like(g), torch.zeros_like(g)
        state["m"].mul_(group["b1"]).add_(g, alpha=1 - group["b1"])
        state["v"].mul_(group["b2"]).addcmul_(g, g, value=1 - group["b2"])
        return state["m"], state["v"]


class Adam(Written):
    def __init__(self, params, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr=lr, b1=b1, b2=b2, eps=eps, weight_decay=weight_decay)


class AdamHat(Adam):
    def update(self, p, g, state, t, group):
        m, v = self.moments(g, state, group)
        size = group["lr"] * (1 - group["b2"] ** t) ** 0.5 / (1 - group["b1"] ** t)
        p.addcdiv_(m, v.sqrt().add_(group["eps"]), value=-size)


class AdamL2(Adam):
    def update(self, p, g, state, t, group):
        m, v = self.moments(g.add(p, alpha=group["weight_decay"]), state, group)
        root = (v / (1 - group["b2"] ** t)).sqrt().add_(group["eps"])
        p.addcdiv_(m, root, value=-group["lr"] / (1 - group["b1"] ** t))


class AdamWPlain(Adam):
    def update(self, p, g, state, t, group):
        p.mul_(1 - group["weight_decay"])
        m, v = self.moments(g, state, group)
        root = (v / (1 - group["b2"] ** t)).sqrt().add_(group["eps"])
        p.addcdiv_(m, root, value=-group["lr"] / (1 - group["b1"] ** t))


class AdamWAfter(Adam):
    def update(self, p, g, state, t, group):
        m, v = self.moments(g, state, group)
        root = (v / (1 - group["b2"] ** t)).sqrt().add_(group["eps"])
        p.addcdiv_(m, root, value=-group["lr"] / (1 - group["b1"] ** t))
        p.add_(p, alpha=-group["lr"] * group["weight_decay"])


class RAdam(Written):
    threshold, hat = 5, True

    def __init__(self, params, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
        super().__init__(params, lr=lr, b1=b1, b2=b2, eps=eps)

    def update(self, p, g, state, t, group):
        m, v = self.moments(g, state, group)
        c2, longest = 1 - group["b2"] ** t, 2 / (1 - group["b2"]) - 1
        length = longest - 2 * t * group["b2"] ** t / c2
        mean = m / (1 - group["b1"] ** t)
        if length > self.threshold:
            r = ((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)) ** 0.5
            root = v.sqrt().add_(group["eps"]) if self.hat else v.sqrt()
            p.add_(mean * r * c2**0.5 / root, alpha=-group["lr"])
        else:
            p.add_(mean, alpha=-group["lr"])


class RAdamWithoutEps(RAdam):
    hat = False


class RAdam4(RAdam):
    threshold = 4


class RMSprop(Written):
    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8):
        super().__init__(params, lr=lr, alpha=alpha, eps=eps)

    def update(self, p, g, state, t, group):
        if "square" not in state:
            state["square"] = torch.zeros_like(p)
        state["square"].mul_(group["alpha"]).addcmul_(g, g, value=1 - group["alpha"])
        p.addcdiv_(g, state["square"].sqrt().add_(group["eps"]), value=-group["lr"])


class Adagrad(Written):
    def __init__(self, params, lr=1e-2, eps=1e-10):
        super().__init__(params, lr=lr, eps=eps)

    def update(self, p, g, state, t, group):
        if "sum" not in state:
            state["sum"] = torch.zeros_like(p)
        state["sum"].addcmul_(g, g)
        p.addcdiv_(g, (state["sum"] + group["eps"]).sqrt(), value=-group["lr"])


class SGD(Written):
    def __init__(self, params, lr=1e-2, momentum=0.9, dampening=0.1):
        super().__init__(params, lr=lr, momentum=momentum, dampening=dampening)


class SGDFirstUndamped(SGD):
    def update(self, p, g, state, t, group):
        if "buf" not in state:
            state["buf"] = g.clone()
        else:
            state["buf"].mul_(group["momentum"]).add_(g, alpha=1 - group["dampening"])
        p.add_(state["buf"], alpha=-group["lr"])


class SGDNesterov(Written):
    def __init__(self, params, lr=1e-2, momentum=0.9):
        super().__init__(params, lr=lr, momentum=momentum)

    def update(self, p, g, state, t, group):
        if "buf" not in state:
            state["buf"] = torch.zeros_like(p)
        state["buf"].mul_(group["momentum"]).add_(g)
        p.add_(g.add(state["buf"], alpha=group["momentum"]), alpha=-group["lr"])


class SGDRateInside(SGDNesterov):
    def update(self, p, g, state, t, group):
        if "buf" not in state:
            state["buf"] = torch.zeros_like(p)
        state["buf"].mul_(group["momentum"]).add_(g, alpha=group["lr"])
        p.sub_(state["buf"])


class AdaBelief(Written):
    def __init__(self, params, lr=1e-3, b1=0.9, b2=0.999, eps=1e-16):
        super().__init__(params, lr=lr, b1=b1, b2=b2, eps=eps)

    def update(self, p, g, state, t, group):
        if "m" not in state:
            state["m"], state["s"] = torch.zeros_like(p), torch.zeros_like(p)
        strayed = g - state["m"]
        state["s"].mul_(group["b2"]).addcmul_(strayed, strayed, value=1 - group["b2"]).add_(group["eps"])
        state["m"].lerp_(g, 1 - group["b1"])
        root = (state["s"] / (1 - group["b2"] ** t)).sqrt().add_(group["eps"])
        p.addcdiv_(state["m"], root, value=-group["lr"] / (1 - group["b1"] ** t))


class ADOPT(Written):
    def __init__(self, params, lr=1e-3, b1=0.9, b2=0.9999, eps=1e-6):
        super().__init__(params, lr=lr, b1=b1, b2=b2, eps=eps)

    def update(self, p, g, state, t, group):
        if "m" not in state:
            state["m"], state["v"] = torch.zeros_like(p), g * g
            return
        state["v"].mul_(group["b2"]).addcmul_(g, g, value=1 - group["b2"])
        state["m"].lerp_(g / state["v"].sqrt().clamp(min=group["eps"]), 1 - group["b1"])
        p.add_(state["m"], alpha=-group["lr"])


class ASGD(Written):
    def __init__(self, params, lr=1e-2, lambd=1e-4):
        super().__init__(params, lr=lr, lambd=lambd)

    def update(self, p, g, state, t, group):
        eta = group["lr"] / (1 + group["lambd"] * group["lr"] * (t - 1) ** 0.75)
        p.mul_(1 - group["lambd"] * eta).add_(g, alpha=-eta)


HAT5 = "radam[threshold=5, eps_placement=hat]"
TORCH_CASES = (
    Case(1, AdamHat, "adam", "adam[eps_placement=hat]"),
    Case(3, RMSprop, "rmsprop", "rmsprop[eps_placement=outside]"),
    Case(4, Adagrad, "adagrad", "adagrad[eps_placement=inside]"),
    Case(6, RAdamWithoutEps, HAT5, "radam[threshold=5]"),
    Case(6, RAdam4, HAT5, "radam[eps_placement=hat]"),
    Case(11, AdamWPlain, "adamw", "adamw[decay_times=schedule]"),
    Case(12, AdamWAfter, "adamw", "adamw[decay_when=after]"),
    Case(13, AdamL2, "adamw", "adam[decay=coupled]"),
    Case(16, SGDRateInside, "momentum[velocity=mean]", "classical_momentum"),
    Case(17, SGDFirstUndamped, "momentum[velocity=damped]", "momentum[velocity=undamped-first]"),
    Case(18, SGDNesterov, "classical_momentum", "classical_momentum[nesterov=True]"),
    Case(22, AdaBelief, "adabelief", "adabelief[residual=old]"),
    Case(26, ADOPT, "adopt", line="n"),
    Case(28, ASGD, "asgd", line="x"),
)
