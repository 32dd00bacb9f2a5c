"""Lowering: read the Program, then pure passes over its lines, each small enough to test alone.

    read -> name -> expand powers -> name totals -> hoist scalars -> schedule loops -> share subexpressions -> freeze

No pass reorders an operation or changes what is rounded, except where its docstring says so.
"""

from __future__ import annotations

import itertools
import keyword
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from symopt.language import GRADIENT, PARAMETER, STEP, Program

from .nodes import (
    BOOL,
    COMPARISONS,
    FLOAT32,
    FLOAT64,
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
from .read import read

#: Names the printed module uses itself.
_RESERVED = frozenset({*keyword.kwlist, *keyword.softkwlist, "np", "njit", "types", "step", "i", "range"})

#: Integer powers up to this one become products; beyond it, pow loses nothing and is shorter.
_LONGEST_PRODUCT = 64

Lines = tuple[Assign, ...]


def lower(program: Program, dtype: str) -> Lowered:
    """The Program as typed machine operations on arrays of ``dtype`` ("float32" or "float64").

    Raises LoweringError where a line has no machine operation.
    """
    if dtype not in (FLOAT32, FLOAT64):
        raise ValueError(f"dtype = {dtype!r}: must be 'float32' or 'float64'")
    arguments, local = identifiers(program)
    states = {state.name: state.scope == "element" for state in program.states}
    arrays = {PARAMETER: True, GRADIENT: True, **states}  # whether there is a value for each element
    scalars = tuple(arguments[name] for name in (STEP, *(hyper.name for hyper in program.hypers)))
    taken = frozenset({*arguments.values(), *local.values(), *_RESERVED})

    lines = name_totals(expand_powers(rename(read(program), local)), taken)
    taken |= _assigned(lines)
    results = [(name, local[symbol.name]) for name, symbol in program.results if symbol.name != name]
    single = tuple(local[name] for name, many in arrays.items() if not many)
    step, element, homes = hoist(lines, (*scalars, *single), dtype, [variable for _, variable in results], taken)
    types = dict.fromkeys((*scalars, *single), FLOAT64) | {local[n]: dtype for n, many in arrays.items() if many}
    passes: list[Pass] = []
    for loop, after in schedule(step, element, homes):
        loop, after = share(loop, taken | _assigned(loop)), share(after, taken | _assigned(after))
        taken |= _assigned(loop) | _assigned(after)
        loop = freeze(loop, types, dtype)
        types |= {line.name: line.value.type for line in loop}
        after = freeze(after, types, FLOAT64)
        types |= {line.name: line.value.type for line in after}
        loads = tuple((arguments[n], local[n]) for n, many in arrays.items() if many and local[n] in _read_by(loop))
        passes.append(Pass(loads, loop, after))
    first, *between, last = passes
    stores = [(arrays[name], arguments[name], home) for (name, _), home in zip(results, homes, strict=True)]
    return Lowered(
        program,
        dtype,
        arrays=tuple(arguments[name] for name in arrays),
        scalars=scalars,
        scalar_loads=tuple((arguments[n], local[n]) for n, many in arrays.items() if not many),
        step=first.scalars,
        passes=tuple(between),
        loads=last.loads,
        element=last.element,
        stores=tuple((array, home) for many, array, home in stores if many),
        scalar_stores=tuple((array, home) for many, array, home in stores if not many),
    )


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
    single = {state.name for state in program.states if state.scope != "element"}
    for name in (PARAMETER, GRADIENT, *(state.name for state in program.states)):
        local[name] = claim(f"{name}_0" if name in single else f"{name}_i")
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


def expand_powers(lines: Lines) -> Lines:
    """Powers with a known exponent n or n/2 become products, divisions and square roots.

    x**2 is x*x; x**n squares repeatedly; x**(n/2) is x**(n//2) * sqrt(x) for odd n; x**-n is 1/x**n.
    Powers with a symbolic exponent (beta**t) and other roots stay ``pow``.
    """

    def visit(node: Node) -> Node:
        if not isinstance(node, Op):
            return node
        args = tuple(map(visit, node.args))
        if node.op == "pow" and isinstance(args[1], Const):
            return power(args[0], args[1].value)
        return Op(node.op, args, node.type)

    return tuple(Assign(line.name, visit(line.value)) for line in lines)


def power(base: Node, exponent: Fraction) -> Node:
    """``base**exponent`` by products and roots where there are any."""
    if exponent < 0:
        return Op("div", (Const(Fraction(1)), power(base, -exponent)))
    if exponent.denominator > 2 or exponent > _LONGEST_PRODUCT:
        return Op("pow", (base, Const(exponent)))
    if exponent == 0:
        return Const(Fraction(1))
    if exponent.denominator == 2:
        root, whole = Op("sqrt", (base,)), exponent - Fraction(1, 2)
        return Op("mul", (power(base, whole), root)) if whole else root
    if exponent == 1:
        return base
    half = power(base, Fraction(exponent // 2))
    square = Op("mul", (half, half))
    return Op("mul", (square, base)) if exponent % 2 else square


def name_totals(lines: Lines, taken: frozenset[str]) -> Lines:
    """Give every sum over elements a line of its own, before the line that reads it; equal sums are one.

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
            counts = value.args == (Const(Fraction(1)),)
            known[value] = name or next(sizes if counts else totals)
            named.append(Assign(known[value], Op(node.op.replace("total", "size"), ()) if counts else value))
        return Var(known[value])

    for line in lines:
        value = visit(line.value, line.name)
        if value != Var(line.name):
            named.append(Assign(line.name, value))
    return tuple(named)


def hoist(
    lines: Lines, scalars: Iterable[str], dtype: str, results: Iterable[str], taken: frozenset[str]
) -> tuple[Lines, Lines, tuple[str, ...]]:
    """Take every maximal subexpression that is no element's own out of the loops: the scalar lines, the element lines.

    Such a subexpression reads ``scalars``, numbers, totals and scalar lines only. It is computed in float64 and rounded
    once to ``dtype`` where a loop reads it; numbers leave the loops too, so that no literal widens them. The lines of
    totals stay among the element lines.
    The third value names, for each of ``results``, the variable that holds it in ``dtype``.
    """
    fresh = _fresh("c", taken)
    step_names, step, element = set(scalars), list[Assign](), list[Assign]()
    hoisted: dict[Node, str] = {}

    def visit(node: Node) -> Node:
        if variables(node) <= step_names:
            return Var(scalar(node))
        if isinstance(node, Op):
            return Op(node.op, tuple(map(visit, node.args)), node.type)
        return node

    def scalar(node: Node) -> str:
        if isinstance(node, Var) and dtype == FLOAT64:
            return node.name
        if node not in hoisted:
            hoisted[node] = next(_fresh(f"{node.name}_f32", taken, bare=True)) if isinstance(node, Var) else next(fresh)
            exact = dtype == FLOAT64 or (isinstance(node, Op) and node.op in COMPARISONS)
            step.append(Assign(hoisted[node], node if exact else Op("cast", (node,), dtype)))
        return hoisted[node]

    for line in lines:
        if isinstance(line.value, Op) and is_total(line):
            element.append(Assign(line.name, Op(line.value.op, tuple(map(visit, line.value.args)))))
            step_names.add(line.name)
        elif variables(line.value) <= step_names:
            step.append(line)
            step_names.add(line.name)
        else:
            element.append(Assign(line.name, visit(line.value)))
    homes = tuple(scalar(Var(name)) if name in step_names else name for name in results)
    return tuple(step), tuple(element), homes


def schedule(scalar: Lines, element: Lines, homes: Iterable[str]) -> list[tuple[Lines, Lines]]:
    """The loops in their order, each with the scalar lines that are known after it; the first loop is empty.

    A total belongs to the first loop that starts when all that it reads is known. Each loop has the element lines that
    its totals need, the last one those that ``homes`` need; a line that several need is computed in each.
    """
    lines = {line.name: line for line in (*scalar, *element)}
    depths: dict[str, int] = {}

    def depth(name: str) -> int:
        if name not in depths and name in lines:
            line = lines[name]
            depths[name] = max(map(depth, variables(line.value)), default=0) + is_total(line)
        return depths.get(name, 0)

    totals = [line.name for line in element if is_total(line)]
    stages = []
    for number in range(max(map(depth, lines), default=0) + 1):
        loop = _needed(element, [name for name in totals if depth(name) == number])
        stages.append((loop, tuple(line for line in scalar if depth(line.name) == number)))
    return [*stages, (_needed(element, [name for name in homes if name not in totals]), ())]


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
