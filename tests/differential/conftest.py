"""A rule's kernel and its NumPy twin, run side by side on the same inputs, each with its derived bound."""

import functools
from dataclasses import dataclass

import numpy as np
import pytest

from symopt import reference
from symopt.codegen import compile_program, lower
from symopt.lift import lift_step
from symopt.rounding import enclose


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
        program = self.rule.program
        states = [s.name for s in program.states]
        hypers = {h.name: inputs.get(h.name, float(h.default)) for h in program.hypers}
        given = {**inputs, **hypers}
        with np.errstate(all="ignore"):
            mine = {n: np.array(inputs[n], order="C") for n in ("x", *states)}
            self.kernel(mine["x"], inputs["g"], t=inputs["t"], **{n: mine[n] for n in states}, **hypers)
            x, after = self.step(
                inputs["x"], inputs["g"], {n: inputs[n] for n in states}, inputs["t"], **hypers, **self.rule.setting
            )
            known = enclose(self.lowered, given)
            twins = enclose(self.twin, {n: v for n, v in given.items() if n in self.twin.program.inputs})
        theirs = {"x": x, **after}
        return {n: Seen(mine[n], np.asarray(theirs[n]), known[n], twins[n]) for n in mine}


@pytest.fixture(scope="session")
def pair():
    """``pair(rule, dtype)``, made once; with another step, made anew."""
    made = functools.cache(Pair)
    return lambda rule, dtype, step=None: made(rule, dtype, step)
