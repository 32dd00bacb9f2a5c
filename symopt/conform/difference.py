"""A kernel and a NumPy step run side by side: they may differ by the sum of their derived bounds, and by no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symopt.codegen import Kernel, lower
from symopt.language import GRADIENT, PARAMETER, STEP, Program, Rule
from symopt.lifting import LiftedStep
from symopt.rounding.bound import enclosures

from .regimes import tensor_shape

ELEMENTS, STEPS, SEED = 257, 12, 20


@dataclass(frozen=True)
class Difference:
    """The largest difference seen and where.

    ``ulp``: in units in the last place of the larger of the values before and after the step; ``ratio``: observed
    over bound, at most 1 where the bound holds.
    """

    dtype: str
    samples: int
    ulp: float
    ratio: float
    worst: str

    @property
    def ok(self) -> bool:
        """Never more than the bound."""
        return self.ratio <= 1

    def to_json(self) -> dict[str, Any]:
        """The difference as JSON data."""
        return {
            "dtype": self.dtype,
            "samples": self.samples,
            "ulp": _finite(self.ulp),
            "observed/bound": _finite(self.ratio),
            "worst": self.worst,
        }


def _finite(number: float) -> float | str:
    """JSON has no infinity."""
    return number if np.isfinite(number) else str(number)


@dataclass(frozen=True)
class Regime:
    """A kind of inputs: the scale of gradients and states, and the first step number."""

    name: str
    scale: float
    start: int
    random_hypers: bool = False


REGIMES = (
    Regime("default", 1.0, 1),
    Regime("large t", 1.0, 100_000),
    Regime("small gradients", 2.0**-40, 3),
    Regime("large gradients", 2.0**30, 3),
    Regime("random hyperparameters", 1.0, 2, random_hypers=True),
)


def compare(rule: Rule, kernel: Kernel, step: Callable[..., Any], lifted: LiftedStep) -> Difference:
    """Run trajectories of every regime, each step restarted from the kernel's own state.

    ``samples``: numbers that are equal, or of which it is known how far they may be apart.
    """
    program, rng = rule.program, np.random.default_rng(SEED)
    samples, ulp, ratio, worst = 0, 0.0, 0.0, ""
    for regime in REGIMES:
        runs = list(_trajectory(program, kernel, regime, rng))
        seen = [_once(rule, kernel, step, inputs) for inputs in runs]
        for name in seen[0]:
            samples += sum(int((gaps[name][0] == 0).sum()) for gaps in seen)
        if not any(gap.any() for gaps in seen for gap, _ in gaps.values()):
            continue  # what is equal is within any bound
        bounds = _allowed(program, lifted.program, kernel.dtype, runs)
        for inputs, gaps, allowed in zip(runs, seen, bounds, strict=True):
            for name, (difference, size) in gaps.items():
                checked = np.isfinite(allowed[name]) & (difference > 0)
                samples += int(checked.sum())
                ulps = np.where(checked, difference / np.spacing(np.asarray(size, kernel.dtype)).astype(float), 0.0)
                bound = np.where(checked, np.maximum(allowed[name], 5e-324), np.inf)
                with np.errstate(over="ignore"):
                    over = np.where(checked, difference, 0.0) / bound
                ulp = max(ulp, float(ulps.max(initial=0)))
                if over.size and float(over.max()) > ratio:
                    ratio, at = float(over.max()), int(over.argmax())
                    where = f"{regime.name}, t = {inputs[STEP]}"
                    worst = f"{name} differs by {difference.flat[at]:.3g}, bound {allowed[name].flat[at]:.3g} ({where})"
    return Difference(kernel.dtype, samples, ulp, ratio, worst)


def _allowed(program: Program, twin: Program, dtype: str, runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For x and each state at each of the inputs, which differ in arrays and t alone: the sum of the two bounds."""
    lowered = lower(program, dtype), lower(twin, dtype)
    hypers = {h.name: runs[0].get(h.name, float(h.default)) for h in program.hypers}

    def total(inputs: Mapping[str, Any]) -> dict[str, Any]:
        own = enclosures(lowered[0], inputs)
        other = enclosures(lowered[1], {n: v for n, v in {**inputs, **hypers}.items() if n in twin.inputs})
        return {name: np.asarray(own[name].error + other[name].error) for name in own}

    if not (program.is_separable and twin.is_separable):
        return [total(inputs) for inputs in runs]
    together = {n: np.stack([i[n] for i in runs]) if isinstance(v, np.ndarray) else v for n, v in runs[0].items()}
    bounds = total(together | {STEP: np.array([[inputs[STEP]] for inputs in runs])})
    return [{name: bound[place] for name, bound in bounds.items()} for place in range(len(runs))]


def _trajectory(program: Program, kernel: Kernel, regime: Regime, rng: Any) -> Iterator[dict[str, Any]]:
    """The inputs of successive steps, run by the kernel, from states that fit the regime."""
    shape = tensor_shape(program, ELEMENTS)
    x = _normal(rng, 1.0, kernel.dtype, shape)
    states = kernel.init(x)
    if regime.start > 1:
        for state in program.states:
            draw = _normal(rng, regime.scale, kernel.dtype, states[state.name].shape)
            states[state.name] = draw * draw if state.nonnegative else draw
    hypers = {h.name: _random_hyper(h, rng) for h in program.hypers} if regime.random_hypers else {}
    for t in range(regime.start, regime.start + STEPS):
        g = _normal(rng, regime.scale, kernel.dtype, shape)
        g.reshape(-1)[rng.integers(g.size, size=3)] = (0.0, -0.0, 1.0)
        yield {PARAMETER: x.copy(), GRADIENT: g, STEP: t, **{n: s.copy() for n, s in states.items()}, **hypers}
        with np.errstate(all="ignore"):
            kernel(x, g, t=t, **states, **hypers)


def _random_hyper(hyper: Any, rng: Any) -> float:
    """A number inside the domain, not too near its ends."""
    low = 0.0 if hyper.domain.lower is None else float(hyper.domain.lower)
    high = low + 1.0 if hyper.domain.upper is None else float(hyper.domain.upper)
    return float(low + (high - low) * rng.uniform(0.05, 0.95))


def _normal(rng: Any, scale: float, dtype: str, shape: tuple[int, ...]) -> Any:
    return (rng.normal(size=shape) * scale).astype(dtype)


def _once(
    rule: Rule, kernel: Kernel, step: Callable[..., Any], inputs: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """For x and each state: |kernel - twin|, and the larger size."""
    program = rule.program
    arrays = {n: np.array(inputs[n]) for n in (PARAMETER, *(s.name for s in program.states))}
    before = {n: a.copy() for n, a in arrays.items()}
    hypers = {h.name: inputs.get(h.name, float(h.default)) for h in program.hypers}
    with np.errstate(all="ignore"):
        state = {n: a.copy() for n, a in arrays.items() if n != PARAMETER}
        result = step(before[PARAMETER], inputs[GRADIENT], state, inputs[STEP], **hypers, **rule.setting)
        kernel(
            arrays[PARAMETER],
            inputs[GRADIENT],
            t=inputs[STEP],
            **{n: a for n, a in arrays.items() if n != PARAMETER},
            **hypers,
        )
    new = result if isinstance(result, tuple) else (result, state)
    other = {PARAMETER: new[0], **new[1]}
    return {n: _gap(a, other[n], before[n]) for n, a in arrays.items()}


def _gap(ours: Any, theirs: Any, before: Any) -> tuple[Any, Any]:
    a, b = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    with np.errstate(all="ignore"):
        gap = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, np.abs(a - b))
        gap = np.where(np.isnan(gap), np.inf, gap)
    return gap, np.where(np.isfinite(a), np.maximum(np.abs(a), np.abs(before)), 1.0)
