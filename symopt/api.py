"""The public functions that take a rule by name: each finds the rule and hands its Program to the engine."""

from __future__ import annotations

from symopt.codegen import Kernel, compile_program
from symopt.language import Rule
from symopt.rules import find


def compile(rule: str | Rule, dtype: str = "float32") -> Kernel:
    """The kernel of a rule (a catalog name, ``path/to/file.py:rule`` or a Rule) on arrays of ``dtype``.

    ``kernel(x, g, m=…, v=…, t=1, lr=…)`` updates x and the states in place. Raises InputError for an unknown
    rule or dtype, LoweringError where the rule has no machine operation, CacheError where SYMOPT_CACHE_DIR
    cannot be used.
    """
    return compile_program(find(rule).program, dtype)
