"""LaTeX in the notation of the papers, rendered from the Program by SymPy's LaTeX printer."""

from __future__ import annotations

import re
from typing import Any

import sympy as sp
from sympy.core.alphabets import greeks
from sympy.printing.latex import LatexPrinter

from symopt.language import GRADIENT, PARAMETER, STEP, Program, rebuild

from .notation import is_negative, over_elements, split_sign

#: The usual letters of the hyperparameters that are not called by their letter.
LETTERS = {
    "lr": r"\eta",
    "eps": r"\varepsilon",
    "momentum": r"\mu",
    "dampening": r"\tau",
    "weight_decay": r"\lambda",
}
ACCENTS = ("hat", "bar", "tilde", "dot")


def latex(program: Program) -> str:
    """The step as an ``align*`` environment: one line of the algorithm a line, states at t-1 before the step."""
    return f"\\begin{{align*}}\n{latex_lines(program)}\n\\end{{align*}}"


def latex_lines(program: Program) -> str:
    """The rows of the alignment, without the environment."""
    names = symbol_names(program)
    printer = _Latex({"order": "none", "symbol_names": names})
    rows = [f"{names[line.symbol]} &= {printer.doprint(line.expr)}" for line in program.definitions]
    for name, symbol in program.results:
        if symbol == sp.Symbol(name):  # a state that this step leaves as it was
            rows.append(f"{_symbol(name, 't')} &= {names[symbol]}")
    return " \\\\\n".join(rows)


def symbol_names(program: Program) -> dict[sp.Symbol, str]:
    """The LaTeX of every symbol of the Program, each of them different.

    x and the states are at t-1 before the step and at t when it is done; another version of a name gets a
    tilde, and a prime where that is taken.
    """
    before = (PARAMETER, *(state.name for state in program.states))
    names = {sp.Symbol(name): _symbol(name, "t-1") for name in before}
    names |= {sp.Symbol(hyper.name): _symbol(hyper.name) for hyper in program.hypers}
    names |= {sp.Symbol(STEP): STEP, sp.Symbol(GRADIENT): _symbol(GRADIENT, "t")}
    final = {symbol for _, symbol in program.results}
    taken = set(names.values()) | {_symbol(name, "t") for name in before}
    for line in program.definitions:
        again = line.symbol.name != line.name and line.symbol not in final
        tex = _symbol(f"{line.name}_tilde" if again else line.name, "t")
        while tex in taken and line.symbol not in final:
            tex = tex[:-1] + r"\prime}" if tex.endswith(r"\prime}") else tex + r"^{\prime}"
        names[line.symbol] = tex
        taken.add(tex)
    return names


def _symbol(name: str, time: str = "") -> str:
    head, subscripts = letter(name)
    subscript = ",".join([*subscripts, time] if time else subscripts)
    return f"{head}_{{{subscript}}}" if subscript else head


def letter(name: str) -> tuple[str, list[str]]:
    """The letter of a name with its accents, and the subscripts that the rest of the name gives."""
    if name in LETTERS:
        return LETTERS[name], []
    head, _, tail = name.rpartition("_")
    if head:
        tex, subscripts = letter(head)
        if tail in ACCENTS:
            return f"\\{tail}{{{tex}}}", subscripts
        return tex, [*subscripts, tail if len(tail) == 1 or tail.isdigit() else f"\\mathrm{{{tail}}}"]
    if match := re.fullmatch(r"([^\d]+)(\d+)", name):
        tex, subscripts = letter(match[1])
        return tex, [*subscripts, match[2]]
    if name in greeks:
        return "\\lambda" if name == "lamda" else f"\\{name}", []
    return (name if len(name) == 1 else f"\\mathrm{{{name}}}"), []


_OPERATORS = {"total": "sum", "largest": "max"}


class _Latex(LatexPrinter):  # type: ignore[misc]
    """SymPy's printer with sums and products of unevaluated trees left as they are.

    SymPy negates a summand to print it behind a minus sign, which evaluates it: ``a + (-b + c - c)`` shows as a - b.
    """

    def _print(self, expr: Any, **options: Any) -> str:
        found = over_elements(expr)
        if found is None:
            return str(super()._print(expr, **options))
        name, operand, over = found
        tex, label = self._print(operand), "" if over == "tensor" else rf"_{{\mathrm{{{over}}}}}"
        if name == "norm":
            return rf"\left\lVert {tex} \right\rVert{label}"
        return rf"\operatorname{{{_OPERATORS.get(name, name)}}}{label}\left({tex}\right)"

    def _print_Add(self, expr: Any, order: Any = None) -> str:
        tex = self._wrap(expr.args[0], expr.args[0].is_Piecewise)
        for term in expr.args[1:]:
            negative, body = split_sign(term)
            tex += (" - " if negative else " + ") + self._wrap(body, _is_compound(body))
        return tex

    def _print_Mul(self, expr: Any) -> str:
        negative, body = split_sign(expr)
        if negative:
            return "- " + self._wrap(body, _is_compound(body))
        above: list[Any] = []
        below: list[Any] = []
        for factor in _factors(expr):
            if _is_reciprocal(factor):
                below.append(factor.base if factor.exp == -1 else rebuild(factor, (factor.base, -factor.exp)))
            elif below:
                above, below = [self._fraction(above, below), factor], []
            else:
                above.append(factor)
        return self._fraction(above, below)

    def _fraction(self, above: list[Any], below: list[Any]) -> str:
        top = self._product(above) if above else "1"
        return f"\\frac{{{top}}}{{{self._product(below)}}}" if below else top

    def _product(self, factors: list[Any]) -> str:
        """The factors side by side; one that is already LaTeX is a fraction."""
        if len(factors) == 1:
            return factors[0] if isinstance(factors[0], str) else str(self._print(factors[0]))
        tex = ""
        for factor in factors:
            done = isinstance(factor, str)
            text = factor if done else self._wrap(factor, _is_compound(factor))
            dot = text[0].isdigit() or (not done and factor.is_Rational)
            tex += text if not tex else (r" \cdot " if dot else " ") + text
        return tex

    def _wrap(self, expr: Any, needed: bool) -> str:
        tex = self._print(expr)
        return f"\\left({tex}\\right)" if needed else str(tex)


def _factors(expr: Any) -> tuple[Any, ...]:
    """The factors of a product read from the left: (a*b)/c is a, b, 1/c."""
    return (*_factors(expr.args[0]), *expr.args[1:]) if expr.is_Mul else (expr,)


def _is_reciprocal(expr: Any) -> bool:
    return bool(expr.is_Pow and expr.exp.is_Rational and expr.exp.is_negative)


def _is_compound(expr: Any) -> bool:
    return bool(expr.is_Add or expr.is_Piecewise or expr.is_Relational or is_negative(expr))
