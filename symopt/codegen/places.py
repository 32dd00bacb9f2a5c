"""The user's cache directory: where it is, files that are written whole, and locks between processes."""

from __future__ import annotations

import functools
import os
import stat
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from .errors import CacheError


def directory() -> Path:
    """Where kernels are kept: SYMOPT_CACHE_DIR, else the user's cache directory, made if need be.

    Raises CacheError if SYMOPT_CACHE_DIR cannot be used; for the default, warns once and falls back to a
    private temporary directory.
    """
    asked = os.environ.get("SYMOPT_CACHE_DIR")
    path = Path(asked or _default()).absolute()
    try:
        return _usable(path)
    except OSError as error:
        if asked:
            raise CacheError(
                f"SYMOPT_CACHE_DIR = {asked!r}: must be a directory that can be made and written to ({error.strerror})"
            ) from error
    return _fallback(path)


def _default() -> Path:
    if os.environ.get("XDG_CACHE_HOME"):
        return Path(os.environ["XDG_CACHE_HOME"]) / "symopt"
    if os.name == "nt" and os.environ.get("LOCALAPPDATA"):
        return Path(os.environ["LOCALAPPDATA"]) / "symopt"
    return Path(os.path.expanduser("~")) / ".cache" / "symopt"  # noqa: PTH111 - Path.home() raises without a home


def _usable(path: Path) -> Path:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=path):
        return path


@functools.cache
def _fallback(unusable: Path) -> Path:
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    path = Path(tempfile.gettempdir()) / f"symopt-{user}"
    try:
        _usable(path)
        # Loading a kernel runs it: a directory that others can write to will not do.
        about = path.lstat()
        owned = not hasattr(os, "getuid") or (about.st_uid == os.getuid() and not about.st_mode & 0o022)
        if not (owned and stat.S_ISDIR(about.st_mode)):
            path = Path(tempfile.mkdtemp(prefix="symopt-"))
    except OSError:
        path = Path(tempfile.mkdtemp(prefix="symopt-"))
    warnings.warn(
        f"symopt: {unusable} cannot be written to; kernels are cached in {path} (set SYMOPT_CACHE_DIR to choose)",
        stacklevel=2,
    )
    return path


def write(path: Path, content: bytes) -> None:
    """Put the content there atomically, unless it is there already."""
    with suppress(OSError):
        if path.read_bytes() == content:
            return
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)  # noqa: PTH105 - mkstemp gives a string
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108
        raise


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock between processes, where the file system has locks."""
    with path.open("a+b") as file:
        with suppress(OSError):
            _lock(file)
        yield  # closing the file releases the lock


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)
