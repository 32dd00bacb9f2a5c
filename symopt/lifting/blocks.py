"""A step that was cut into phases and blocks, put together again as the one function that it must be.

Read as ``symopt.lifting.source`` reads a kernel's source. What every phase computes anew must be the same in all; a
total that a phase reads must be the one whose shares an earlier phase gave; the lanes of a sum become the sum.
"""

from __future__ import annotations

import ast
import copy
import re

from symopt.language import GRADIENT, PARAMETER, Program

from .errors import LiftError

_NUMBERS = {"elements": "x.size", "all_elements": "x.size"}


def join_blocks(source: str, program: Program) -> str:
    """The source of one function ``step`` that does what the phases ``block_0``, ``block_1``, ... do in turn.

    Raises LiftError where they are not a step cut into phases.
    """
    functions = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    phases = [functions[name] for name in sorted((n for n in functions if n.startswith("block_")), key=_number)]
    if not phases or [_number(phase.name) for phase in phases] != list(range(len(phases))):
        raise LiftError("the source has no phases block_0, block_1, ...")
    joining = _Joining()
    for phase in phases:
        joining.take(phase)
    told = [a.arg for a in phases[0].args.args if a.arg not in _TOLD]
    arrays, numbers = told[: 2 + len(program.states)], told[2 + len(program.states) :]
    order = [PARAMETER, GRADIENT, *(state.name for state in program.states)]
    # A name that Python or a kernel has taken has an underscore more; blocks take states with one value last.
    arrays.sort(key=lambda name: order.index(name if name in order else name.rstrip("_")))
    head = ", ".join([*arrays, *numbers])
    body = "\n".join(f"    {line}" for node in joining.body for line in ast.unparse(node).splitlines())
    return f"import numpy as np\n\n\ndef step({head}):\n{body}\n"


_TOLD = {"totals", "shares", "lanes", "scratch", "scratch_end", *_NUMBERS}

#: An array in scratch memory: for rows from its start on, for columns from its end back.
_SCRATCH = re.compile(
    r"carray\((?P<form>bool|float32|float64)_at\((?P<side>scratch \+|scratch_end -) np\.uint64\((?P<bytes>\d+)\) \* "
    r"np\.uint64\(x\.shape\[(?P<axis>[01])\]\)\), (?P<shape>.*)\)"
)
_SHAPES = {("scratch +", "0"): "(x.shape[0], 1)", ("scratch_end -", "1"): "(1, x.shape[1])"}


def _number(name: str) -> int:
    return int(name.removeprefix("block_"))


class _Joining(ast.NodeTransformer):
    """The statements of the phases so far, each once; ``places``: which total stands where among the shares."""

    def __init__(self) -> None:
        self.body: list[ast.stmt] = []
        self.known: dict[str, str] = {}
        self.places: dict[int, str] = {}
        self.lanes: dict[str, str] = {}
        self.starts: dict[str, str] = {}
        self.taken: set[tuple[str, int]] = set()

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Numbers of elements, which a block is told."""
        return ast.parse(_NUMBERS[node.id], mode="eval").body if node.id in _NUMBERS else node

    def take(self, phase: ast.FunctionDef) -> None:
        """Add a phase."""
        given: dict[int, str] = {}
        self.lanes = {}
        statements = [copy.deepcopy(node) for node in phase.body]
        while statements:
            node = statements.pop(0)
            match node:
                case ast.Assign(
                    targets=[ast.Name(id=name)],
                    value=ast.Subscript(value=ast.Name(id="totals"), slice=ast.Constant(value=int(place))),
                ):
                    if self.places.get(place) != name:
                        raise _stop(node, "reads a total that no earlier phase gave its shares of")
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Subscript(value=ast.Name(id="lanes"))):
                    start = statements.pop(0)
                    total = name.removesuffix("_lanes")
                    self.lanes[name] = total
                    if not isinstance(start, ast.Assign) or ast.unparse(start.targets[0]) != f"{name}[:]":
                        raise _stop(start, "does not say what the lanes start from")
                    self.starts[total] = ast.unparse(start.value)
                    self.body.append(ast.parse(f"{total} = {self.starts[total]}").body[0])
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="carray"))):
                    self.body.append(self._made(name, node, statements))
                case ast.Assign(targets=[ast.Name(id="half")]):
                    self._fold(node, statements, given)
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    if self.known.setdefault(name, ast.unparse(value)) != ast.unparse(value):
                        raise _stop(node, f"is not what {name} was in another phase")
                    line = ast.unparse(self.visit(node))
                    if line not in map(ast.unparse, self.body):
                        self.body.append(ast.parse(line).body[0])
                case ast.For(target=ast.Name(id="start")):
                    self.body.append(self._lanes(node))
                case _:
                    self.body.append(self.visit(node))
        if set(given.values()) != set(self.lanes.values()):
            raise LiftError(f"{phase.name} gives shares of other totals than it adds up")
        self.places |= given

    def _made(self, name: str, node: ast.Assign, rest: list[ast.stmt]) -> ast.stmt:
        """An array in scratch memory, as a new one; no two lie in one place."""
        found = _SCRATCH.fullmatch(ast.unparse(node.value))
        if not found or found["shape"] != _SHAPES.get((found["side"], found["axis"])):
            raise _stop(node, "is no room in scratch memory for rows or columns")
        place = (found["side"], int(found["bytes"]))
        if place in self.taken or place[1] % 8 or (found["axis"] == "1" and not place[1]):
            raise _stop(node, "is no room of its own in scratch memory")
        self.taken.add(place)
        form = "bool_" if found["form"] == "bool" else found["form"]
        text = f"{name} = np.empty({found['shape']}, np.{form})"
        match rest[:1]:
            case [ast.Assign(targets=[target], value=value)] if ast.unparse(target) == f"{name}[:, :]":
                rest.pop(0)
                text = f"{name} = np.full({found['shape']}, {ast.unparse(value)})"
        return ast.parse(text).body[0]

    def _lanes(self, node: ast.For) -> ast.stmt:
        """A loop over lanes within blocks of elements, as one over elements."""
        inner = node.body[0]
        if len(node.body) != 1 or not isinstance(inner, ast.For) or not isinstance(node.iter, ast.Call):
            raise _stop(node, "is no loop over lanes")
        step = ast.unparse(node.iter.args[-1])
        head = (ast.unparse(node.iter), ast.unparse(inner.target), ast.unparse(inner.iter), ast.unparse(inner.body[0]))
        if head != (f"range(0, x.size, {step})", "lane", f"range(min({step}, x.size - start))", "i = start + lane"):
            raise _stop(node, "does not take every element once")
        lines = [ast.unparse(self.visit(line)) for line in inner.body[1:]]
        for lanes, total in self.lanes.items():
            lines = [line.replace(f"{lanes}[lane]", total) for line in lines]
        text = "\n".join(f"    {line}" for line in lines)
        return ast.parse(f"for i in range(x.size):\n{text}\n").body[0]

    def _fold(self, node: ast.stmt, rest: list[ast.stmt], given: dict[int, str]) -> None:
        """Lanes folded in halves into a share."""
        loop, share = ast.unparse(rest.pop(0)), rest.pop(0)
        for lanes, total in self.lanes.items():
            ends = f"{lanes}[lane]", f"{lanes}[half + lane]"
            pair = " + ".join(ends) if self.starts[total] == "0.0" else f"np.maximum({', '.join(ends)})"
            halves = f"while half > 0:\n    for lane in range(half):\n        {ends[0]} = {pair}\n    half //= 2"
            match share:
                case ast.Assign(
                    targets=[ast.Subscript(value=ast.Name(id="shares"), slice=ast.Constant(value=int(place)))],
                    value=value,
                ) if loop == halves and ast.unparse(value) == f"{lanes}[0]":
                    given[place] = total
                    return
        raise _stop(node, "is no fold of lanes into a share")


def _stop(node: ast.AST, why: str) -> LiftError:
    return LiftError(f"line {getattr(node, 'lineno', '?')} of the phases' source: {ast.unparse(node)} {why}")
