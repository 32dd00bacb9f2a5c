"""From a Program to a kernel: read, lower by small passes, print as Numba source, compile, cache."""

from .errors import CacheError, LoweringError
from .kernel import Kernel, compile_program, kernel_source
from .lower import lower
from .nodes import Assign, Const, Lowered, Node, Op, Var
from .printing import print_source

__all__ = [
    "Assign",
    "CacheError",
    "Const",
    "Kernel",
    "Lowered",
    "LoweringError",
    "Node",
    "Op",
    "Var",
    "compile_program",
    "kernel_source",
    "lower",
    "print_source",
]
