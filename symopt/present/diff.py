"""Two algorithms side by side, the lines in which they differ marked."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import zip_longest

from symopt.language import Program, Rule

from .data import data

SAME, OTHER = " ", "|"


def side_by_side(left: Rule | Program, right: Rule | Program) -> str:
    """The lines of both algorithms in two columns; "|" between two lines that differ, "<" or ">" beside a lone one.

    Lines are paired by what they assign; hyperparameters and states come before the lines of the step.
    """
    ours, theirs = _lines(left), _lines(right)
    rows = [(_title(left), SAME, _title(right)), ("", SAME, "")]
    matcher = SequenceMatcher(a=[name for name, _ in ours], b=[name for name, _ in theirs], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        pairs = zip(ours[a:b], theirs[c:d], strict=True) if tag == "equal" else ()
        rows += [(p, SAME if p == q else OTHER, q) for (_, p), (_, q) in pairs]
        if tag != "equal":
            rows += [_lone(p, q) for p, q in zip_longest((t for _, t in ours[a:b]), (t for _, t in theirs[c:d]))]
    width = max(len(row[0]) for row in rows)
    return "\n".join(f"{p:<{width}} {mark} {q}".rstrip() for p, mark, q in rows) + "\n"


def _lone(left: str | None, right: str | None) -> tuple[str, str, str]:
    if left is None or right is None:
        return (left or "", "<" if right is None else ">", right or "")
    return (left, OTHER, right)


def _title(subject: Rule | Program) -> str:
    return subject.label if isinstance(subject, Rule) else subject.name


def _lines(subject: Rule | Program) -> list[tuple[str, str]]:
    """What each line is about, and its text."""
    facts = data(subject)
    lines = [(f"hyper {h['name']}", f"{h['name']} = {h['default']}") for h in facts["hyperparameters"]]
    lines += [(f"state {s['name']}", f"{s['name']} = {s['initial']} before the first step") for s in facts["states"]]
    return lines + [(line["symbol"], f"{line['symbol']} = {line['expression']}") for line in facts["lines"]]
