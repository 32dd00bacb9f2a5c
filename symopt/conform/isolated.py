"""Other people's code in a process of its own: it may print, loop or end the process, and we go on."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from symopt.language import SymoptError


class TargetError(SymoptError):
    """The process that ran the target ended, or did not end in time."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """TargetError if what is done inside takes longer; where the system has no alarms (Windows), it may."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def over(*_: Any) -> None:
        raise TargetError(f"no answer within {seconds:g} seconds (--timeout)")

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def isolated(work: Callable[..., Any], *args: Any, timeout: float) -> Any:
    """``work(*args)`` in a new process within ``timeout`` seconds; what it prints goes to stderr.

    SymoptErrors that it raises are raised here; TargetError if the time is over or the process ended by itself.
    Arguments and result must be picklable.
    """
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(sender, work, args), daemon=True)
    process.start()
    sender.close()
    try:
        if not receiver.poll(timeout):
            raise TargetError(f"no answer within {timeout:g} seconds (--timeout)")
        kind, result = receiver.recv()
    except EOFError:
        process.join(5)
        raise TargetError(f"the target ended the process, with exit code {process.exitcode}") from None
    finally:
        process.kill()
        process.join()
    if kind == "raised":
        raise result
    return result


def _serve(sender: Connection, work: Callable[..., Any], args: tuple[Any, ...]) -> None:
    os.dup2(sys.stderr.fileno(), 1)  # also for what prints below Python
    sys.stdout = sys.stderr
    try:
        answer = ("returned", work(*args))
    except SymoptError as error:
        error.__cause__ = error.__context__ = None
        answer = ("raised", error)
    sender.send(answer)
