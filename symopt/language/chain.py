"""Composition: rules and wrappers one after the other, as one Rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .domain import Hyper, State
from .errors import RuleError
from .program import GRADIENT, PARAMETER, STEP
from .stating import Rule


@dataclass(frozen=True)
class Chain(Rule):
    """A Rule made of parts. Hyperparameters and states keep their names; one that an earlier part has taken gets
    its own part's name before it, as in ``adam_weight_decay``.
    """

    parts: tuple[Rule, ...] = ()


def chain(*parts: Rule) -> Chain:
    """One step of each part in turn, as one step: what a part assigns to g, x and its states, the next ones read.

    A part that assigns g alone transforms the gradient; one that reads x after the update follows the parameters. A
    part whose body has a ``yield`` is put around all that follow it: they take their turns there, and it goes on last.
    A chain within a chain counts as its parts, so that chaining is associative. Raises RuleError without parts, and
    where no part assigns x (once its Program is asked for).
    """
    flat = tuple(part for outer in parts for part in (outer.parts if isinstance(outer, Chain) else (outer,)))
    if not flat:
        raise RuleError("chain: needs at least one rule")
    renamed = list(_renamed(flat))
    hypers = [replace(h, name=names[h.name]) for part, names in renamed for h in part.hypers]
    states = [replace(s, name=names[s.name]) for part, names in renamed for s in part.states]

    declared = {h.name for h in hypers} | {s.name for s in states}

    def body(s: Any) -> None:
        started = [part.start(_Part(s, part.name, names, declared)) for part, names in renamed]
        for finish in reversed(started):
            finish()

    return Chain(
        name="_then_".join(part.name for part in flat),
        body=body,
        hypers=tuple(hypers),
        states=tuple(states),
        options=(),
        cites="; ".join(dict.fromkeys(part.cites for part in flat)),
        summary=", then ".join(part.label for part in flat),
        parts=flat,
    )


def _renamed(parts: tuple[Rule, ...]) -> Iterator[tuple[Rule, dict[str, str]]]:
    """Each part with the chain's names of its hyperparameters and states."""
    taken = {PARAMETER, GRADIENT, STEP}
    for part in parts:
        names: dict[str, str] = {}
        declared: list[Hyper | State] = [*part.hypers, *part.states]
        for name in (d.name for d in declared):
            own = name
            while own in taken:
                own = f"{part.name}_{own}"
            names[name] = own
        taken |= set(names.values())
        yield part, names


class _Part:
    """A chain's namespace as one of its parts sees it; its lines stay clear of what other parts have declared."""

    def __init__(self, whole: Any, part: str, names: Mapping[str, str], declared: set[str]) -> None:
        put = object.__setattr__
        put(self, "_whole", whole)
        put(self, "_part", part)
        put(self, "_names", names)
        put(self, "_declared", declared)

    _whole: Any
    _part: str
    _names: Mapping[str, str]
    _declared: set[str]

    def _home(self, name: str) -> str:
        return self._names.get(name, f"{self._part}_{name}" if name in self._declared else name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._whole, self._home(name))

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._whole, self._home(name), value)
