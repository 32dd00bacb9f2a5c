"""What is known of the frameworks' optimizers: expected findings as data, held against what came out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib.resources import files

from symopt.language import InputError

from .matrix import PROVED, Entry, version_of


@dataclass(frozen=True)
class Finding:
    """An expected finding about cases of a framework.

    ``cases``: patterns of their labels, with ``*``; ``outcome``: as in an Entry; ``nearest``: the variant that they
    are, as a pattern too, or what the tool says that differs; ``reason``: what it comes from; ``link``: a public page.
    """

    cases: tuple[str, ...]
    outcome: str
    reason: str
    link: str
    nearest: str = "*"

    def covers(self, label: str) -> bool:
        """Whether a case is one of these."""
        return any(_matches(label, pattern) for pattern in self.cases)

    def fits(self, entry: Entry) -> bool:
        """Whether it came out as expected."""
        near = entry.answer.nearest
        said = (near.variant if near else "", entry.answer.difference, entry.answer.reason)
        return entry.outcome == self.outcome and any(_matches(text, self.nearest) for text in said)


def _matches(text: str, pattern: str) -> bool:
    return fnmatchcase(text, pattern.replace("[", "[[]"))


@lru_cache
def known(framework: str) -> tuple[str, tuple[Finding, ...]]:
    """The version of a framework that its findings were made with, and these; InputError for a broken file."""
    file = files("symopt.conform").joinpath("known", f"{framework}.toml")
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    try:
        found = tuple(Finding(**{**entry, "cases": tuple(entry["cases"])}) for entry in data.get("finding", ()))
    except (TypeError, KeyError) as error:
        raise InputError(f"{file}: an entry is not a finding: {error}") from error
    return str(data["version"]), found


def finding_of(entry: Entry) -> Finding | None:
    """The finding that is expected of an entry's case."""
    return next((f for f in known(entry.framework)[1] if f.covers(entry.case.label)), None)


def surprise(entry: Entry) -> str:
    """What is other than expected; "" if nothing is. What no finding is about should be proved for all steps."""
    finding = finding_of(entry)
    if finding is not None:
        if finding.fits(entry):
            return ""
        healed = "; it is as its source says by now" if entry.outcome in PROVED else ""
        return f"expected: {finding.outcome}, {finding.nearest}; came out: {_said(entry)}{healed}"
    return "" if entry.outcome in (*PROVED, "unnamed") else f"not expected: {_said(entry)}"


def gone(framework: str, entries: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """(pattern, what is said of it) for each pattern of the findings that no case is like."""
    labels = [entry.case.label for entry in entries]
    made, findings = known(framework)
    for pattern in (pattern for finding in findings for pattern in finding.cases):
        if not any(_matches(label, pattern) for label in labels):
            yield pattern, f"expected in {framework} {made}, and not there in {version_of(framework)}"


def _said(entry: Entry) -> str:
    answer = entry.answer
    near = f", {answer.nearest.variant}" if answer.nearest else ""
    why = answer.difference or answer.reason
    return f"{entry.outcome}{near}{f' ({why})' if why else ''}"
