"""Names of modules that stand for something else for a while."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any


@contextmanager
def rebound(changes: Iterable[tuple[dict[str, Any], Mapping[str, Any]]]) -> Iterator[None]:
    """Inside, names of namespaces are bound to other values; afterwards they are what they were."""
    former: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = []
    try:
        for names, others in changes:
            before = {name: names[name] for name in others if name in names}
            former.append((names, before, [name for name in others if name not in names]))
            names.update(others)
        yield
    finally:
        for names, before, added in reversed(former):
            names.update(before)
            for name in added:
                names.pop(name, None)
