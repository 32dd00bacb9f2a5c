"""States in any arrangement: arrays and numbers in dicts, lists, tuples and dataclasses, each with a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from .errors import LiftError
from .numpy import DuckArray, formula


def flatten(tree: Mapping[Any, Any]) -> dict[str, Any]:
    """The arrays, numbers and other values in a state by name: that of their place, joined by underscores."""
    found: dict[str, Any] = {}
    for name, value in _leaves("", tree):
        if name in found:
            raise LiftError(f"two states have the name {name!r}")
        found[name] = value
    return found


def _leaves(name: str, tree: Any) -> list[tuple[str, Any]]:
    parts = _parts(tree)
    if parts is None:
        return [(name, tree)]
    joined = [(f"{name}_{key}" if name else key, value) for key, value in parts]
    for own, (key, _) in zip(joined, parts, strict=True):
        if not isinstance(key, str) and not name:
            raise LiftError(f"the state's key {own[0]!r} is not a name")
    return [leaf for key, value in joined for leaf in _leaves(key, value)]


def _parts(tree: Any) -> list[tuple[Any, Any]] | None:
    """The values in a container with their places; None for what is none."""
    if isinstance(tree, Mapping):
        return list(tree.items())
    if isinstance(tree, (list, tuple)):
        return list(enumerate(tree))
    if is_dataclass(tree) and not isinstance(tree, type):
        return [(f.name, getattr(tree, f.name)) for f in fields(tree)]
    return None


def rebuild(tree: Any, leaf: Callable[[str, Any], Any], name: str = "") -> Any:
    """The same arrangement of other values: ``leaf`` of each name and value."""
    parts = _parts(tree)
    if parts is None:
        return leaf(name, tree)
    made = [(key, rebuild(value, leaf, f"{name}_{key}" if name else key)) for key, value in parts]
    if isinstance(tree, dict):
        return dict(made)
    values = [value for _, value in made]
    if isinstance(tree, tuple):
        return type(tree)(*values) if hasattr(tree, "_fields") else tuple(values)
    if isinstance(tree, list):
        return values
    new = object.__new__(type(tree))
    for key, value in made:
        object.__setattr__(new, key, value)
    return new


def is_number(value: Any) -> bool:
    """Whether a leaf is a number of Python's, which an optimizer may count with."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def as_lifted(value: Any) -> Any:
    """A leaf, a plain number being one that stands for itself."""
    return DuckArray(formula(value), weak=True) if is_number(value) else value
