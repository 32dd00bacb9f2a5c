"""Tensors of one dtype as the machine code takes them: tables of addresses and sizes, cut into blocks."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .machine import NOWHERE
from .plan import Plan
from .workers import run_shared

#: Elements of a block: enough that taking it costs nothing, few enough that several threads end together.
BLOCK = 16384

#: Bytes that a step moves from which on a second thread pays: waking one takes as long as moving some megabytes.
SHARED = 8 << 20

Stage = Callable[[], Any]


def address(array: NDArray[Any]) -> int:
    """Where an array's elements begin."""
    return int(array.ctypes.data)


class Tables:
    """What a plan's phases are told of some tensors, and the stages of a step on them.

    ``arrays``: for x, g and each state with a value for each element, its addresses by tensor; ``single``: for each of
    the other states, the same. ``taken``: the tensors that take part in the step.
    """

    def __init__(
        self,
        plan: Plan,
        shapes: Sequence[tuple[int, ...]],
        groups: Sequence[int],
        arrays: Sequence[Sequence[int]],
        single: Sequence[Sequence[int]],
        taken: Sequence[int],
        shared: Shared,
    ) -> None:
        self.plan, self.shared = plan, shared
        item = np.dtype(plan.dtype).itemsize
        size = np.array([math.prod(shape) for shape in shapes], np.int64)
        columns = np.array([shape[-1] if shape else 1 for shape in shapes], np.int64)
        longest = max(BLOCK, int(size.max(initial=1))) if plan.matrices else BLOCK
        self.taken = np.array(taken, np.int64)
        counts = -(-size[self.taken] // longest)
        self.of = np.repeat(self.taken, counts)  # the tensor of each block
        self.first = np.concatenate([[0], np.cumsum(counts)[:-1]]) if len(counts) else counts
        place = np.arange(len(self.of)) - np.repeat(self.first, counts)
        self.offsets = (place * longest * item).astype(np.uint64)
        self.bases = np.array(arrays, np.uint64).reshape(len(arrays), len(size))
        self.blocks = np.empty((len(self.of), 2 + len(arrays)), np.uint64)
        self.blocks[:, 0] = self.of
        self.blocks[:, 1] = np.minimum(size[self.of] - place * longest, longest)
        for column in range(len(arrays)):
            self.point(column, self.bases[column])
        self.rows = np.zeros((len(self.taken), 2 + len(arrays)), np.uint64)  # a block for each tensor
        self.rows[:, 0] = self.taken
        self.tensors = np.empty((len(size), 3 + len(single)), np.uint64)
        self.tensors[:, 0], self.tensors[:, 1], self.tensors[:, 2] = size, groups, columns
        for column, addresses in enumerate(single):
            self.tensors[:, 3 + column] = addresses
        places = max(1, shared.places)
        self.totals = np.zeros((len(size), places))
        self.shares = np.zeros((max(1, len(self.of)), places))
        always, by_row, by_column = plan.scratch
        needed = always + (size // np.maximum(columns, 1)) * by_row + columns * by_column
        self.scratch = np.zeros((shared.threads, int(needed.max(initial=1))))
        self.counter = ctypes.c_uint64()
        self.words: list[NDArray[np.uint64]] = []
        self.full = self.first[counts > 0], self.taken[counts > 0]  # where the blocks of tensors with elements begin
        moved = int(size[self.taken].sum()) * item * (2 * len(arrays) - 1)
        self.helpers = min(shared.threads - 1, len(self.of) - 1) if moved >= SHARED else 0

    def point(self, column: int, addresses: NDArray[np.uint64]) -> None:
        """Say where the tensors' arrays of that column begin."""
        self.bases[column] = addresses
        np.add(addresses[self.of], self.offsets, out=self.blocks[:, 2 + column])

    def calls(self, phase: int, rows: NDArray[np.uint64]) -> list[Stage]:
        """A phase on all rows of a table: from the first row on, then until none is left."""
        words = np.array(
            [
                *(address(rows), len(rows), ctypes.addressof(self.counter), address(self.tensors)),
                *(address(self.shared.steps), address(self.shared.hypers), address(self.totals), address(self.shares)),
                *(address(self.scratch), self.scratch.strides[0], self.shared.elements),
            ],
            np.uint64,
        )
        self.words.append(words)
        function = self.plan.functions.phases[phase]
        if self.helpers:
            return [self.rewind, partial(run_shared, function, address(words), self.helpers, [])]
        return [self.rewind, partial(function, NOWHERE, NOWHERE, address(words), 0)]

    def rewind(self) -> None:
        """No row has been taken."""
        self.counter.value = 0

    def fold(self, place: int, how: str) -> Any:
        """All shares of a total as one number; of no blocks, what the fold starts from."""
        shares = self.shares[: len(self.of), place]
        return np.add.reduce(shares) if how == "sum" else np.maximum.reduce(shares, initial=-np.inf)

    def fold_each(self, place: int, how: str) -> None:
        """The shares of a total, for each tensor."""
        starts, tensors = self.full
        self.totals[:, place] = 0.0 if how == "sum" else -np.inf
        if len(starts):
            fold = np.add if how == "sum" else np.maximum
            self.totals[tensors, place] = fold.reduceat(self.shares[: len(self.of), place], starts)


@dataclass(frozen=True)
class Shared:
    """What all tensors of an optimizer share: their steps, hyperparameters by group, and how many there are."""

    steps: NDArray[np.float64]
    hypers: NDArray[np.float64]
    elements: int
    threads: int
    places: int


def stages(parts: Sequence[Tables]) -> list[Stage]:
    """A step as calls to be made one after the other; each may be made again if it was interrupted."""
    plan = parts[0].plan
    calls: list[Stage] = []
    place = 0
    for phase in range(plan.phases):
        adds = phase < len(plan.totals)
        finishes = phase > len(plan.totals)
        for part in parts:
            rows = part.rows if finishes else part.blocks
            calls += part.calls(phase, rows)
        for how, over in plan.totals[phase] if adds else ():
            if over == "all":
                calls.append(partial(_fold_all, parts, place, how))
            else:
                calls += [partial(part.fold_each, place, how) for part in parts]
            place += 1
    return calls


def _fold_all(parts: Sequence[Tables], place: int, how: str) -> None:
    folds = [part.fold(place, how) for part in parts]
    for part in parts:
        part.totals[:, place] = sum(folds) if how == "sum" else max(folds)
