"""Files that a user asked for: written whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symopt.language import InputError


def write_atomically(path: str | Path, text: str) -> None:
    """Write ``text`` in UTF-8; whoever reads the file sees what was there before, or all of it.

    An existing file keeps its permissions, a link stays a link. What is not a regular file (a pipe, /dev/null)
    is written to as it is. Raises InputError if that cannot be done.
    """
    target = Path(path)
    try:
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8")
        else:
            _replace(target.resolve(), text)
    except OSError as error:
        raise _unwritable(path, error) from error


def require_writable(path: str | Path) -> None:
    """Raise the InputError that ``write_atomically`` would raise, before any work is done; leaves no trace."""
    target = Path(path)
    try:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if target.is_file() or not target.exists():
            probe = _beside(target.resolve())
            probe.touch(exist_ok=False)
            probe.unlink()
    except OSError as error:
        raise _unwritable(path, error) from error


def _replace(target: Path, text: str) -> None:
    temporary = _beside(target)
    try:
        with temporary.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _beside(target: Path) -> Path:
    return target.parent / f".symopt-{secrets.token_hex(8)}.tmp"


def _unwritable(path: str | Path, error: OSError) -> InputError:
    from symopt.language import refuse  # here, as it loads SymPy, which who writes a file need not wait for

    return refuse("file", str(path), f"must be a file that can be written ({error.strerror or error})")
