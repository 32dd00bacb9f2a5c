"""The phases of a step in the user's cache: source, machine code, and what the runtime must know of the rule."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from symopt.language import Program

from .blocks import phase_count, print_blocks, scratch_of, totals_of
from .lowering import lower
from .nodes import Lowered
from .objects import compile_phases
from .places import locked, write


def build(program: Program, dtype: str, base: Path) -> None:
    """Put ``base``.py, .o and, last of all, .json there; several processes may do so at once.

    Raises LoweringError where the rule has no machine operation.
    """
    lowered = lower(program, dtype)
    source = print_blocks(lowered)
    with locked(base.with_suffix(".lock")):
        write(base.with_suffix(".py"), source.encode())
        code = compile_phases(base.with_suffix(".py"), phase_count(lowered))
        write(base.with_suffix(".o"), code)
        write(base.with_suffix(".json"), json.dumps(describe(lowered, code), indent=1).encode())


def describe(lowered: Lowered, code: bytes) -> dict[str, Any]:
    """Names, domains and defaults of the rule, what its phases add up, and a digest of the machine code."""
    program = lowered.program
    return {
        "rule": program.name,
        "options": dict(program.options),
        "cites": program.cites,
        "dtype": lowered.dtype,
        "hypers": [_hyper(hyper) for hyper in program.hypers],
        "states": [{"name": s.name, "initial": str(s.initial), "scope": s.scope} for s in program.states],
        "phases": phase_count(lowered),
        "totals": totals_of(lowered),
        "matrices": lowered.has_matrices,
        "scratch": scratch_of(lowered),
        "code": sha256(code).hexdigest(),
    }


def _hyper(hyper: Any) -> dict[str, Any]:
    domain = hyper.domain
    ends = {"lower": domain.lower, "upper": domain.upper}
    return {
        "name": hyper.name,
        "default": str(hyper.default),
        **{name: None if end is None else str(end) for name, end in ends.items()},
        "lower_open": domain.lower_open,
        "upper_open": domain.upper_open,
    }
