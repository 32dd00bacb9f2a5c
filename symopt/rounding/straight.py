"""A lowered step as a straight-line program: one operation a line, each with a name of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from symopt.codegen import Assign, Const, Lowered, Node, Op, Var
from symopt.language import GRADIENT, PARAMETER, STEP

Argument = Var | Const

_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**", "lt": "<", "le": "<=", "eq": "=="}


@dataclass(frozen=True)
class Instruction:
    """``name = op(args)``, rounded once to ``type``; op "copy" gives a second name to its argument."""

    name: str
    op: str
    args: tuple[Argument, ...]
    type: str

    @property
    def text(self) -> str:
        """The operation as a reader writes it."""
        args = [arg.name if isinstance(arg, Var) else str(arg.value) for arg in self.args]
        if self.op in _INFIX:
            return f"{args[0]} {_INFIX[self.op]} {args[1]}"
        if self.op == "select":
            return f"{args[1]} if {args[0]} else {args[2]}"
        if self.op in ("neg", "copy"):
            return "-" * (self.op == "neg") + args[0]
        return f"{self.type if self.op == 'cast' else self.op}({', '.join(args)})"


@dataclass(frozen=True)
class StraightLine:
    """The operations of one step in the machine's order.

    ``inputs`` maps x, g, the states, t and the hyperparameters to their variables; ``outputs`` maps x and every
    state to the variable that holds its new value, which is the input's own where the step does not write it.
    """

    instructions: tuple[Instruction, ...]
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]


def straighten(lowered: Lowered, storage: Mapping[str, str] | None = None) -> StraightLine:
    """Take nested operations apart, left to right. What ``storage`` keeps in another format is rounded to it last.

    The loops stand one after the other, each as what it does to one element; a total over all of them is one operation.
    """
    program = lowered.program
    arrays = dict(zip((PARAMETER, GRADIENT, *(s.name for s in program.states)), lowered.arrays, strict=True))
    scalars = dict(zip((STEP, *(h.name for h in program.hypers)), lowered.scalars, strict=True))
    loads = (*lowered.scalar_loads, *(load for loop in lowered.passes for load in loop.loads), *lowered.loads)
    loaded, stored = dict(loads), dict((*lowered.stores, *lowered.scalar_stores))
    inputs = {name: loaded.get(array, array) for name, array in arrays.items()} | scalars
    loops = [line for loop in lowered.passes for line in (*loop.element, *loop.scalars)]
    # A line that a later loop computes again has the value that it had.
    every = (*lowered.step, *loops, *lowered.element)
    lines = [line for n, line in enumerate(every) if all(line.name != before.name for before in every[:n])]
    taken = {*lowered.arrays, *inputs.values(), *(line.name for line in lines)}
    fresh = (new for new in map("r{}".format, itertools.count(1)) if new not in taken)
    instructions = [instruction for line in lines for instruction in _line(line, fresh)]
    outputs = {name: stored.get(array, inputs[name]) for name, array in arrays.items() if name != GRADIENT}
    for name, form in (storage or {}).items():
        if arrays[name] in stored:
            variable = next(fresh)
            instructions.append(Instruction(variable, "cast", (Var(outputs[name], lowered.dtype),), form))
            outputs[name] = variable
    return StraightLine(tuple(instructions), inputs, outputs)


def _line(line: Assign, fresh: Iterator[str]) -> Iterator[Instruction]:
    """The instructions of one line; the last has its name."""
    before: list[Instruction] = []

    def name(node: Node) -> Argument:
        if not isinstance(node, Op):
            return node
        args = tuple(map(name, node.args))
        before.append(Instruction(next(fresh), node.op, args, node.type))
        return Var(before[-1].name, node.type)

    value = line.value
    args = tuple(map(name, value.args)) if isinstance(value, Op) else (value,)
    yield from before
    yield Instruction(line.name, value.op if isinstance(value, Op) else "copy", args, value.type)
