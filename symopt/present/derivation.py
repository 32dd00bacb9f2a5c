"""What follows from one rule, as a document: its algorithm, then every theorem about it with its proof."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from symopt.language import Rule
from symopt.theorems import Theorem, about, judge

from .example import example
from .markdown import markdown
from .verdicts import NOTE, Decided, theorem_blocks, verdict_counts

#: The chapters in their order, with what each is about.
TOPICS = {
    "Closed forms": "What the recurrences add up to: the states as sums over all gradients so far, and the weights.",
    "Bias correction": "What division by one minus the power of the decay rate does to a moving average.",
    "Signs": "What is never negative, and which way a step goes.",
    "Bounds": "How large a state, a rate or a step can be.",
    "Identities": "Equalities of one step, or of one run.",
    "Relations to other rules and forms": "Where two algorithms, or two ways to write one, take the same steps.",
    "What does not hold": "Plausible claims, each with numbers for which it fails.",
}


def derivation(rule: Rule, decided: Sequence[Decided]) -> str:
    """The document of a rule from its theorems and their verdicts (see ``decide_about``), in Markdown."""
    parts = [markdown(rule).rstrip(), NOTE, f"Statements about `{rule.name}`: {verdict_counts(decided)}."]
    for topic, what in TOPICS.items():
        chapter = [pair for pair in decided if topic_of(pair[0]) == topic]
        if chapter:
            parts += [f"## {topic}", what, theorem_blocks(chapter)]
    if again := example(decided):
        parts += ["## Try it", again]
    return "\n\n".join(parts) + "\n"


def decide_about(rule: Rule) -> list[Decided]:
    """The theorems about a rule, each with its verdict."""
    return [(theorem, judge(theorem)) for theorem in about(rule)]


def topic_of(theorem: Theorem) -> str:
    """The chapter of a theorem, read off its statement."""
    claim = theorem.statement.claim
    equal = all(op == "=" for op, _, _ in claim)
    defined = [s for s in theorem.statement.sequences if s.body is not None]
    if theorem.expected == "refuted":
        return "What does not hold"
    if equal and any(_corrects(side) for relation in claim for side in relation[1:]):
        return "Bias correction"
    if any("'" in s.name for s in defined):
        return "Relations to other rules and forms"
    if equal:
        return "Closed forms" if "'sum'" in repr(claim) else "Identities"
    zero = any(side == Fraction(0) for relation in claim for side in relation[1:])
    return "Signs" if zero else "Bounds"


def _corrects(term: Any) -> bool:
    """Whether the term is a quotient by 1 - b^t."""
    match term:
        case ("/", _, ("+", one, ("*", minus, ("^", _, _)))):
            return bool(one == 1 and minus == -1)
    return False
