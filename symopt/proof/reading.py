"""SymPy expressions and relations as terms, read as they stand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from symopt.language import InputError, exact

from .certificate import Relation, Term
from .tensors import SIZES

_FUNCTIONS = {sp.Abs: "abs", sp.sign: "sign", sp.exp: "exp", sp.log: "log"}
_RELATIONS = {sp.Eq: "=", sp.Ne: "!=", sp.Lt: "<", sp.Le: "<=", sp.Gt: ">", sp.Ge: ">="}


def to_term(expr: Any) -> Term:
    """The term of a SymPy expression, read as it stands: floats as decimals, nothing simplified."""
    if isinstance(expr, (float, sp.Float)):
        return exact(float(expr))
    if isinstance(expr, sp.Rational):
        return Fraction(int(expr.p), int(expr.q))
    if isinstance(expr, (int, Fraction)):
        return Fraction(expr)
    if isinstance(expr, sp.Symbol):
        return str(expr.name)
    args: list[Any] = list(expr.args) if isinstance(expr, sp.Basic) else []
    if isinstance(expr, sp.Add):
        return ("+", *map(to_term, args))
    if isinstance(expr, sp.Mul):
        return _product(args)
    if isinstance(expr, sp.Pow):
        return _power(*args)
    if type(expr) in _FUNCTIONS:
        return (_FUNCTIONS[type(expr)], to_term(args[0]))
    if isinstance(expr, (sp.Max, sp.Min)):
        op, total = ("max" if isinstance(expr, sp.Max) else "min"), to_term(args[0])
        for arg in args[1:]:
            total = (op, total, to_term(arg))
        return total
    if isinstance(expr, sp.Piecewise):
        return _piecewise(args)
    if isinstance(expr, sp.Sum):
        term = to_term(args[0])
        for index, low, high in expr.limits:
            term = ("sum", index.name, to_term(low), to_term(high), term)
        return term
    if isinstance(expr, AppliedUndef) and len(args) == 1:
        return ("at", expr.func.__name__, to_term(args[0]))
    if type(expr) in SIZES:
        return ("total", SIZES[type(expr)], to_term(args[0]))  # ``statement`` writes it out
    if isinstance(expr, sp.Indexed) and len(expr.indices) == 1:
        return ("at", str(expr.base.label), to_term(expr.indices[0]))
    known = "+ - * / ** sqrt exp log Abs sign Max Min Piecewise Sum f(t)"
    raise InputError(f"claim: {type(expr).__name__} {expr} is not in the language of proofs ({known})")


def _product(args: list[sp.Expr]) -> Term:
    above = [to_term(a) for a in args if not _is_divisor(a)]
    below = [to_term(_inverted(a)) for a in args if _is_divisor(a)]
    top = Fraction(1) if not above else above[0] if len(above) == 1 else ("*", *above)
    return top if not below else ("/", top, below[0] if len(below) == 1 else ("*", *below))


def _is_divisor(arg: sp.Expr) -> bool:
    return isinstance(arg, sp.Pow) and arg.exp.is_Rational and arg.exp < 0


def _inverted(arg: sp.Expr) -> sp.Expr:
    return arg.base if arg.exp == -1 else sp.Pow(arg.base, -arg.exp, evaluate=False)


def _power(base: sp.Expr, exponent: sp.Expr) -> Term:
    if exponent.is_Rational:
        if exponent < 0:
            return ("/", Fraction(1), _power(base, -exponent))
        if exponent.q == 2:
            root = ("sqrt", to_term(base))
            return root if exponent.p == 1 else ("^", root, Fraction(int(exponent.p)))
    return ("^", to_term(base), to_term(exponent))


def _piecewise(branches: list[Any]) -> Term:
    (value, condition), *rest = branches
    if condition == sp.true:
        return to_term(value)
    if not rest:
        raise InputError("claim: a Piecewise needs a last branch with condition True")
    return _choose(condition, to_term(value), _piecewise(rest))


def _choose(condition: Any, then: Term, otherwise: Term) -> Term:
    """``then`` where the condition holds, else ``otherwise``; and, or, not, if-then-else become nested choices."""
    if condition in (sp.true, sp.false):
        return then if condition == sp.true else otherwise
    if isinstance(condition, sp.Not):
        return _choose(condition.args[0], otherwise, then)
    if isinstance(condition, sp.ITE):
        which, one, other = condition.args
        return _choose(which, _choose(one, then, otherwise), _choose(other, then, otherwise))
    if isinstance(condition, (sp.And, sp.Or)):
        first, *rest = condition.args
        left = condition.func(*rest) if len(rest) > 1 else rest[0]
        if isinstance(condition, sp.And):
            return _choose(first, _choose(left, then, otherwise), otherwise)
        return _choose(first, then, _choose(left, then, otherwise))
    op, a, b = to_relation(condition)
    if op == "<=":
        return ("if", a, b, then, otherwise)
    if op == "<":
        return ("if", b, a, otherwise, then)
    equal, unequal = (then, otherwise) if op == "=" else (otherwise, then)
    return ("if", a, b, ("if", b, a, equal, unequal), unequal)


def to_relation(relation: Any) -> Relation:
    """The relation with its sides as terms; > and >= are turned around."""
    for kind, op in _RELATIONS.items():
        if isinstance(relation, kind):
            left, right = to_term(relation.lhs), to_term(relation.rhs)
            return (op.replace(">", "<"), right, left) if op in (">", ">=") else (op, left, right)
    raise InputError(f"claim: {relation!r} is not a relation (=, !=, <, <=, >, >=) between expressions")
