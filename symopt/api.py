"""The public functions that take a rule by name: each finds the rule and hands its Program to the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symopt import rounding
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


def error_bound(rule: str | Rule, inputs: Mapping[str, Any], dtype: str = "float32") -> dict[str, Any]:
    """For "x" and each state of one step in ``dtype``, an array of bounds on |kernel result - exact real value|.

    ``inputs``: x, g and the states as arrays of one shape, t, and hyperparameters (defaults where missing), which
    stand for the decimals they are written as. Infinity where nothing can be promised. Raises InputError for
    missing or unknown names and for values outside their domains.
    """
    return rounding.error_bound(find(rule).program, inputs, dtype)
