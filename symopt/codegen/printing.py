"""Lowered programs printed as standalone Python modules that need only NumPy and Numba."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from fractions import Fraction
from hashlib import sha256
from importlib.metadata import version

from symopt import __version__
from symopt.language import Program

from .errors import LoweringError
from .nodes import BOOL, FLOAT64, SIZES, TOTALS, Assign, Const, Lowered, Node, Op, Pass, Var, is_total
from .read import read

#: Infix operations with their precedence; every other one is a function of its arguments.
_INFIX = {"add": ("+", 3), "sub": ("-", 3), "mul": ("*", 4), "div": ("/", 4), "pow": ("**", 6)}
_COMPARE = {"lt": ("<", 2), "le": ("<=", 2), "eq": ("==", 2)}
_SELECT, _NEGATE, _ATOM = 1, 5, 7
_NUMPY = {
    "sqrt": "np.sqrt",
    "exp": "np.exp",
    "log": "np.log",
    "abs": "np.abs",
    "max": "np.maximum",
    "min": "np.minimum",
    "sign": "np.sign",
}

_CODE = '''\
import numpy as np
from numba import njit, types

ARRAY = types.Array(types.{dtype}, {axes}, "C")
GIVEN = types.Array(types.{dtype}, {axes}, "C", readonly=True)
SCALAR = types.float64


@njit(
    [types.void({signature})],
    error_model="numpy",
    cache=True,
)
def step({arguments}):
    """Update {outputs} in place by one step of {rule}."""
{body}
'''


def print_source(lowered: Lowered) -> str:
    """The Python source of a module whose one function, ``step``, updates x and the states in place.

    Its arrays are 1-D (2-D where rows and columns matter), C-contiguous, of the kernel's dtype; t and the
    hyperparameters are float64. Numbers and step scalars are rounded once, before the loops; the last loop over
    elements loads each input and stores each output once, those before it add up what it needs to know of all elements.
    """
    said, code = about(lowered), _code(lowered)
    digest = sha256((said + code).encode()).hexdigest()
    return f"{said}# content: sha256 {digest}\n# versions: {versions()}\n\n{code}"


def versions() -> str:
    """The versions of everything that shapes a kernel's source and machine code."""
    parts = ", ".join(f"{package} {version(package)}" for package in ("numba", "numpy", "llvmlite"))
    return f"symopt {__version__}, {parts}"


def print_expression(node: Node, names: Mapping[str, str] | None = None) -> str:
    """One expression in Python; numbers are float64 literals, the shortest that mean the same.

    ``names`` gives variables that are written otherwise, as elements of arrays, and numbers of elements, as "size()".
    """
    return _text(node, names or {})[0]


#: The index of an array by what it has a value for; in a matrix, rows and columns keep both axes.
_INDEX = {"row": "row, 0", "column": "0, column", "matrix": "row, column", "vector": "i", "once": "0"}
_LOOPS = {
    "vector": ("for i in range(x.size):",),
    "matrix": ("for row in range(x.shape[0]):", "for column in range(x.shape[1]):"),
    "row": ("for row in range(x.shape[0]):",),
    "column": ("for column in range(x.shape[1]):",),
}
#: The shapes of arrays with a value for each row or column.
SHAPES = {"row": "(x.shape[0], 1)", "column": "(1, x.shape[1])"}
_SIZES = {"tensor": "x.size", "all": "x.size", "row": "x.shape[1]", "column": "x.shape[0]"}
_START = {"sum": "0.0", "max": "-np.inf"}


def _code(lowered: Lowered) -> str:
    printer = Printer(lowered)
    kinds = ["ARRAY", "GIVEN", *("ARRAY" for _ in lowered.arrays[2:]), *("SCALAR" for _ in lowered.scalars)]
    return _CODE.format(
        dtype=lowered.dtype,
        axes=2 if lowered.has_matrices else 1,
        signature=", ".join(kinds),
        arguments=", ".join([*lowered.arrays, *lowered.scalars]),
        outputs=", ".join(array for array, _ in (*lowered.stores, *lowered.scalar_stores)),
        rule=lowered.program.name,
        body=textwrap.indent("\n".join(printer.body()), "    "),
    )


class Printer:
    """The statements of one step. What there is for each row or column is an array with an element for each."""

    def __init__(self, lowered: Lowered) -> None:
        self.lowered, self.kinds = lowered, lowered.kinds
        self.names = {name: f"{name}[{_INDEX[kind]}]" for name, kind in lowered.kinds.items()}
        self.elements = "matrix" if lowered.has_matrices else "vector"

    def body(self) -> list[str]:
        """Every statement, in order."""
        lowered = self.lowered
        body = [*self.loads(), *map(self.line, lowered.step)]
        for loop in lowered.passes:
            body += [*self.starts(loop), *self.loop(loop.over, loop.loads, loop.element), *map(self.line, loop.scalars)]
        body += self.loop("element", lowered.loads, lowered.element, lowered.stores)
        return [*body, *self.stores()]

    def loads(self) -> list[str]:
        """The values of which there are fewer than elements, as float64."""
        body = []
        for array, variable in self.lowered.scalar_loads:
            value = f"{array}[{self.at(array)}]"
            value = value if self.lowered.dtype == FLOAT64 else f"np.float64({value})"
            body += self.each(array, f"{self.names.get(variable, variable)} = {value}", [self.space(variable, FLOAT64)])
        return body

    def stores(self) -> list[str]:
        """Their new values."""
        pairs = self.lowered.scalar_stores
        lines = [(array, f"{array}[{self.at(array)}] = {self.names.get(name, name)}") for array, name in pairs]
        return [line for array, text in lines for line in self.each(array, text, [])]

    def each(self, array: str, statement: str, before: list[str]) -> list[str]:
        """A statement for each value of an array of rows' or columns' values, or for its only one."""
        if array not in self.kinds:
            return [statement]
        return [*before, *self.nest(_LOOPS[self.kinds[array]], [statement])]

    def at(self, array: str) -> str:
        """The index of an array that has fewer values than there are elements."""
        return _INDEX[self.kinds[array]] if array in self.kinds else "0, 0" if self.lowered.has_matrices else "0"

    def space(self, name: str, form: str) -> str:
        """Room for a value for each row or column."""
        return f"{name} = {self.allocate(self.kinds[name], form)}" if name in self.kinds else ""

    def filled(self, name: str, kind: str, start: str) -> list[str]:
        """A new array that holds what a fold starts from."""
        return [f"{name} = np.full({SHAPES[kind]}, {start})"]

    def allocate(self, kind: str, form: str) -> str:
        """A new array with a value for each row or column."""
        return f"np.empty({SHAPES[kind]}, np.{'bool_' if form == BOOL else form})"

    def starts(self, loop: Pass) -> list[str]:
        """What totals start from, and room for what is kept."""
        body = []
        for line in loop.element:
            if is_total(line) and isinstance(line.value, Op):
                start = _START[TOTALS[line.value.op][0]]
                kept = self.kinds.get(line.name)
                body += self.filled(line.name, kept, start) if kept else [f"{line.name} = {start}"]
            elif line.name in self.kinds:
                body.append(self.space(line.name, line.value.type))
        return body

    def loop(
        self,
        over: str,
        loads: tuple[tuple[str, str], ...],
        lines: tuple[Assign, ...],
        stores: tuple[tuple[str, str], ...] = (),
    ) -> list[str]:
        """A loop over all elements, rows or columns."""
        kind = self.elements if over == "element" else over
        body = [*(f"{variable} = {array}[{_INDEX[kind]}]" for array, variable in loads), *map(self.line, lines)]
        body += [f"{array}[{_INDEX[kind]}] = {self.names.get(name, name)}" for array, name in stores]
        return self.nest(_LOOPS[kind], body)

    def nest(self, heads: tuple[str, ...], body: list[str]) -> list[str]:
        """Statements inside of loops."""
        for head in reversed(heads):
            body = [head, *(f"    {line}" for line in body)]
        return body

    def line(self, line: Assign) -> str:
        """One assignment, or one more term of a total."""
        target = self.names.get(line.name, line.name)
        if is_total(line) and isinstance(line.value, Op):
            term = print_expression(line.value.args[0], self.names)
            return (
                f"{target} += {term}"
                if TOTALS[line.value.op][0] == "sum"
                else f"{target} = np.maximum({target}, {term})"
            )
        return f"{target} = {print_expression(line.value, self.names)}"


def about(lowered: Lowered) -> str:
    """The comment that a module starts with: what it computes, from where."""
    program = lowered.program
    options = ", ".join(f"{name}={value}" for name, value in program.options) or "none"
    paragraphs = [
        f"{program.name} in {lowered.dtype}: one step, in place. Generated by symopt; runs with NumPy and Numba alone.",
        f"options: {options}",
        f"reference: {' '.join(program.cites.split()) or 'none'}",
    ]
    lines = [line for text in paragraphs for line in textwrap.wrap(text, 118)]
    return "".join(f"# {line}\n" for line in [*lines, *(f"    {formula}" for formula in formulas(program))])


def formulas(program: Program) -> list[str]:
    """The Program's lines as text, with the order of operations that the kernel keeps."""
    return [f"{line.name} = {_text(line.value, {}, plain=True)[0]}" for line in read(program)]


def _text(node: Node, names: Mapping[str, str], *, plain: bool = False) -> tuple[str, int]:
    """The text of a tree and its precedence; ``plain`` is for readers, the rest is Python."""

    def inner(arg: Node, least: int) -> str:
        text, precedence = _text(arg, names, plain=plain)
        return text if precedence >= least else f"({text})"

    if isinstance(node, Var):
        return names.get(node.name, node.name), _ATOM
    if isinstance(node, Const):
        text = str(node.value) if plain else _literal(node)
        return text, _NEGATE if node.value < 0 else _INFIX["div"][1] if "/" in text else _ATOM
    if node.op in _INFIX or node.op in _COMPARE:
        symbol, precedence = (_INFIX | _COMPARE)[node.op]
        left, right = node.args
        if plain and right == Const(Fraction(1, 2)) and node.op == "pow":
            return f"sqrt({inner(left, 0)})", _ATOM
        if node.op == "pow":  # the only one that associates to the right
            return f"{inner(left, precedence + 1)}**{inner(right, precedence + 1)}", precedence
        first = precedence if node.op in _INFIX else precedence + 1
        return f"{inner(left, first)} {symbol} {inner(right, precedence + 1)}", precedence
    if node.op == "neg":
        return f"-{inner(node.args[0], _NEGATE)}", _NEGATE
    if node.op == "cbrt" and not plain:  # np.cbrt is compiled with fast-math flags in Numba
        base, binds = inner(node.args[0], _INFIX["pow"][1] + 1), _INFIX["pow"][1]
        return f"{base}**np.{node.type}(1.0 / 3.0)", binds
    if node.op == "select":
        condition, then, otherwise = (inner(arg, _SELECT + 1) for arg in node.args)
        return f"{then} if {condition} else {otherwise}", _SELECT
    if node.op in SIZES and not plain:
        return f"np.float64({names.get(f'{node.op}()', _SIZES[SIZES[node.op]])})", _ATOM
    function = node.op if plain else f"np.{node.type}" if node.op == "cast" else _NUMPY[node.op]
    return f"{function}({', '.join(inner(arg, 0) for arg in node.args)})", _ATOM


def _literal(node: Const) -> str:
    try:
        return repr(float(node.value))
    except OverflowError:
        raise LoweringError(f"the number {node.value} is beyond the range of float64") from None
