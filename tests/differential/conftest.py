"""A rule's kernel and its NumPy twin, run side by side on the same inputs, each with its derived bound."""

import functools
from dataclasses import dataclass

import numpy as np
import pytest

from symopt import reference
from symopt.codegen import compile_program, lower
from symopt.lifting import lift_step
from symopt.rounding import enclose
from symopt.rounding.bound import enclosures


@dataclass(frozen=True)
class Seen:
    """One output: what the kernel and the twin computed, and what is known of either."""

    kernel: np.ndarray
    twin: np.ndarray
    kernel_known: object
    twin_known: object

    @property
    def allowed(self):
        return self.kernel_known.error + self.twin_known.error

    @property
    def ratio(self):
        """Observed difference over the sum of the two bounds; NaN where there is no bound."""
        with np.errstate(all="ignore"):
            gap = np.abs(self.kernel.astype(float) - self.twin.astype(float))
            gap = np.where(np.isfinite(gap), gap, np.inf)
            over = np.where(gap == 0, 0.0, gap / np.where(self.allowed > 0, self.allowed, 5e-324))
            over = np.where((gap > self.allowed) & (over <= 1), np.inf, over)  # a quotient that was rounded down
        return np.where(np.isfinite(self.allowed), over, np.nan)


class Pair:
    """The kernel of a rule and a twin: by default the rule's own."""

    def __init__(self, rule, dtype, step=None):
        self.rule, self.step = rule, step or reference.find(rule.name)
        self.kernel = compile_program(rule, dtype)
        self.lowered = lower(rule.program, dtype)
        self.twin = lower(lift_step(reference.find(rule.name), rule.setting).program, dtype)

    def run(self, inputs):
        """For x and each state, one step of both; ``inputs`` stay as they are."""
        (mine, theirs), (known, twins) = self.step_both(inputs), self.bounds(enclose, inputs)
        return {n: Seen(mine[n], theirs[n], known[n], twins[n]) for n in mine}

    def run_all(self, runs):
        """The same of many inputs of one shape, which differ in arrays and t, as arrays with an axis more in front.

        The bounds are derived at once, which is what takes time.
        """
        stepped = [self.step_both(inputs) for inputs in runs]
        together = {n: np.stack([inputs[n] for inputs in runs]) for n in runs[0] if n != "t"}
        together["t"] = np.array([[inputs["t"]] for inputs in runs])
        known, twins = self.bounds(enclosures, together)

        def stacked(which, name):
            return np.stack([pair[which][name] for pair in stepped])

        return {n: Seen(stacked(0, n), stacked(1, n), known[n], twins[n]) for n in stepped[0][0]}

    def hypers(self, inputs):
        return {h.name: inputs.get(h.name, float(h.default)) for h in self.rule.program.hypers}

    def step_both(self, inputs):
        """What the kernel and the twin make of x and each state."""
        states, hypers = [s.name for s in self.rule.program.states], self.hypers(inputs)
        with np.errstate(all="ignore"):
            mine = {n: np.array(inputs[n], order="C") for n in ("x", *states)}
            self.kernel(mine["x"], inputs["g"], t=inputs["t"], **{n: mine[n] for n in states}, **hypers)
            x, after = self.step(
                inputs["x"], inputs["g"], {n: inputs[n] for n in states}, inputs["t"], **hypers, **self.rule.setting
            )
        return mine, {n: np.asarray({"x": x, **after}[n]) for n in mine}

    def bounds(self, derive, inputs):
        """What is known of the kernel's results, and of the twin's."""
        given = {**inputs, **self.hypers(inputs)}
        with np.errstate(all="ignore"):
            return derive(self.lowered, given), derive(
                self.twin, {n: v for n, v in given.items() if n in self.twin.program.inputs}
            )


@pytest.fixture(scope="session")
def pair():
    """``pair(rule, dtype)``, made once; with another step, made anew."""
    made = functools.cache(Pair)
    return lambda rule, dtype, step=None: made(rule, dtype, step)
