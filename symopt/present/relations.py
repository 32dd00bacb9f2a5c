"""The relations between rules as a table, a graph for Graphviz, and a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Protocol

from symopt.language import InputError, Rule

BOX_WIDTH, BOX_HEIGHT, GAP_X, GAP_Y, MARGIN = 300, 26, 260, 16, 20  # pixels


class Arrow(Protocol):
    """A rule that becomes another under a condition."""

    @property
    def source(self) -> Rule:
        """The rule that becomes the other."""
        ...

    @property
    def target(self) -> Rule:
        """The rule that it becomes."""
        ...

    @property
    def condition(self) -> str:
        """The values at which it does."""
        ...


def show_relations(arrows: Sequence[Arrow], format: str) -> str:
    """The arrows as "markdown", "dot" or "svg"; InputError for another format."""
    if format not in FORMATS:
        raise InputError(f"format = {format!r}: must be one of {', '.join(FORMATS)}")
    return FORMATS[format](arrows)


def _markdown(arrows: Sequence[Arrow]) -> str:
    lines = ["| rule | at | is |", "|---|---|---|"]
    lines += [f"| {a.source.label} | {a.condition or 'any values'} | {a.target.label} |" for a in arrows]
    return "\n".join(lines) + "\n"


def _dot(arrows: Sequence[Arrow]) -> str:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    lines = [f"  {quoted(a.source.label)} -> {quoted(a.target.label)} [label={quoted(a.condition)}];" for a in arrows]
    return "digraph relations {\n  rankdir=LR;\n  node [shape=box];\n" + "\n".join(lines) + "\n}\n"


def _svg(arrows: Sequence[Arrow]) -> str:
    """Columns by the number of arrows still to follow; a straight line for each arrow, its condition beside it."""
    column = _columns(arrows)
    count = max(column.values(), default=0) + 1
    rows: dict[int, list[str]] = {n: sorted(name for name, c in column.items() if c == n) for n in range(count)}
    place = {
        name: (MARGIN + n * (BOX_WIDTH + GAP_X), MARGIN + k * (BOX_HEIGHT + GAP_Y))
        for n, names in rows.items()
        for k, name in enumerate(names)
    }
    width = 2 * MARGIN + count * BOX_WIDTH + (count - 1) * GAP_X
    height = 2 * MARGIN + max(map(len, rows.values()), default=1) * (BOX_HEIGHT + GAP_Y)
    head = 'id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif"',
        f'font-size="11"><defs><marker {head}><path d="M0 0 L8 4 L0 8 z"/></marker></defs>',
    ]
    for number, arrow in enumerate(arrows):
        (x1, y1), (x2, y2) = place[arrow.source.label], place[arrow.target.label]
        x1, y1, y2 = x1 + BOX_WIDTH, y1 + BOX_HEIGHT // 2, y2 + BOX_HEIGHT // 2
        at = (3 + number % 5) / 10  # labels of neighbouring lines stand apart
        parts.append(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#888" marker-end="url(#head)"/>')
        parts.append(
            f'<text x="{x1 + at * (x2 - x1):.0f}" y="{y1 + at * (y2 - y1):.0f}">{escape(arrow.condition)}</text>'
        )
    for name, (x, y) in place.items():
        box = f'<rect x="{x}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="4" fill="#fff" stroke="#333"/>'
        parts.append(f'{box}<text x="{x + 8}" y="{y + 17}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _columns(arrows: Sequence[Arrow]) -> dict[str, int]:
    """Each rule left of all that it becomes; rules that become each other are taken as they come."""
    below: dict[str, set[str]] = {}
    for arrow in arrows:
        below.setdefault(arrow.source.label, set()).add(arrow.target.label)
        below.setdefault(arrow.target.label, set())
    depth: dict[str, int] = {}

    def visit(name: str, path: frozenset[str]) -> int:
        if name not in depth:
            depth[name] = max((1 + visit(n, path | {n}) for n in sorted(below[name]) if n not in path), default=0)
        return depth[name]

    for name in sorted(below):
        visit(name, frozenset({name}))
    deepest = max(depth.values(), default=0)
    return {name: deepest - d for name, d in depth.items()}


FORMATS = {"markdown": _markdown, "dot": _dot, "svg": _svg}
