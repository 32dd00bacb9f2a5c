"""A Rule or Program as Markdown, and the table of a catalog."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import dedent
from typing import Any

from symopt.language import Program, Rule

from .data import data, extent
from .latex import latex_lines
from .notation import decimal
from .text import text_lines


def markdown(subject: Rule | Program) -> str:
    """Title, summary, source, one table of what can be set and what is kept, the formulas, the plain lines."""
    program = subject.program if isinstance(subject, Rule) else subject
    facts = data(subject)
    rows = [
        *(("hyperparameter", f"`{h['name']}`", h["default"], f"`{h['domain']}`") for h in facts["hyperparameters"]),
        *((_kind(s), f"`{s['name']}`", s["initial"], _sign(s)) for s in facts["states"]),
        *(("option", f"`{o['name']}`", _code([o["value"]]), _code(o.get("allowed", []))) for o in facts["options"]),
    ]
    lines = dedent(text_lines(facts))
    parts = [
        f"# {facts['name']}",
        facts.get("summary", ""),
        f"Source: {facts['cites']}" if facts["cites"] else "",
        table(("what", "name", "value", "allowed"), rows) if rows else "",
        f"$$\n\\begin{{aligned}}\n{latex_lines(program)}\n\\end{{aligned}}\n$$",
        f"```text\n{lines}\n```",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def catalog_table(rules: Iterable[Rule]) -> str:
    """The Markdown table of rules: name, what it is, source, options with their values, hyperparameters."""
    rows = []
    for rule in rules:
        options = "; ".join(f"`{o.name}`: {_code(list(o.values))}" for o in rule.options)
        hypers = ", ".join(f"`{h.name}` = {decimal(h.default)}" for h in rule.hypers)
        rows.append((f"`{rule.name}`", rule.summary, rule.cites, options, hypers))
    return table(("rule", "what it is", "source", "options, the default first", "hyperparameters"), rows)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table; a bar inside a cell is escaped."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


def _kind(state: dict[str, Any]) -> str:
    return ", ".join(part for part in ("state", extent(state)) if part)


def _sign(state: dict[str, Any]) -> str:
    return f"`{state['name']} >= 0`" if state["nonnegative"] else ""


def _code(values: list[Any]) -> str:
    return ", ".join(f"`{value}`" for value in values)
