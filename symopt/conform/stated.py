"""What a project states of its optimizer, held against the answers of ``check``."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symopt.language import Rule, refuse

Answer = Mapping[str, Any]  # what Conformance.to_json gives

#: A rule's name or file, with options or without: what differs is said with spaces between the words.
_LABEL = re.compile(r"[^\s\[\]]+(\[[^\[\]]*\])?")


def reach(scope: str) -> float:
    """How many steps a scope is about: all, the first ones, or none for "sampled"; InputError for what is no scope."""
    known: dict[object, float] = {"all steps": math.inf, "sampled": 0}
    if match := re.fullmatch(r"first ([1-9]\d*) steps?", str(scope)):
        return int(match[1])
    if scope not in known:
        raise refuse("scope", scope, 'must be "all steps", "first N steps" or "sampled"')
    return known[scope]


@dataclass(frozen=True)
class Statement:
    """That an optimizer conforms to ``rule``, or, with ``differs``, that it differs from it exactly so.

    ``differs``: the variant or rule that it is instead, as ``adam[eps_placement=hat]``; or, where it is none, the
    difference in the words of ``check``. ``scope``: for which steps at least it has to be shown what it conforms to.
    """

    rule: str | Rule
    differs: str = ""
    scope: str = "all steps"

    def __post_init__(self) -> None:
        if not isinstance(self.rule, (str, Rule)):
            raise refuse("rule", self.rule, "must be a catalog name, path/to/file.py:rule, or a Rule")
        if not isinstance(self.differs, str):
            raise refuse("differs", self.differs, "must be a rule, as adam[eps_placement=hat], or the difference")
        reach(self.scope)

    @property
    def rules(self) -> tuple[str | Rule, ...]:
        """The rules to check the optimizer against: the one that it is called after, and the one that it is instead."""
        return (self.rule, self.differs) if _LABEL.fullmatch(self.differs) else (self.rule,)

    def failure(self, answers: Sequence[Answer]) -> str:
        """What is not as stated, judged by the answers about each of ``rules``; "" if all is."""
        answer, *others = answers
        if not self.differs:
            stated = f"conforms to {answer['rule']}, {self.scope}"
            return f"{stated}{_hint(answer)}" if answer["verdict"] != "conforms" else self._too_little(answer, stated)
        stated = f"differs from {answer['rule']}: {self.differs}"
        if answer["verdict"] == "conforms":
            return f"{stated}; it conforms: leave differs out"
        if answer["verdict"] != "differs":
            return f"{stated}; it was not decided whether it differs"
        if others:
            (other,) = others
            if other["verdict"] == "conforms":
                return self._too_little(other, stated)
            why = other["difference"] or other["reason"]
            return f"{stated}; against {other['rule']} the answer is {other['verdict']!r}: {why}"
        same = self.differs.split() == answer["difference"].split()
        return "" if same else f"{stated}{_hint(answer)}"

    def _too_little(self, answer: Answer, stated: str) -> str:
        if reach(answer["scope"]) >= reach(self.scope):
            return ""
        found = f"{stated}; of {answer['nearest']['variant']} only this was shown: {answer['scope']}"
        why = f" ({answer['reason']})" if answer["reason"] else ""
        return f"{found}{why}; if that is enough, state scope={answer['scope']!r}"


def _hint(answer: Answer) -> str:
    """How to state the difference that was found, if it is meant.

    By the nearest variant where that is all: at a distance of more than 1 a line may differ from it too.
    """
    if answer["verdict"] != "differs":
        return ""
    near = answer["nearest"]
    whole = near["distance"] == 1 and near["variant"] != answer["rule"]
    return f"; if the difference is meant, state differs={near['variant'] if whole else answer['difference']!r}"
