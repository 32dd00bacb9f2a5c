"""The same question put to Gappa, a prover of bounds on rounding errors that shares nothing with ours.

Source: Daumas & Melquiond 2010, Certification of bounds on expressions involving rounded operators, ACM TOMS 37(1);
https://gappa.gitlabpages.inria.fr. Its machines do not contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from symopt.codegen import Const, Lowered
from symopt.language import GRADIENT, PARAMETER, InputError

from .bound import ENGINES, check_inputs, input_enclosures
from .enclosure import Enclosure
from .rationals import directed
from .run import enclose_lines
from .straight import Argument, Instruction, straighten

_ROUNDING = {"float32": "float<ieee_32,ne>", "float64": "float<ieee_64,ne>"}
_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/"}


def gappa_script(lowered: Lowered, box: Mapping[str, Any], output: str = PARAMETER) -> str:
    """A script that asks Gappa for the range of computed - exact ``output`` over a box of x, g and states.

    Step scalars, which Gappa cannot raise to powers, enter as numbers with their own bounds. Raises InputError for
    operations that Gappa has no word for.
    """
    program, straight = lowered.program, straighten(lowered)
    arrays = {straight.inputs[n]: n for n in (PARAMETER, GRADIENT, *(s.name for s in program.states))}
    given = check_inputs(program, box, lowered.dtype, {})
    starts = {straight.inputs[n]: e for n, e in input_enclosures(program, given, ENGINES["intervals"]).items()}
    with np.errstate(all="ignore"):
        known = enclose_lines(ENGINES["intervals"], straight, starts)
    element = [line for line in straight.instructions if line.name not in _scalars(straight.instructions, arrays)]
    read = {arg.name for line in element for arg in line.args if not isinstance(arg, Const)}
    computed = []
    for line in element:
        computed.append(f"{_name(line.name)} = {_rounded(line, _operation(line, ''))};")
        computed.append(f"{_name(line.name)}_exact = {_operation(line, '_exact')};")
    lines, hypotheses = [], []
    for name in sorted(read - {line.name for line in element}):
        if name in arrays:
            low, high = (_number(Fraction(float(end)), 60, 1) for end in given[arrays[name]])
            lines.append(f"{_name(name)} = {_ROUNDING[lowered.dtype]}({_name(name)}_0);")
            lines.append(f"{_name(name)}_exact = {_name(name)};")
            hypotheses.append(f"{_name(name)} in [{low}, {high}]")
        else:
            low, high, error = (_number(end, 200, 1) for end in _parts(known[name]))
            if low == high:
                lines.append(f"{_name(name)} = {low};")
            else:
                lines.append(f"{_name(name)} = {_ROUNDING[lowered.dtype]}({_name(name)}_0);")
                hypotheses.append(f"{_name(name)} in [{low}, {high}]")
            hypotheses.append(f"{_name(name)} - {_name(name)}_exact in [-{error}, {error}]")
    result = _name(straight.outputs[output])
    given_all = " /\\ ".join(hypotheses)
    question = f"{{ {given_all} -> {result} - {result}_exact in ? }}"
    return "\n".join([*lines, *computed, "", question, ""])


def _scalars(instructions: tuple[Instruction, ...], arrays: Mapping[str, str]) -> set[str]:
    """The variables that read no element."""
    scalars: set[str] = set()
    for line in instructions:
        reads = {arg.name for arg in line.args if not isinstance(arg, Const)}
        if not reads & arrays.keys() and reads <= scalars | _outside(instructions):
            scalars.add(line.name)
    return scalars


def _outside(instructions: tuple[Instruction, ...]) -> set[str]:
    """What is read and not computed."""
    return {a.name for line in instructions for a in line.args if not isinstance(a, Const)} - {
        line.name for line in instructions
    }


def _name(name: str) -> str:
    return f"v_{name}"  # no word of Gappa's, nor an underscore first


def _parts(known: Enclosure) -> tuple[Fraction, Fraction, Fraction]:
    low, high, error = (np.asarray(part, object).item() for part in (known.low, known.high, known.error))
    return low, high, error


def _number(value: Fraction, bits: int, toward: int) -> str:
    """A dyadic number, rounded in the given direction where it has more bits."""
    near = directed(value, bits, toward)
    return f"{near.numerator}b{1 - near.denominator.bit_length()}"


def _operation(line: Instruction, suffix: str) -> str:
    def argument(arg: Argument) -> str:
        if isinstance(arg, Const):
            raise InputError(f"{line.name} = {line.text}: a number among elements has no place in the script")
        return _name(arg.name) + suffix

    args = [argument(arg) for arg in line.args]
    if line.op in _INFIX:
        return f"{args[0]} {_INFIX[line.op]} {args[1]}"
    if line.op in ("neg", "copy", "cast"):
        return "-" * (line.op == "neg") + args[0]
    if line.op in ("sqrt", "abs"):
        return f"sqrt({args[0]})" if line.op == "sqrt" else f"|{args[0]}|"
    raise InputError(f"{line.name} = {line.text}: Gappa has no {line.op}")


def _rounded(line: Instruction, operation: str) -> str:
    return operation if line.op in ("neg", "copy", "abs") else f"{_ROUNDING[line.type]}({operation})"
