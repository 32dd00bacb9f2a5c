"""From a Program to a kernel: read, lower by small passes, print as Numba source, compile, cache.

Each name is fetched on first use, so that machine code from the cache runs without SymPy and Numba.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .blocks import phases_source
    from .errors import CacheError, LoweringError
    from .kernel import Kernel, compile_program, kernel_source
    from .lowering import lower
    from .nodes import SIZES, TOTALS, Assign, Const, Lowered, Node, Op, Pass, Var
    from .printing import print_source

_LAZY = {
    "blocks": "phases_source",
    "errors": "CacheError LoweringError",
    "kernel": "Kernel compile_program kernel_source",
    "lowering": "lower",
    "nodes": "SIZES TOTALS Assign Const Lowered Node Op Pass Var",
    "printing": "print_source",
}
_HOME = {name: module for module, names in _LAZY.items() for name in names.split()}

__all__ = [
    "SIZES",
    "TOTALS",
    "Assign",
    "CacheError",
    "Const",
    "Kernel",
    "Lowered",
    "LoweringError",
    "Node",
    "Op",
    "Pass",
    "Var",
    "compile_program",
    "kernel_source",
    "lower",
    "phases_source",
    "print_source",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return value
