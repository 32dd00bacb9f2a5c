"""The conformance matrix: every optimizer of the frameworks that are installed against the rule that it names."""

from __future__ import annotations

import signal
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from itertools import groupby
from typing import Any

from symopt.language import Program, Rule, SymoptError
from symopt.lifting import LiftedStep, LiftError

from .check import compare, recognise
from .conformance import Conformance
from .frameworks import LISTS, Case, cases
from .namesakes import is_transformation, namesakes
from .rewriting import downhill
from .target import Target, find_target

#: Seconds that one case may take.
LIMIT = 120
#: How a case comes out, in the order of tables.
OUTCOMES = ("all steps", "first steps", "sampled", "differs", "unnamed", "undecided", "not lifted")
PROVED = ("all steps",)
PACKAGES = {"pytorch_optimizer": "pytorch-optimizer"}


@dataclass(frozen=True)
class Entry:
    """A case of a framework and what came out.

    ``outcome``: "all steps", "first steps" or "sampled", where it conforms to the rule that it names, or names none and
    is one of the catalog; "differs" from the rule that it names; "unnamed", lifted, but the catalog has no such rule;
    "undecided"; or "not lifted".
    """

    framework: str
    case: Case
    outcome: str
    answer: Conformance
    seconds: float = field(default=0.0, compare=False)

    def to_json(self) -> dict[str, Any]:
        """The entry as JSON data."""
        return {
            "framework": self.framework,
            "case": self.case.label,
            "settings": dict(self.case.settings),
            "outcome": self.outcome,
            **self.answer.to_json(),
            "seconds": round(self.seconds, 3),
        }


Share = Callable[[Callable[[Any], Any], Sequence[Any]], Iterator[Any]]


def matrix(
    frameworks: Iterable[str], progress: Callable[[str, int, int], None] = lambda *_: None, share: Share = map
) -> Iterator[Entry]:
    """Each case of the frameworks, in their order, as it becomes known; ``share`` is ``map``, or does the same faster.

    InputError for a framework that is unknown or not installed.
    """
    groups = [
        (framework, tuple(group))
        for framework in frameworks
        for _, group in groupby(cases(framework), key=lambda case: case.target)
    ]
    total, done = sum(len(group) for _, group in groups), 0
    examined = share(examine, groups)
    for _, group in groups:
        progress(group[0].target, done, total)
        yield from next(examined)
        done += len(group)


def examine(group: tuple[str, tuple[Case, ...]]) -> list[Entry]:
    """The entries of cases of one target, of which many are the same step."""
    framework, members = group
    return [_examined(framework, case) for case in members]


def counts(entries: Iterable[Entry]) -> dict[str, int]:
    """How many entries have each outcome."""
    found = Counter(entry.outcome for entry in entries)
    return {outcome: found[outcome] for outcome in OUTCOMES}


def installed() -> list[str]:
    """The frameworks that are installed."""
    return [name for name in LISTS if find_spec(name)]


def begin() -> None:
    """Ready a process for the frameworks: Keras on JAX, if no other backend is asked for, and no warnings."""
    from symopt.lifting.keras import prefer_jax

    prefer_jax()
    warnings.simplefilter("ignore")


def version_of(framework: str) -> str:
    """The installed version of a framework."""
    return version(PACKAGES.get(framework, framework))


def _examined(framework: str, case: Case) -> Entry:
    started = time.perf_counter()
    try:
        with _within(LIMIT):
            outcome, answer = _outcome(case)
    except (SymoptError, TimeoutError) as error:
        outcome, answer = "not lifted", Conformance(case.target, None, "unknown", reason=str(error))
    except Exception as error:  # noqa: BLE001 - one case that goes wrong is no reason to lose the others
        outcome = "undecided"
        answer = Conformance(case.target, None, "unknown", reason=f"raised {type(error).__name__}: {error}")
    return Entry(framework, case, outcome, answer, time.perf_counter() - started)


def _outcome(case: Case) -> tuple[str, Conformance]:
    target = find_target(case.target)
    try:
        lifted = target.lift(case.settings)
    except LiftError as error:
        return _sampled(target, case, error)
    lifted = downhill(lifted) if is_transformation(case) else lifted
    try:
        answer = _answer(lifted.program, tuple(lifted.first.items()), namesakes(case), case.target)
    except TimeoutError as error:
        return "undecided", Conformance(case.target, None, "unknown", reason=str(error), location=target.location)
    answer = replace(answer, target=case.target, location=target.location, given=tuple(map(str, lifted.conditions)))
    if answer.verdict == "conforms":
        return "first steps" if answer.scope.startswith("first") else answer.scope, answer
    if answer.rule is None:
        return "unnamed", answer
    return "differs" if answer.verdict == "differs" else "undecided", answer


def _sampled(target: Target, case: Case, error: LiftError) -> tuple[str, Conformance]:
    """What runs of it say, where it names rules and makes whole steps: transformations of gradients make none."""
    from .sampling import sample

    for rule in namesakes(case) if not is_transformation(case) else ():
        answer = sample(target, rule, case.settings, error)
        if answer.verdict != "unknown":
            return ("sampled" if answer.verdict == "conforms" else "differs"), answer
    return "not lifted", Conformance(case.target, None, "unknown", reason=str(error), location=target.location)


@lru_cache(maxsize=64)  # the paths of an optimizer, single-tensor and foreach, are one step
def _answer(program: Program, first: tuple[tuple[str, Any], ...], named: tuple[Rule, ...], target: str) -> Conformance:
    lifted = LiftedStep(program, dict(first))
    if named:
        return compare(lifted, *named)
    unknown = Conformance("", None, "unknown", reason="the catalog has no rule of this name, and none that it is")
    return recognise(lifted, target) or unknown


@contextmanager
def _within(seconds: int) -> Iterator[None]:
    """TimeoutError after so many seconds, where the system has such an alarm."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def over(*_: object) -> None:
        raise TimeoutError(f"no answer within {seconds} seconds")

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
