"""Expressions in ASCII, as the rule's body has them: every operation in its order, nothing evaluated.

SymPy's string printer keeps unevaluated trees too, but doubles their parentheses: ``1/(sqrt(a))``, ``a/((b/c))``.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.str import StrPrinter

from .notation import decimal, is_decimal, is_negative, over_elements, split_sign


def infix(expr: Any) -> str:
    """The expression as Python would read it back, in the functions of ``symopt.language``."""
    return str(_Infix().doprint(expr))


class _Infix(StrPrinter):  # type: ignore[misc]
    def _print(self, expr: Any, **options: Any) -> str:
        found = over_elements(expr)
        if found is None:
            return str(super()._print(expr, **options))
        name, operand, over = found
        reach = "" if over == "tensor" else f', "{over}"'
        return f"{name}({self._print(operand)}{reach})"

    def _print_Add(self, expr: Any, order: Any = None) -> str:
        text = self._print(expr.args[0])
        for term in expr.args[1:]:
            negative, body = split_sign(term)
            text += (" - " if negative else " + ") + self._wrap(body, body.is_Add or is_negative(body))
        return str(text)

    def _print_Mul(self, expr: Any) -> str:
        negative, body = split_sign(expr)
        if negative:
            return "-" + self._wrap(body, body.is_Add or is_negative(body))
        text = self._operand(expr.args[0], leading=True)
        for factor in expr.args[1:]:
            text += "/" + self._operand(factor.base) if _is_reciprocal(factor) else "*" + self._operand(factor)
        return text

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:
        if expr.exp == sp.Rational(1, 2):
            return f"sqrt({self._print(expr.base)})"
        if expr.exp == sp.Rational(1, 3):
            return f"cbrt({self._print(expr.base)})"
        if expr.exp == -1:
            return "1/" + self._operand(expr.base)
        return f"{self._operand(expr.base, power=True)}**{self._operand(expr.exp, power=True)}"

    def _operand(self, expr: Any, *, leading: bool = False, power: bool = False) -> str:
        if over_elements(expr):
            return self._print(expr)
        compound = expr.is_Add or expr.is_Relational or (expr.is_Rational and not is_decimal(expr))
        if not leading:
            compound = compound or expr.is_Mul or _is_reciprocal(expr) or is_negative(expr)
        plain_power = expr.is_Pow and expr.exp not in (sp.Rational(1, 2), sp.Rational(1, 3))
        return self._wrap(expr, compound or (power and plain_power))

    def _wrap(self, expr: Any, needed: bool) -> str:
        text = self._print(expr)
        return f"({text})" if needed else str(text)

    def _print_Rational(self, expr: Any) -> str:
        return decimal(expr)

    def _print_Piecewise(self, expr: Any) -> str:
        text = None
        for value, condition in reversed(expr.args):
            if condition == sp.true:
                text = self._print(value)
            elif text is None:
                return str(super()._print_Function(expr))
            else:
                text = f"where({self._print(condition)}, {self._print(value)}, {text})"
        return str(text)

    def _print_Max(self, expr: Any) -> str:
        return f"maximum({self.stringify(expr.args, ', ')})"

    def _print_Min(self, expr: Any) -> str:
        return f"minimum({self.stringify(expr.args, ', ')})"

    def _print_Abs(self, expr: Any) -> str:
        return f"abs({self._print(expr.args[0])})"


def _is_reciprocal(expr: Any) -> bool:
    return bool(expr.is_Pow and expr.exp == -1)
