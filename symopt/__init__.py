"""symopt: one statement of an update rule; from it the mathematics, the proofs, the kernel and the yardstick.

Importing this package loads neither SymPy nor Numba: each public name is fetched from its module on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symopt.api import chain, compile, equivalent, error_bound, invariant
    from symopt.conform.check import check
    from symopt.conform.target import lift
    from symopt.language.errors import InputError, RuleError, SymoptError
    from symopt.proof import prove
    from symopt.rules import find as rule
    from symopt.runtime import Optimizer

__version__ = "0.1.0"

_HOME = {
    "rule": ("symopt.rules", "find"),
    "prove": ("symopt.proof", "prove"),
    "chain": ("symopt.api", "chain"),
    "check": ("symopt.conform.check", "check"),
    "compile": ("symopt.api", "compile"),
    "error_bound": ("symopt.api", "error_bound"),
    "equivalent": ("symopt.api", "equivalent"),
    "invariant": ("symopt.api", "invariant"),
    "lift": ("symopt.conform.target", "lift"),
    "Optimizer": ("symopt.runtime", "Optimizer"),
    "SymoptError": ("symopt.language.errors", "SymoptError"),
    "InputError": ("symopt.language.errors", "InputError"),
    "RuleError": ("symopt.language.errors", "RuleError"),
}

__all__ = [
    "InputError",
    "Optimizer",
    "RuleError",
    "SymoptError",
    "chain",
    "check",
    "compile",
    "equivalent",
    "error_bound",
    "invariant",
    "lift",
    "prove",
    "rule",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'symopt' has no attribute {name!r}")
    module, attribute = _HOME[name]
    value = globals()[name] = getattr(import_module(module), attribute)
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
