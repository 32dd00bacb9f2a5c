"""The typed tree that kernels are printed from: plain data, in the order the machine computes it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from symopt.language import Program

#: Types of values. Before ``freeze`` every number is REAL.
REAL, FLOAT64, FLOAT32, BOOL = "real", "float64", "float32", "bool"

#: Operations with a boolean result; they occur as the first argument of ``select``.
COMPARISONS = frozenset({"lt", "le", "eq"})

#: Every operation with its number of arguments. ``select(c, a, b)`` is a where c holds, else b;
#: ``cast(a)`` rounds a once to the type of the Op.
OPERATIONS = {
    "add": 2, "sub": 2, "mul": 2, "div": 2, "pow": 2, "max": 2, "min": 2, "lt": 2, "le": 2, "eq": 2,
    "neg": 1, "sqrt": 1, "abs": 1, "sign": 1, "cast": 1,
    "select": 3,
}  # fmt: skip


@dataclass(frozen=True)
class Const:
    """A rational number; a typed one stands for the nearest value of its type."""

    value: Fraction
    type: str = REAL


@dataclass(frozen=True)
class Var:
    """A value that has a name: a scalar argument, a loaded element or an earlier line."""

    name: str
    type: str = REAL


@dataclass(frozen=True)
class Op:
    """One machine operation, rounded once to ``type``."""

    op: str
    args: tuple[Node, ...]
    type: str = REAL

    def __post_init__(self) -> None:
        if OPERATIONS.get(self.op) != len(self.args):
            raise ValueError(f"operation {self.op!r} with {len(self.args)} arguments: must be one of {OPERATIONS}")


Node = Const | Var | Op


@dataclass(frozen=True)
class Assign:
    """The line ``name = value``; every name is assigned once."""

    name: str
    value: Node


@dataclass(frozen=True)
class Lowered:
    """One step as the machine computes it, all names being Python identifiers.

    The arguments are ``arrays`` (x, g, the states) then ``scalars`` (t, the hyperparameters; float64).
    ``step`` is computed once per call in float64; its casts round to ``dtype`` what the loop reads.
    Then for every element: ``loads`` (array, variable), the ``element`` lines, ``stores`` (array, variable).
    """

    program: Program
    dtype: str
    arrays: tuple[str, ...]
    scalars: tuple[str, ...]
    step: tuple[Assign, ...]
    loads: tuple[tuple[str, str], ...]
    element: tuple[Assign, ...]
    stores: tuple[tuple[str, str], ...]


def variables(node: Node) -> frozenset[str]:
    """The names a tree reads."""
    if isinstance(node, Op):
        return frozenset().union(*(variables(arg) for arg in node.args))
    return frozenset({node.name}) if isinstance(node, Var) else frozenset()
