"""The jaxprs of a transformation, walked on formulas: the first step and any later one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy as sp

from symopt.language import GRADIENT, PARAMETER, STEP, Hyper, State, input_scopes

from .elements import ELEMENTS, symbols
from .errors import LiftError
from .function import LiftedStep
from .jaxpr import evaluate
from .layouts import Layout, layout
from .numpy import DuckArray, cells_of
from .optax_trace import Trace
from .program import Inputs, run, scopes_of, spread, to_program
from .together import LENGTH, MARK, other, over_all


def walk(trace: Trace, hypers: tuple[Hyper, ...], title: str) -> LiftedStep:
    """What the trace computes; of two tensors, with sums over all. LiftError for what cannot be followed."""
    changing: set[str] = set()
    while True:
        try:
            return _Walk(trace, hypers, frozenset(changing)).lift(title)
        except _ChangedError as changed:
            changing.add(changed.name)


class _ChangedError(Exception):
    """A state that the first step does not change is changed by a later one."""

    def __init__(self, name: str) -> None:
        self.name = name


@dataclass
class _Walk:
    """One trace; ``fixed``: what states are that no step changes, ``layouts``: how the others lie, and ``ahead``: what
    those that count start at.
    """

    trace: Trace
    hypers: tuple[Hyper, ...]
    changing: frozenset[str]
    fixed: dict[str, Any] = field(default_factory=dict)
    layouts: dict[str, Layout] = field(default_factory=dict)
    ahead: dict[str, Any] = field(default_factory=dict)

    @property
    def ndim(self) -> int:
        return len(self.trace.shapes[0])

    def lift(self, title: str) -> LiftedStep:
        first = run(self._start, self.ndim)
        later = run(self._later, self.ndim)
        counters = [n for n, leaf in self._leaves() if n in later and _is_count(leaf)]
        for name in counters:
            ahead = self.ahead[name]
            if sp.expand(later[name].doit() - sp.Symbol(STEP)) != ahead or first[name] != 1 + ahead:
                raise LiftError(f"the counter {name} does not count the steps: it becomes {later[name]}")
        names = [PARAMETER, *(n for n in self.trace.names if n in later and n not in counters)]
        first, later = ({n: outputs[n] for n in names} for outputs in (first, later))
        scopes = {n: self.layouts[n].scope for n in names[1:]}
        if len(self.trace.shapes) > 1:
            first, later = over_all(first), over_all(later)
        scopes |= scopes_of({n: later[n] for n in names[1:] if scopes[n] == "one"}, self.hypers)
        states = tuple(State(name=name, scope=scopes[name]) for name in names[1:])
        if len(self.trace.shapes) > 1:
            known = input_scopes(self.hypers, states)
            first, later = ({n: spread(e, known) for n, e in outputs.items()} for outputs in (first, later))
        return LiftedStep(to_program(title, later, self.hypers, states), first)

    def _start(self) -> dict[str, Any]:
        began = evaluate(self.trace.init.jaxpr, self.trace.init.consts, [*self._numbers(), *self._given(PARAMETER)])
        self.ahead = {n: _cells(b)[0] for (n, leaf), b in zip(self._leaves(), began, strict=True) if _is_count(leaf)}
        own = {h.name for h in self.hypers}
        self.fixed = {
            name: value
            for name, value in zip(self.trace.names, began, strict=True)
            if name not in self.changing and {s.name for cell in _cells(value) for s in cell.free_symbols} <= own
        }
        after = self._step(began)
        for name in [n for n, value in self.fixed.items() if not _same(value, after[n])]:
            del self.fixed[name]
        return self._outputs(after)

    def _later(self) -> dict[str, Any]:
        after = self._step([self._state(name, leaf) for name, leaf in self._leaves()])
        for name, value in self.fixed.items():
            if not _same(value, after[name]):
                raise _ChangedError(name)
        return self._outputs(after)

    def _step(self, states: list[Any]) -> dict[str, Any]:
        given = [*self._numbers(), *self._given(PARAMETER), *self._given(GRADIENT), *states]
        found = evaluate(self.trace.step.jaxpr, self.trace.step.consts, given)
        xs = (PARAMETER, other(PARAMETER))[: len(self.trace.shapes)]
        return dict(zip((*xs, *self.trace.names), found, strict=True))

    def _outputs(self, after: Mapping[str, Any]) -> dict[str, Any]:
        """The new x and its states, in the order of its axes."""
        found = {PARAMETER: after[PARAMETER]}
        for name in self.trace.names:
            if name in self.fixed or name.endswith(MARK):
                continue
            cells = _cells_in_shape(after[name])
            own = self.layouts.setdefault(name, layout(cells, self.ndim))
            if layout(cells, self.ndim) != own:
                raise LiftError(f"the state {name} is of something else after later steps")
            found[name] = DuckArray(own.in_order(name, cells, self.ndim), getattr(after[name], "dtype", None))
        return found

    def _numbers(self) -> list[Any]:
        return [Inputs("float64", self.ndim).number(h.name, weak=True) for h in self.hypers]

    def _given(self, name: str) -> list[Any]:
        """x or g, and the other tensor's."""
        pairs = ((name, ELEMENTS), (other(name), LENGTH))[: len(self.trace.shapes)]
        return [DuckArray(symbols(each, self.ndim, length=length), "float64") for each, length in pairs]

    def _leaves(self) -> Any:
        return zip(self.trace.names, self.trace.leaves, strict=True)

    def _state(self, name: str, leaf: Any) -> Any:
        if name in self.fixed:
            return self.fixed[name]
        if _is_count(leaf):
            with sp.evaluate(True):
                return DuckArray(sp.Symbol(STEP) - 1 + self.ahead[name], leaf.dtype)
        if not name.endswith(MARK):
            return DuckArray(self.layouts[name].symbols(name, self.ndim), leaf.dtype)
        own = self.layouts.get(name.removesuffix(MARK))
        if own is None or own.shape not in ((), (ELEMENTS,) * self.ndim):
            raise LiftError(f"the state {name.removesuffix(MARK)} is not followed beside another tensor")
        cells = symbols(name, self.ndim, length=LENGTH) if own.shape else np.asarray(sp.Symbol(name))
        return DuckArray(cells, leaf.dtype)


def _is_count(leaf: Any) -> bool:
    return leaf.dtype.kind in "iu" and not leaf.ndim


def _cells_in_shape(value: Any) -> Any:
    return np.asarray(cells_of(value), object)


def _cells(value: Any) -> list[Any]:
    return list(_cells_in_shape(value).reshape(-1))


def _same(one: Any, another: Any) -> bool:
    return bool(np.array_equal(_cells_in_shape(one), _cells_in_shape(another)))
