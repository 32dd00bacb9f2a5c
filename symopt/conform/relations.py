"""Which rule becomes which: special values of hyperparameters found by running, each arrow proved for all steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from symopt.language import GRADIENT, PARAMETER, STEP, Hyper, Rule
from symopt.proof import Verdict, trajectory
from symopt.proof.runs import same_run
from symopt.rules import find

STEPS, ELEMENTS = 5, 4
SPECIAL = (Fraction(0), Fraction(1))
MAX_FIXED, MAX_CHOSEN = 3, 2
#: Values to run at. Hyperparameters with one value here may stand for each other, as rho for beta2.
SAMPLES = {"lr": 0.07, "beta1": 0.6, "momentum": 0.6, "beta2": 0.8, "rho": 0.8, "eps": 0.03, "weight_decay": 0.2}
#: A rule, or how it is found, and its options.
Spec = tuple[Rule | str, Mapping[str, str | bool]]
Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Arrow:
    """``source``, its hyperparameters ``fixed`` (to numbers, or to ``target``'s of another name), is ``target``."""

    source: Rule
    target: Rule
    fixed: tuple[tuple[str, Fraction | str], ...]
    verdict: Verdict

    @property
    def condition(self) -> str:
        """The special values, as in "beta1 = 0, beta2 = rho"."""
        return ", ".join(f"{name} = {value}" for name, value in self.fixed)

    def to_json(self) -> dict[str, Any]:
        """The arrow as JSON data."""
        return {
            "from": self.source.label,
            "to": self.target.label,
            "at": {name: str(value) for name, value in self.fixed},
            **self.verdict.to_json(),
        }


def relations(
    rules: Sequence[Rule | str], report: Report | None = None, share: Callable[..., Iterator[Verdict]] = map
) -> Iterator[Arrow]:
    """Every arrow between the rules and their variants that a proof confirms.

    A rule with some hyperparameters at 0 or 1 is compared, on the same gradients, with every rule that has none of
    them; what agrees numerically is put to the proof, and an arrow that holds with more special values than
    needed is left out. ``report(label, done, total)`` is told before each proof. ``share(prove, tasks)`` is how the
    proofs are done, one after the other like ``map``; of rules that are given by name, tasks can be pickled.
    """
    spelled = {find(rule).name: rule for rule in rules}
    found = list(_candidates([find(rule) for rule in rules]))
    tasks = [(_spec(spelled, source), _spec(spelled, target), fixed) for source, target, fixed in found]
    verdicts = share(_prove, tasks)
    for done, (source, target, fixed) in enumerate(found):
        if report:
            report(f"{source.label} -> {target.label}", done, len(found))
        verdict = next(verdicts)
        if verdict.proved:
            yield Arrow(source, target, fixed, verdict)


def _spec(spelled: Mapping[str, Rule | str], rule: Rule) -> Spec:
    return spelled[rule.name], dict(rule.chosen)


def _candidates(rules: Sequence[Rule]) -> Iterator[tuple[Rule, Rule, tuple[tuple[str, Fraction | str], ...]]]:
    variants = [v for rule in rules for v in rule.combinations() if _is_compared(v)]
    targets: dict[str, list[Rule]] = {}
    for target in variants:
        targets.setdefault(_outcome(target, {}), []).append(target)
    for source in variants:
        seen: list[tuple[str, set[str]]] = []
        for values in _special(source):
            for target in targets.get(_outcome(source, values), ()):
                renamed = _renamed(source, target, values)
                if target.name == source.name or renamed is None:
                    continue
                if any(label == target.label and fixed <= set(values) for label, fixed in seen):
                    continue
                seen.append((target.label, set(values)))
                yield source, target, (*values.items(), *renamed)


def _is_compared(rule: Rule) -> bool:
    """Not with many options at once, nor maximizing, which is the same change in every rule.

    Runs of rules that fold elements into one number have no statement.
    """
    return len(rule.chosen) <= MAX_CHOSEN and rule.setting.get("maximize") is not True and rule.program.is_elementwise


def _special(rule: Rule) -> Iterator[dict[str, Fraction]]:
    """Choices of at most three hyperparameters to be 0 or 1, the fewest first."""
    hypers = [h for h in rule.program.hypers if h.name != "lr"]
    choices = [(None, *(value for value in SPECIAL if value in h.domain)) for h in hypers]
    settings = [
        {h.name: v for h, v in zip(hypers, values, strict=True) if v is not None} for values in product(*choices)
    ]
    yield from sorted((s for s in settings if len(s) <= MAX_FIXED), key=len)


def _renamed(source: Rule, target: Rule, values: Mapping[str, Fraction]) -> tuple[tuple[str, str], ...] | None:
    """The source's names that stand for others of the target, or None where the two do not correspond."""
    left = [h.name for h in source.program.hypers if h.name not in values]
    goal = [h.name for h in target.program.hypers]
    pairs = []
    for name in [n for n in left if n not in goal]:
        other = next((n for n in goal if n not in left and SAMPLES.get(n) == SAMPLES.get(name, -1.0)), None)
        if other is None:
            return None
        pairs.append((name, other))
    names = {dict(pairs).get(n, n) for n in left}
    return tuple(pairs) if names == set(goal) else None


def _outcome(rule: Rule, values: Mapping[str, Fraction]) -> str:
    """x after a few steps on fixed gradients, to eight digits."""
    rng = np.random.default_rng(7)
    program = rule.program
    known: dict[str, Any] = {h.name: float(values.get(h.name, _sample(h))) for h in program.hypers}
    known |= {s.name: np.full(ELEMENTS, float(s.initial)) for s in program.states}
    known[PARAMETER] = rng.normal(size=ELEMENTS)
    with np.errstate(all="ignore"):
        for t in range(1, STEPS + 1):
            known |= rule.run(known | {GRADIENT: rng.normal(size=ELEMENTS), STEP: float(t)})
    x = np.asarray(known[PARAMETER])
    return " ".join(f"{value:.8e}" for value in x) if np.isfinite(x).all() else f"{rule.label} {values}"


def _sample(hyper: Hyper) -> float:
    if hyper.name in SAMPLES and SAMPLES[hyper.name] in hyper.domain:
        return SAMPLES[hyper.name]
    low = 0.0 if hyper.domain.lower is None else float(hyper.domain.lower)
    spread = sum(map(ord, hyper.name)) % 83 / 100 + 0.11  # each name another value
    return low + spread if hyper.domain.upper is None else low + spread * (float(hyper.domain.upper) - low)


def _prove(task: tuple[Spec, Spec, tuple[tuple[str, Fraction | str], ...]]) -> Verdict:
    source, target = (find(rule).with_options(**options) for rule, options in task[:2])
    values = {name: sp.Symbol(v) if isinstance(v, str) else sp.Rational(v) for name, v in task[2]}
    return same_run(trajectory(source, **values), trajectory(target, "'"))
