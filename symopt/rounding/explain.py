"""The bound of a rule written out: the error of every operation as a formula, as a number, and what it adds up to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Context
from typing import Any

import numpy as np

from symopt.codegen import SIZES, TOTALS, Const, Var, lower
from symopt.codegen.kernel import dtype_name
from symopt.language import STEP, Program

from .bound import ENGINES, check_inputs, input_enclosures
from .enclosure import Enclosure
from .formats import FORMATS
from .order import Truth
from .run import enclose_lines
from .straight import Instruction, straighten

NOTATION = (
    "E(a): a bound on |computed a - exact a|; h(a): half a unit in the last place of the largest |a|;",
    "|a|: the largest magnitude in the box, computed or exact (below a division: the smallest).",
    "A sum of n + 1 elements is rounded n times, each time by at most u = 2**-53 of the magnitudes' sum.",
)

#: What an operation's own rounding adds, where it is not half a unit in the last place.
_OWN = {"pow": "2*{}", "cbrt": "8*{}", "exp": "8*{}", "log": "8*{}"}

#: Shares below this one are left out for readers.
_NEGLIGIBLE = 0.005


@dataclass(frozen=True)
class Row:
    """One operation: its text, its error's formula in the errors of its arguments, and the error in the box."""

    name: str
    operation: str
    formula: str
    error: float


@dataclass(frozen=True)
class Total:
    """The bound of one result, in units in the last place of its largest magnitude, and the shares of its sources."""

    name: str
    error: float
    ulp: float
    shares: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Explanation:
    """The bound of one step in a box of inputs."""

    rule: str
    dtype: str
    inputs: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    totals: tuple[Total, ...]

    def text(self, title: str = "") -> str:
        """The explanation for readers, under the title given or the rule's name."""
        inputs = ", ".join(f"{name} {'in' if value[0] == '[' else '='} {value}" for name, value in self.inputs)
        head = (f"{title or self.rule} in {self.dtype}: how far one step is from the exact step", f"at {inputs}")
        rows = [(f"{row.name} = {row.operation}", row.formula, _short(row.error)) for row in self.rows]
        table = [("operation", "error", "at most"), *rows]
        widths = [max(len(row[place]) for row in table) for place in (0, 1)]
        lines = [f"{one.ljust(widths[0])}  {two.ljust(widths[1])}  {three}" for one, two, three in table]
        ends = []
        for total in self.totals:
            ends.append(f"{total.name}: {_most(total)}")
            ends += [f"  {share:6.1%}  {operation}" for operation, share in total.shares if share >= _NEGLIGIBLE]
        notation = NOTATION if any("n*u" in row.formula for row in self.rows) else NOTATION[:-1]
        return "\n".join([*head, *notation, "", *lines, "", *ends])

    def to_json(self) -> dict[str, Any]:
        """The explanation as JSON data, but for bounds that are infinite."""
        return {
            "rule": self.rule,
            "dtype": self.dtype,
            "inputs": dict(self.inputs),
            "operations": [vars(row) for row in self.rows],
            "bounds": [
                {
                    "name": total.name,
                    "error": total.error,
                    "ulp": total.ulp,
                    "from": [{"operation": operation, "share": share} for operation, share in total.shares],
                }
                for total in self.totals
            ],
        }


def explain(program: Program, box: Mapping[str, Any], dtype: str = "float32") -> Explanation:
    """Derive the bound in a box: x, g and the states as numbers or pairs (low, high), t and hyperparameters as numbers.

    The share of an operation is the bound with its rounding alone over the sum of these. Raises InputError as
    ``error_bound`` does.
    """
    lowered, k = lower(program, dtype_name(dtype)), ENGINES["intervals"]
    straight = straighten(lowered)
    given = check_inputs(program, box, lowered.dtype, {})
    starts = {straight.inputs[n]: e for n, e in input_enclosures(program, given, k).items()}
    known = enclose_lines(k, straight, starts)
    inexact = {name for name, start in starts.items() if start.error != 0}
    rows = [Row(h.name, str(h.default), "", _float(starts[straight.inputs[h.name]].error)) for h in program.hypers]
    rows = [replace(row, formula="|number - float64(number)|" if row.error else "0") for row in rows]
    for line in straight.instructions:
        formula = error_formula(line, inexact)
        error = known[line.name]
        if formula != "0":
            inexact.add(line.name)
        rows.append(Row(line.name, line.text, formula, 0.0 if isinstance(error, Truth) else _float(error.error)))
    parts = {row.name: _parts(k, straight, starts, row.name) for row in rows}
    text = {row.name: f"{row.name} = {row.operation}" for row in rows}
    totals = []
    for name, variable in straight.outputs.items():
        shares = {text[row.name]: parts[row.name][variable] for row in rows}
        totals.append(_total(name, known[variable], FORMATS[lowered.dtype].half_ulp, shares))
    inputs = tuple((n, _shown(n, given[n])) for n in program.inputs)
    return Explanation(program.name, lowered.dtype, inputs, tuple(rows), tuple(totals))


def _parts(k: Any, straight: Any, starts: Mapping[str, Enclosure], only: str) -> dict[str, float]:
    """The bound of every variable if nothing but this operation, or this number, were inexact."""
    alone = {n: e if n == only else Enclosure(e.low, e.high, k.zero) for n, e in starts.items()}
    known = enclose_lines(k, straight, alone, only=only)
    return {n: _float(e.error) for n, e in known.items() if isinstance(e, Enclosure)}


def _total(name: str, known: Enclosure, half_ulp: Any, parts: Mapping[str, float]) -> Total:
    error, whole = _float(known.error), sum(parts.values())
    if not np.isfinite(error):
        return Total(name, np.inf, np.inf, ())
    size = max(-_single(known.low), _single(known.high))
    shares = sorted(((text, part / whole) for text, part in parts.items() if part > 0), key=lambda item: -item[1])
    return Total(name, error, error / float(2 * half_ulp(size)), tuple(shares) if np.isfinite(whole) else ())


def _most(total: Total) -> str:
    if not math.isfinite(total.error):
        return "nothing is promised: it may overflow, or a divisor may be 0"
    found = f"at most {_short(total.error)} = {_short(total.ulp)} ulp"
    return f"{found}, from" if total.shares else found


def _short(number: float) -> str:
    """Three digits, rounded up."""
    if not math.isfinite(number):
        return str(number)
    return f"{Context(prec=3, rounding=ROUND_CEILING).create_decimal_from_float(number):.3g}"


def _float(error: Any) -> float:
    """A bound as float64, rounded up."""
    exact = _single(error)
    near = float(exact)
    return float(np.nextafter(near, np.inf)) if exact > near else near


def _single(value: Any) -> Any:
    """The one Fraction, or infinity, of a box without dimensions."""
    return np.asarray(value, object).item()


def _shown(name: str, given: tuple[Any, Any]) -> str:
    low, high = given
    if name != STEP and isinstance(low, np.ndarray):
        return f"{low:g}" if low == high else f"[{low:g}, {high:g}]"
    return str(low) if name == STEP else f"{float(low):g}"


def error_formula(line: Instruction, inexact: set[str]) -> str:
    """The error of an operation in the errors of its arguments; arguments that carry none are left out."""
    names = [arg.name if isinstance(arg, Var) else str(arg.value) for arg in line.args]
    carries = [
        arg.name in inexact if isinstance(arg, Var) else not FORMATS[arg.type].holds(arg.value)
        for arg in line.args
        if not (isinstance(arg, Const) and arg.type not in FORMATS)
    ]
    own = f"h({line.name})"
    if line.op in ("lt", "le", "eq", *SIZES):
        return "0"
    if line.op in TOTALS and TOTALS[line.op][0] == "max":
        return f"max(E({names[0]}))" if carries[0] else "0"
    if line.op in TOTALS:
        return _sum(f"sum(E({names[0]}))" if carries[0] else "", f"n*u*sum(|{names[0]}|)")
    if line.op == "select":
        return f"E of the branch taken; both, and their distance, where {names[0]} is open"
    first = f"E({names[0]})" if carries[0] else ""
    second = f"E({names[1]})" if len(names) > 1 and carries[1] else ""
    if line.op == "sign":
        return f"2 where |{names[0]}| <= {first}, else 0" if first else "0"
    if line.op in ("neg", "abs", "copy"):
        return first or "0"
    if line.op in ("max", "min"):
        return f"max({first or 0}, {second or 0})" if first or second else "0"
    return _sum(*_inherited(line, names, first, second), _OWN.get(line.op, "{}").format(own))


def _inherited(line: Instruction, names: list[str], first: str, second: str) -> tuple[str, ...]:
    """The terms that an operation's result inherits."""
    a, b = (names * 2)[:2]
    if line.op in ("add", "sub"):
        return first, second
    if line.op == "mul" and a == b and len(names) == 2:
        return (first and f"2*|{a}|*{first}",)
    if line.op == "mul":
        return first and f"{first}*|{b}|", second and f"|{a}|*{second}"
    if line.op == "div":
        return first and f"{first}/|{b}|", second and f"|{a}|*{second}/|{b}|**2"
    if line.op == "sqrt":
        return (first and f"min({first}/(2*sqrt({a})), sqrt({first}))",)
    if line.op == "cbrt":
        return (first and f"min({first}/(3*cbrt({a})**2), cbrt({first}))",)
    if line.op == "exp":
        return (first and f"{first}*exp({a})",)
    if line.op == "log":
        return (first and f"{first}/{a}",)
    if line.op == "pow":
        return first and f"{first}*|{b}|*{a}**({b} - 1)", second and f"{second}*|log({a})|*{a}**{b}"
    return (first,)


def _sum(*terms: str) -> str:
    return " + ".join(term for term in terms if term) or "0"
