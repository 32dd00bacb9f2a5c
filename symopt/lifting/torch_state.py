"""What an optimizer of torch keeps from one step to the next, and where it keeps it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from symopt.language import GRADIENT, PARAMETER, STEP, exact

from .carrying import Carrying


@dataclass(frozen=True)
class Slot:
    """A place, in a dict, list or deque, in which an optimizer keeps a number or a tensor; ``owner``: of which part."""

    name: str
    owner: str
    holder: Any
    key: Any

    @property
    def value(self) -> Any:
        """What is kept there now."""
        return self.holder[self.key]

    def put(self, value: Any) -> None:
        """Keep something else there."""
        self.holder[self.key] = value

    @property
    def number(self) -> Any:
        """The number that is kept, as a single one or as a tensor of one; None for anything else."""
        value = self.value
        if torch.is_tensor(value):
            return value.item() if value.numel() == 1 and not value.is_complex() else None
        return value if type(value) in (int, float, Carrying) else None


def slots(made: Any, x: Any, taken: frozenset[str]) -> dict[str, Slot]:
    """The places of what an optimizer keeps for the parameter x, by names that are none of those taken.

    In its state, in the parameters' group and among its own attributes; nothing that is kept for another parameter.
    """
    found: dict[str, Slot] = {}
    own = {id(x), id(x.grad)}
    shared = {key: value for key, value in made.state.items() if isinstance(key, (str, int))}
    parts = {"state": made.state[x], "shared": shared, "group": _group_of(made, x), "self": vars(made)}
    for owner, part in parts.items():
        for slot in _places(part, owner):
            if torch.is_tensor(slot.value):
                if id(slot.value) in own:
                    continue
                own.add(id(slot.value))
            name = next(n for n in _names(slot.name, owner) if n not in found and n not in taken)
            found[name] = Slot(name, slot.owner, slot.holder, slot.key)
    return found


def _group_of(made: Any, x: Any) -> dict[str, Any]:
    return next(group for group in made.param_groups if any(p is x for p in group["params"]))


#: The attributes of every optimizer, which are of no matter.
_OF_TORCH = frozenset(vars(torch.optim.SGD([torch.zeros(1)]))) | {"_opt_called", "_compiled_step"}


def _places(part: Any, owner: str, name: str = "") -> Iterator[Slot]:
    """Every number, truth value, text or tensor in dicts and lists."""
    for key, value in list(part.items() if isinstance(part, Mapping) else enumerate(part)):
        whole = f"{name}_{key}" if name else str(key)
        if (owner == "group" and key == "params") or (owner == "self" and key in _OF_TORCH):
            continue
        if isinstance(value, (dict, list, deque)):
            yield from _places(value, owner, whole)
        elif torch.is_tensor(value) or type(value) in (int, float, bool, str, Carrying):
            yield Slot(re.sub(r"\W", "_", whole), owner, part, key)


def _names(name: str, owner: str) -> Iterator[str]:
    name = name if name.isidentifier() and name not in (PARAMETER, GRADIENT, STEP) else f"{owner}_{name}"
    yield name
    yield f"{owner}_{name}"
    yield from (f"{owner}_{name}_{n}" for n in range(2, 1000))


def floats(group: Mapping[str, Any]) -> Iterator[tuple[tuple[str, int | None], float]]:
    """Of a parameter group: (name, place in a tuple or None), and the number, where it is not 0 and finite."""
    for name, value in group.items():
        if isinstance(value, float) and _is_hyper(value):
            yield (name, None), value
        elif isinstance(value, tuple) and all(isinstance(part, float) for part in value):
            yield from (((name, place), part) for place, part in enumerate(value) if _is_hyper(part))


def _is_hyper(value: float) -> bool:
    return bool(value) and value - value == 0


def hyper_name(key: tuple[str, int | None]) -> str:
    """The name of the hyperparameter at that place."""
    name, place = key
    return name if place is None else f"{name.removesuffix('s')}{place + 1}"


def put(group: dict[str, Any], key: tuple[str, int | None], value: Any) -> None:
    """Set a number of a parameter group."""
    name, place = key
    group[name] = value if place is None else tuple(value if n == place else v for n, v in enumerate(group[name]))


def counting(seen: list[dict[str, Any]]) -> dict[str, int]:
    """What counts steps, of the numbers kept after each of the first ones: what it is ahead of their count."""
    after = seen[-1]
    return {
        name: int(exact(after[name])) - len(seen)
        for name in after
        if all(name in one and one[name] == after[name] - len(seen) + n for n, one in enumerate(seen, 1))
        and float(after[name]).is_integer()
    }
