"""What a lifter says when it cannot follow an implementation."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from symopt.language import SymoptError

_OURS = Path(__file__).parents[1]
_STANDARD = Path(re.__file__).parents[1]
#: Packages in which a target's calls end; of torch.optim only the base class is such a place, and Keras' optimizers are
#: none.
_FRAMEWORKS = re.compile(
    r"[/\\]site-packages[/\\]((numpy|sympy|jax|jaxlib)[/\\]|torch[/\\](?!optim[/\\])|torch[/\\]optim[/\\]optimizer\.py"
    r"|keras[/\\]src[/\\](?!optimizers[/\\]|backend[/\\]torch[/\\]optimizers[/\\]))"
)


class LiftError(SymoptError):
    """An operation that cannot be lifted; the message names it and the line of the implementation."""


def cannot_lift(what: str) -> LiftError:
    """The error for an operation, located at the innermost frame that may be a target's."""
    frame = sys._getframe(1)
    while frame is not None:
        if is_target(frame.f_code.co_filename):
            return LiftError(f"{what} (at {frame.f_code.co_filename}:{frame.f_lineno})")
        if frame.f_back is None:
            break
        frame = frame.f_back
    return LiftError(what)


def raised(error: Exception) -> LiftError:
    """The error for what a target's code raised, located at the innermost line of that code."""
    frames, place = error.__traceback__, ""
    while frames is not None:
        if is_target(frames.tb_frame.f_code.co_filename):
            place = f" (at {frames.tb_frame.f_code.co_filename}:{frames.tb_lineno})"
        frames = frames.tb_next
    return LiftError(f"the step raised {type(error).__name__}: {error}{place}")


def is_target(name: str) -> bool:
    """Whether a source file may be a target's: not ours, a framework's or the standard library's."""
    file = Path(name)
    if name.startswith("<") or _FRAMEWORKS.search(name):
        return False
    ours = file.is_relative_to(_OURS) and not file.is_relative_to(_OURS / "reference")
    return not ours and not (file.is_relative_to(_STANDARD) and "site-packages" not in file.parts)
