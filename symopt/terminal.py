"""What the commands print: aligned lines; in a terminal with colours, and a progress bar below them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from typing import Any


def is_plain() -> bool:
    """Whether to print without colours, control codes and line breaks of our own: not to a terminal, or NO_COLOR."""
    return not sys.stdout.isatty() or bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table that is known as a whole; in plain mode its lines are as long as they need to be."""
    body = [list(map(str, row)) for row in rows]
    if is_plain():
        widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
        for row in [head, *body]:
            print(_aligned(row, widths))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for place, name in enumerate(head):
        table.add_column(name, no_wrap=place == 0, overflow="fold")
    for row in body:
        table.add_row(*map(Text, row))
    Console(highlight=False).print(table)


class Lines:
    """Lines that appear as they become known, aligned in columns; used as a context manager.

    In a terminal they scroll by above a progress bar. A quiet one shows the bar alone.
    """

    def __init__(self, widths: Sequence[int], *, quiet: bool = False) -> None:
        self._widths, self._quiet = widths, quiet
        self._open = ExitStack()
        self._console: Any = None

    def __enter__(self) -> Lines:
        if is_plain():
            return self
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._console = Console(highlight=False)
        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False),
        )
        self._bar = self._open.enter_context(Progress(*columns, console=self._console, transient=True))
        self._task = self._bar.add_task("", total=None)
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def row(self, cells: Sequence[str], style: str = "") -> None:
        """One line of cells, padded to the columns' widths; a longer cell is never cut."""
        self.line(_aligned(cells, self._widths), style)

    def line(self, text: str, style: str = "") -> None:
        """One line of text; ``style`` is a colour for terminals."""
        if self._quiet:
            return
        if self._console is None:
            print(text, flush=True)
            return
        from rich.text import Text

        self._console.print(Text(text, style=style), soft_wrap=True)

    def progress(self, label: str, done: int, total: int) -> None:
        """What is being worked on, and how much of the whole is done."""
        if self._console is not None:
            self._bar.update(self._task, description=label, completed=done, total=total)


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(str(cell).ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
