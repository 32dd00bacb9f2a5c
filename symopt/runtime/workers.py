"""Threads that help with a step, and with one at a time: who finds them at work does without."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue

from .machine import NOWHERE

Phase = Callable[..., int]


class Job:
    """A call of a phase by one worker; whoever sets its owner first makes it."""

    def __init__(self, phase: Phase, table: int, worker: int) -> None:
        self.phase, self.table, self.worker = phase, table, worker
        self.owner = dict[str, str]()
        self.done = SimpleQueue[None]()
        self.finished = False

    def is_for(self, who: str) -> bool:
        """Whether the job is theirs: the first who asks gets it."""
        return self.owner.setdefault("is", who) == who  # atomic


class Crew:
    """Helpers, each a thread that is started when it is first wanted; one step at a time has them (``lock``)."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.inboxes: list[SimpleQueue[Job]] = []

    def ask(self, phase: Phase, table: int, helpers: int, jobs: list[Job]) -> None:
        """Let that many helpers call ``phase`` on a table; their jobs are added to a list."""
        while len(self.inboxes) < helpers:
            inbox = SimpleQueue[Job]()
            threading.Thread(target=_help, args=(inbox,), name="symopt", daemon=True).start()
            self.inboxes.append(inbox)
        for worker in range(1, helpers + 1):
            job = Job(phase, table, worker)
            jobs.append(job)
            self.inboxes[worker - 1].put(job)


def settle(jobs: list[Job]) -> None:
    """Wait for the jobs that helpers have begun; what none has begun is called off."""
    while jobs:
        job = jobs[-1]
        if not job.is_for("nobody"):
            while not job.finished:
                with suppress(Empty):
                    job.done.get(timeout=1)
        jobs.pop()


def _help(inbox: SimpleQueue[Job]) -> None:
    while True:
        job = inbox.get()
        if job.is_for("helper"):
            job.phase(NOWHERE, NOWHERE, job.table, job.worker)
            job.finished = True
            job.done.put(None)
        del job


_crew = Crew()


def _renew() -> None:
    """A forked process has none of its parent's threads."""
    global _crew
    _crew = Crew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)


def run_shared(phase: Phase, table: int, helpers: int, jobs: list[Job]) -> None:
    """``phase`` on a table until nothing is left to take, with helpers where they are free.

    ``jobs``: an empty list of the caller's. If this is interrupted it may be called again with the same list, and ends
    what was begun.
    """
    crew = _crew
    if not crew.lock.acquire(blocking=False):
        phase(NOWHERE, NOWHERE, table, 0)
        settle(jobs)
        return
    try:
        crew.ask(phase, table, helpers, jobs)
        phase(NOWHERE, NOWHERE, table, 0)
        settle(jobs)
    finally:
        crew.lock.release()
