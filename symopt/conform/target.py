"""What is to be lifted: an optimizer of torch, optax or Keras, or a step function of NumPy, found by its name."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from symopt.language import InputError, Rule, exact, refuse, restate
from symopt.lifting import LiftedStep, lift_step
from symopt.lifting.errors import raised
from symopt.lifting.function import hypers_of
from symopt.lifting.keras import prefer_jax
from symopt.lifting.rerun import Runnable, rerun
from symopt.rules import import_file

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class Target:
    """An implementation, and the framework that it is written for: "torch", "optax", "keras" or "numpy"."""

    name: str
    kind: str
    make: Any

    @property
    def location(self) -> dict[str, Any]:
        """Its file, from the current folder on where it is in there, and line; empty if there is no such source."""
        try:
            file = Path(inspect.getsourcefile(self.make) or "")
            line = inspect.getsourcelines(self.make)[1]
        except (TypeError, OSError):
            return {}
        inside = file.is_relative_to(Path.cwd())
        return {"file": (file.relative_to(Path.cwd()) if inside else file).as_posix(), "line": max(line, 1)}

    def lift(self, settings: Mapping[str, Any] | None = None) -> LiftedStep:
        """The step that it computes; ``settings`` are arguments for it, of which numbers are hyperparameters.

        LiftError for what cannot be followed, InputError for what does not fit the target.
        """
        return _read_alone(self._lift(_floats(self.make, dict(settings or {}))))

    def run(self, settings: Mapping[str, Any], ndim: int) -> Runnable:
        """The implementation itself, as what steps a tensor of so many axes.

        LiftError, InputError where it cannot be run.
        """
        fixed = _floats(self.make, dict(settings))
        if self.kind == "torch":
            from symopt.lifting.torch_rerun import run_torch

            return run_torch(self.make, fixed, ndim)
        if self.kind == "optax":
            from symopt.lifting.optax import run_optax

            return run_optax(self.make, fixed)
        if self.kind == "keras":
            from symopt.lifting.keras import run_keras

            return run_keras(self.make, fixed, ndim)
        return _run_function(self.make, fixed)

    def _lift(self, settings: dict[str, Any]) -> LiftedStep:
        if self.kind == "torch":
            from symopt.lifting.torch import lift_torch

            return lift_torch(self.make, settings)
        if self.kind == "optax":
            from symopt.lifting.optax import lift_optax

            return lift_optax(self.make, settings)
        if self.kind == "keras":
            from symopt.lifting.keras import lift_keras

            return lift_keras(self.make, settings)
        return _lift_function(self.make, settings)


def find_target(target: str | Any) -> Target:
    """``package.module:object``, ``path/to/file.py:object``, or the object itself; its own module alone is imported.

    InputError where there is no such object, and for what is no optimizer and no step function.
    """
    made = _named(target) if isinstance(target, str) else target
    name = target if isinstance(target, str) else _name_of(target)
    return Target(name, _kind(made, name), made)


def _named(spec: str) -> Any:
    path, colon, attribute = spec.rpartition(":")
    if not (colon and path and attribute):
        raise refuse("target", spec, "must be package.module:object or path/to/file.py:object")
    found: Any = import_file(path) if path.endswith(".py") else _import(path)
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise InputError(f"target = {spec!r}: {path} has no {attribute!r}")
        found = getattr(found, part)
    return found


def _import(name: str) -> Any:
    if name.partition(".")[0] == "keras":
        prefer_jax()
    here = str(Path.cwd())
    added = here not in sys.path
    if added:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        hint = f" (pip install {name.split('.')[0]}?)" if isinstance(error, ModuleNotFoundError) else ""
        raise InputError(f"target: importing {name!r} raised {type(error).__name__}: {error}{hint}") from error
    finally:
        if added:
            sys.path.remove(here)


def _name_of(made: Any) -> str:
    if not hasattr(made, "__qualname__"):
        return type(made).__name__
    return f"{made.__module__}:{made.__qualname__}"


def _kind(made: Any, name: str) -> str:
    if isinstance(made, type):
        homes = {(base.__module__.split(".")[0], base.__name__) for base in made.__mro__}
        for framework in ("torch", "keras"):
            if (framework, "Optimizer") in homes:
                return framework
    if isinstance(made, Rule):
        raise InputError(f"target = {name}: is a rule already; show and prove take it as it is")
    if hasattr(made, "init") and hasattr(made, "update"):
        return "optax"
    if not callable(made):
        raise InputError(f"target = {name}: a {type(made).__name__} is no optimizer, factory or step function")
    parameters = _positional(made, name)
    required = [p for p in parameters if p.default is p.empty]
    if len(required) >= 4:
        return "numpy"
    if parameters and parameters[0].name in ("params", "parameters"):
        return "torch"
    return _made_by(made, name)


def _positional(made: Callable[..., Any], name: str) -> list[inspect.Parameter]:
    try:
        return [p for p in inspect.signature(made).parameters.values() if p.kind in _POSITIONAL]
    except (TypeError, ValueError):
        raise InputError(f"target = {name}: has no signature to read its arguments from") from None


def _made_by(factory: Callable[..., Any], name: str) -> str:
    """The framework of what a factory makes, asked for with 0.1 for each number that it needs."""
    needed = {
        p.name: 0.1
        for p in inspect.signature(factory).parameters.values()
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    }
    try:
        made = factory(**needed)
    except Exception as error:
        given = ", ".join(f"{key}={value}" for key, value in needed.items())
        raise InputError(
            f"target = {name}: called with ({given}) raised {type(error).__name__}: {error}; a target is an optimizer "
            "class, a factory of one, or step(x, g, state, t, *, hyperparameters)"
        ) from error
    if hasattr(made, "init") and hasattr(made, "update"):
        return "optax"
    if any(base.__module__.startswith("keras") for base in type(made).__mro__):
        return "keras"
    raise InputError(f"target = {name}: makes a {type(made).__name__}, which is no optimizer")


def _floats(make: Any, settings: dict[str, Any]) -> dict[str, Any]:
    """The settings, in which a whole number given for a float, or for what has no default, is one."""
    try:
        parameters = inspect.signature(make).parameters
    except (TypeError, ValueError):
        return settings
    needed = {n for n, p in parameters.items() if isinstance(p.default, float) or p.default is p.empty}
    return {n: float(v) if type(v) is int and n in needed else v for n, v in settings.items()}


def _read_alone(lifted: LiftedStep) -> LiftedStep:
    """The lifted step without the hyperparameters that nothing is computed of."""
    formulas = (*lifted.first.values(), *(line.expr for line in lifted.program.definitions))
    read = {symbol.name for expr in formulas for symbol in expr.free_symbols}
    hypers = tuple(h for h in lifted.program.hypers if h.name in read)
    return replace(lifted, program=replace(lifted.program, hypers=hypers))


def _lift_function(step: Callable[..., Any], settings: Mapping[str, Any]) -> LiftedStep:
    numbers = {n: v for n, v in settings.items() if isinstance(v, (int, float)) and not isinstance(v, bool)}
    others = {n: v for n, v in settings.items() if n not in numbers}
    lifted = lift_step(step, others)
    if set(numbers) - {h.name for h in lifted.program.hypers}:
        others, lifted = dict(settings), lift_step(step, settings)
    hypers = tuple(replace(h, default=exact(numbers.get(h.name, h.default))) for h in lifted.program.hypers)
    lifted = LiftedStep(replace(lifted.program, hypers=hypers), lifted.first)
    # Vectors are matrices of one row: what was lifted from either has to hold of both.
    for shape in ((3, 4),) if lifted.program.has_matrices else ((5,), (3, 4)):
        rerun(lifted, lambda x, gradients, hypers: _steps(partial(step, **hypers, **others), x, gradients), shape)
    return lifted


def _run_function(step: Callable[..., Any], settings: Mapping[str, Any]) -> Runnable:
    own = {h.name: h for h in hypers_of(step, {})}
    hypers = tuple(replace(h, default=exact(settings.get(name, h.default))) for name, h in own.items())
    options = {name: value for name, value in settings.items() if name not in own}

    def steps(x: Any, gradients: Sequence[Any], values: Mapping[str, float]) -> list[Any]:
        return _steps(partial(step, **values, **options), x, gradients)

    return Runnable(hypers, "float64", steps)


def _steps(step: Callable[..., Any], x: Any, gradients: Sequence[Any]) -> list[Any]:
    """x after each step of the function itself, in float64."""
    state: dict[str, Any] = {}
    found = []
    with np.errstate(all="ignore"):
        for t, g in enumerate(gradients, 1):
            try:
                result = step(x, g.copy(), state, t)
            except Exception as error:  # the target's own code
                raise raised(error) from error
            new, state = result if isinstance(result, tuple) else (result, state)
            x = x if new is None else new
            found.append(np.array(x, np.float64))
    return found


def lift(target: str | Any, **settings: Any) -> Rule:
    """The update rule that an implementation computes, as a Rule like any other.

    ``target``: a ``torch.optim.Optimizer`` subclass, an optax factory, a Keras optimizer class, a NumPy
    ``step(x, g, state, t, *, hyperparameters)``, or where it is, as ``package.module:object`` or
    ``path/to/file.py:object``. ``settings``: arguments for it; numbers among them are the defaults of hyperparameters.
    LiftError for what cannot be followed, with its place; InputError for what is no optimizer.
    """
    from .simulation import lines, whole

    found = find_target(target)
    program = lines(whole(found.lift(settings)))
    return restate(program, f"what {found.name} computes")
