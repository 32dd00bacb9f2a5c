"""Lowering: read the Program, then pure passes over its lines, each small enough to test alone.

    read -> name -> expand powers -> hoist step scalars -> share subexpressions -> freeze types

No pass reorders an operation or changes what is rounded, except where its docstring says so.
"""

from __future__ import annotations

import itertools
import keyword
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from symopt.language import GRADIENT, PARAMETER, STEP, Program

from .nodes import BOOL, COMPARISONS, FLOAT32, FLOAT64, Assign, Const, Lowered, Node, Op, Var, variables
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
    array_names = (PARAMETER, GRADIENT, *(state.name for state in program.states))
    arrays = tuple(arguments[name] for name in array_names)
    scalars = tuple(arguments[name] for name in (STEP, *(hyper.name for hyper in program.hypers)))
    taken = frozenset({*arguments.values(), *local.values(), *_RESERVED})

    lines = expand_powers(rename(read(program), local))
    results = [(arguments[name], local[symbol.name]) for name, symbol in program.results if symbol.name != name]
    step, element, homes = hoist(lines, scalars, dtype, [variable for _, variable in results], taken)
    step = share(step, taken | _assigned(step))
    element = share(element, taken | _assigned(step) | _assigned(element))
    used = _read_by(element) | set(homes)
    loads = tuple((arguments[name], local[name]) for name in array_names if local[name] in used)
    elements = {variable: dtype for _, variable in loads}
    step, element = freeze(step, element, dict.fromkeys(scalars, FLOAT64) | elements, dtype)
    stores = tuple((array, home) for (array, _), home in zip(results, homes, strict=True))
    return Lowered(program, dtype, arrays, scalars, step, loads, element, stores)


def identifiers(program: Program) -> tuple[dict[str, str], dict[str, str]]:
    """Python names: of the arguments by input name, and of every symbol as a value in the loop.

    m is the array m, its loaded element m_i, and m' (m after the step) is m_1. A name already in use gets
    an underscore more.
    """
    taken = set(_RESERVED)

    def claim(name: str) -> str:
        while name in taken:
            name += "_"
        taken.add(name)
        return name

    arguments = {name: claim(name) for name in program.inputs}
    local = dict(arguments)
    for name in (PARAMETER, GRADIENT, *(state.name for state in program.states)):
        local[name] = claim(f"{name}_i")
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


def hoist(
    lines: Lines, scalars: Iterable[str], dtype: str, results: Iterable[str], taken: frozenset[str]
) -> tuple[Lines, Lines, tuple[str, ...]]:
    """Take every maximal subexpression of step scope out of the loop: the step lines, the element lines.

    Step scope reads ``scalars``, numbers and step lines only. It is computed in float64 and rounded once
    to ``dtype`` where the loop reads it; numbers leave the loop too, so that no literal widens it.
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
        if variables(line.value) <= step_names:
            step.append(line)
            step_names.add(line.name)
        else:
            element.append(Assign(line.name, visit(line.value)))
    homes = tuple(scalar(Var(name)) if name in step_names else name for name in results)
    return tuple(step), tuple(element), homes


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


def freeze(step: Lines, element: Lines, inputs: Mapping[str, str], dtype: str) -> tuple[Lines, Lines]:
    """Give every node its type: float64 in the step lines up to their casts, ``dtype`` in the loop."""
    known = dict(inputs)

    def visit(node: Node, working: str) -> Node:
        if isinstance(node, Var):
            return Var(node.name, known[node.name])
        if isinstance(node, Const):
            return Const(node.value, working)
        kind = BOOL if node.op in COMPARISONS else node.type if node.op == "cast" else working
        return Op(node.op, tuple(visit(arg, working) for arg in node.args), kind)

    def pass_over(lines: Lines, working: str) -> Iterator[Assign]:
        for line in lines:
            value = visit(line.value, working)
            known[line.name] = value.type
            yield Assign(line.name, value)

    return tuple(pass_over(step, FLOAT64)), tuple(pass_over(element, dtype))


def _fresh(prefix: str, taken: Iterable[str], *, bare: bool = False) -> Iterator[str]:
    """Names not taken: prefix1, prefix2, … (``bare``: the prefix itself comes first)."""
    numbered = (f"{prefix}{number}" for number in itertools.count(1))
    candidates = itertools.chain([prefix], numbered) if bare else numbered
    return (name for name in candidates if name not in taken)


def _assigned(lines: Lines) -> frozenset[str]:
    return frozenset(line.name for line in lines)


def _read_by(lines: Lines) -> set[str]:
    return {name for line in lines for name in variables(line.value)}
