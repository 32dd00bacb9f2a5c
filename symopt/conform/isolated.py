"""Other people's code in a process of its own: it may print, loop or end the process, and we go on."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from symopt.language import SymoptError


class TargetError(SymoptError):
    """The process that ran the target ended, or did not end in time."""


def isolated(work: Callable[..., Any], *args: Any, timeout: float) -> Any:
    """``work(*args)`` in a new process within ``timeout`` seconds; what it prints goes to stderr.

    SymoptErrors that it raises are raised here; TargetError for anything else that it raises, and if the time is over
    or the process ended by itself.
    Arguments and result must be picklable.
    """
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(sender, work, args), daemon=True)
    process.start()
    sender.close()
    try:
        if not receiver.poll(timeout):
            raise TargetError(f"no answer within {timeout:g} seconds (timeout)")
        kind, result = receiver.recv()
    except EOFError:
        process.join(5)
        raise TargetError(f"the target ended the process, with exit code {process.exitcode}") from None
    finally:
        process.kill()
        process.join()
    if kind == "raised":
        raise result
    if kind == "failed":
        raise TargetError(result)
    return result


def _serve(sender: Connection, work: Callable[..., Any], args: tuple[Any, ...]) -> None:
    os.dup2(sys.stderr.fileno(), 1)  # also for what prints below Python
    sys.stdout = sys.stderr
    try:
        answer = ("returned", work(*args))
    except SymoptError as error:
        error.__cause__ = error.__context__ = None
        answer = ("raised", error)
    except Exception as error:  # noqa: BLE001 - the target's own, wherever it comes up
        answer = ("failed", f"raised {type(error).__name__}: {error}")
    sender.send(answer)
