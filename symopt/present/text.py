"""A Rule or Program in plain ASCII text, for the terminal."""

from __future__ import annotations

from typing import Any

from symopt.language import GRADIENT, PARAMETER, STEP, Program, Rule

from .data import data, extent


def text(subject: Rule | Program) -> str:
    """Name, source and options; the inputs; the lines of the algorithm in order; the new values."""
    facts = data(subject)
    head = [facts["name"] if "summary" not in facts else f"{facts['name']}: {facts['summary']}"]
    if facts["cites"]:
        head.append(f"source: {facts['cites']}")
    parts = ["\n".join(head)]
    if facts["options"]:
        parts.append("options\n" + _columns([_option(option) for option in facts["options"]]))
    parts.append("inputs\n" + _columns(_inputs(facts)))
    parts.append(f"step\n{text_lines(facts)}")
    return "\n\n".join(parts)


def text_lines(facts: dict[str, Any]) -> str:
    """The algorithm's lines and its results, from ``data``."""
    lines = _columns([(line["symbol"], f"= {line['expression']}") for line in facts["lines"]])
    return f"{lines}\n  return " + ", ".join(f"{name} = {symbol}" for name, symbol in facts["results"].items())


def _option(option: dict[str, Any]) -> tuple[str, ...]:
    others = ", ".join(str(value) for value in option.get("allowed", ()))
    return (option["name"], f"= {option['value']}", f"of {others}" if others else "")


def _inputs(facts: dict[str, Any]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [(PARAMETER, "parameter"), (GRADIENT, "gradient"), (STEP, "step = 1, 2, ...")]
    for state in facts["states"]:
        sign = f", {state['name']} >= 0" if state["nonnegative"] else ""
        single = f" ({extent(state)})" if extent(state) else ""
        rows.append((state["name"], f"state{single}, {state['initial']} before the first step{sign}"))
    for hyper in facts["hyperparameters"]:
        rows.append((hyper["name"], f"= {hyper['default']}, {hyper['domain']}"))
    return rows


def _columns(rows: list[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(f"  {line}".rstrip() for line in lines)
