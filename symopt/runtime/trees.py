"""Nested lists, tuples and dicts of arrays, taken apart and put together in one order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from symopt.language import InputError, refuse


def leaves(tree: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every leaf with its place, as ``params['layer'][0]``, in the order of lists and of dicts' keys."""
    if isinstance(tree, dict):
        for key, branch in tree.items():
            yield from leaves(branch, f"{name}[{key!r}]")
    elif isinstance(tree, (list, tuple)):
        for place, branch in enumerate(tree):
            yield from leaves(branch, f"{name}[{place}]")
    else:
        yield name, tree


def matching(tree: Any, like: Any, name: str) -> Iterator[Any]:
    """The leaves of a tree of the same form, in the order of the other's; None stands for a whole branch of Nones.

    Raises InputError where the forms differ.
    """
    if tree is None:
        yield from (None for _ in leaves(like, ""))
    elif isinstance(like, dict):
        if not isinstance(tree, dict) or tree.keys() != like.keys():
            shown = sorted(map(repr, tree)) if isinstance(tree, dict) else type(tree).__name__
            raise InputError(f"{name}: must be a dict with the keys {sorted(map(repr, like))}, not {shown}")
        for key, branch in like.items():
            yield from matching(tree[key], branch, f"{name}[{key!r}]")
    elif isinstance(like, (list, tuple)):
        if not isinstance(tree, (list, tuple)):
            raise refuse(name, type(tree).__name__, f"must be a list of {len(like)}, as the parameters are")
        if len(tree) != len(like):
            raise refuse(f"length of {name}", len(tree), f"must be {len(like)}, as many as there are parameters")
        for place, (branch, other) in enumerate(zip(tree, like, strict=True)):
            yield from matching(branch, other, f"{name}[{place}]")
    else:
        yield tree


def rebuilt(like: Any, values: Iterator[Any]) -> Any:
    """A tree of the same form with other leaves."""
    if isinstance(like, dict):
        return {key: rebuilt(branch, values) for key, branch in like.items()}
    if isinstance(like, (list, tuple)):
        return [rebuilt(branch, values) for branch in like]
    return next(values)
