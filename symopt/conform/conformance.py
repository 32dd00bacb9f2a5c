"""The answer of ``check``: whether an implementation is a rule, and if not, what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .evidence import Witness


@dataclass(frozen=True)
class Nearest:
    """The variant that an implementation is or is nearest to; ``distance`` counts the options and lines that differ.

    ``scope``: for which steps it is this variant, though that is not the rule asked for; "" if it is not.
    """

    rule: str
    variant: str
    distance: int
    scope: str = ""


@dataclass(frozen=True)
class Conformance:
    """The answer of ``check``.

    ``verdict``: "conforms", "differs" or "unknown"; ``scope``: "all steps" (proved), "first N steps" (proved for
    those) or "sampled" (nothing was proved). ``hyper_map`` and ``state_map``: what the target's names are in the rule;
    ``fixed``: hyperparameters of either side for which it holds at one value only. ``equal``: further variants that
    are the same function; ``given``: what the target's code asked of its hyperparameters' values, so that the answer
    holds where these conditions do; ``location``: the target's file and line.
    """

    target: str
    rule: str | None
    verdict: str
    scope: str = ""
    nearest: Nearest | None = None
    difference: str = ""
    witness: Witness | None = None
    hyper_map: Mapping[str, str] = field(default_factory=dict)
    state_map: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    equal: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    reason: str = ""
    location: Mapping[str, Any] = field(default_factory=dict)
    certificate: Any = None

    def to_json(self) -> dict[str, Any]:
        """The answer as JSON data, without the certificate itself."""
        return {
            "target": self.target,
            "rule": self.rule,
            "verdict": self.verdict,
            "scope": self.scope,
            "nearest": None if self.nearest is None else dict(self.nearest.__dict__),
            "difference": self.difference,
            "witness": None if self.witness is None else self.witness.to_json(),
            "hyper_map": dict(self.hyper_map),
            "state_map": dict(self.state_map),
            "fixed": dict(self.fixed),
            "equal": list(self.equal),
            "given": list(self.given),
            "reason": self.reason,
            "location": dict(self.location),
        }
