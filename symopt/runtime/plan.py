"""What is known of a rule at run time, from the user's cache where it is there: without SymPy and Numba."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, cached_property
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llvmlite import binding

from symopt import __version__
from symopt.codegen.errors import CacheError
from symopt.codegen.places import directory
from symopt.language import Domain, Hyper, State, SymoptError

from .machine import Functions, load

if TYPE_CHECKING:
    from symopt.language import Rule

PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Plan:
    """One rule for one dtype: its hyperparameters and states, and the machine code of the phases of a step.

    ``totals``: for each phase that adds up, the folds ("sum", "max") and what they are over ("tensor", "all").
    ``matrices``: whether tensors are taken whole, by rows and columns. ``scratch``: the words of memory of its own that
    a worker needs: in any case, for each row and for each column of a tensor.
    """

    rule: str
    options: tuple[tuple[str, Any], ...]
    dtype: str
    hypers: tuple[Hyper, ...]
    states: tuple[State, ...]
    phases: int
    totals: tuple[tuple[tuple[str, str], ...], ...]
    matrices: bool
    scratch: tuple[int, int, int]
    digest: str
    code: bytes = field(repr=False, compare=False)

    @cached_property
    def functions(self) -> Functions:
        """The phases, ready to be called."""
        return load(self.code, self.phases)

    @property
    def single(self) -> tuple[State, ...]:
        """The states of which a tensor has one value."""
        return tuple(state for state in self.states if state.scope != "element")


@cache
def find_plan(rule: str | Rule, dtype: str) -> Plan:
    """The plan of a catalog name, of ``path/to/file.py:rule`` or of a Rule; it is compiled where it is not cached.

    Raises InputError for an unknown rule, LoweringError where the rule has no machine operation, CacheError where the
    cache directory that was asked for cannot be used.
    """
    if isinstance(rule, str) and rule.isidentifier() and (PACKAGE / "rules" / f"{rule}.py").is_file():
        base = directory() / f"{rule}_{dtype}_blocks_{_named(rule)}"
        found = _read(base)
        if found is not None:
            return found
    else:
        base = None
    from symopt.codegen import phases_source
    from symopt.codegen.phases import build
    from symopt.rules import find

    program = find(rule).program
    if base is None:
        key = _digest(phases_source(program, dtype), repr(program.hypers), repr(program.states), _sources(None))
        base = directory() / f"{program.name}_{dtype}_blocks_{key}"
    found = _read(base)
    if found is None:
        try:
            build(program, dtype, base)
        except OSError as error:
            raise CacheError(f"kernel cache {str(base.parent)!r}: must stay readable and writable ({error})") from error
        found = _read(base)
    if found is None:
        raise SymoptError(f"{base}: the machine code that was just written cannot be read back")
    return found


def _read(base: Path) -> Plan | None:
    """What is in the cache, if it is whole."""
    try:
        data, code = json.loads(base.with_suffix(".json").read_bytes()), base.with_suffix(".o").read_bytes()
        return _plan(data, code) if sha256(code).hexdigest() == data["code"] else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _plan(data: dict[str, Any], code: bytes) -> Plan:
    def end(value: str | None) -> Fraction | None:
        return None if value is None else Fraction(value)

    return Plan(
        rule=data["rule"],
        options=tuple(sorted(data["options"].items())),
        dtype=data["dtype"],
        hypers=tuple(
            Hyper(
                Fraction(h["default"]),
                Domain(end(h["lower"]), end(h["upper"]), h["lower_open"], h["upper_open"]),
                h["name"],
            )
            for h in data["hypers"]
        ),
        states=tuple(State(Fraction(s["initial"]), False, s["name"], s["scope"]) for s in data["states"]),
        phases=data["phases"],
        totals=tuple(tuple((fold, over) for fold, over in phase) for phase in data["totals"]),
        matrices=data["matrices"],
        scratch=tuple(data["scratch"]),
        digest=data["code"],
        code=code,
    )


@cache
def _named(rule: str) -> str:
    """A digest of all that decides what a catalog name is compiled to."""
    return _digest((PACKAGE / "rules" / f"{rule}.py").read_text(encoding="utf-8"), _sources("language"))


@cache
def _sources(room: str | None) -> str:
    """A digest of the generator's own source, of another room's, of versions and of the processor."""
    files = [file for name in ("codegen", *([room] if room else [])) for file in sorted((PACKAGE / name).glob("*.py"))]
    versions = [f"{package} {version(package)}" for package in ("numba", "llvmlite", "sympy")]
    cpu = f"{binding.get_host_cpu_name()} {binding.get_host_cpu_features().flatten()} {platform.system()}"
    return _digest(__version__, *versions, cpu, *(file.read_text(encoding="utf-8") for file in files))


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:16]
