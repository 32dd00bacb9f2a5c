"""Statements in LaTeX: claims, hypotheses and recurrences as a paper prints them."""

from __future__ import annotations

from fractions import Fraction

from symopt.proof import Sequence, Statement
from symopt.proof.certificate import INDEX, Relation, Term

from .latex import letter
from .tidy import relevant, tidy

SIGNS = {"=": "=", "!=": r"\ne", "<": "<", "<=": r"\le"}
SUM, PRODUCT, POWER, ATOM = range(4)  # how tightly a term binds


def latex_statement(statement: Statement) -> str:
    """The claim and, below it, what it is claimed under, as one ``aligned`` environment.

    Recurrences that the claim does not rest on are left out, and so are factors 1 and summands 0.
    """
    shown = relevant(statement)
    index = next(name for name in ("k", "n", "j", "l") if name not in repr(shown))
    claims = [latex_relation(r, index) for r in shown.claim]
    given = [
        latex_relation(r, index) + (rf"\ (\text{{all }}{index} \ge 1)" if f"'{INDEX}'" in repr(r) else "")
        for r in shown.given
    ]
    if shown.integers:
        given.append(", ".join(map(_name, shown.integers)) + r" \in \mathbb{Z}")
    rows = [r"&" + r",\quad ".join(claims)]
    rows += [rf"&\quad {_recurrence(s, index)}" for s in shown.sequences if s.body is not None]
    rows += [rf"&\quad {',; '.join(given[i : i + 5])}".replace(",;", r",\;") for i in range(0, len(given), 5)]
    if len(rows) > 1:
        rows[1] = rows[1].replace(r"&\quad ", r"&\text{given}\quad ", 1)
    return "$$\n\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}\n$$"


def latex_relation(relation: Relation, index: str = "k") -> str:
    """A relation; ``index`` stands for the running index of recurrences."""
    op, left, right = relation
    return f"{latex_term(tidy(left), index)} {SIGNS[op]} {latex_term(tidy(right), index)}"


def latex_term(term: Term, index: str = "k", tight: int = SUM) -> str:
    """A term; one that binds less than ``tight`` stands in parentheses."""
    tex, binds = _tex(term, index)
    return f"\\left({tex}\\right)" if binds < tight else tex


def _recurrence(s: Sequence, index: str) -> str:
    """Its value at 0, unless that is a variable of the same name, and the equation that gives all others."""
    start, body = latex_term(tidy(s.initial), index), latex_term(tidy(s.body), index)
    first = "" if s.initial == f"{s.name}0" else rf"{_name(s.name)}_{{0}} = {start},\quad "
    return rf"{first}{_name(s.name)}_{{{index}}} = {body}"


def _tex(term: Term, index: str) -> tuple[str, int]:
    """The LaTeX of a term, and how tightly it binds."""
    if isinstance(term, Fraction):
        whole = term.denominator == 1
        tex = str(abs(term)) if whole else rf"\frac{{{abs(term.numerator)}}}{{{term.denominator}}}"
        return ("-" + tex, SUM) if term < 0 else (tex, ATOM if whole else PRODUCT)
    if isinstance(term, str):
        return (index if term == INDEX else _name(term)), ATOM
    op, *args = term
    if op == "+":
        return _sum(args, index), SUM
    if op == "*":
        return _product(args, index)
    if op == "/":
        negative, above = _split_sign(args[0])
        tex = rf"\frac{{{latex_term(above, index)}}}{{{latex_term(args[1], index)}}}"
        return ("-" + tex, SUM) if negative else (tex, PRODUCT)
    if op == "^":
        return f"{latex_term(args[0], index, ATOM)}^{{{latex_term(args[1], index)}}}", POWER
    if op == "sqrt":
        return rf"\sqrt{{{latex_term(args[0], index)}}}", POWER
    if op == "abs":
        return rf"\left|{latex_term(args[0], index)}\right|", ATOM
    if op == "at":
        return f"{_name(args[0])}_{{{latex_term(args[1], index)}}}", ATOM
    if op == "sum":
        start, end = (latex_term(arg, index) for arg in args[1:3])
        body = latex_term(args[3], index, PRODUCT)
        return rf"\sum_{{{_name(args[0])}={start}}}^{{{end}}} {body}", SUM
    if op == "if":
        a, b, then, otherwise = (latex_term(arg, index) for arg in args)
        return rf"\begin{{cases}} {then} & {a} \le {b} \\ {otherwise} & \text{{else}} \end{{cases}}", SUM
    command = {"max": r"\max", "min": r"\min", "sign": r"\operatorname{sign}", "exp": r"\exp", "log": r"\log"}[op]
    return rf"{command}\left({', '.join(latex_term(arg, index) for arg in args)}\right)", POWER


def _sum(args: list[Term], index: str) -> str:
    tex = latex_term(args[0], index)
    for arg in args[1:]:
        negative, rest = _split_sign(arg)
        piece = latex_term(rest, index, PRODUCT if not isinstance(rest, tuple) or rest[0] != "sum" else SUM)
        tex += f" {'-' if negative else '+'} {piece}"
    return tex


def _product(args: list[Term], index: str) -> tuple[str, int]:
    negative, rest = _split_sign(("*", *args))
    if negative:
        return f"-{latex_term(rest, index, PRODUCT)}", SUM
    tex = ""
    for place, arg in enumerate(args):
        last_sum = place == len(args) - 1 and isinstance(arg, tuple) and arg[0] == "sum"
        piece = latex_term(arg, index, SUM if last_sum else PRODUCT)
        dot = piece[:1].isdigit() or isinstance(arg, Fraction)
        tex += piece if not tex else (r" \cdot " if dot else r" \, ") + piece
    return tex, PRODUCT


def _split_sign(term: Term) -> tuple[bool, Term]:
    """Whether a term begins with a minus sign, and the term without it."""
    if isinstance(term, Fraction):
        return term < 0, abs(term)
    if isinstance(term, tuple) and term[0] == "*" and isinstance(term[1], Fraction) and term[1] < 0:
        rest = term[2:] if term[1] == -1 else (-term[1], *term[2:])
        return True, rest[0] if len(rest) == 1 else ("*", *rest)
    if isinstance(term, tuple) and term[0] == "/":
        negative, above = _split_sign(term[1])
        return negative, ("/", above, term[2])
    return False, term


def _name(name: str) -> str:
    """The LaTeX of a variable or sequence: beta1 is a Greek letter with an index, a prime stays a prime."""
    bare = name.rstrip("'_")
    head, subscripts = letter(bare)
    primes = "'" * (name.count("'"))
    tex = f"{head}_{{{','.join(subscripts)}}}" if subscripts else head
    return f"{{{tex}{primes}}}" if primes or subscripts else tex
