"""The typed tree that kernels are printed from: plain data, in the order the machine computes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from symopt.language import Program

#: Types of values. Before ``freeze`` every number is REAL.
REAL, FLOAT64, FLOAT32, BOOL = "real", "float64", "float32", "bool"

#: Operations with a boolean result; they occur as the first argument of ``select``.
COMPARISONS = frozenset({"lt", "le", "eq"})

#: Sums and largest values over the elements of this tensor, of all tensors, of each row and of each column, with the
#: fold and what it runs over; they occur as the whole value of a line alone.
TOTALS = {
    "total": ("sum", "tensor"), "total_all": ("sum", "all"), "total_row": ("sum", "row"),
    "total_column": ("sum", "column"), "largest": ("max", "tensor"), "largest_all": ("max", "all"),
    "largest_row": ("max", "row"), "largest_column": ("max", "column"),
}  # fmt: skip

#: The number of elements of a tensor, of all tensors, of each row and of each column.
SIZES = {"size": "tensor", "size_all": "all", "size_row": "row", "size_column": "column"}

#: Every operation with its number of arguments. ``select(c, a, b)`` is a where c holds, else b;
#: ``cast(a)`` rounds a once to the type of the Op.
OPERATIONS = {
    "add": 2, "sub": 2, "mul": 2, "div": 2, "pow": 2, "max": 2, "min": 2, "lt": 2, "le": 2, "eq": 2,
    "neg": 1, "sqrt": 1, "cbrt": 1, "exp": 1, "log": 1, "abs": 1, "sign": 1, "cast": 1, "select": 3,
    **dict.fromkeys(TOTALS, 1), **dict.fromkeys(SIZES, 0),
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
    """A loop that reads all elements (``over`` "element"), rows or columns, and the ``scalars`` known after it.

    For each: ``loads`` (array, variable), then the ``element`` lines. Those whose value is an Op of TOTALS are float64
    sums that start at 0, or largest values that start at minus infinity, and take the argument in the order of the
    elements. The other lines over rows or columns are kept for later loops.
    """

    loads: tuple[tuple[str, str], ...]
    element: tuple[Assign, ...]
    scalars: tuple[Assign, ...]
    over: str = "element"


@dataclass(frozen=True)
class Lowered:
    """One step as the machine computes it, all names being Python identifiers.

    The arguments are ``arrays`` (x, g, the states) then ``scalars`` (t, the hyperparameters; float64). Of a state with
    fewer values than elements ``scalar_loads`` reads the one value, or that of each row or column (array, variable),
    as float64.
    ``step`` is computed once per call in float64; its casts round to ``dtype`` what the loops read. Then the
    ``passes`` one after the other; then for every element: ``loads`` (array, variable), the ``element`` lines,
    ``stores`` (array, variable). Last, ``scalar_stores``.
    ``kinds``: the arrays and variables that have a value for each "row" or "column".
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
    kinds: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def has_matrices(self) -> bool:
        """Whether tensors are taken as matrices."""
        return self.program.has_matrices


def is_total(line: Assign) -> bool:
    """Whether the line is a sum over elements."""
    return isinstance(line.value, Op) and line.value.op in TOTALS


def variables(node: Node) -> frozenset[str]:
    """The names a tree reads."""
    if isinstance(node, Op):
        return frozenset().union(*(variables(arg) for arg in node.args))
    return frozenset({node.name}) if isinstance(node, Var) else frozenset()
