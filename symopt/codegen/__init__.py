"""From a Program to a kernel: read, lower by small passes, print as Numba source, compile, cache."""

from .errors import CacheError, LoweringError
from .kernel import Kernel, compile_program, kernel_source
from .lower import lower
from .nodes import SIZES, TOTALS, Assign, Const, Lowered, Node, Op, Pass, Var
from .printing import print_source

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
    "print_source",
]
