"""Kernels held against the exact step: how much of its bound does a kernel's error use up?

The exact step is the rule's own body, run in a wider format on all elements; what comes near its bound there is
decided in decimals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from symopt.codegen import Kernel, compile_program
from symopt.language import GRADIENT, PARAMETER, STEP, Program, Rule, exact
from symopt.rounding import error_bound
from symopt.rules import find

from .decimals import FEW, MANY, decimal, decimals, digits, part_of, step_in_decimals
from .difference import Difference
from .regimes import REGIMES, sample

DTYPES = ("float32", "float64")

#: Elements for each rule in each regime, shared out among its variants and dtypes.
ELEMENTS = 200_000

_WIDE = {"float32": np.float64, "float64": np.longdouble}


@dataclass(frozen=True)
class Observation:
    """What was seen of one rule, with its variants, in one regime.

    ``samples``: elements that were stepped; ``bounded``: how large a part of their new values, of x and of the states,
    has a finite bound; ``ratio``: the largest observed error over its bound, at most 1 where the bounds hold;
    ``worst``: where that was.
    """

    rule: str
    regime: str
    samples: int
    bounded: float
    ratio: float
    worst: str

    @property
    def ok(self) -> bool:
        """No error beyond its bound."""
        return self.ratio <= 1

    @property
    def cells(self) -> tuple[str, ...]:
        """The observation as a row of a table."""
        numbers = (f"{self.samples:8}", f"{self.bounded:7.2%}", f"{self.ratio:14.4f}")
        return (self.rule, self.regime, *numbers, self.worst)

    def to_json(self) -> dict[str, Any]:
        """The observation as JSON data."""
        return {
            "rule": self.rule,
            "regime": self.regime,
            "samples": self.samples,
            "bounded": self.bounded,
            "observed/bound": self.ratio,
            "worst": self.worst,
        }


def survey(rule: Rule, name: str, elements: int = ELEMENTS, variants: Sequence[Rule] | None = None) -> Observation:
    """The rule at its defaults and with each option changed, in float32 and float64, in the regime of that name.

    ``variants``: those that share the elements, instead of all.
    """
    cases = [(variant, dtype) for variant in variants or rule.variants() for dtype in DTYPES]
    size = -(-elements // len(cases))
    values, bounded, worst, where = 0, 0, 0.0, ""
    for seed, (variant, dtype) in enumerate(cases):
        inputs = sample(variant.program, REGIMES[name], dtype, size, seed)
        for output, ratio in ratios(variant, compile_program(variant, dtype), inputs).items():
            values += ratio.size
            bounded += int((~np.isnan(ratio)).sum())
            largest = float(np.max(ratio, initial=0.0, where=~np.isnan(ratio)))
            if largest > worst:
                worst, where = largest, f"{output} of {variant.label} in {dtype}"
    return Observation(rule.name, name, size * len(cases), bounded / values, worst, where)


def survey_named(case: tuple[str, str]) -> Observation:
    """``survey`` of the rule of a name, in the regime of a name."""
    name, regime = case
    return survey(find(name), regime)


def largest_error(rule: Rule, kernel: Kernel, name: str = "default", size: int = 4000) -> Difference:
    """The kernel's largest error at so many elements of a regime."""
    inputs = sample(rule.program, REGIMES[name], kernel.dtype, size)
    bounds = error_bound(rule.program, inputs, kernel.dtype)
    ratio_of = ratios(rule, kernel, inputs, bounds)
    samples, ulp, ratio, worst = 0, 0.0, 0.0, ""
    after = _kernel_step(kernel, inputs)
    for output, seen in ratio_of.items():
        known = np.isfinite(bounds[output])
        size_of = np.where(known, np.maximum(np.abs(after[output]), np.abs(inputs[output])), 1)
        errors = np.where(known, seen * np.where(known, np.maximum(bounds[output], 5e-324), 1), 0.0)
        samples += int(known.sum())
        ulp = max(ulp, float((errors / np.spacing(size_of.astype(kernel.dtype)).astype(float)).max(initial=0)))
        largest = float(np.max(seen, initial=0.0, where=known))
        if largest > ratio:
            ratio, at = largest, int(np.argmax(np.where(known, seen, 0)))
            worst = f"{output} errs by {errors.flat[at]:.3g}, bound {np.asarray(bounds[output]).flat[at]:.3g} ({name})"
    return Difference(kernel.dtype, samples, ulp, ratio, worst)


def ratios(rule: Rule, kernel: Kernel, inputs: Mapping[str, Any], bounds: Mapping[str, Any] | None = None) -> Any:
    """For x and each state, per element, observed error over bound (``bounds``: derived if not given).

    NaN where nothing is promised; infinity where something is and the kernel's or the exact step is not finite.
    """
    bounds = error_bound(rule.program, inputs, kernel.dtype) if bounds is None else bounds
    after, wide = _kernel_step(kernel, inputs), _wide_step(rule, kernel.dtype, inputs)
    slack = _wide_error(rule, kernel.dtype, inputs, bounds, after)
    found = {}
    for name, result in after.items():
        bound = np.asarray(bounds[name])
        promised = np.isfinite(bound)
        with np.errstate(all="ignore"):
            off = np.abs(result.astype(wide[name].dtype) - wide[name])
            clear = off * (1 + 2.0**-20) + slack[name] <= bound
            ratio = np.where(off == 0, 0.0, off / np.maximum(bound, 5e-324).astype(off.dtype)).astype(float)
        for count in (FEW, MANY):
            if (unclear := promised & ~clear).any():
                ratio[unclear], clear[unclear] = _exact_ratios(
                    rule, inputs, name, result, bound, slack[name], unclear, count
                )
        found[name] = np.where(promised, ratio, np.nan)
    return found


def _wide_error(
    rule: Rule, dtype: str, inputs: Mapping[str, Any], bounds: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, Any]:
    """How far the wide step may be from the exact one.

    Of a step in float64 there is a bound. longdouble has 11 digits more than float64 and never underflows where float64
    does not, so its step errs by 2**-11 of float64's bound, or, where that knows a sum to be nearly exact, by little
    more than its own rounding; 2**-8 and 2**-62 allow for more. Where longdouble is no wider, nothing is known.
    """
    if dtype == "float32":
        return error_bound(rule.program, inputs, "float64")
    if np.finfo(np.longdouble).nmant < np.finfo(np.float64).nmant + 11:
        return {name: np.full_like(bound, np.inf) for name, bound in bounds.items()}
    sizes = {name: np.maximum(np.abs(after[name]), np.abs(inputs[name])) for name in bounds}
    return {name: bound * 2.0**-8 + sizes[name] * 2.0**-62 for name, bound in bounds.items()}


def _kernel_step(kernel: Kernel, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """x and the states after the kernel's step."""
    after = {n: a.copy() if isinstance(a, np.ndarray) else a for n, a in inputs.items()}
    kernel(**after)
    return {n: after[n] for n in (PARAMETER, *(s.name for s in kernel.program.states))}


def _hypers(program: Program, inputs: Mapping[str, Any]) -> dict[str, Fraction]:
    """The exact values that the hyperparameters stand for."""
    return {h.name: exact(inputs.get(h.name, h.default)) for h in program.hypers}


def _wide_step(rule: Rule, dtype: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The rule's body on arrays of the wider format."""
    kind: Any = _WIDE[dtype]
    arrays = {n: a.astype(kind) for n, a in inputs.items() if isinstance(a, np.ndarray)}
    numbers = {n: _nearest(value, kind) for n, value in _hypers(rule.program, inputs).items()}
    with np.errstate(all="ignore"):
        found = rule.run(arrays | numbers | {STEP: kind(inputs[STEP])})
    return {name: np.broadcast_to(np.asarray(value, kind), np.shape(inputs[name])) for name, value in found.items()}


def _nearest(value: Fraction, kind: Any) -> Any:
    """A rational in the wider format, from two float64 parts."""
    first = float(value)
    return kind(first) + kind(float(value - Fraction(first)))


def _exact_ratios(
    rule: Rule, inputs: Mapping[str, Any], name: str, after: Any, bound: Any, slack: Any, places: Any, count: int
) -> tuple[Any, Any]:
    """Observed error over bound at some elements, in decimals of so many digits; and where that decides it.

    Infinity for whatever is not finite. ``slack``: what a step of float64's digits or more may err by.
    """
    program = part_of(rule.program, name)
    alone = program.is_separable
    read = (PARAMETER, GRADIENT, *(state.name for state in program.states))
    arrays = {n: decimals(inputs[n][places] if alone else inputs[n]) for n in read}
    with digits(count):
        numbers = {n: decimal(value) for n, value in _hypers(rule.program, inputs).items()}
        values = step_in_decimals(program, arrays | numbers | {STEP: Decimal(inputs[STEP])})[name]
        values = np.broadcast_to(values, bound[places].shape) if alone else np.broadcast_to(values, bound.shape)[places]
        ratio, decided = np.empty(values.shape), np.ones(values.shape, bool)
        unsure = Decimal(10) ** (20 - count)
        for i, (got, value, allowed, wide) in enumerate(
            zip(after[places], values, bound[places], np.broadcast_to(slack, bound.shape)[places], strict=True)
        ):
            off, most = abs(Decimal(float(got)) - value), Decimal(float(allowed))
            if not off.is_finite():
                ratio[i] = np.inf
                continue
            ratio[i] = _quotient(off, most)
            decided[i] = count == MANY or off == 0 or abs(off - most) > Decimal(float(wide)) * unsure
    return ratio, decided


def _quotient(off: Decimal, most: Decimal) -> float:
    """off / most, above 1 only if ``off`` is above ``most``, and then always."""
    if off > most:
        return max(float(off / most), 1 + 2.0**-52) if most else np.inf
    return float(off / most) if off else 0.0
