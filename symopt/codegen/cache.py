"""The user's cache of kernels: one readable source file each, named by its content, machine code beside it.

Numba keeps the machine code; some of its versions key it on the file's time and size, so a file is written once
and then left alone. Numba neither locks nor checks what it stores; a lock and a list of digests per kernel do both.
"""

from __future__ import annotations

import json
import platform
import sys
import threading
from hashlib import sha256
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numba
from llvmlite import binding

from .errors import CacheError
from .places import directory, locked, write

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
                with locked(path.with_suffix(".lock")):
                    write(path, source.encode())
                    _loaded[path] = _compiled(path)
            except OSError as error:
                raise CacheError(
                    f"kernel cache {str(path.parent)!r}: must stay readable and writable ({error})"
                ) from error
        return _loaded[path], path


def _key(source: str) -> str:
    """A digest of all that decides the machine code: the source names every version, beside it Python and the CPU."""
    cpu = f"{binding.get_host_cpu_name()} {numba.config.CPU_NAME} {numba.config.CPU_FEATURES}"
    return sha256(f"{source}\n{platform.python_version()}\n{cpu}".encode()).hexdigest()[:16]


def _compiled(path: Path) -> Any:
    """Import the kernel's file; machine code that is not as it was written is thrown away and made again."""
    seal = path.with_suffix(".sha256")
    found = _digests(path)
    if found != _read_seal(seal):
        _discard(found)
    try:
        step = import_source(path).step
    except Exception:  # noqa: BLE001 - whatever Numba's unpickling trips on; a fault of the source comes up again
        _discard(_digests(path))
        step = import_source(path).step
    write(seal, json.dumps(_digests(path), sort_keys=True).encode())
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


def import_source(path: Path) -> ModuleType:
    """The module of a generated file, known by the file's name."""
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
