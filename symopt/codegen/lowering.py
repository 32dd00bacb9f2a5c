"""Lowering: read the Program, then pure passes over its lines, each small enough to test alone.

    read -> name -> expand powers -> name totals -> hoist scalars -> schedule loops -> share subexpressions -> freeze

No pass reorders an operation or changes what is rounded, except where its docstring says so.
"""

from __future__ import annotations

import itertools
import keyword
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from symopt.language import GRADIENT, PARAMETER, STEP, Program

from .nodes import (
    BOOL,
    COMPARISONS,
    FLOAT32,
    FLOAT64,
    SIZES,
    TOTALS,
    Assign,
    Const,
    Lowered,
    Node,
    Op,
    Pass,
    Var,
    is_total,
    variables,
)
from .powers import expand_powers
from .read import read

#: Names the printed module uses itself.
_RESERVED = frozenset(
    {
        *keyword.kwlist,
        *keyword.softkwlist,
        "np",
        "njit",
        "types",
        "step",
        "i",
        "row",
        "column",
        "range",
        "start",
        "lane",
    }
    # what blocks are told beside the inputs
    | {"totals", "shares", "lanes", "elements", "all_elements"}
)

Lines = tuple[Assign, ...]

_SIZE_OF = {over: op for op, over in SIZES.items()}


def lower(program: Program, dtype: str) -> Lowered:
    """The Program as typed machine operations on arrays of ``dtype`` ("float32" or "float64").

    Raises LoweringError where a line has no machine operation.
    """
    if dtype not in (FLOAT32, FLOAT64):
        raise ValueError(f"dtype = {dtype!r}: must be 'float32' or 'float64'")
    arguments, local = identifiers(program)
    scopes = {PARAMETER: "element", GRADIENT: "element", **{state.name: state.scope for state in program.states}}
    scalars = tuple(arguments[name] for name in (STEP, *(hyper.name for hyper in program.hypers)))
    taken = frozenset({*arguments.values(), *local.values(), *_RESERVED})

    lines = name_totals(expand_powers(rename(read(program), local)), taken)
    taken |= _assigned(lines)
    results = [(name, local[symbol.name]) for name, symbol in program.results if symbol.name != name]
    kinds = dict.fromkeys(scalars, "once") | {local[name]: _kind(scope) for name, scope in scopes.items()}
    hoisted = hoist(lines, kinds, dtype, [variable for _, variable in results], taken)
    few = [name for name, scope in scopes.items() if scope != "element"]
    types = dict.fromkeys((*scalars, *(local[name] for name in few)), FLOAT64)
    types |= {local[name]: dtype for name in scopes if name not in few}
    passes: list[Pass] = []
    for over, loop, after in schedule(hoisted):
        loop, after = share(loop, taken | _assigned(loop)), share(after, taken | _assigned(after))
        taken |= _assigned(loop) | _assigned(after)
        loop = freeze(loop, types, dtype if over == "element" else FLOAT64)
        types |= {line.name: line.value.type for line in loop}
        hoisted.kinds.update((line.name, over) for line in loop if line.name not in hoisted.kinds)
        after = freeze(after, types, FLOAT64)
        types |= {line.name: line.value.type for line in after}
        loads = tuple((arguments[n], local[n]) for n in scopes if n not in few and local[n] in _read_by(loop))
        passes.append(Pass(loads, loop, after, over))
    first, *between, last = passes
    stores = [(arguments[name], home) for (name, _), home in zip(results, hoisted.homes, strict=True)]
    kept = {arguments[name] for name in few}
    matrix = {name: kind for name, kind in hoisted.kinds.items() if kind in ("row", "column")}
    return Lowered(
        program,
        dtype,
        arrays=tuple(arguments[name] for name in scopes),
        scalars=scalars,
        scalar_loads=tuple((arguments[name], local[name]) for name in few),
        step=first.scalars,
        passes=tuple(between),
        loads=last.loads,
        element=last.element,
        stores=tuple((array, home) for array, home in stores if array not in kept),
        scalar_stores=tuple((array, home) for array, home in stores if array in kept),
        kinds=matrix | {arguments[name]: scopes[name] for name in few if scopes[name] in ("row", "column")},
    )


def _kind(scope: str) -> str:
    """The loop that values of a scope are computed in: over elements, rows or columns, or none ("once")."""
    return scope if scope in ("element", "row", "column") else "once"


def identifiers(program: Program) -> tuple[dict[str, str], dict[str, str]]:
    """Python names: of the arguments by input name, and of every symbol as a value in the loop.

    m is the array m, its loaded element m_i (its one value m_0), and m' (m after the step) is m_1. A name already in
    use gets an underscore more.
    """
    taken = set(_RESERVED)

    def claim(name: str) -> str:
        while name in taken:
            name += "_"
        taken.add(name)
        return name

    arguments = {name: claim(name) for name in program.inputs}
    local = dict(arguments)
    few = {state.name for state in program.states if state.scope != "element"}
    for name in (PARAMETER, GRADIENT, *(state.name for state in program.states)):
        local[name] = claim(f"{name}_0" if name in few else f"{name}_i")
    for line in program.definitions:
        primes = line.symbol.name.count("'")
        local[line.symbol.name] = claim(f"{line.name}_{primes}" if primes else line.name)
    return arguments, local


def rename(lines: Lines, names: Mapping[str, str]) -> Lines:
    """The same lines under other names."""

    def visit(node: Node) -> Node:
        if isinstance(node, Var):
            return Var(names[node.name], node.type)
        return Op(node.op, tuple(map(visit, node.args)), node.type) if isinstance(node, Op) else node

    return tuple(Assign(names[line.name], visit(line.value)) for line in lines)


def name_totals(lines: Lines, taken: frozenset[str]) -> Lines:
    """Give every sum or largest value a line of its own, before the line that reads it; equal ones are one.

    The sum of 1 is the number of elements, which no loop is needed for.
    """
    totals, sizes = _fresh("total", taken), _fresh("size", taken, bare=True)
    known: dict[Node, str] = {}
    named: list[Assign] = []

    def visit(node: Node, name: str | None = None) -> Node:
        if not isinstance(node, Op):
            return node
        value = Op(node.op, tuple(map(visit, node.args)), node.type)
        if node.op not in TOTALS:
            return value
        if value not in known:
            fold, over = TOTALS[node.op]
            counts = fold == "sum" and value.args == (Const(Fraction(1)),)
            known[value] = name or next(sizes if counts else totals)
            named.append(Assign(known[value], Op(_SIZE_OF[over], ()) if counts else value))
        return Var(known[value])

    for line in lines:
        value = visit(line.value, line.name)
        if value != Var(line.name):
            named.append(Assign(line.name, value))
    return tuple(named)


@dataclass
class Hoisted:
    """Lines by the loop that they belong to: over elements, rows or columns, or none ("once").

    ``kinds``: for each variable, what there is a value for. ``homes``: the variables that hold the results in the
    kernel's dtype.
    """

    lines: dict[str, Lines]
    kinds: dict[str, str]
    homes: tuple[str, ...] = ()


def hoist(lines: Lines, kinds: Mapping[str, str], dtype: str, results: Iterable[str], taken: frozenset[str]) -> Hoisted:
    """Take every maximal subexpression that is no element's own out of the loops over elements.

    ``kinds`` says of each input what there is a value for. A subexpression of numbers, scalars and totals is computed
    once, one of a row's or a column's values for each row or column, in float64, and rounded once to ``dtype`` where a
    loop over elements reads it; numbers leave the loops too, so that no literal widens them. A total belongs to the
    loop over what it adds up.
    """
    fresh = _fresh("c", taken)
    known, homes = dict(kinds), dict[Node, str]()
    found: dict[str, list[Assign]] = {"once": [], "row": [], "column": [], "element": []}

    def kind(node: Node) -> str:
        inner = {known[name] for name in variables(node)} - {"once"}
        return "once" if not inner else inner.pop() if len(inner) == 1 else "element"

    def visit(node: Node) -> Node:
        if kind(node) != "element":
            return Var(outside(node))
        return Op(node.op, tuple(map(visit, node.args)), node.type) if isinstance(node, Op) else node

    def outside(node: Node) -> str:
        if isinstance(node, Var) and dtype == FLOAT64:
            return node.name
        if node not in homes:
            homes[node] = next(_fresh(f"{node.name}_f32", taken, bare=True)) if isinstance(node, Var) else next(fresh)
            exact = dtype == FLOAT64 or (isinstance(node, Op) and node.op in COMPARISONS)
            known[homes[node]] = kind(node)
            found[kind(node)].append(Assign(homes[node], node if exact else Op("cast", (node,), dtype)))
        return homes[node]

    for line in lines:
        value, own = line.value, kind(line.value)
        if isinstance(value, Op) and is_total(line):
            args = tuple(map(visit, value.args)) if own == "element" else value.args
            found[own].append(Assign(line.name, Op(value.op, args)))
            known[line.name] = _kept(own, TOTALS[value.op][1])
        else:
            found[own].append(Assign(line.name, visit(value) if own == "element" else value))
            known[line.name] = own
    ends = tuple(outside(Var(name)) if known[name] != "element" else name for name in results)
    return Hoisted({name: tuple(those) for name, those in found.items()}, known, ends)


def _kept(own: str, over: str) -> str:
    """What there is a total for: of elements over rows, each row; of rows over columns, the tensor."""
    return over if own == "element" and over in ("row", "column") else "once"


def schedule(hoisted: Hoisted) -> list[tuple[str, Lines, Lines]]:
    """The loops in their order: over what, their lines, and the scalar lines that are known after them.

    The first loop is empty, the last one is over elements and computes the results. What another loop or a scalar line
    reads of a loop must be complete: it starts a later stage. Every loop over elements has the element lines that its
    totals need; a line that several need is computed in each. Lines over rows and columns are computed once and kept.
    """
    home = {line.name: own for own, lines in hoisted.lines.items() for line in lines}
    lines = {line.name: line for those in hoisted.lines.values() for line in those}
    stages: dict[str, int] = {}

    def complete(name: str, reader: str) -> int:
        """The stage from which a variable can be read in a loop: the one after the loop that completes it."""
        if name not in lines:
            return 0
        if name not in stages:
            stages[name] = max((complete(v, home[name]) for v in variables(lines[name].value)), default=0)
        return stages[name] + (is_total(lines[name]) or home[name] not in (reader, "once"))

    last = max((complete(name, "element") for name in lines), default=0)
    order: list[tuple[str, Lines, Lines]] = [("element", (), _at(0, hoisted.lines["once"], stages))]
    for stage in range(last + 1):
        loops = []
        for over in ("row", "column"):
            if loop := _at(stage, hoisted.lines[over], stages):
                loops.append((over, loop))
        totals = [line.name for line in hoisted.lines["element"] if is_total(line) and stages[line.name] == stage]
        if totals:
            loops.append(("element", _needed(hoisted.lines["element"], totals)))
        order += [(over, loop, ()) for over, loop in loops[:-1]]
        order += [(over, loop, _at(stage + 1, hoisted.lines["once"], stages)) for over, loop in loops[-1:]]
    names = [name for name in hoisted.homes if home.get(name) == "element" and not is_total(lines[name])]
    return [*order, ("element", _needed(hoisted.lines["element"], names), ())]


def _at(stage: int, lines: Lines, stages: Mapping[str, int]) -> Lines:
    return tuple(line for line in lines if stages[line.name] == stage)


def _needed(element: Lines, names: list[str]) -> Lines:
    """The element lines of these names and those that they are computed from, in order."""
    wanted, kept = set(names), list[Assign]()
    for line in reversed(element):
        if line.name in (names if is_total(line) else wanted):
            kept.append(line)
            wanted |= variables(line.value)
    return tuple(reversed(kept))


def share(lines: Lines, taken: frozenset[str]) -> Lines:
    """Compute identical subexpressions once; only equal trees are merged, so no rounding changes."""
    fresh, counts = _fresh("s", taken), Counter[Node]()
    known: dict[Node, str] = {}
    shared: list[Assign] = []

    def count(node: Node) -> None:
        if isinstance(node, Op):
            counts[node] += 1
            if counts[node] == 1:
                for arg in node.args:
                    count(arg)

    def visit(node: Node) -> Node:
        if node in known:
            return Var(known[node])
        if not isinstance(node, Op):
            return node
        value = Op(node.op, tuple(map(visit, node.args)), node.type)
        if counts[node] == 1:
            return value
        known[node] = next(fresh)
        shared.append(Assign(known[node], value))
        return Var(known[node])

    for line in lines:
        count(line.value)
    for line in lines:
        value = line.value
        if isinstance(value, Op) and value not in known:  # the line's own name serves for its value
            shared.append(Assign(line.name, Op(value.op, tuple(map(visit, value.args)), value.type)))
            known[value] = line.name
        else:
            shared.append(Assign(line.name, visit(value)))
    return tuple(shared)


def freeze(lines: Lines, types: Mapping[str, str], working: str) -> Lines:
    """Give every node its type: ``working``, but for casts, comparisons and totals, which are float64 sums."""
    known = dict(types)

    def visit(node: Node) -> Node:
        if isinstance(node, Var):
            return Var(node.name, known[node.name])
        if isinstance(node, Const):
            return Const(node.value, working)
        args = tuple(map(visit, node.args))
        if node.op in TOTALS:
            return Op(node.op, args if working == FLOAT64 else (Op("cast", args, FLOAT64),), FLOAT64)
        return Op(node.op, args, BOOL if node.op in COMPARISONS else node.type if node.op == "cast" else working)

    frozen = []
    for line in lines:
        frozen.append(Assign(line.name, visit(line.value)))
        known[line.name] = frozen[-1].value.type
    return tuple(frozen)


def _fresh(prefix: str, taken: Iterable[str], *, bare: bool = False) -> Iterator[str]:
    """Names not taken: prefix1, prefix2, … (``bare``: the prefix itself comes first)."""
    numbered = (f"{prefix}{number}" for number in itertools.count(1))
    candidates = itertools.chain([prefix], numbered) if bare else numbered
    return (name for name in candidates if name not in taken)


def _assigned(lines: Lines) -> frozenset[str]:
    return frozenset(line.name for line in lines)


def _read_by(lines: Lines) -> set[str]:
    return {name for line in lines for name in variables(line.value)}
