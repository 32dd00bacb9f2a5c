"""A rule on lists or trees of arrays: one call steps them all, in place."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator, MutableMapping
from functools import partial
from itertools import pairwise
from operator import call, is_
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np
from numpy.typing import NDArray

from symopt.language import Hyper, InputError, refuse, shape_of

from .plan import Plan, find_plan
from .tables import Shared, Tables, address, stages
from .trees import leaves, matching, rebuilt

if TYPE_CHECKING:
    from symopt.language import Rule

Hypers = float | Callable[[int], float]
POLICIES = ("propagate", "raise", "skip")
DTYPES = ("float32", "float64")


class Group(MutableMapping[str, Any]):
    """The hyperparameters of a group of parameters by name; each a number, or a function of t that gives one."""

    def __init__(
        self, hypers: tuple[Hyper, ...], given: dict[str, Any], row: NDArray[np.float64], changed: Callable[[], None]
    ) -> None:
        self._changed = changed
        self._hypers = {hyper.name: (place, hyper) for place, hyper in enumerate(hypers)}
        self._row = row
        self._values: dict[str, Any] = {hyper.name: float(hyper.default) for hyper in hypers}
        self.scheduled: dict[str, Callable[[int], float]] = {}
        for name in self._values:
            self[name] = given.get(name, self._values[name])
        for name in given:
            self._place(name)

    def _place(self, name: str) -> tuple[int, Hyper]:
        if name not in self._hypers:
            raise InputError(f"there is no hyperparameter {name!r}; there are {', '.join(self._hypers)}")
        return self._hypers[name]

    def number(self, name: str, value: Any) -> float:
        """A value as float64; InputError where it is outside the domain."""
        _, hyper = self._place(name)
        try:
            hyper.check(value)
            hyper.check(number := float(value))
        except (TypeError, ValueError, OverflowError) as error:
            if isinstance(error, InputError):
                raise
            raise refuse(name, value, f"must be a float64 with {hyper.domain.describe(name)}") from error
        return number

    def put(self, name: str, number: float) -> None:
        """What the next step takes."""
        self._row[self._hypers[name][0]] = number

    def __getitem__(self, name: str) -> Any:
        self._place(name)
        return self._values[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._place(name)
        if callable(value):
            self.scheduled[name] = value
        else:
            self.put(name, number := self.number(name, value))
            value = number
            self.scheduled.pop(name, None)
        self._values[name] = value
        self._changed()

    def __delitem__(self, name: str) -> None:
        raise InputError(f"the hyperparameter {name!r} cannot be taken away; it can be set")

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class Optimizer:
    """Steps of a rule on NumPy arrays, in place.

    ``rule``: a catalog name, ``path/to/file.py:rule`` or a Rule (a chain among them). ``params``: an array, or lists,
    tuples and dicts of arrays, nested as you like; or groups, a list of dicts that each have "params" beside
    hyperparameters of their own. Arrays are C-contiguous, writable, of float32 or float64, and do not overlap.
    ``hypers``: numbers, or functions of t = 1, 2, ... that give numbers; the rule's defaults where not given.
    ``nonfinite``: what a gradient with NaN or infinity does: "propagate" (as IEEE 754 has it), "raise" (InputError,
    nothing is modified) or "skip" (nothing is modified, ``skipped`` counts). ``threads``: at most as many work on a
    step; all processors where not given. The result does not depend on it.

    ``groups``: the hyperparameters of each group, which may be set between steps. ``t``: the number of steps made.
    Raises InputError for anything else, CacheError where SYMOPT_CACHE_DIR cannot be used.
    """

    def __init__(
        self, rule: str | Rule, params: Any, *, nonfinite: str = "propagate", threads: int | None = None, **hypers: Any
    ) -> None:
        if nonfinite not in POLICIES:
            raise refuse("nonfinite", nonfinite, f"must be one of {', '.join(POLICIES)}")
        self.nonfinite, self.skipped, self.t = nonfinite, 0, 0
        grouped = _is_grouped(params)
        self._like: Any = [group["params"] for group in params] if grouped else params
        own = [{k: v for k, v in group.items() if k != "params"} for group in params] if grouped else [{}]
        trees = self._like if grouped else [params]
        found = [
            (n, f"params{place}", x) for n, tree in enumerate(trees) for place, x in leaves(tree, f"[{n}]" * grouped)
        ]
        self._of = [group for group, _, _ in found]
        self._names = [name for _, name, _ in found]
        self._params: list[NDArray[Any]] = [_parameter(name, x) for _, name, x in found]
        self._ranges = _ranges(self._names, self._params)
        dtypes = sorted({x.dtype.name for x in self._params}) or ["float32"]
        self._plans: dict[str, Plan] = {dtype: find_plan(rule, dtype) for dtype in dtypes}
        plan = self._plans[dtypes[0]]
        self._hypers = np.zeros((len(own), max(1, len(plan.hypers))))
        self.groups = [Group(plan.hypers, hypers | mine, self._hypers[n], self._unsettle) for n, mine in enumerate(own)]
        self._steps = np.zeros(len(found))
        self._made: NDArray[np.float64] | None = None  # the steps of each tensor, once they differ
        self._shared = Shared(
            self._steps,
            self._hypers,
            sum(x.size for x in self._params),
            _threads(threads),
            sum(map(len, plan.totals)),
        )
        self._states: list[dict[str, NDArray[Any]]] | None = None
        self._cuts: dict[tuple[int, ...], tuple[list[Tables], list[Any]]] = {}
        self._seen: tuple[Any, ...] = ()  # the gradients of the last step, weakly
        self._taken: list[int] = []  # the tensors that take part
        self._calls: list[Any] = []
        self._unsettled = True  # whether hyperparameters or gradients must be looked at before every step
        self._lock = threading.RLock()

    @property
    def states(self) -> dict[str, Any]:
        """The states by name, each nested as the parameters are; made before the first step that needs them."""
        made = self._made_states()
        names = [state.name for state in next(iter(self._plans.values())).states]
        return {name: rebuilt(self._like, iter([states[name] for states in made])) for name in names}

    def step(self, grads: Any, **hypers: Any) -> None:
        """One step in place. ``grads``: nested as the parameters are, of their shapes and dtypes; a tensor whose
        gradient is None is left alone, and its own t does not advance. ``hypers``: numbers for this step alone.

        Raises InputError, with nothing modified, where this does not hold. A KeyboardInterrupt waits for the end of
        the step.
        """
        with self._lock:
            ready = not hypers and not self._unsettled and self._is_ready(grads)
            if ready or self._prepare(grads, hypers):
                self._make()

    def _is_ready(self, grads: Any) -> bool:
        """Whether these are the very arrays that the last step took, so that all that was looked at still holds."""
        return type(grads) is list and len(grads) == len(self._seen) and all(map(is_, map(call, self._seen), grads))

    def _prepare(self, grads: Any, hypers: dict[str, Any]) -> bool:
        """Check everything, then set what the machine code is told; whether the step is to be made."""
        self._seen = ()
        given = list(matching(grads, self._like, "grads"))
        addresses = self._addresses(given)
        numbers = self._numbers(hypers)
        if self.nonfinite != "propagate" and not self._finite(given):
            return False
        taken = tuple(n for n, g in enumerate(given) if g is not None)
        parts, calls = self._cut(taken)
        for part in parts:
            part.point(1, addresses)
        self._set(numbers)
        if self._made is None and len(taken) < len(given):
            self._made = np.full(len(given), float(self.t))
        self._taken, self._calls = list(taken), calls
        self._unsettled = bool(hypers) or self.nonfinite != "propagate" or any(g.scheduled for g in self.groups)
        if type(grads) is list and all(map(is_, given, grads)) and len(given) == len(grads) == len(taken):
            self._seen = tuple(map(ref, given))
        return True

    def _unsettle(self) -> None:
        self._unsettled = True

    def _make(self) -> None:
        """Every stage, whatever interrupts; then the interrupt."""
        if self._made is None:
            self._steps.fill(self.t + 1)
        else:
            self._steps[self._taken] = self._made[self._taken] + 1
        ended = self.t + 1
        left, interrupt = [partial(self._end, ended), *reversed(self._calls)], None
        while left:
            try:
                while left:
                    left[-1]()
                    left.pop()
            except KeyboardInterrupt as error:
                interrupt = error
        if interrupt is not None:
            interrupt.add_note(f"symopt: step {ended} was completed before")
            raise interrupt

    def _end(self, ended: int) -> None:
        if self._made is not None:
            self._made[:] = self._steps
        self.t = ended

    def _numbers(self, hypers: dict[str, Any]) -> list[dict[str, float]]:
        """What this step takes for each group where that is not what is set; nothing is changed yet."""
        found = []
        for group in self.groups:
            asked: dict[str, Any] = {name: value(self.t + 1) for name, value in group.scheduled.items()} | hypers
            found.append({name: group.number(name, value) for name, value in asked.items()})
        return found

    def _set(self, numbers: list[dict[str, float]]) -> None:
        for group, own in zip(self.groups, numbers, strict=True):
            for name, value in group.items():
                if not callable(value):
                    group.put(name, value)
            for name, number in own.items():
                group.put(name, number)

    def _addresses(self, given: list[Any]) -> NDArray[np.uint64]:
        """Where the gradients begin, each checked."""
        found = np.zeros(len(given), np.uint64)
        for n, (g, x, name) in enumerate(zip(given, self._params, self._names, strict=True)):
            if g is not None:
                name = name.replace("params", "grads", 1)
                _check_gradient(name, g, x)
                found[n] = address(g)
                place = bisect_left(self._ranges, (address(g) + g.nbytes, 0, ""))
                if g.size and place and (other := self._ranges[place - 1])[1] > address(g):
                    raise InputError(f"{name} overlaps {other[2]} in memory: gradients must be separate arrays")
        return found

    def _finite(self, given: list[Any]) -> bool:
        for name, g in zip(self._names, given, strict=True):
            if g is not None and not np.isfinite(g).all():
                if self.nonfinite == "raise":
                    raise InputError(f"{name.replace('params', 'grads', 1)}: has NaN or infinity; nothing was modified")
                self.skipped += 1
                return False
        return True

    def _made_states(self) -> list[dict[str, NDArray[Any]]]:
        if self._states is None:
            self._states = [
                {
                    state.name: _filled(shape_of(state.scope, x.shape), float(state.initial), x.dtype)
                    for state in self._plans[x.dtype.name].states
                }
                for x in self._params
            ]
        return self._states

    def _cut(self, taken: tuple[int, ...]) -> tuple[list[Tables], list[Any]]:
        """The tables of the tensors that take part, and the stages of their step."""
        if taken not in self._cuts:
            states = self._made_states()
            parts = []
            for dtype, plan in self._plans.items():
                own = [n for n in taken if self._params[n].dtype.name == dtype]
                many = [state.name for state in plan.states if state.scope == "element"]
                arrays = [
                    [address(x) for x in self._params],
                    [0] * len(self._params),
                    *([address(mine[name]) for mine in states] for name in many),
                ]
                single = [[address(mine[state.name]) for mine in states] for state in plan.single]
                shapes = [x.shape for x in self._params]
                parts.append(Tables(plan, shapes, self._of, arrays, single, own, self._shared))
            if len(self._cuts) >= 8:  # of changing sets of tensors, only the last few are kept
                self._cuts.pop(next(iter(self._cuts)))
            self._cuts[taken] = parts, stages(parts)
        return self._cuts[taken]


def _is_grouped(params: Any) -> bool:
    return (
        isinstance(params, (list, tuple))
        and len(params) > 0
        and all(isinstance(group, dict) and "params" in group for group in params)
    )


def _threads(threads: int | None) -> int:
    if threads is None:
        from symopt.parallel import processors

        return processors()
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise refuse("threads", threads, "must be a whole number >= 1")
    return threads


def _filled(shape: tuple[int, ...], value: float, dtype: Any) -> NDArray[Any]:
    return np.full(shape, value, dtype) if value else np.zeros(shape, dtype)


def _parameter(name: str, x: Any) -> NDArray[Any]:
    if not isinstance(x, np.ndarray):
        raise refuse(name, x, f"must be a NumPy array of {' or '.join(DTYPES)}")
    if x.dtype.name not in DTYPES or not x.dtype.isnative:
        raise refuse(f"dtype of {name}", str(x.dtype), f"must be {' or '.join(DTYPES)}")
    _check_layout(name, x)
    if not x.flags.writeable:
        raise refuse(f"{name}.flags.writeable", False, f"must be writable: {name} is updated in place")
    return x


def _check_layout(name: str, x: NDArray[Any]) -> None:
    if not x.flags.c_contiguous:
        raise refuse(f"strides of {name}", x.strides, f"must be C-contiguous (shape {x.shape})")
    if not x.flags.aligned:
        raise refuse(f"address of {name}", hex(address(x)), f"must be aligned to {x.itemsize} bytes")


def _check_gradient(name: str, g: Any, x: NDArray[Any]) -> None:
    if not isinstance(g, np.ndarray):
        raise refuse(name, g, f"must be a NumPy array of {x.dtype}, or None")
    if g.dtype != x.dtype:
        raise refuse(f"dtype of {name}", str(g.dtype), f"must be {x.dtype}, as of its parameter")
    if g.shape != x.shape:
        raise refuse(f"shape of {name}", g.shape, f"must be {x.shape}, as of its parameter")
    _check_layout(name, g)


def _ranges(names: list[str], arrays: list[NDArray[Any]]) -> list[tuple[int, int, str]]:
    """From where to where the arrays lie, in order; InputError where two overlap."""
    found = sorted((address(x), address(x) + x.nbytes, name) for name, x in zip(names, arrays, strict=True) if x.size)
    for (_, end, name), (start, _, other) in pairwise(found):
        if start < end:
            raise InputError(f"{other} overlaps {name} in memory: parameters must be separate arrays")
    return found
