"""The generated kernel's own source, read statement by statement, for tensors of every size.

A loop over all elements is read once, on an element that stands for each: its index occurs only to take that element,
and no value is carried from one element to the next but sums, which become sums over the tensor.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy as sp

from symopt.language import GRADIENT, PARAMETER, STEP, Program, TensorSum

from .errors import LiftError
from .numpy import DuckArray, formula
from .program import to_program

_OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.USub: operator.neg, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip


_MODULES = {"numpy", "numba"}


def lift_source(source: str, program: Program, dtype: str) -> Program:
    """The Program that a kernel source computes, with ``program``'s inputs.

    Numba is left out: the function is read with the types that Numba gives it (arrays of ``dtype``; arguments, literals
    and sums float64), and what would widen a loop is refused. Raises LiftError if the source cannot be followed.
    """
    step = _step_function(source)
    states = {state.name: state.scope == "element" for state in program.states}
    order = (PARAMETER, GRADIENT, *states, STEP, *(hyper.name for hyper in program.hypers))
    arguments = [argument.arg for argument in step.args.args]
    if len(arguments) != len(order):
        raise LiftError(f"the kernel's source takes {', '.join(arguments)}; the rule's inputs are {', '.join(order)}")
    own = dict(zip(order, arguments, strict=True))
    arrays = {own[name]: DuckArray(sp.Symbol(name), dtype) for name in (PARAMETER, GRADIENT, *states)}
    reading = _Reading(arrays, {own[name] for name, many in states.items() if not many}, own[GRADIENT])
    for name in order:
        if own[name] not in arrays:
            reading.assign(own[name], DuckArray(sp.Symbol(name), np.float64))
    with sp.evaluate(False):
        for statement in step.body:
            reading.read(statement)
    outputs = {name: arrays[own[name]].cells.item() for name in (PARAMETER, *states)}
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

    ``single``: the arrays that have one value.
    """

    def __init__(self, arrays: Mapping[str, DuckArray], single: set[str], constant: str) -> None:
        self.arrays, self.single, self.constant = arrays, single, constant
        self.values: dict[str, DuckArray] = {}
        self.types: dict[str, Any] = {}
        self.index: str | None = None  # of the loop that is being read
        self.terms: dict[str, DuckArray] = {}  # of its sums

    def assign(self, name: str, value: DuckArray) -> None:
        """A name gets a value, of the type that it had before."""
        if name in self.arrays or name in (self.index, "np", "range"):
            raise LiftError(f"{name} of the kernel's source is assigned")
        if self.types.setdefault(name, value.dtype) != value.dtype:
            raise LiftError(f"{name} of the kernel's source is {self.types[name]} and {value.dtype}")
        self.values[name] = value

    def read(self, node: ast.stmt) -> None:
        """Take up one statement."""
        match node:
            case ast.Expr(value=ast.Constant()):
                pass
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self.assign(name, self.value(value))
            case ast.Assign(targets=[ast.Subscript() as target], value=value):
                self.arrays[self.element(target, written=True)][...] = self.value(value)
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value) if self.index:
                self.terms[name] = self.value(value)
            case ast.For(target=ast.Name(id=index), iter=over, body=body, orelse=[]) if not self.index:
                if ast.unparse(over) not in {
                    f"range({array}.size)" for array in self.arrays if array not in self.single
                }:
                    raise _stop(over, "is not a loop over all elements")
                self.loop(index, body)
            case _:
                raise _stop(node, "is no statement that a kernel may have")

    def loop(self, index: str, body: list[ast.stmt]) -> None:
        """Read a loop's body for the element that stands for all; sums are all that it carries on."""
        assigned = {t.id for s in body if isinstance(s, ast.Assign) for t in s.targets if isinstance(t, ast.Name)}
        sums = [s.target.id for s in body if isinstance(s, ast.AugAssign) and isinstance(s.target, ast.Name)]
        loads = {n.id for s in body for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        for name in sums:
            if name in loads | assigned or sums.count(name) > 1:
                raise LiftError(
                    f"the sum {name} of the kernel's source is used for more than adding a term of each element"
                )
            if name not in self.values or self.values[name].dtype != np.float64:
                raise LiftError(f"the sum {name} of the kernel's source does not start as a float64 number")
        self._forget(assigned | {index})  # so that a value carried over from the element before is found missing
        self.index, self.terms = index, {}
        for statement in body:
            self.read(statement)
        self.index = None
        self._forget(assigned)  # the last element's
        for name, term in self.terms.items():
            total = DuckArray(TensorSum(term.cells.item()), np.float64)
            before = self.values[name]
            self.values[name] = total if before.cells.item() == 0 else before + total

    def _forget(self, names: set[str]) -> None:
        for name in names:
            self.values.pop(name, None)

    def element(self, node: ast.Subscript, *, written: bool = False) -> str:
        """The array of which the loop's own element is taken, or the one value that there is."""
        match node:
            case ast.Subscript(value=ast.Name(id=array), slice=ast.Name(id=index)) if array in self.arrays:
                allowed = index == self.index and array not in self.single
            case ast.Subscript(value=ast.Name(id=array), slice=ast.Constant(value=0)) if array in self.arrays:
                allowed = array in self.single and not self.index
            case _:
                allowed = False
        if not allowed or (written and array == self.constant):
            raise _stop(node, "is not the loop's own element, so that it couples the elements of an array")
        return array

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
            case ast.Subscript():
                return self.arrays[self.element(node)].copy()
            case ast.Attribute(value=ast.Name(id=array), attr="size") if array in self.arrays:
                return DuckArray(TensorSum(1), np.int64) if array not in self.single else DuckArray(1, np.int64)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr=name), args=args, keywords=[]):
                operands = [self.value(arg) for arg in args]
                if name in ("float32", "float64") and len(operands) == 1:
                    return DuckArray(operands[0].cells, name)
                if isinstance(getattr(np, name, None), np.ufunc):
                    return getattr(np, name)(*operands)
        raise _stop(node, "is no expression that a kernel may have")


def _stop(node: ast.AST, why: str) -> LiftError:
    return LiftError(f"line {getattr(node, 'lineno', '?')} of the kernel's source: {ast.unparse(node)} {why}")
