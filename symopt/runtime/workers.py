"""Threads that help with a step, and with one at a time: who finds them at work does without."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue

from .machine import NOWHERE

Phase = Callable[..., int]


class _Job:
    """A call of a phase by one worker; whoever sets its owner first makes it."""

    def __init__(self, phase: Phase, table: int, worker: int) -> None:
        self.phase, self.table, self.worker = phase, table, worker
        self.owner = dict[str, str]()
        self.done = SimpleQueue[None]()
        self.finished = False

    def is_for(self, who: str) -> bool:
        return self.owner.setdefault("is", who) == who  # atomic


class Crew:
    """Helpers, each a thread that is started when it is first wanted."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.inboxes: list[SimpleQueue[_Job]] = []
        self.jobs: list[_Job] = []

    def run(self, phase: Phase, table: int, helpers: int) -> None:
        """``phase`` on a table until nothing is left to take, with up to that many helpers; it may be called again
        after an interrupt, and then ends what was begun.
        """
        while len(self.inboxes) < helpers:
            self._hire()
        for worker in range(1, helpers + 1):
            job = _Job(phase, table, worker)
            self.jobs.append(job)
            self.inboxes[worker - 1].put(job)
        phase(NOWHERE, NOWHERE, table, 0)
        self.settle()

    def settle(self) -> None:
        """Wait for the helpers that have begun; what none has begun is called off."""
        while self.jobs:
            job = self.jobs[-1]
            if not job.is_for("nobody"):
                while not job.finished:
                    with suppress(Empty):
                        job.done.get(timeout=1)
            self.jobs.pop()

    def _hire(self) -> None:
        inbox = SimpleQueue[_Job]()
        threading.Thread(target=_help, args=(inbox,), name="symopt", daemon=True).start()
        self.inboxes.append(inbox)


def _help(inbox: SimpleQueue[_Job]) -> None:
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


def run_shared(phase: Phase, table: int, helpers: int) -> None:
    """``phase`` on a table, with helpers where they are free."""
    crew = _crew
    if helpers and crew.lock.acquire(blocking=False):
        try:
            crew.run(phase, table, helpers)
        finally:
            try:
                crew.settle()
            finally:
                crew.lock.release()
    else:
        phase(NOWHERE, NOWHERE, table, 0)
