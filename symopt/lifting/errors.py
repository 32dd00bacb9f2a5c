"""What a lifter says when it cannot follow an implementation."""

from __future__ import annotations

import sys
from pathlib import Path

from symopt.language import SymoptError

_HERE = str(Path(__file__).parent)


class LiftError(SymoptError):
    """An operation that cannot be lifted; the message names it and the line of the implementation."""


def cannot_lift(what: str) -> LiftError:
    """The error for an operation, located at the innermost frame outside the lifter and its libraries."""
    frame = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith(_HERE) and "site-packages" not in file:
            return LiftError(f"{what} (at {file}:{frame.f_lineno})")
        if frame.f_back is None:
            break
        frame = frame.f_back
    return LiftError(what)
