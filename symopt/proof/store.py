"""Certificates kept on disk: a proof that was found once is only checked the next time.

Nothing read back is trusted: a certificate counts only if the checker accepts it for the question asked now, so a
damaged or foreign file costs a search and no more. Of the side conditions that a search left open only those count that
the question has; one too many is stated as a hypothesis, one too few leaves a proof without its side condition. Off
unless ``remember`` names a directory.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from fractions import Fraction
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from .certificate import Certificate, Relation, Statement
from .checker import check
from .normal import Rejected

UNREADABLE = (OSError, ArithmeticError, ValueError, TypeError, LookupError, RecursionError, Rejected)

_directory: Path | None = None


def remember(directory: Path | None) -> None:
    """Keep certificates in a directory, made if need be; None keeps none."""
    global _directory
    _directory = directory


def recall(question: Statement, *help_given: Any) -> Certificate | None:
    """The kept certificate of a question, if there is one that the checker accepts."""
    path = _path(question, help_given)
    if path is None:
        return None
    try:
        data = _decode(json.loads(path.read_text(encoding="utf-8")))
        certificate = Certificate(question, dict(data[0]), data[1])
        check(certificate)
    except UNREADABLE:
        return None
    return certificate


def keep(certificate: Certificate, *help_given: Any) -> None:
    """Keep a certificate, atomically; where the disk refuses, it is simply not kept."""
    _write(_path(certificate.statement, help_given), (tuple(certificate.point.items()), certificate.proof))


def recall_missing(question: Statement, possible: Iterable[Relation]) -> tuple[Relation, ...] | None:
    """The side conditions that this search left open, if they are kept and all of them are possible ones."""
    path = _path(question, _search())
    if path is None:
        return None
    known = {relation: relation for relation in possible}
    try:
        return tuple(known[relation] for relation in _decode(json.loads(path.read_text(encoding="utf-8"))))
    except UNREADABLE:
        return None


def keep_missing(question: Statement, missing: tuple[Relation, ...]) -> None:
    """Keep the side conditions that the search left open."""
    _write(_path(question, _search()), missing)


@cache
def _search() -> str:
    """A digest of the engine's own source: another search may leave other conditions open."""
    return sha256(b"".join(file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py")))).hexdigest()


def _write(path: Path | None, data: Any) -> None:
    if path is None:
        return
    text = json.dumps(_encode(data))
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)


def _path(question: Statement, help_given: Any) -> Path | None:
    if _directory is None:
        return None
    return _directory / f"{sha256(repr((question, help_given)).encode()).hexdigest()[:32]}.json"


def _encode(value: Any) -> Any:
    if isinstance(value, Fraction):
        return {"q": str(value)}
    return [_encode(part) for part in value] if isinstance(value, tuple) else value


def _decode(value: Any) -> Any:
    if isinstance(value, dict):
        above, _, below = str(value["q"]).partition("/")
        return Fraction(int(above), int(below or 1))  # int refuses what Fraction would take for ever over: 1e999999999
    return tuple(_decode(part) for part in value) if isinstance(value, list) else value
