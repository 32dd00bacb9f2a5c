"""Branches on lifted values: every path of a computation is run, and the results are joined by cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar

import sympy as sp

from symopt.language import cases

from .errors import LiftError, cannot_lift

MAX_PATHS = 256
_current: ContextVar[_Path | None] = ContextVar("path", default=None)

Outputs = Mapping[str, sp.Expr]


class LoneError(LiftError):
    """Something is kept on some paths alone."""

    def __init__(self, name: str, condition: sp.Basic) -> None:
        super().__init__(f"the state {name!r} is there only where {condition}, or only where not")
        self.name = name


class _Path:
    """One run: the decisions it replays, then new ones, all taken as true first."""

    def __init__(self, planned: tuple[bool, ...]) -> None:
        self.planned = planned
        self.taken: list[tuple[sp.Basic, bool]] = []

    def decide(self, condition: sp.Basic) -> bool:
        for seen, answer in self.taken:
            if seen == condition:
                return answer
        answer = self.planned[len(self.taken)] if len(self.taken) < len(self.planned) else True
        self.taken.append((condition, answer))
        return answer


def decide(condition: sp.Basic) -> bool:
    """The truth of a condition on the path being run."""
    if condition in (sp.true, sp.false):
        return bool(condition)
    path = _current.get()
    if path is None:
        raise cannot_lift(f"a branch on the value of {condition}")
    return path.decide(condition)


def explore(run: Callable[[], Outputs]) -> Outputs:
    """Run every path and join the outputs: ``Piecewise`` of what the branches give."""
    leaves: list[tuple[list[tuple[sp.Basic, bool]], Outputs]] = []
    plans: list[tuple[bool, ...]] = [()]
    while plans:
        if len(leaves) >= MAX_PATHS:
            raise LiftError(f"more than {MAX_PATHS} paths through the implementation")
        path = _Path(plans.pop())
        token = _current.set(path)
        try:
            outputs = run()
        finally:
            _current.reset(token)
        leaves.append((path.taken, outputs))
        answers = tuple(answer for _, answer in path.taken)
        plans += [(*answers[:n], False) for n in range(len(path.planned), len(answers))]
    return _join(leaves, 0)


def _join(leaves: list[tuple[list[tuple[sp.Basic, bool]], Outputs]], depth: int) -> Outputs:
    if len(leaves) == 1:
        return leaves[0][1]
    condition = leaves[0][0][depth][0]
    then = _join([leaf for leaf in leaves if leaf[0][depth][1]], depth + 1)
    otherwise = _join([leaf for leaf in leaves if not leaf[0][depth][1]], depth + 1)
    if lone := sorted(set(map(str, then)) ^ set(map(str, otherwise))):
        raise LoneError(lone[0], condition)
    return {
        name: then[name] if then[name] == otherwise[name] else cases((then[name], condition), (otherwise[name], True))
        for name in then
    }
