"""The generated kernel's own source, read statement by statement, for tensors of every size.

A loop over all elements is read once, on an element that stands for each: its index occurs only to take that element,
and no value is carried from one element to the next but sums and largest values, which become those of the tensor. In
the same way a loop over rows or columns is read once; what it keeps for each of them is an array of its own.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from symopt.language import GRADIENT, PARAMETER, REDUCTIONS, STEP, Program, TensorSum

from .errors import LiftError
from .numpy import DuckArray, formula
from .program import to_program

_OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.USub: operator.neg, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip


_MODULES = {"numpy", "numba"}

#: What a fold in a loop is over, by the loop and by what it is kept for; and how elements are taken in each loop.
_OVER = {
    ("vector", "once"): "tensor", ("matrix", "once"): "tensor", ("matrix", "row"): "row",
    ("matrix", "column"): "column", ("row", "once"): "column", ("column", "once"): "row",
}  # fmt: skip
_ROWS, _COLUMNS = "range(x.shape[0])", "range(x.shape[1])"
_INDEX = {"row": "row, 0", "column": "0, column"}
_TAKEN = {"vector": (), "matrix": ("row", "column"), "row": ("row",), "column": ("column",), "": ()}
_SPACE = {"(x.shape[0], 1)": "row", "(1, x.shape[1])": "column"}


def lift_source(source: str, program: Program, dtype: str) -> Program:
    """The Program that a kernel source computes, with ``program``'s inputs.

    Numba is left out: the function is read with the types that Numba gives it (arrays of ``dtype``; arguments, literals
    and sums float64), and what would widen a loop is refused. Raises LiftError if the source cannot be followed.
    """
    step = _step_function(source)
    states = {state.name: state.scope for state in program.states}
    order = (PARAMETER, GRADIENT, *states, STEP, *(hyper.name for hyper in program.hypers))
    arguments = [argument.arg for argument in step.args.args]
    if len(arguments) != len(order):
        raise LiftError(f"the kernel's source takes {', '.join(arguments)}; the rule's inputs are {', '.join(order)}")
    own = dict(zip(order, arguments, strict=True))
    arrays = {own[name]: DuckArray(sp.Symbol(name), dtype) for name in (PARAMETER, GRADIENT, *states)}
    kinds = {own[name]: "element" for name in (PARAMETER, GRADIENT)}
    kinds |= {own[name]: s if s in ("element", "row", "column") else "once" for name, s in states.items()}
    reading = _Reading(arrays, kinds, own[GRADIENT], program.has_matrices)
    for name in order:
        if own[name] not in arrays:
            reading.assign(own[name], DuckArray(sp.Symbol(name), np.float64))
    with sp.evaluate(False):
        for statement in step.body:
            reading.read(statement)
    outputs = {name: arrays[own[name]].cells.item() for name in (PARAMETER, *states)}
    if any(expr.has(sp.oo, -sp.oo) for expr in outputs.values()):
        raise LiftError("the kernel's source computes with infinity, from which a largest value starts")
    return to_program(program.name, outputs, program.hypers, program.states)


def _step_function(source: str) -> ast.FunctionDef:
    """The module's one function, beside imports of numpy and numba and the names of types."""
    try:
        module = ast.parse(source)
    except SyntaxError as error:
        raise LiftError(f"the kernel's source does not run: SyntaxError: {error}") from error
    functions = []
    for node in module.body:
        match node:
            case ast.Import(names=[ast.alias(name=name)]) | ast.ImportFrom(module=name):
                if name not in _MODULES:
                    raise LiftError(f"the kernel's source imports {name}; only numpy and numba are expected")
            case ast.Assign(targets=[ast.Name(id=name)]) if name.isupper():
                pass
            case ast.FunctionDef(name="step"):
                functions.append(node)
            case _:
                raise _stop(node, "has no place beside the function step")
    if len(functions) != 1:
        raise LiftError(f"the kernel's source has {len(functions)} functions called step")
    return functions[0]


class _Reading:
    """The values of names while statements are read, and of each array: of the element that stands for all.

    ``kinds``: what each array has a value for; ``constant`` is the one that may not be written.
    """

    def __init__(self, arrays: dict[str, DuckArray], kinds: dict[str, str], constant: str, matrix: bool) -> None:
        self.arrays, self.kinds, self.constant, self.matrix = arrays, kinds, constant, matrix
        self.inputs = set(arrays)
        self.values: dict[str, DuckArray] = {}
        self.types: dict[str, Any] = {}
        self.index: str | None = None  # of the loop over a vector that is being read
        self.over = ""  # what is looped over
        self.terms: dict[str, tuple[str, DuckArray]] = {}  # of its folds

    def assign(self, name: str, value: DuckArray) -> None:
        """A name gets a value, of the type that it had before."""
        if name in self.arrays or name in (self.index, "np", "range", "row", "column"):
            raise LiftError(f"{name} of the kernel's source is assigned")
        if self.types.setdefault(name, value.dtype) != value.dtype:
            raise LiftError(f"{name} of the kernel's source is {self.types[name]} and {value.dtype}")
        self.values[name] = value

    def read(self, node: ast.stmt) -> None:
        """Take up one statement."""
        match node:
            case ast.Expr(value=ast.Constant()):
                pass
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[shape, *rest])) if _is_space(node.value):
                self.make(name, node, shape, rest)
            case ast.AugAssign(target=target, op=ast.Add(), value=value) if self.over:
                self.terms[ast.unparse(target)] = "sum", self.value(value)
            case ast.Assign(targets=[target], value=ast.Call(args=[_, value])) if self.over and _is_largest(node):
                self.terms[ast.unparse(target)] = "max", self.value(value)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self.assign(name, self.value(value))
            case ast.Assign(targets=[ast.Subscript() as target], value=value):
                name = self.element(target, written=True)
                if name in self.inputs:
                    self.arrays[name][...] = self.value(value)
                elif (found := self.value(value)).dtype != self.types[name]:
                    raise LiftError(f"{name} of the kernel's source is {self.types[name]} and {found.dtype}")
                else:
                    self.arrays[name] = found
            case ast.For(orelse=[]) if not self.over:
                self.loop(*self.head(node))
            case _:
                raise _stop(node, "is no statement that a kernel may have")

    def make(self, name: str, node: ast.stmt, shape: ast.expr, rest: list[ast.expr]) -> None:
        """Room for a value for each row or column, which is nothing yet or what a fold starts from."""
        call = getattr(node, "value", None)
        empty = ast.unparse(call.func) == "np.empty" if isinstance(call, ast.Call) else False
        if self.over or name in self.arrays or name in self.values or ast.unparse(shape) not in _SPACE:
            raise _stop(node, "makes no new array for each row or column")
        start = None if empty else self.value(rest[0])
        self.kinds[name] = _SPACE[ast.unparse(shape)]
        self.types[name] = (
            start.dtype if start is not None else np.dtype(ast.unparse(rest[0]).removeprefix("np.").rstrip("_"))
        )
        if start is not None:
            self.arrays[name] = start

    def head(self, node: ast.For) -> tuple[str, list[ast.stmt]]:
        """What a loop is over, and its body; two loops, one in the other, go over the elements of a matrix."""
        index, over = ast.unparse(node.target), ast.unparse(node.iter)
        elements = {f"range({array}.size)" for array, kind in self.kinds.items() if kind == "element"}
        match node.body:
            case [ast.For(orelse=[]) as inner] if self.matrix:
                if (index, over, ast.unparse(inner.target), ast.unparse(inner.iter)) == (
                    "row",
                    _ROWS,
                    "column",
                    _COLUMNS,
                ):
                    return "matrix", inner.body
            case _ if self.matrix and (index, over) in (("row", _ROWS), ("column", _COLUMNS)):
                return index, node.body
            case _ if not self.matrix and over in elements and isinstance(node.target, ast.Name):
                self.index = index
                return "vector", node.body
        raise _stop(node.iter, "is not a loop over all elements")

    def loop(self, over: str, body: list[ast.stmt]) -> None:
        """Read a loop's body for the element, row or column that stands for all; folds are all that it carries on."""
        folds = {_base(target): target for target in map(_fold_target, body) if target is not None}
        targets = [t for s in body if isinstance(s, ast.Assign) and _fold_target(s) is None for t in s.targets]
        assigned = {t.id for t in targets if isinstance(t, ast.Name)}
        loads = {n.id for s in body for n in ast.walk(_read_part(s)) if isinstance(n, ast.Name)}
        for name in folds:
            if (
                name in loads | set(map(_base, targets))
                or [_base(t) for t in map(_fold_target, body) if t].count(name) > 1
            ):
                raise LiftError(
                    f"the sum {name} of the kernel's source is used for more than adding a term of each element"
                )
            start = self.arrays.get(name, self.values.get(name))
            if name in self.inputs or start is None or start.dtype != np.float64:
                raise LiftError(f"the sum {name} of the kernel's source does not start as a float64 number")
        self._forget(assigned | ({self.index} if self.index else set()))  # so that a carried value is found missing
        self.over, self.terms = over, {}
        for statement in body:
            self.read(statement)
        terms, self.over, self.index = self.terms, "", None
        self._forget(assigned)  # the last element's
        for target, (fold, term) in terms.items():
            self.finish(over, target, fold, term)

    def finish(self, over: str, target: str, fold: str, term: DuckArray) -> None:
        """What a fold is once its loop is over; a sum adds to what was there, a largest value started below all."""
        name, _, index = target.partition("[")
        kind = self.kinds[name] if index else "once"
        if (over, kind) not in _OVER or (index and index != f"{_INDEX[kind]}]"):
            raise LiftError(f"{target} of the kernel's source folds what it is not the fold of")
        where = self.arrays if index else self.values
        total = DuckArray(REDUCTIONS[fold, _OVER[over, kind]](term.cells.item()), np.float64)
        before = where[name].cells.item()
        if before == (0 if fold == "sum" else -sp.oo):
            where[name] = total
        elif fold == "sum":
            where[name] = where[name] + total
        else:
            raise LiftError(f"{target} of the kernel's source starts at {before}, which may be larger than all")

    def _forget(self, names: set[str]) -> None:
        for name in names:
            self.values.pop(name, None)

    def element(self, node: ast.Subscript, *, written: bool = False) -> str:
        """The array of which the loop's own element is taken, or the one value that there is."""
        name = node.value.id if isinstance(node.value, ast.Name) else ""
        kind, taken = self.kinds.get(name), _TAKEN[self.over]
        if kind == "element":
            index = self.index if self.over == "vector" else "row, column" if self.over == "matrix" else None
        elif kind in _INDEX:
            # A loop over elements reads what there is for a row, and only a loop over rows writes it.
            index = _INDEX[kind] if kind in taken and (not written or self.over == kind) else None
        else:
            index = ("0, 0" if self.matrix else "0") if kind == "once" and not self.over else None
        if index is None or ast.unparse(node.slice).strip("()") != index or (written and name == self.constant):
            raise _stop(node, "is not the loop's own element, so that it couples the elements of an array")
        if not written and name not in self.arrays:
            raise LiftError(f"{name} of the kernel's source is read where it has no value")
        return name

    def value(self, node: ast.expr) -> Any:
        """The formula of an expression, with its type."""
        match node:
            case ast.Constant(value=int() | float() as number):
                return DuckArray(formula(number), np.float64)
            case ast.Name(id=name):
                if name not in self.values:
                    raise LiftError(f"{name} of the kernel's source is read where it has no value")
                return self.values[name]
            case ast.BinOp(left=left, op=op, right=right) | ast.Compare(left=left, ops=[op], comparators=[right]):
                if type(op) in _OPERATORS:
                    return _OPERATORS[type(op)](self.value(left), self.value(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.value(operand)
            case ast.IfExp(test=test, body=then, orelse=otherwise):
                return np.where(self.value(test), self.value(then), self.value(otherwise))
            case ast.Subscript(
                value=ast.Attribute(value=ast.Name(id="x"), attr="shape"), slice=ast.Constant(value=axis)
            ):
                if self.matrix and axis in (0, 1):
                    return DuckArray(REDUCTIONS["sum", "column" if axis == 0 else "row"](1), np.int64)
            case ast.Subscript():
                return self.arrays[self.element(node)].copy()
            case ast.Attribute(value=ast.Name(id=array), attr="size") if array in self.inputs:
                return DuckArray(TensorSum(1) if self.kinds[array] == "element" else 1, np.int64)
            case ast.Attribute(value=ast.Name(id="np"), attr="inf"):
                return DuckArray(sp.oo, np.float64)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr=name), args=args, keywords=[]):
                operands = [self.value(arg) for arg in args]
                if name in ("float32", "float64") and len(operands) == 1:
                    return DuckArray(operands[0].cells, name)
                if isinstance(getattr(np, name, None), np.ufunc):
                    return getattr(np, name)(*operands)
        raise _stop(node, "is no expression that a kernel may have")


def _is_space(call: ast.expr) -> bool:
    return isinstance(call, ast.Call) and ast.unparse(call.func) in ("np.empty", "np.full") and len(call.args) == 2


def _is_largest(node: ast.stmt) -> bool:
    """Whether a statement is ``name = np.maximum(name, term)``, the name perhaps an element."""
    match node:
        case ast.Assign(targets=[target], value=ast.Call(func=function, args=[same, _], keywords=[])):
            return ast.unparse(function) == "np.maximum" and ast.unparse(same) == ast.unparse(target)
    return False


def _fold_target(node: ast.stmt) -> ast.expr | None:
    if isinstance(node, ast.AugAssign):
        return node.target
    return node.targets[0] if isinstance(node, ast.Assign) and _is_largest(node) else None


def _read_part(node: ast.stmt) -> ast.AST:
    """What a statement reads beside what it adds to."""
    if isinstance(node, ast.AugAssign):
        return node.value
    if isinstance(node, ast.Assign):
        return node.value.args[1] if _is_largest(node) and isinstance(node.value, ast.Call) else node.value
    return node


def _base(target: ast.expr) -> str:
    return ast.unparse(target).partition("[")[0]


def _stop(node: ast.AST, why: str) -> LiftError:
    return LiftError(f"line {getattr(node, 'lineno', '?')} of the kernel's source: {ast.unparse(node)} {why}")
