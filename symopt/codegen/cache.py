"""The user's cache of kernels: one readable source file each, named by its content, machine code beside it.

Numba keeps the machine code; some of its versions key it on the file's time and size, so a file is written once
and then left alone. Numba neither locks nor checks what it stores; a lock and a list of digests per kernel do both.
"""

from __future__ import annotations

import functools
import json
import os
import platform
import stat
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from pathlib import Path
from types import CodeType, ModuleType
from typing import IO, Any

import numba
from llvmlite import binding

from .errors import CacheError

_loaded: dict[Path, Any] = {}
_loading = threading.Lock()


def load(name: str, source: str) -> tuple[Any, Path]:
    """The compiled ``step`` of a kernel's source, and the file it lives in: from the cache if it is there.

    Raises CacheError where the directory asked for cannot be used.
    """
    path = directory() / f"{name}_{_key(source)}.py"
    with _loading:
        if path not in _loaded:
            try:
                with _locked(path.with_suffix(".lock")):
                    _write(path, source.encode())
                    _loaded[path] = _compiled(path)
            except OSError as error:
                raise CacheError(
                    f"kernel cache {str(path.parent)!r}: must stay readable and writable ({error})"
                ) from error
        return _loaded[path], path


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


def _key(source: str) -> str:
    """A digest of all that decides the machine code: the source names every version, beside it Python and the CPU."""
    cpu = f"{binding.get_host_cpu_name()} {numba.config.CPU_NAME} {numba.config.CPU_FEATURES}"
    return sha256(f"{source}\n{platform.python_version()}\n{cpu}".encode()).hexdigest()[:16]


def _write(path: Path, content: bytes) -> None:
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


def _compiled(path: Path) -> Any:
    """Import the kernel's file; machine code that is not as it was written is thrown away and made again."""
    seal = path.with_suffix(".sha256")
    found = _digests(path)
    if found != _read_seal(seal):
        _discard(found)
    try:
        step = _import(path).step
    except Exception:  # noqa: BLE001 - whatever Numba's unpickling trips on; a fault of the source comes up again
        _discard(_digests(path))
        step = _import(path).step
    _write(seal, json.dumps(_digests(path), sort_keys=True).encode())
    return step


def _digests(path: Path) -> dict[str, str]:
    """The digest of each of Numba's files for this kernel, wherever Numba may look for them."""
    folders = [path.parent / "__pycache__"]
    if numba.config.CACHE_DIR:
        folders += Path(numba.config.CACHE_DIR).glob("*/")
    files = (file for folder in folders for file in folder.glob(f"{path.stem}.step-*.nb[ic]"))
    return {str(file): sha256(file.read_bytes()).hexdigest() for file in files}


def _read_seal(seal: Path) -> object:
    try:
        return json.loads(seal.read_bytes())
    except (OSError, ValueError):
        return None


def _discard(files: dict[str, str]) -> None:
    for file in files:
        Path(file).unlink(missing_ok=True)


class _SourceOnly(SourceFileLoader):
    """Compiles from the source every time: no .pyc that may be stale, damaged or unwelcome."""

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)


def _import(path: Path) -> ModuleType:
    loader = _SourceOnly(path.stem, str(path))
    module = module_from_spec(ModuleSpec(path.stem, loader, origin=str(path)))
    module.__file__ = str(path)
    sys.modules[path.stem] = module  # Numba's stored code names its module
    try:
        loader.exec_module(module)
    except BaseException:
        del sys.modules[path.stem]
        raise
    return module


@contextmanager
def _locked(path: Path) -> Iterator[None]:
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
