"""torch optimizers: the real ``step`` runs on real tensors, each with a shadow of formulas."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp
import torch
from torch.overrides import TorchFunctionMode

from symopt.language import GRADIENT, PARAMETER, STEP, Domain, Hyper, InputError, State, SymoptError, exact

from .carrying import Carrying, asking, carrying_math, expression, tidy
from .elements import ELEMENTS
from .errors import LiftError, cannot_lift, is_target
from .function import LiftedStep, vector_or_matrix
from .numpy import DuckArray
from .operations import OPERATIONS
from .program import Inputs, run, scope_of_shape, scopes_of, to_program
from .rerun import SHAPES, rerun


def lift_torch(make: Callable[..., Any], fixed: Mapping[str, Any] | None = None, ndim: int | None = None) -> LiftedStep:
    """Lift a ``torch.optim.Optimizer`` subclass: x and the tensors of its state after ``step``.

    Floats among the defaults of its parameter groups become hyperparameters, but for those that are 0, which switch
    something off; ``fixed`` gives arguments of the constructor. A state that counts steps is read as t - 1. ``ndim``:
    whether x is taken as a vector (1) or a matrix (2); if not given, as a matrix where a vector cannot be followed.
    LiftError for what cannot be followed, InputError where no optimizer is made.
    """
    return vector_or_matrix(lambda n: _lift(make, dict(fixed or {}), n), ndim)


def _lift(make: Callable[..., Any], fixed: dict[str, Any], ndim: int) -> LiftedStep:
    traced = _Optimizer(make, fixed, ndim)
    with asking(h.name for h in traced.hypers) as asked:
        first = run(lambda: traced.steps(0), ndim)
        later = run(lambda: traced.steps(1), ndim)
    counters = [name for name in later if name in traced.counters]
    for name in counters:
        if sp.expand(later[name].doit() - sp.Symbol(STEP)) != 0:
            raise LiftError(f"the counter {name} does not count the steps: it becomes {later[name]}")
    kept = [name for name in later if name not in (PARAMETER, *counters)]
    scopes = {name: scope_of_shape(traced.shapes[name]) for name in kept}
    scopes |= scopes_of({n: later[n] for n in kept if scopes[n] == "one"}, traced.hypers)
    states = tuple(State(name=name, scope=scopes[name]) for name in kept)
    outputs = {PARAMETER: later[PARAMETER]} | {name: later[name] for name in kept}
    title = _title(make)
    program, start = to_program(title, outputs, traced.hypers, states), {name: first[name] for name in outputs}
    lifted = LiftedStep(program, start, tuple(dict.fromkeys(asked)))
    return rerun(lifted, traced.real, SHAPES[ndim])


class _Optimizer:
    """An optimizer of one parameter, made anew for each path."""

    def __init__(self, make: Callable[..., Any], fixed: Mapping[str, Any], ndim: int) -> None:
        self.make, self.fixed, self.ndim = make, fixed, ndim
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.counters: set[str] = set()
        self.closure = _closure(make)
        group = self._made()[1].param_groups[0]
        self.numbers = dict(_floats(group))
        self.start = {key: value for key, value in group.items() if type(value) in (int, float, bool)}
        self.plain = {key: value for key, value in group.items() if type(value) is int}
        self.hypers = tuple(Hyper(exact(value), Domain(), _name(key)) for key, value in self.numbers.items())

    def real(self, x: Any, gradients: Sequence[Any], hypers: Mapping[str, float]) -> list[Any]:
        """x after each of the steps that torch itself takes, in float64, with these values in its parameter groups.

        LiftError where another parameter, in a group of its own, changes that: what is lifted is one tensor's step.
        """
        found = []
        for beside in (False, True):
            parameter, made = self._made(torch.from_numpy(x.copy()))
            for key in self.numbers:
                _put(made.param_groups[0], key, hypers[_name(key)])
            other = torch.nn.Parameter(torch.ones(3, *x.shape[1:], dtype=torch.float64))
            if beside:
                made.add_param_group({"params": [other]})
            found.append([self._stepped(made, parameter, other, g) for g in gradients])
        if not np.array_equal(found[0], found[1], equal_nan=True):
            raise LiftError(
                f"{_title(self.make)}: what happens to one tensor depends on the others, as by a global norm"
            )
        return found[0]

    def _stepped(self, made: Any, parameter: Any, other: Any, g: Any) -> Any:
        parameter.grad, other.grad = torch.from_numpy(g.copy()), torch.full_like(other, 100.0)
        made.step(*self.closure)
        return parameter.detach().numpy().copy()

    def _made(self, value: Any = None) -> tuple[Any, Any]:
        if value is None:
            value = torch.arange(1.0, 1 + ELEMENTS**self.ndim).reshape((ELEMENTS,) * self.ndim)
        x = torch.nn.Parameter(value)
        try:
            made = self.make([x], **self.fixed)
        except Exception as error:
            raise InputError(f"target {_title(self.make)}: raised {type(error).__name__}: {error}") from error
        if not isinstance(made, torch.optim.Optimizer):
            raise InputError(f"target {_title(self.make)}: makes a {type(made).__name__}, not a torch.optim.Optimizer")
        x.grad = torch.ones_like(x)
        return x, made

    def steps(self, before: int) -> dict[str, Any]:
        """A step from fresh symbols, after so many real ones."""
        x, made = self._made()
        kept = _numbers_of(made)
        for _ in range(before):
            made.step(*self.closure)
        for key, value in made.param_groups[0].items():
            if type(value) is int and value == self.plain.get(key, 0) + before and before:
                self.counters.add(key)
                made.param_groups[0][key] = Carrying(value, _count())
            elif before and type(value) in (int, float, bool) and key in self.start and value != self.start[key]:
                raise LiftError(f"{_title(self.make)}: {key} of the parameter group changes, which is not followed")
        if before and (moved := _numbers_of(made).items() - kept.items()):
            raise LiftError(
                f"{_title(self.make)}: counts in its attribute {sorted(moved)[0][0]}, which is not followed"
            )
        for key, value in self.numbers.items():
            _put(made.param_groups[0], key, Carrying(value, sp.Symbol(_name(key))))
        mode, inputs = _Shadows(), Inputs("float32", self.ndim)
        mode.shadow[x] = inputs.array(PARAMETER)
        mode.shadow[x.grad] = inputs.array(GRADIENT)
        for name, value in self._states(made, x) if before else ():
            if torch.is_tensor(value):
                mode.shadow[value] = self._fresh(inputs, name, value)
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                made.state[x][name] = self._number(name, value)
        with mode, carrying_math():
            try:
                made.step(*self.closure)
            except SymoptError:
                raise
            except Exception as error:
                raise LiftError(f"the step raised {type(error).__name__}: {error}{_line(error)}") from error
        return {PARAMETER: mode.of(x)} | {
            name: mode.of(value) if torch.is_tensor(value) else DuckArray(expression(value), "float64")
            for name, value in self._states(made, x)
        }

    def _states(self, made: Any, x: Any) -> list[tuple[str, Any]]:
        found = [(k, v) for k, v in made.state[x].items() if torch.is_tensor(v) or type(v) in (int, float, Carrying)]
        self.shapes.update({k: tuple(v.shape) if torch.is_tensor(v) else () for k, v in found})
        return found

    def _fresh(self, inputs: Inputs, name: str, value: Any) -> DuckArray:
        if name == "step":
            self.counters.add(name)
            return DuckArray(_count(), "float32")
        return inputs.state(name, DuckArray(np.full(tuple(value.shape), sp.Integer(0)), "float32"))

    def _number(self, name: str, value: float) -> Carrying:
        if name == "step":
            self.counters.add(name)
            return Carrying(value, _count())
        return Carrying(value, sp.Symbol(name))


def _title(make: Any) -> str:
    return str(getattr(make, "__name__", "torch"))


def _line(error: BaseException) -> str:
    """Where it was raised: the last line that may be the target's."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if is_target(f.filename)]
    return f" (at {frames[-1].filename}:{frames[-1].lineno})" if frames else ""


def _numbers_of(made: Any) -> dict[str, Any]:
    """The plain numbers that an optimizer keeps in itself; torch's own are of no matter."""
    return {k: v for k, v in vars(made).items() if type(v) in (int, float, bool) and k != "_step_count"}


def _closure(make: Any) -> tuple[Callable[[], Any], ...]:
    """A closure with a constant loss, where a step needs one."""
    step = inspect.signature(getattr(make, "step", lambda closure=None: None)).parameters.values()
    needed = [p for p in step if p.default is p.empty and p.name not in ("self", "args", "kwargs")]
    return (lambda: torch.tensor(1.0),) * bool(needed)


def _count() -> Any:
    with sp.evaluate(True):
        return sp.Symbol(STEP) - 1


def _floats(group: Mapping[str, Any]) -> Any:
    """Of a parameter group: (name, place in a tuple or None), and the number, where it is not 0."""
    for name, value in group.items():
        if isinstance(value, float) and value:
            yield (name, None), value
        elif isinstance(value, tuple) and all(isinstance(part, float) for part in value):
            yield from (((name, place), part) for place, part in enumerate(value) if part)


def _name(key: tuple[str, int | None]) -> str:
    name, place = key
    return name if place is None else f"{name.removesuffix('s')}{place + 1}"


def _put(group: dict[str, Any], key: tuple[str, int | None], value: Any) -> None:
    name, place = key
    group[name] = value if place is None else tuple(value if n == place else v for n, v in enumerate(group[name]))


class _Shadows(TorchFunctionMode):  # type: ignore[misc]  # torch is not always there
    """Every operation on tensors is done on their shadows too."""

    def __init__(self) -> None:
        super().__init__()
        from torch.utils.weak import WeakTensorKeyDictionary

        self.shadow: Any = WeakTensorKeyDictionary()

    def of(self, value: Any) -> Any:
        """The shadow of a tensor, or the formula of a number."""
        if not torch.is_tensor(value):
            return DuckArray(expression(value), "float64", weak=True)
        if value not in self.shadow:
            with torch._C.DisableTorchFunction():
                numbers = value.detach().numpy()
            cell = np.frompyfunc(lambda v: sp.true if v is True else sp.false if v is False else _rational(v), 1, 1)
            self.shadow[value] = DuckArray(cell(numbers.astype(object)), numbers.dtype)
        return self.shadow[value]

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = function.__name__
        if name == "__get__":  # of an attribute
            return self._attribute(function, args)
        if name in CREATED:
            return self._created(
                function(*args, **kwargs), [v for v in _flat((args, kwargs)) if isinstance(v, Carrying)]
            )
        if name == "__setitem__":
            return self._store(function, *args)
        if name in ASKED or not any(map(torch.is_tensor, _flat((args, kwargs)))):
            if any(isinstance(value, Carrying) for value in _flat((args, kwargs))):
                raise cannot_lift(f"torch's {name} of a formula")
            return function(*args, **kwargs)
        if name in ("item", "__float__", "__int__", "__index__"):
            return self._number(name, function(*args, **kwargs), tidy(self.of(args[0]).cells.reshape(-1)[0]))
        if name == "__bool__":
            return bool(self.of(args[0]))
        if name.startswith("_foreach_"):
            return self._foreach(function, name.removeprefix("_foreach_"), args, kwargs)
        for value in filter(torch.is_tensor, _flat((args, kwargs))):
            self.of(value)  # before the real operation changes it
        return self._apply(name, args, kwargs, function(*args, **kwargs))

    def _number(self, name: str, value: Any, expr: Any) -> Any:
        """``item()`` keeps the formula; Python's own numbers can not."""
        if expr.is_number:
            return value
        if name == "item":
            return Carrying(value, expr)
        raise cannot_lift(f"{name.strip('_')} of a tensor")

    def _created(self, result: Any, numbers: list[Carrying]) -> Any:
        """A tensor made of a number."""
        if numbers:
            self.shadow[result] = DuckArray(np.full(tuple(result.shape), numbers[0].expr), "float32")
        return result

    def _store(self, function: Any, target: Any, index: Any, value: Any) -> None:
        """``target[index] = value``, where a mask says or at a place."""
        whole, new = self.of(target), self._lifted(value)
        if torch.is_tensor(index) and index.dtype == torch.bool:
            whole.cells[...] = np.where(self.of(index), new, whole).cells
        else:
            whole.cells[index] = new.cells if isinstance(new, DuckArray) else expression(new)
        function(target, index, value)

    def _attribute(self, function: Any, args: Any) -> Any:
        value = function(*args)
        if torch.is_tensor(value) and value is not args[0] and value not in self.shadow:
            owner = getattr(function, "__self__", None)
            if getattr(owner, "__name__", "") in ("data", "real"):
                self.shadow[value] = self.of(args[0])
            elif getattr(owner, "__name__", "") in ("T", "mT"):
                self.shadow[value] = self.of(args[0]).T
        return value

    def _foreach(self, function: Any, base: str, args: Any, kwargs: Any) -> Any:
        lists = [arg if isinstance(arg, (list, tuple)) else None for arg in args]
        count = len(args[0])
        before = [[self.of(part) if torch.is_tensor(part) else part for part in items or ()] for items in lists]
        result = function(*args, **kwargs)
        for place in range(count):
            own = [args[n] if items is None else items[place] for n, items in enumerate(lists)]
            made = args[0][place] if base.endswith("_") else result[place]
            self._apply(base, own, kwargs, made)
        del before
        return result

    def _apply(self, name: str, args: Any, kwargs: Any, result: Any) -> Any:
        plain = name.strip("_") if name.startswith("__") else name.rstrip("_")
        in_place = (name.endswith("_") and not name.startswith("__")) or plain in IN_PLACE
        plain = IN_PLACE.get(plain, plain)
        if plain not in OPERATIONS:
            raise cannot_lift(f"torch's {name}")
        options = {k: self._lifted(v) for k, v in kwargs.items() if k not in IGNORED}
        out = options.pop("out", None)
        found = OPERATIONS[plain](*map(self._lifted, args), **options)
        if not torch.is_tensor(result):
            return result
        if plain == "to" and args[0].is_floating_point() and not result.is_floating_point():
            raise cannot_lift("a conversion to whole numbers")
        target = args[0] if in_place else kwargs.get("out")
        if target is not None and out is not False:
            whole = self.of(target)
            whole.cells[...] = np.broadcast_to(_tidied(found.cells), whole.shape)
        else:
            self.shadow[result] = DuckArray(_tidied(found.cells), found.dtype) if plain not in VIEWS else found
        return result

    def _lifted(self, value: Any) -> Any:
        if torch.is_tensor(value) or isinstance(value, Carrying):
            return self.of(value)
        return [self._lifted(part) for part in value] if isinstance(value, (list, tuple)) else value


def _flat(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return _flat(list(value.values()))
    return [part for item in value for part in _flat(item)] if isinstance(value, (list, tuple)) else [value]


def _rational(number: Any) -> sp.Rational:
    value = exact(float(str(np.float32(number)))) if isinstance(number, float) else exact(int(number))
    return sp.Rational(value.numerator, value.denominator)


def _tidied(cells: Any) -> Any:
    return np.frompyfunc(lambda cell: tidy(cell) if isinstance(cell, sp.Expr) else cell, 1, 1)(cells)


IN_PLACE = {
    "iadd": "add", "isub": "sub", "imul": "mul", "itruediv": "div", "ipow": "pow", "idiv": "div",
}  # fmt: skip
CREATED = frozenset({"tensor", "as_tensor", "full", "scalar_tensor"})
IGNORED = ("memory_format", "requires_grad", "non_blocking", "device", "dtype", "copy", "layout")
VIEWS = ("detach", "view", "reshape", "view_as", "data", "flatten", "view_as_real")
ASKED = frozenset({
    "size", "dim", "is_complex", "numel", "is_floating_point", "stride", "storage", "is_contiguous", "__len__",
    "data_ptr", "get_device", "is_sparse", "requires_grad_", "__hash__", "__repr__", "type", "_foreach_none",
    "is_same_size", "nelement", "ndimension", "empty_like_", "__set__", "is_inference", "__format__",
})  # fmt: skip
