"""The optimizers of the frameworks that are installed, each with its options switched on one at a time."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from symopt.language import InputError, refuse

#: What a number that is 0 by default, and so switches something off, is set to.
ON = {"momentum": 0.9, "weight_decay": 0.01, "initial_accumulator_value": 0.1, "dampening": 0.25, "lr_decay": 0.01}
#: Options that say how a step is run, and not which.
RUNNING = {"foreach", "fused", "capturable", "differentiable", "verbose", "jit", "name"}
#: What takes more than a gradient, or has a random number generator; LBFGS and SparseAdam are left out by the design.
NOT_FIRST_ORDER = {
    "torch": {"Optimizer", "LBFGS", "SparseAdam"},
    "optax": {"lbfgs", "scale_by_lbfgs", "scale_by_zoom_linesearch", "scale_by_backtracking_linesearch", "noisy_sgd",
              "polyak_sgd", "scale_by_polyak"},
    "keras": {"Optimizer", "LossScaleOptimizer", "MultiOptimizer"},
    "pytorch_optimizer": set[str](),
}  # fmt: skip
#: Of these, whose optimizers are many, the defaults are enough.
DEFAULTS_ALONE = {"pytorch_optimizer"}


@dataclass(frozen=True)
class Case:
    """A target with arguments."""

    target: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The target, and what is set."""
        chosen = ", ".join(f"{name}={value}" for name, value in self.settings.items())
        return f"{self.target}({chosen})"


def cases(framework: str) -> Iterator[Case]:
    """Every optimizer of a framework at its defaults, then with each option on; InputError if it is unknown."""
    if framework not in LISTS:
        raise refuse("framework", framework, f"must be one of {', '.join(LISTS)}")
    if not find_spec(framework):
        raise InputError(f"framework = {framework!r}: is not installed (pip install 'symopt[frameworks]')")
    for target, made, always in LISTS[framework]():
        for setting in always:
            yield Case(target, setting)
            for option in _options(made) if framework not in DEFAULTS_ALONE else ():
                yield Case(target, {**setting, **option})


def _options(made: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    """Each option of a signature alone: what is off is switched on. What changes momentum or decay needs that too."""
    try:
        parameters = {p.name: p.default for p in inspect.signature(made).parameters.values()}
    except (TypeError, ValueError):
        return
    momentum = {"momentum": 0.9} if _is_off(parameters.get("momentum", 1)) else {}
    decay = {"weight_decay": 0.01} if _is_off(parameters.get("weight_decay", 1)) else {}
    for name, default in parameters.items():
        if name in RUNNING:
            continue
        if default is False:
            needed = momentum if name == "nesterov" else decay if "decay" in name else {}
            yield {**needed, name: True}
        elif name in ON and _is_off(default):
            yield {**(momentum if name == "dampening" else {}), name: ON[name]}


def _is_off(default: Any) -> bool:
    return default is None or (isinstance(default, (int, float)) and not isinstance(default, bool) and default == 0)


Listed = Iterator[tuple[str, Callable[..., Any], list[dict[str, Any]]]]


def _torch() -> Listed:
    module = importlib.import_module("torch.optim")
    for name, made in _classes(module, module.Optimizer, "torch"):
        paths = [{"foreach": False}, {"foreach": True}] if "foreach" in inspect.signature(made).parameters else [{}]
        yield f"torch.optim:{name}", made, paths


def _optax() -> Listed:
    module = importlib.import_module("optax")
    aliases = importlib.import_module("optax._src.alias")
    for name in sorted(dir(module)):
        made = getattr(module, name)
        listed = name.startswith("scale_by_") or getattr(made, "__module__", "") == aliases.__name__
        if listed and inspect.isfunction(made) and name not in NOT_FIRST_ORDER["optax"]:
            yield f"optax:{name}", made, [{}]


def _keras() -> Listed:
    module = importlib.import_module("keras.optimizers")
    for name, made in _classes(module, module.Optimizer, "keras"):
        yield f"keras.optimizers:{name}", made, [{}]


def _pytorch_optimizer() -> Listed:
    module = importlib.import_module("pytorch_optimizer")
    torch = importlib.import_module("torch.optim")
    for name, made in _classes(module, torch.Optimizer, "pytorch_optimizer"):
        if made.__module__.startswith("pytorch_optimizer"):
            yield f"pytorch_optimizer:{name}", made, [{}]


def _classes(module: Any, base: type, framework: str) -> Iterator[tuple[str, type]]:
    for name in sorted(dir(module)):
        made = getattr(module, name)
        if isinstance(made, type) and issubclass(made, base) and name not in NOT_FIRST_ORDER[framework]:
            yield name, made


LISTS: dict[str, Callable[[], Listed]] = {
    "torch": _torch, "optax": _optax, "keras": _keras, "pytorch_optimizer": _pytorch_optimizer,
}  # fmt: skip
