"""Optimizers that look as if they could be followed: each is lifted rightly or refused, and never lifted wrongly."""

from collections import deque

import numpy as np
import pytest

from symopt.conform.target import find_target
from symopt.lifting import LiftError

pytestmark = pytest.mark.frameworks
torch = pytest.importorskip("torch")

from symopt.lifting.rerun import first_apart, trajectories_of  # noqa: E402

from .side_by_side import run_torch  # noqa: E402

STEPS = 34
HIDDEN = {"steps": 0}


class Planted(torch.optim.Optimizer):
    """Gradient descent with a factor for the gradient."""

    def __init__(self, params, lr=0.1):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            group["step"] = group.get("step", 0) + 1
            for p in group["params"]:
                p.sub_(group["lr"] * self.factor(p, p.grad, group, self.state[p]) * p.grad)

    def factor(self, p, g, group, state):
        return 1.0


def planted(factor):
    return type("Planted", (Planted,), {"factor": staticmethod(factor)})


def at_ten(p, g, group, state):
    if group["step"] == 10:
        state["slow"] = p.clone()
    return state["slow"] if group["step"] >= 10 else 1.0


def late(p, g, group, state):
    if group["step"] > 1:
        if "buffer" not in state:
            state["buffer"] = torch.zeros_like(p)
        state["buffer"].mul_(0.5).add_(g)
        return state["buffer"]
    return 1.0


def queue(p, g, group, state):
    state.setdefault("queue", deque(maxlen=3)).append(g.clone())
    return sum(state["queue"]) / len(state["queue"])


def of_the_first(p, g, group, state):
    if "norm" not in state:
        state["norm"] = g.norm().item()
    return state["norm"]


def through_views(p, g, group, state):
    flat = p.data.view(-1)
    flat.mul_(0.9)
    flat[:] = flat + 0.1
    return 1.0


def counting_down(p, g, group, state):
    state["left"] = state.get("left", 6) - 1
    if state["left"] == 0:
        state["left"] = 6
        return 2.0
    return 1.0


def with_float(p, g, group, state):
    return 1 / (1.0 + float(g.norm()))


class GlobalNorm(Planted):
    """The norm of all gradients divides."""

    @torch.no_grad()
    def step(self, closure=None):
        everything = [p for group in self.param_groups for p in group["params"]]
        norm = torch.stack([p.grad.norm() for p in everything]).norm()
        for p in everything:
            p.sub_(p.grad / (norm + 1))


class Falling(Planted):
    """The step itself lets the rate fall."""

    def step(self, closure=None):
        super().step(closure)
        for group in self.param_groups:
            group["lr"] *= 0.9


WHOLE = {"the norm of all": GlobalNorm, "a rate that the step changes": Falling}
FOLLOWED = {
    "a step left out": lambda p, g, group, state: float(group["step"] != 3),
    "a later step left out": lambda p, g, group, state: float(group["step"] != 30),
    "each tenth step left out": lambda p, g, group, state: float(group["step"] % 10 != 0),
    "an even step": lambda p, g, group, state: 2.0 if group["step"] % 2 == 0 else 1.0,
    "a remainder as a number": lambda p, g, group, state: 1.0 + (group["step"] + 1) % 3,
    "a rate that falls with the step": lambda p, g, group, state: group["step"] ** -0.5,
    "the number of elements": lambda p, g, group, state: p.numel() ** -0.5,
    "a branch on the number of elements": lambda p, g, group, state: 2.0 if p.numel() > 3 else 1.0,
    "the length of an axis": lambda p, g, group, state: 1.0 / p.shape[0],
    "a spread": lambda p, g, group, state: g.std() + g.var(unbiased=False),
    "a branch on a norm": lambda p, g, group, state: 1 / g.norm() if g.norm() > 2 else 1.0,
    "another phase from the tenth step on": at_ten,
    "a buffer that begins late": late,
    "a queue that fills": queue,
    "a number kept from the first step": of_the_first,
    "writes through views": through_views,
    "a count that goes down": counting_down,
    "a plain float of a tensor": with_float,
}


@pytest.mark.parametrize("name", [*FOLLOWED, *WHOLE])
def test_it_is_followed_rightly(name):
    """For more steps, and on other numbers, than the lifter itself takes."""
    made = WHOLE[name] if name in WHOLE else planted(FOLLOWED[name])
    lifted = find_target(made).lift()
    rng = np.random.default_rng(3)
    xs = [rng.normal(size=7), rng.normal(size=2)]
    gradients = [[rng.normal(size=x.shape) for x in xs] for _ in range(STEPS)]
    hypers = {h.name: float(h.default) for h in lifted.program.hypers}
    ours = list(trajectories_of(lifted, hypers, xs, gradients))
    theirs = list(run_torch(made, xs, gradients))
    for n, x in enumerate(xs):
        assert not first_apart([made[n] for made in ours], [made[n] for made in theirs], x)


def hidden(p, g, group, state):
    HIDDEN["steps"] += 1
    return 1.0 + HIDDEN["steps"] % 3


def flag(p, g, group, state):
    if "big" not in state:
        state["big"] = bool(g.norm() > 100)
    return 2.0 if state["big"] else 1.0


def phase(p, g, group, state):
    state.setdefault("phase", "adam")
    if g.norm() > 100:
        state["phase"] = "sgd"
    return 2.0 if state["phase"] == "sgd" else 1.0


class Together(Planted):
    """Something of all gradients divides."""

    @torch.no_grad()
    def step(self, closure=None):
        everything = [p for group in self.param_groups for p in group["params"]]
        whole = self.of_all([p.grad for p in everything])
        for p in everything:
            p.sub_(p.grad / (whole + 1))


def together(of_all):
    return type("Together", (Together,), {"of_all": staticmethod(of_all)})


def once_a_tensor(p, g, group, state):
    group["lr"] *= 0.9
    return 1.0


REFUSED = {
    "a rate that each tensor changes": (planted(once_a_tensor), "depends on the others"),
    "whether all are small": (
        planted(lambda p, g, group, state: 0.5 if (g.abs() < 1.5).all() else 1.0), "largest value of cases",
    ),
    "a counter outside": (planted(hidden), "not followed|depends"),
    "a flag of the first gradient": (planted(flag), "big changes"),
    "a phase of text": (planted(phase), "phase changes"),
    "a whole quotient": (planted(lambda p, g, group, state: 1.0 + group["step"] // 10), "floordiv"),
    "a whole number of a size": (planted(lambda p, g, group, state: 1.0 + int(p.numel() / 2)), "int of"),
    "half of the elements": (planted(lambda p, g, group, state: g[: p.numel() // 2].sum()), "floordiv of the size"),
    "a size in a loop": (planted(lambda p, g, group, state: float(len(list(range(p.numel()))))), "not followed"),
    "one element": (planted(lambda p, g, group, state: g[0]), "couples"),
    "what a mask selects": (planted(lambda p, g, group, state: g[g > 0].sum()), "mask"),
    "the place of the largest": (planted(lambda p, g, group, state: g.argmax() + 1.0), "argmax"),
    "a rounding": (planted(lambda p, g, group, state: g.bfloat16().float()), "bfloat16"),
    "a rounding by an argument": (planted(lambda p, g, group, state: g.to(torch.bfloat16).double()), "bfloat16"),
    "whole numbers": (planted(lambda p, g, group, state: g.long() + 1.0), "long"),
    "random numbers": (planted(lambda p, g, group, state: torch.rand_like(g)), "rand_like"),
    "random numbers of nothing": (planted(lambda p, g, group, state: torch.rand(1)), "not followed|depends"),
    "a sum of norms": (together(lambda gs: sum(g.norm() for g in gs)), "another way"),
    "the first tensor's norm": (together(lambda gs: gs[0].norm()), "not followed|another way"),
    "the number of tensors": (together(lambda gs: float(len(gs))), "not followed"),
    "a function without a formula": (
        planted(lambda p, g, group, state: __import__("math").erf(group["step"])), r"math\.erf",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(name):
    made, said = REFUSED[name]
    with pytest.raises(LiftError, match=said):
        find_target(made).lift()


def test_a_wrong_count_is_caught(monkeypatch):
    """A remainder that is one ahead, seen by torch's own steps alone."""
    from symopt.lifting import carrying

    monkeypatch.setattr(
        carrying.Remainder,
        "_is",
        lambda self, other: bool(
            carrying.paths.decide(
                carrying.sp.Eq(self.phase, carrying.sp.Integer((int(other) - self.ahead + 1) % self.period))
            )
        ),
    )
    with pytest.raises(LiftError, match="not followed"):
        find_target(planted(FOLLOWED["each tenth step left out"])).lift()


def test_what_is_infinite_is_a_condition():
    made = planted(lambda p, g, group, state: min(2.0, g.norm().item() * float("inf")))
    assert any("> 0" in str(condition) for condition in find_target(made).lift().conditions)
