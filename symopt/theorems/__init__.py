"""The library of theorems: every module in this folder states one property, or one family, of update rules."""

from __future__ import annotations

import importlib
import pkgutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from symopt.language import InputError, Rule
from symopt.proof import Certificate, Statement, Verdict, decide
from symopt.proof.certificate import Relation, Term
from symopt.proof.claims import Axiom, conjuncts
from symopt.proof.reading import to_relation, to_term
from symopt.rules import find, import_file
from symopt.rules import names as rule_names

from .statement import Claim, Property, theorem

__all__ = ["Claim", "Judgement", "Property", "Theorem", "judge", "load", "theorem"]

OPPOSITE = {"proved": "refuted", "refuted": "proved"}


@dataclass(frozen=True)
class Theorem:
    """One statement with the verdict that is expected of it, and a mutant that must come out the other way.

    Of a statement expected "proved" the mutant is false; of one expected "refuted" it is the correction.
    """

    name: str
    summary: str
    cites: str
    expected: str
    statement: Statement
    mutant: Statement
    rules: tuple[str, ...] = ()
    article: tuple[int, ...] = ()
    using: tuple[Relation, ...] = ()
    hints: tuple[Term, ...] = ()
    axioms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """What the engine said of a theorem and of its mutant."""

    name: str
    statement: str
    verdict: str
    expected: str
    mutant: str
    mutant_statement: str
    reason: str = ""
    certificate: Certificate | None = None
    mutant_certificate: Certificate | None = None
    witness: Any = None
    checked_by: tuple[str, ...] = ()
    axioms: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    @property
    def ok(self) -> bool:
        """Both verdicts are as expected."""
        return self.verdict == self.expected and self.mutant == OPPOSITE[self.expected]

    def to_json(self) -> dict[str, Any]:
        """The judgement as JSON data."""
        return {
            "name": self.name,
            "statement": self.statement,
            "verdict": self.verdict,
            "expected": self.expected,
            "mutant": {"statement": self.mutant_statement, "verdict": self.mutant, "expected": OPPOSITE[self.expected]},
            "reason": self.reason,
            "axioms": list(self.axioms),
            "certificate": self.certificate.to_json() if self.certificate else None,
            "checked_by": list(self.checked_by),
            "seconds": round(self.seconds, 4),
        }


@lru_cache(maxsize=4096)
def judge(item: Theorem) -> Judgement:
    """Decide the theorem and its mutant; the same theorem is decided once."""
    started = time.perf_counter()
    answer, other = decide(item.statement, item.using, item.hints, item.axioms), decide(item.mutant)
    return Judgement(
        name=item.name,
        statement=str(item.statement),
        verdict=answer.verdict,
        expected=item.expected,
        mutant=other.verdict,
        mutant_statement=str(item.mutant),
        reason=_reason(item, answer, other),
        certificate=answer.certificate,
        mutant_certificate=other.certificate,
        witness=answer.witness,
        checked_by=("internal",) if answer.certificate else (),
        axioms=item.axioms,
        seconds=time.perf_counter() - started,
    )


def _reason(item: Theorem, answer: Verdict, other: Verdict) -> str:
    if answer.verdict != item.expected:
        return answer.reason or f"expected to be {item.expected}"
    if other.verdict != OPPOSITE[item.expected]:
        return f"its mutant is {other.verdict}, not {OPPOSITE[item.expected]}: {other.reason}".rstrip(": ")
    return ""


def load(targets: Sequence[str] = ()) -> list[Theorem]:
    """The library's theorems; or those that ``targets`` name (a name or its beginning, FILE.py, a folder)."""
    if not targets:
        return list(_library())
    found: list[Theorem] = []
    for target in targets:
        path = Path(target)
        if path.is_dir():
            files = sorted(path.glob("*.py"))
            new = [t for file in files for t in _stated_in(import_file(str(file)))]
        elif path.suffix == ".py":
            new = list(_stated_in(import_file(target)))
        else:
            new = [t for t in _library() if t.name == target or t.name.startswith((f"{target}[", f"{target}."))]
            new = new or [t for t in _library() if t.name.startswith(target)]
            if not new:
                raise InputError(
                    f"theorem = {target!r}: must be a theorem's name or its beginning, FILE.py or a folder"
                )
        if not new:
            raise InputError(f"{target} states no theorem")
        found += new
    return found


def about(rule: Rule) -> list[Theorem]:
    """The library's theorems that speak of a rule (of the user's own rule too, where they take one)."""
    listed = rule.name in rule_names()
    catalog = tuple(map(find, rule_names())) if listed else ()
    found: list[Theorem] = []
    for item in (p for module in _modules() for p in _properties(module)):
        if item.takes_rule:
            found += _apply(item, find(rule.name) if listed else rule)
        elif listed:
            found += (t for t in _stated_once(item, catalog) if rule.name in t.rules)
    return found


@lru_cache(maxsize=1024)
def _stated_once(item: Property, catalog: tuple[Rule, ...]) -> tuple[Theorem, ...]:
    """What a property of no one rule states while the catalog is as it is."""
    return tuple(_apply(item, None))


def _library() -> Iterator[Theorem]:
    for module in _modules():
        yield from _stated_in(module)


def _modules() -> list[ModuleType]:
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name != "statement")
    return [importlib.import_module(f"{__name__}.{name}") for name in names]


def _properties(module: ModuleType) -> list[Property]:
    return [value for value in vars(module).values() if isinstance(value, Property)]


def _stated_in(module: ModuleType) -> Iterator[Theorem]:
    for item in _properties(module):
        if item.takes_rule:
            for name in rule_names():
                yield from _apply(item, find(name))
        else:
            yield from _apply(item, None)


def _apply(item: Property, rule: Rule | None) -> Iterator[Theorem]:
    if rule is not None and not rule.program.is_elementwise:
        return  # a property of any rule speaks of one element on its own
    for claim in item.claims(rule):
        subject = ".".join(part for part in (rule.name if rule else "", claim.of) if part)
        yield Theorem(
            name=f"{item.name}[{subject}]" if subject else item.name,
            summary=item.summary,
            cites=item.cites,
            expected=item.expected,
            statement=claim.statement,
            mutant=claim.mutant_statement,
            rules=(rule.name,) if rule else tuple(claim.rules) or item.rules,
            article=item.article,
            using=tuple(map(to_relation, conjuncts(list(claim.using)))),
            hints=tuple(map(to_term, claim.hints)),
            axioms=tuple(part.name for part in claim.given if isinstance(part, Axiom)),
        )
