"""One step of a torch optimizer, traced: after some real ones, what it keeps becomes symbols, and one more is taken."""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy as sp
import torch

from symopt.language import GRADIENT, PARAMETER, STEP, Domain, Hyper, InputError, SymoptError, exact

from .carrying import Carrying, carrying_float, carrying_math, expression, plain
from .elements import ELEMENTS, symbols
from .errors import LiftError, cannot_lift, is_target
from .folds import ALL, SHORT, roles
from .numpy import DuckArray
from .program import Inputs
from .together import LENGTH, MARK, other
from .torch_shadows import Shadows, constant
from .torch_state import Slot, counting, floats, hyper_name, put, slots

#: Names that statements about programs with sums have for sizes and indices.
RESERVED = frozenset({"k", "size", "size_all"})


class KeptError(Exception):
    """A number that was taken as constant changes: it is a state."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Traced:
    """An optimizer of one parameter, made anew for each path; ``together``: of two, the second standing for others."""

    def __init__(
        self, make: Callable[..., Any], fixed: Mapping[str, Any], ndim: int, *, together: bool = False
    ) -> None:
        self.make, self.fixed, self.ndim, self.together = make, fixed, ndim, together
        self.closure = _closure(make)
        self.modules: tuple[Any, ...] = ()
        _, made = self._made()
        self.modules = tuple(
            module
            for module in {sys.modules[base.__module__] for base in type(made).__mro__}
            if is_target(getattr(module, "__file__", None) or "<none>")
        )
        self.numbers = dict(floats(made.param_groups[0]))
        self.hypers = tuple(Hyper(exact(value), Domain(), hyper_name(key)) for key, value in self.numbers.items())
        self.kept: set[str] = set()
        self.unread: set[str] = set()
        self.scopes: dict[str, str] = {}
        self.axes: dict[str, tuple[Any, ...]] = {}
        self.before: set[str] = set()
        self.changes = False
        self.settled: dict[int, dict[str, Any]] = {}
        self.counters = self._counters()

    def keep(self, name: str) -> None:
        """From now on that is a state, and not a constant or a count."""
        if name in self.kept:
            raise LiftError(f"{title(self.make)}: {name} changes in a way that is not followed")
        self.counters.pop(name, None)
        self.kept.add(name)
        self.settled.clear()

    def take(self, made: Any) -> None:
        """A step of torch's own; LiftError, with its line, for what it raises."""
        try:
            made.step(*self.closure)
        except SymoptError:
            raise
        except KeptError:
            raise
        except Exception as error:
            raise LiftError(f"the step raised {type(error).__name__}: {error}{_line(error)}") from error

    def _made(self) -> tuple[list[Any], Any]:
        both = [
            torch.nn.Parameter(torch.arange(1.0, 1 + length**self.ndim).reshape((length,) * self.ndim))
            for length in (ELEMENTS, LENGTH)[: 1 + self.together]
        ]
        made = self.optimizer(list(both))
        _give(both, 1.0)
        return both, made

    def optimizer(self, parameters: list[Any]) -> Any:
        """The optimizer of these parameters; InputError where none is made."""
        try:
            made = self.make(parameters, **self.fixed)
        except Exception as error:
            raise InputError(f"target {title(self.make)}: raised {type(error).__name__}: {error}") from error
        if not isinstance(made, torch.optim.Optimizer):
            raise InputError(f"target {title(self.make)}: makes a {type(made).__name__}, not a torch.optim.Optimizer")
        return made

    def set_hypers(self, made: Any, values: Mapping[str, float]) -> None:
        """Set hyperparameters as the constructor would: in groups, and where it keeps them under their own names."""
        for (name, place), default in self.numbers.items():
            value = values.get(hyper_name((name, place)), default)
            for group in (*made.param_groups, made.defaults):
                put(group, (name, place), value)
            if place is None and type(kept := vars(made).get(name)) is float and kept == default:
                setattr(made, name, value)

    def _slots(self, made: Any, x: Any) -> dict[str, Slot]:
        fixed = {name for name, _ in self.numbers}
        result = {}
        for name, slot in slots(made, x, RESERVED | {h.name for h in self.hypers}).items():
            if slot.owner == "group" and slot.key in fixed:
                name = moving(slot.key)
                if name not in self.kept:
                    continue
            result[name] = slot
        return result

    def _counters(self) -> dict[str, int]:
        """What counts steps, and by how much it is ahead of them, as far as the first ones show."""
        both, made = self._made()
        seen = []
        for number in range(1, 4):
            _give(both, float(number % 3) - 0.75)
            self.take(made)
            found = {name: slot.number for name, slot in self._slots(made, both[0]).items()}
            seen.append({name: value for name, value in found.items() if value is not None and value == value})
        return counting(seen)

    def check_counters(self, later: dict[str, sp.Expr], stages: list[dict[str, sp.Expr]]) -> None:
        """Whether each counter starts as one, and is one more after each step."""
        for name, ahead in self.counters.items():
            for outputs, t in ((later, sp.Symbol(STEP)), *((s, sp.Integer(n)) for n, s in enumerate(stages, 1))):
                with sp.evaluate(True):
                    if name in outputs and sp.expand(outputs[name].doit() - t - ahead) != 0:
                        raise KeptError(name)

    def step(self, before: int, *, every: bool, bare: bool = False) -> dict[str, Any]:
        """A step from fresh symbols, after so many real ones; ``every``: it stands for all later ones too.

        ``bare``: without what is kept on some paths alone, which must not be read where it is there.
        """
        both, made = self._made()
        for _ in range(before):
            self.take(made)
            _give(both, 1.0)
        x, *others = both
        names = {key: hyper_name(key) for key in self.numbers}
        self.set_hypers(made, {names[key]: Carrying(v, sp.Symbol(names[key])) for key, v in self.numbers.items()})
        mode, inputs = Shadows(), Inputs("float32", self.ndim)
        mode.shadow[x], mode.shadow[x.grad] = inputs.array(PARAMETER), inputs.array(GRADIENT)
        for y in others:
            for tensor, name in ((y, PARAMETER), (y.grad, GRADIENT)):
                mode.shadow[tensor] = DuckArray(symbols(other(name), self.ndim, length=LENGTH), "float32")
            for name, slot in self._slots(made, y).items():
                if slot.owner == "state" and self._is_state(name, slot) and before:
                    self._fresh(mode, other(name), slot, before, every=every)
        given = {key: made.param_groups[0][key[0]] for key in self.numbers}
        found, constants = self._slots(made, x), {}
        self.before = {PARAMETER}
        for name, slot in found.items():
            if name in self.unread and bare:
                del slot.holder[slot.key]
            elif self._is_state(name, slot) and before:
                self.before |= {name} - self.unread
                self._fresh(mode, name, slot, before, every=every)
            else:
                constants[name] = slot.value.clone() if torch.is_tensor(slot.value) else slot.value
        self._check_settled(before - 1, constants)
        with mode, carrying_math(), carrying_float(self.modules):
            self.take(made)
        for (name, _), value in given.items():
            if made.param_groups[0][name] is not value and moving(name) not in self.kept:
                raise KeptError(moving(name))
        after = self._slots(made, x)
        self.changes = after.keys() != found.keys()
        outputs = {PARAMETER: mode.of(x)}
        for name, slot in after.items():
            if name in self.unread:
                continue
            if self._is_state(name, slot):
                outputs[name] = self._output(mode, name, slot)
            else:
                self._check_constant(mode, name, slot, constants, every=every)
        self._check_settled(before, {n: s.value for n, s in after.items() if not self._is_state(n, s)})
        return outputs

    def _check_settled(self, before: int, constants: dict[str, Any]) -> None:
        """That what is taken as constant is the same after that step on every path, also on that of the real ones."""
        values = {n: plain(v) if isinstance(v, Carrying) else v for n, v in constants.items() if not torch.is_tensor(v)}
        known = self.settled.setdefault(before, values)
        for name in sorted(known.keys() | values.keys()):
            if name not in self.kept and known.get(name, ...) != values.get(name, ...):
                raise KeptError(name)

    def _is_state(self, name: str, slot: Slot) -> bool:
        if name in self.kept or name in self.counters or name in self.unread:
            return True
        return slot.owner == "state" and torch.is_tensor(slot.value)

    def _fresh(self, mode: Shadows, name: str, slot: Slot, before: int, *, every: bool) -> None:
        """What is kept becomes a symbol, for each element where it has one for each; what counts, a count."""
        value, own = slot.value, name.removesuffix(MARK)
        if own in self.counters:
            ahead = self.counters[own]
            with sp.evaluate(True):
                count = sp.Symbol(STEP) - 1 + ahead if every else sp.Integer(before + ahead)
            if torch.is_tensor(value):
                mode.shadow[value] = DuckArray(np.full(tuple(value.shape), count), "float32")
            elif every:
                slot.put(Carrying(value, count))
        elif torch.is_tensor(value):
            mode.shadow[value] = self._array(name, value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            slot.put(Carrying(plain(value), sp.Symbol(name)))
        else:
            raise LiftError(f"{title(self.make)}: {name} changes, which is not followed")

    def _array(self, name: str, value: Any) -> DuckArray:
        own = name.removesuffix(MARK)
        shape, axes, scope = tuple(value.shape), self.axes.get(own, ()), self.scopes.get(own, "one")
        if scope == "one":
            return DuckArray(np.full(shape, sp.Symbol(name)), "float32")
        cells = symbols(name, self.ndim, scope, ELEMENTS if own == name else LENGTH)
        return DuckArray((cells.T if axes == (1, 0) else cells).reshape(shape), "float32")

    def _output(self, mode: Shadows, name: str, slot: Slot) -> DuckArray:
        """What is kept after the step, in the order of x's own axes."""
        if not torch.is_tensor(slot.value):
            if isinstance(slot.value, (bool, str)):
                raise LiftError(f"{title(self.make)}: {name} changes, which is not followed")
            return DuckArray(expression(slot.value), "float64")
        found = mode.of(slot.value)
        shape, axes = found.shape, tuple(role for role in roles(found.cells) if role is not SHORT)
        if name in self.axes and self.axes[name] != axes and set(self.axes[name]) <= set(axes):
            axes = self.axes[name] if len(self.axes[name]) == len(axes) else axes
        self.axes[name] = axes
        if self.ndim == 1 or axes == (ALL,):
            scope = "element" if axes else "one"
        else:
            scope = {(): "one", (0,): "row", (1,): "column"}.get(axes, "element")
        self.scopes[name] = scope
        layout = {
            "one": (), "row": (ELEMENTS, 1), "column": (1, ELEMENTS), "element": (ELEMENTS,) * self.ndim,
        }[scope]  # fmt: skip
        if int(np.prod(shape)) != int(np.prod(layout)):
            raise cannot_lift(
                f"the state {name} of shape {tuple(slot.value.shape)}, which has no value for each element"
            )
        cells = found.cells.T if axes == (1, 0) else found.cells
        return DuckArray(cells.reshape(layout), found.dtype)

    def _check_constant(self, mode: Shadows, name: str, slot: Slot, constants: dict[str, Any], *, every: bool) -> None:
        """That what is no state stays as it was, in every later step, and depends on no input."""
        value = slot.value
        if torch.is_tensor(value):
            cells = mode.of(value).cells
            old = constants.get(name)
            same = (
                old is not None
                and torch.is_tensor(old)
                and old.shape == value.shape
                and np.array_equal(constant(old).cells, cells)
            )
            free = any(cell.free_symbols for cell in cells.reshape(-1))
            if free or (every and not same):
                raise KeptError(name)
            return
        if isinstance(value, Carrying) and not value.expr.is_number:
            raise KeptError(name)
        if every and (name not in constants or constants[name] != value):
            raise KeptError(name)


def _give(parameters: list[Any], value: float) -> None:
    """Each parameter a new gradient of that value."""
    for parameter in parameters:
        parameter.grad = torch.full_like(parameter, value)


def moving(name: str) -> str:
    """The name of a state that starts as a hyperparameter."""
    return f"current_{name}"


def title(make: Any) -> str:
    """The name of what is lifted."""
    return str(getattr(make, "__name__", "torch"))


def _line(error: BaseException) -> str:
    """Where it was raised: the last line that may be the target's."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if is_target(f.filename)]
    return f" (at {frames[-1].filename}:{frames[-1].lineno})" if frames else ""


def _closure(make: Any) -> tuple[Callable[[], Any], ...]:
    """A closure with a constant loss, where a step needs one."""
    step = inspect.signature(getattr(make, "step", lambda closure=None: None)).parameters.values()
    needed = [p for p in step if p.default is p.empty and p.name not in ("self", "args", "kwargs")]
    return (lambda: torch.tensor(1.0),) * bool(needed)
