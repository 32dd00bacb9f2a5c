"""Optimizers of torch, optax and Keras: each lifts, and the formulas do what the implementation does."""

import os
import sys

import pytest
import sympy as sp

import symopt
from symopt.conform.frameworks import cases
from symopt.conform.target import find_target
from symopt.language import InputError
from symopt.lifting import LiftError

pytestmark = pytest.mark.frameworks
torch = pytest.importorskip("torch")
pytest.importorskip("optax")
if "keras" not in sys.modules:
    os.environ.setdefault("KERAS_BACKEND", "jax")
pytest.importorskip("keras")

from .side_by_side import assert_kernel_does_the_same  # noqa: E402

#: What cannot be lifted, and the reason that is given; an entry that lifts by now fails.
REFUSED = {
    "torch.optim:Muon()": "bfloat16",
    "optax:scale_by_schedule()": "not callable",
    "optax:scale_by_stddev(bias_correction=True)": "depends on the others",
}
#: Lifting holds every lift against a run of the implementation itself; without that, no test here would see much.
WALKED = [case for name in ("torch", "optax", "keras") for case in cases(name)]


@pytest.mark.parametrize("case", WALKED, ids=lambda case: case.label)
@pytest.mark.filterwarnings("ignore")
def test_it_lifts(case):
    reason = REFUSED.get(case.label)
    if reason:
        with pytest.raises((LiftError, InputError), match=reason):
            find_target(case.target).lift(case.settings)
        return
    lifted = find_target(case.target).lift(case.settings)
    assert set(lifted.first) == {"x", *(state.name for state in lifted.program.states)}


def test_the_frameworks_are_walked():
    labels = {case.label for case in WALKED}
    assert {"torch.optim:Adam(foreach=True)", "optax:adam()", "keras.optimizers:Adam()"} <= labels
    assert set(REFUSED) <= labels


IS = [
    ("torch.optim:Adam", {}, "adam"),
    ("torch.optim:Adam", {"foreach": True, "weight_decay": 0.01}, "adam[decay=coupled]"),
    ("torch.optim:Adam", {"amsgrad": True}, "amsgrad[correction=after]"),
    ("torch.optim:AdamW", {"maximize": True}, "adamw[maximize=True]"),
    ("torch.optim:RMSprop", {"momentum": 0.9}, "rmsprop[eps_placement=outside, velocity=outside]"),
    ("torch.optim:SGD", {"momentum": 0.9, "nesterov": True}, "classical_momentum[nesterov=True]"),
    ("torch.optim:Adadelta", {}, "adadelta"),
    ("torch.optim:Adamax", {}, "adamax"),
    ("optax:adam", {}, "adam"),
    ("optax:lion", {}, "lion"),
    ("keras.optimizers:Adam", {}, "adam[eps_placement=hat]"),
]


@pytest.mark.parametrize(("target", "settings", "label"), IS)
def test_it_is_the_variant_for_all_steps(target, settings, label):
    found = symopt.check(target, label, **settings)
    assert (found.verdict, found.scope) == ("conforms", "all steps")


@pytest.mark.parametrize(
    ("target", "rule"),
    [
        ("torch.optim:RAdam", "radam[threshold=5, eps_placement=hat]"),
        ("optax:radam", "radam[threshold=from 5, eps_placement=outside]"),
        ("torch.optim:NAdam", "nadam[schedule=True]"),
        ("torch.optim:ASGD", "asgd"),
    ],
)
def test_schedules_of_the_step_are_proved_for_all_steps(target, rule):
    found = symopt.check(target, rule)
    assert (found.verdict, found.scope) == ("conforms", "all steps"), found.reason


def test_epsilon_hat_is_told_from_adam():
    found = symopt.check("keras.optimizers:Adam", "adam")
    assert (found.verdict, found.nearest.variant) == ("differs", "adam[eps_placement=hat]")
    assert "epsilon hat" in found.difference


@pytest.mark.parametrize(
    ("name", "settings"),
    [("Adam", {}), ("AdamW", {}), ("RMSprop", {"momentum": 0.9}), ("Adagrad", {}), ("NAdam", {}), ("Adadelta", {})],
)
def test_the_kernel_of_a_torch_optimizer_does_what_it_does(name, settings):
    """symopt.compile(symopt.lift(...)) beside torch itself, in float64."""
    assert_kernel_does_the_same(f"torch.optim:{name}", getattr(torch.optim, name), settings)


class Careful(torch.optim.Optimizer):
    """A large rate does something else."""

    def __init__(self, params, lr=0.1):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                p.sub_(group["lr"] * p.grad if group["lr"] < 1 else p.grad)


class Sorted(torch.optim.Optimizer):
    """Uses an operation without a meaning as a formula."""

    def __init__(self, params, lr=0.1):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                p.sub_(group["lr"] * torch.sort(p.grad).values)


class Coupled(Sorted):
    """The rate depends on how many tensors there are."""

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                p.sub_(group["lr"] / len(self.param_groups) * p.grad)


class Falling(Sorted):
    """A rate that falls with a counter of its own, in the group."""

    def step(self, closure=None):
        for group in self.param_groups:
            group["step"] = group.get("step", 0) + 1
            for p in group["params"]:
                p.data.add_(p.grad, alpha=-group["lr"] / group["step"] ** 0.5)


class Lost(Sorted):
    """The rate is read as a plain number, where no operation shows it: right at the default, and there alone."""

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                p.sub_(float.fromhex(group["lr"].hex()) * p.grad)


class Waiting(Sorted):
    """What is done depends on a state that is a number."""

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                state["rate"] = group["lr"] / (1.0 + state.get("rate", 0.0))
                p.sub_(state["rate"] * p.grad if state["rate"] < 0.07 else p.grad)


class CoupledSorting(Sorted):
    """No operation that can be followed, and a rate that depends on how many tensors there are."""

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                p.sub_(group["lr"] / len(self.param_groups) * torch.flip(torch.sort(p.grad).values, [0]))


@pytest.mark.parametrize(
    ("made", "said", "verdict"),
    [
        (Lost, "at lr = ", "unknown"),
        (Sorted, r"sort.*test_frameworks\.py:\d+", "differs"),
        (Coupled, "others", "unknown"),
        (CoupledSorting, "sort", "unknown"),
    ],
)
def test_what_cannot_be_followed_is_said_and_never_passed_over(made, said, verdict):
    with pytest.raises(LiftError, match=said):
        find_target(made).lift()
    assert symopt.check(made, "sgd").verdict == verdict


def test_the_place_is_the_targets_own_line():
    with pytest.raises(LiftError, match=r"bfloat16 \(at .*torch/optim/_muon\.py:\d+\)"):
        find_target("torch.optim:Muon").lift()


def test_what_was_asked_of_a_hyperparameter_is_said():
    found = symopt.check(Careful, "sgd")
    assert (found.verdict, found.given) == ("conforms", ("lr < 1",))


def test_a_branch_on_a_state_is_followed_both_ways():
    lifted = find_target(Waiting).lift()
    assert lifted.program.outputs["x"].has(sp.Piecewise)
    assert {s.name for c in lifted.conditions for s in c.free_symbols} == {"lr"}  # the first step has no state yet


def test_a_counter_in_the_group_is_the_step():
    assert "t" in {symbol.name for symbol in symopt.lift(Falling).program.outputs["x"].free_symbols}


def test_a_wrong_meaning_of_an_operation_is_caught(monkeypatch):
    from symopt.lifting import torch_shadows as lifter

    monkeypatch.setitem(lifter.OPERATIONS, "lerp", lambda a, b, weight: b + weight * (a - b))
    with pytest.raises(LiftError, match="not followed"):
        find_target("torch.optim:Adam").lift({"foreach": False})


def test_a_wrong_meaning_of_a_primitive_is_caught(monkeypatch):
    from symopt.lifting import jaxpr

    monkeypatch.setitem(jaxpr.PRIMITIVES, "sqrt", lambda a, **_: a)
    with pytest.raises(LiftError, match="not followed"):
        find_target("optax:adam").lift()


@pytest.mark.parametrize(
    ("target", "settings", "said"),
    [
        ("torch.optim:Adam", {"lr": -1.0}, "learning rate"),
        ("torch.optim:Adam", {"speed": 1.0}, "speed"),
        ("optax:adam", {"speed": 1.0}, "speed"),
        ("keras.optimizers:Adam", {"speed": 1.0}, "speed"),
    ],
)
def test_a_wrong_argument_is_named(target, settings, said):
    with pytest.raises(InputError, match=said):
        symopt.lift(target, **settings)
