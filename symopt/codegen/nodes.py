"""The typed tree that kernels are printed from: plain data, in the order the machine computes it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from symopt.language import Program

#: Types of values. Before ``freeze`` every number is REAL.
REAL, FLOAT64, FLOAT32, BOOL = "real", "float64", "float32", "bool"

#: Operations with a boolean result; they occur as the first argument of ``select``.
COMPARISONS = frozenset({"lt", "le", "eq"})

#: Sums over the elements of this tensor, and of all tensors; they occur as the whole value of a line alone.
TOTALS = frozenset({"total", "total_all"})

#: Every operation with its number of arguments. ``select(c, a, b)`` is a where c holds, else b;
#: ``cast(a)`` rounds a once to the type of the Op; ``size`` is the number of elements of this tensor, or of all.
OPERATIONS = {
    "add": 2, "sub": 2, "mul": 2, "div": 2, "pow": 2, "max": 2, "min": 2, "lt": 2, "le": 2, "eq": 2,
    "neg": 1, "sqrt": 1, "abs": 1, "sign": 1, "cast": 1, "total": 1, "total_all": 1,
    "select": 3, "size": 0, "size_all": 0,
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
    """The line ``name = value``; every name is assigned once, or again to the same value in a later loop."""

    name: str
    value: Node


@dataclass(frozen=True)
class Pass:
    """A loop that reads all elements and writes none, and the ``scalars`` (float64) that are known after it.

    For every element: ``loads`` (array, variable), then the ``element`` lines. Those whose value is an Op of TOTALS are
    float64 sums that start at 0 and grow by the argument, in the order of the elements.
    """

    loads: tuple[tuple[str, str], ...]
    element: tuple[Assign, ...]
    scalars: tuple[Assign, ...]


@dataclass(frozen=True)
class Lowered:
    """One step as the machine computes it, all names being Python identifiers.

    The arguments are ``arrays`` (x, g, the states) then ``scalars`` (t, the hyperparameters; float64). A state with one
    value for all elements is an array of one: ``scalar_loads`` reads it (array, variable), as float64.
    ``step`` is computed once per call in float64; its casts round to ``dtype`` what the loops read. Then the
    ``passes`` one after the other; then for every element: ``loads`` (array, variable), the ``element`` lines,
    ``stores`` (array, variable). Last, ``scalar_stores``.
    """

    program: Program
    dtype: str
    arrays: tuple[str, ...]
    scalars: tuple[str, ...]
    step: tuple[Assign, ...]
    loads: tuple[tuple[str, str], ...]
    element: tuple[Assign, ...]
    stores: tuple[tuple[str, str], ...]
    passes: tuple[Pass, ...] = ()
    scalar_loads: tuple[tuple[str, str], ...] = ()
    scalar_stores: tuple[tuple[str, str], ...] = ()


def is_total(line: Assign) -> bool:
    """Whether the line is a sum over elements."""
    return isinstance(line.value, Op) and line.value.op in TOTALS


def variables(node: Node) -> frozenset[str]:
    """The names a tree reads."""
    if isinstance(node, Op):
        return frozenset().union(*(variables(arg) for arg in node.args))
    return frozenset({node.name}) if isinstance(node, Var) else frozenset()
