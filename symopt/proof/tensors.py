"""Steps that sum over elements, written for a whole tensor: x(1), x(2), ..., of which x(1) is any one.

Sums do not depend on the order of elements, so that it is no loss to call the element in question the first. The
tensor is the first ``size`` elements, all tensors together are the first ``size_all``.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from fractions import Fraction
from typing import Any

import sympy as sp

from symopt.language import GRADIENT, PARAMETER, GlobalSum, InputError, Program, TensorSum, reductions

from .certificate import INDEX, Relation, Term

SIZES = {TensorSum: "size", GlobalSum: "size_all"}
_K = "k"  # the index of sums over elements


def arrays_of(program: Program) -> tuple[str, ...]:
    """What has a value for each element: x, g and states.

    InputError where its step cannot be written for a whole tensor: for a sum over all tensors of what each tensor has
    its own of, and for inputs with the names of sizes.
    """
    if clash := {_K, *SIZES.values()} & set(program.inputs):
        raise InputError(f"{program.name}: {clash.pop()} stands for the size of a tensor, or an index, in statements")
    own = {sp.Symbol(s.name) for s in program.states if s.scope == "tensor"}
    for found in (found for expr in program.outputs.values() for found in reductions(expr)):
        for part in sp.preorder_traversal(found.args[0]) if isinstance(found, GlobalSum) else ():
            if part in own or isinstance(part, TensorSum):
                raise InputError(f"{program.name}: a sum over all tensors reads {part}, which differs between tensors")
    return (PARAMETER, GRADIENT, *(s.name for s in program.states if s.scope == "element"))


def over_elements(term: Any, arrays: Container[str], index: Term = 1) -> Any:
    """A term or relation about one element, with ("total", size, summand) for sums, as one about a whole tensor."""
    if isinstance(term, str):
        return ("at", term, index) if term in arrays else term
    if not isinstance(term, tuple):
        return term
    if term[0] == "total":
        return ("sum", _K, Fraction(1), term[1], over_elements(term[2], arrays, _K))
    keep = 2 if term[0] in ("sum", "at") else 1
    return (*term[:keep], *(over_elements(part, arrays, index) for part in term[keep:]))


def has_total(term: Any) -> bool:
    """Whether a term or relation has a sum over elements that is not yet written out."""
    return isinstance(term, tuple) and (term[0] == "total" or any(map(has_total, term[1:])))


def signs(program: Program, known: Container[str]) -> Iterator[Relation]:
    """The declared signs, of every element and of the first; but of no state that is ``known``."""
    for state in program.states:
        if not state.nonnegative or state.name in known:
            continue
        if state.scope == "element":
            yield from (("<=", Fraction(0), ("at", state.name, index)) for index in (INDEX, Fraction(1)))
        else:
            yield "<=", Fraction(0), state.name


def size_facts(names: Iterable[str]) -> tuple[tuple[str, ...], tuple[Relation, ...]]:
    """Which of the names are sizes, and what is known of them: there is an element, and the tensor is one of all."""
    one, every = SIZES[TensorSum], SIZES[GlobalSum]
    found = tuple(name for name in (one, every) if name in names)
    facts: list[Relation] = [("<=", Fraction(1), name) for name in found]
    return found, (*facts, *([("<=", one, every)] if len(found) == 2 else []))
