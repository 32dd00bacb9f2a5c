"""The main job: each rule against its theorems, its kernels' source, its NumPy twin and the numbers."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from numba.core.errors import NumbaError

from symopt import reference
from symopt.codegen import compile_program, kernel_source, phases_source
from symopt.language import Program, Rule, SymoptError
from symopt.lifting import LiftedStep, join_blocks, lift_source, lift_step
from symopt.proof import Verdict, show_value
from symopt.proof.equality import same_step
from symopt.rules import find
from symopt.theorems import about, judge

from .difference import Difference, compare
from .machine import broken_assumptions, flushed
from .survey import largest_error

DTYPES = ("float32", "float64")


@dataclass(frozen=True)
class Failure:
    """What did not hold, and what was seen.

    The stage is "theorem", "source", "reference", "kernel", "machine", "error" or "difference".
    """

    stage: str
    message: str


@dataclass(frozen=True)
class Row:
    """The result for one rule at one setting of its options."""

    rule: str
    proved: int
    refuted: int
    source: str
    error: str
    difference: str
    seconds: float = field(compare=False)
    failures: tuple[Failure, ...] = ()
    errors: tuple[Difference, ...] = ()
    differences: tuple[Difference, ...] = ()

    @property
    def ok(self) -> bool:
        """Every stage held."""
        return not self.failures

    @property
    def theorems(self) -> str:
        """How many theorems were proved, and how many refuted as expected."""
        return f"{self.proved} proved, {self.refuted} refuted" if self.proved or self.refuted else "-"

    def to_json(self) -> dict[str, Any]:
        """The row as JSON data."""
        return {
            "rule": self.rule,
            "ok": self.ok,
            "theorems": {"proved": self.proved, "refuted": self.refuted},
            "source": self.source,
            "error": [e.to_json() for e in self.errors],
            "difference": [d.to_json() for d in self.differences],
            "failures": [{"stage": f.stage, "message": f.message} for f in self.failures],
            "seconds": round(self.seconds, 3),
        }


def verify_variant(variant: tuple[str, Mapping[str, Any]]) -> Row:
    """Every stage for the rule of a name, with options."""
    name, options = variant
    return verify_rule(find(name).with_options(**options))


def verify_rule(rule: Rule) -> Row:
    """Every stage for one rule; a stage that fails does not stop the others."""
    started = time.perf_counter()
    failures: list[Failure] = []
    proved = refuted = 0
    for judgement in map(judge, about(rule) if not rule.chosen else ()):
        if not judgement.ok:
            failures.append(Failure("theorem", f"{judgement.name} is {judgement.verdict}: {judgement.reason}"))
        proved += judgement.ok and judgement.verdict == "proved"
        refuted += judgement.ok and judgement.verdict == "refuted"
    source = _check_source(rule, failures)
    twin = _check_reference(rule, failures)
    errors, differences = _check_kernels(rule, twin, failures)
    return Row(
        rule=rule.label,
        proved=proved,
        refuted=refuted,
        source=source,
        error=_summary(errors) or "no kernel",
        difference=_summary(differences) or "no twin",
        seconds=time.perf_counter() - started,
        failures=tuple(failures),
        errors=errors,
        differences=differences,
    )


def _check_source(rule: Rule, failures: list[Failure]) -> str:
    """Prove the emitted source of each dtype's kernel equal to the rule."""
    verdicts = []
    for dtype in DTYPES:
        try:
            lifted = lift_source(kernel_source(rule.program, dtype), rule.program, dtype)
            phases = lift_source(join_blocks(phases_source(rule.program, dtype), rule.program), rule.program, dtype)
            if phases.outputs != lifted.outputs:
                failures.append(Failure("source", f"{dtype}: the phases of many tensors are not the kernel"))
            verdict = _same(rule.program, tuple(lifted.outputs.items()))
        except SymoptError as error:
            failures.append(Failure("source", f"{dtype}: {error}"))
            verdicts.append("unknown")
            continue
        if not verdict.proved:
            failures.append(Failure("source", f"{dtype}: not the rule: {_why(verdict)}"))
        verdicts.append(verdict.verdict)
    return (
        verdicts[0] if len(set(verdicts)) == 1 else ", ".join(f"{d} {v}" for d, v in zip(DTYPES, verdicts, strict=True))
    )


@lru_cache(maxsize=512)
def _same(program: Program, outputs: tuple[tuple[str, Any], ...], at: tuple[tuple[str, Any], ...] = ()) -> Verdict:
    return same_step(program, dict(outputs), **dict(at))


def _why(verdict: Verdict) -> str:
    if verdict.witness is None:
        return verdict.reason
    return "at " + ", ".join(f"{name} = {show_value(value)}" for name, value in verdict.witness.items())


def _check_reference(rule: Rule, failures: list[Failure]) -> tuple[Any, LiftedStep] | None:
    """Prove the NumPy twin equal to the rule, at the first step and at every later one."""
    try:
        step = reference.find(rule.name)
    except LookupError:
        if rule.body.__module__.startswith("symopt.rules."):
            failures.append(Failure("reference", f"symopt/reference/{rule.name}.py is missing"))
        return None
    try:
        lifted = lift_step(step, rule.setting, ndim=2 if rule.program.has_matrices else 1)
        first = tuple((state.name, state.initial) for state in rule.program.states)
        names = [name for name, _ in rule.program.results]
        for when, outputs, at in (("", lifted.program.outputs, ()), ("first step: ", lifted.first, (("t", 1), *first))):
            if set(outputs) != set(names):
                failures.append(
                    Failure("reference", f"{when}its states are {sorted(outputs)}, the rule's {sorted(names)}")
                )
                return None
            verdict = _same(rule.program, tuple((name, outputs[name]) for name in names), at)
            if not verdict.proved:
                failures.append(Failure("reference", f"{when}not the rule: {_why(verdict)}"))
    except SymoptError as error:
        failures.append(Failure("reference", str(error)))
        return None
    return step, lifted


def _check_kernels(
    rule: Rule, twin: tuple[Any, LiftedStep] | None, failures: list[Failure]
) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
    """Hold each dtype's kernel to the exact step, and to the twin; on a machine that is as the bounds assume."""
    errors, differences = [], []
    for dtype in DTYPES:
        try:
            kernel = compile_program(rule.program, dtype)
            # All kernels are compiled with the same settings: one variant's machine code stands for the others'.
            broken = flushed(dtype) if rule.chosen else broken_assumptions(kernel)
            failures += (Failure("machine", f"{dtype}: {message}") for message in broken)
            errors.append(largest_error(rule, kernel))
            if not errors[-1].ok:
                failures.append(Failure("error", f"{dtype}: {errors[-1].worst}"))
            if twin is not None:
                differences.append(compare(rule, kernel, *twin))
                if not differences[-1].ok:
                    failures.append(Failure("difference", f"{dtype}: {differences[-1].worst}"))
        except (SymoptError, NumbaError) as error:
            failures.append(Failure("kernel", f"{dtype}: {str(error).strip().splitlines()[0]}"))
    return tuple(errors), tuple(differences)


def _summary(differences: Sequence[Difference]) -> str:
    return ", ".join(f"{d.dtype} {d.ulp:.3g} ulp ({d.ratio:.2f} of bound)" for d in differences)
