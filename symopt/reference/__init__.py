"""Each rule written by hand in NumPy from its paper: the yardstick for generated kernels.

A module here states one plain step function under the module's own name,

    step(x, g, state, t, *, <hyperparameters>, <options>) -> (x_new, state_new)

``x`` and ``g`` are arrays of one shape and dtype, ``t`` = 1, 2, ... is the step's number, ``state`` is a dict
keyed by the names of the rule's states and empty before the first step, hyperparameters are Python floats. No
argument is modified. NumPy's promotion keeps the computation in the dtype of ``x``; overflow and NaN propagate
as IEEE has it, with the warnings NumPy gives for them. Nothing here imports anything of symopt.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

Step = Callable[..., tuple[Any, dict[str, Any]]]


def names() -> list[str]:
    """The rules that have a hand-written step, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def find(name: str) -> Step:
    """The hand-written step of the rule ``name``; LookupError when there is none."""
    if name not in names():
        raise LookupError(f"symopt/reference/{name}.py does not exist; written by hand are: {', '.join(names())}")
    module = importlib.import_module(f"{__name__}.{name}")
    try:
        step: Step = getattr(module, name)
    except AttributeError:
        raise LookupError(f"symopt/reference/{name}.py defines no function called {name}") from None
    return step
