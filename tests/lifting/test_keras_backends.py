"""Keras on its torch backend: the same steps are lifted as on JAX. A process has one backend, so one is started."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest

import symopt
from symopt.conform.frameworks import cases
from symopt.conform.target import find_target
from symopt.lifting import LiftError
from symopt.lifting.rerun import trajectories_of

pytestmark = pytest.mark.frameworks
pytest.importorskip("torch")
if "keras" not in sys.modules:
    os.environ.setdefault("KERAS_BACKEND", "jax")
keras = pytest.importorskip("keras")

#: Lifted on both backends; on torch all are.
BOTH = ("Adadelta", "Adam", "Ftrl", "Lamb", "Nadam", "SGD", "ScheduleFreeAdamW")
#: Other on torch: the old momentum, which its step reads, is on that backend the tensor that it has changed already.
OTHERWISE = {"ScheduleFreeAdamW"}
CHECKED = [("Adam", "adam"), ("RMSprop", "rmsprop")]


class ReadAsNumber(keras.optimizers.SGD):
    """A hyperparameter is read as a plain number, where no operation shows it."""

    def update_step(self, gradient, variable, learning_rate):
        self.assign_sub(variable, float.fromhex(self.momentum.hex()) * gradient)


class Sorted(keras.optimizers.SGD):
    """An operation without a meaning as a formula."""

    def update_step(self, gradient, variable, learning_rate):
        self.assign_sub(variable, learning_rate * keras.ops.sort(gradient))


class Counting(keras.optimizers.SGD):
    """The rate depends on how many variables there are."""

    def update_step(self, gradient, variable, learning_rate):
        self.assign_sub(variable, learning_rate * gradient / len(self._trainable_variables))


class KeepingAside(keras.optimizers.SGD):
    """The first gradient is kept where Keras keeps no variables."""

    def update_step(self, gradient, variable, learning_rate):
        first = vars(self).setdefault("aside", {}).setdefault(self._get_variable_index(variable), gradient + 0.0)
        self.assign_sub(variable, learning_rate * first)


class Capped(keras.optimizers.SGD):
    """A large rate is another one."""

    def update_step(self, gradient, variable, learning_rate):
        self.assign_sub(variable, (learning_rate if self.momentum < 0.5 else 2.0 * learning_rate) * gradient)


QUARTER = {"momentum": 0.25}
PLANTED = [(ReadAsNumber, QUARTER), (Sorted, {}), (Counting, {}), (KeepingAside, {}), (Capped, QUARTER)]


def lifted_steps(names):
    """x after three steps of what is lifted of each optimizer at its defaults, or why it is not."""
    found = {}
    rng = np.random.default_rng(3)
    x, gradients = rng.normal(size=6), rng.normal(size=(3, 6))
    for name in names:
        try:
            lifted = find_target(f"keras.optimizers:{name}").lift()
        except LiftError as error:
            found[name] = str(error)
            continue
        hypers = {h.name: float(h.default) for h in lifted.program.hypers}
        found[name] = [own[0].tolist() for own in trajectories_of(lifted, hypers, [x], [[g] for g in gradients])]
    return found


def verdicts():
    """What checks against rules come to."""
    found = {}
    for name, rule in CHECKED:
        report = symopt.check(f"keras.optimizers:{name}", rule)
        found[name] = [report.verdict, report.nearest.variant if report.nearest else ""]
    return found


def said(made, **settings):
    """What is said of a target."""
    try:
        lifted = find_target(made).lift(settings)
    except LiftError as error:
        return str(error)
    return f"lifted, given {', '.join(map(str, lifted.conditions))}"


def reported():
    """All that is compared, as plain data."""
    every = dict.fromkeys(case.target.rpartition(":")[2] for case in cases("keras"))
    planted = {made.__name__: said(made, **settings) for made, settings in PLANTED}
    return {
        "backend": keras.backend.backend(), "steps": lifted_steps(every), "verdicts": verdicts(), "planted": planted,
    }  # fmt: skip


def start(backend):
    """The last line of a process in which Keras runs on another backend."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", __file__], capture_output=True, text=True, check=False,
        env={**os.environ, "KERAS_BACKEND": backend},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def on_torch():
    return start("torch")


@pytest.mark.filterwarnings("ignore")
def test_the_same_steps_are_lifted_on_torch_as_on_jax(on_torch):
    assert on_torch["backend"] == "torch"
    assert not {name: steps for name, steps in on_torch["steps"].items() if isinstance(steps, str)}
    for name, steps in lifted_steps(BOTH).items():
        assert np.allclose(steps, on_torch["steps"][name], rtol=1e-10, atol=0) == (name not in OTHERWISE), name


def test_checks_come_to_the_same(on_torch):
    assert on_torch["verdicts"] == verdicts()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ReadAsNumber", "not followed"),
        ("Sorted", r"sort \(at .*test_keras_backends\.py:\d+\)"),
        ("Counting", "depends on the others"),
        ("KeepingAside", "not followed"),
        ("Capped", r"^lifted, given momentum < 1/2$"),
    ],
)
def test_what_cannot_be_followed_on_torch_is_said(on_torch, name, reason):
    assert re.search(reason, on_torch["planted"][name]), on_torch["planted"][name]


if __name__ == "__main__":
    print(json.dumps(reported()))
