"""Work shared out among processes, one for each processor."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Items for which another process is worth its start.
WORTH = 8


def processors() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_processes(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    start: Callable[[], Any] | None = None,
    worth: int | None = None,
) -> Iterator[Result]:
    """``work(item)`` for each item, in their order; with less than ``worth`` for each of two processes there is one.

    ``start()`` is called in every process first. Both must be importable, items and results picklable. What ``work``
    raises is raised here, when it is that item's turn.
    """
    jobs = min(processors(), len(items) // (WORTH if worth is None else worth))
    if jobs < 2:
        if start:
            start()
        yield from map(work, items)
        return
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), initializer=start)
    try:
        yield from pool.map(work, items)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
