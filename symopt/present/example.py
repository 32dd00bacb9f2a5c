"""A statement of the library as a short Python program that proves it again."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from symopt.proof import Statement, decide
from symopt.proof.certificate import INDEX, Relation, Term
from symopt.proof.checker import free_variables
from symopt.proof.normal import is_universal

from .tidy import relevant, sequences_in, tidy
from .verdicts import Decided

FUNCTIONS = {
    "sqrt": "sp.sqrt",
    "abs": "sp.Abs",
    "sign": "sp.sign",
    "exp": "sp.exp",
    "log": "sp.log",
    "max": "sp.Max",
    "min": "sp.Min",
}


def example(decided: Sequence[Decided]) -> str:
    """A python block that proves one of the statements, and a text block with its output; "" where none can.

    Taken is the shortest statement of those proved by induction, about sequences where there is one, and
    whose proof needed no hints.
    """
    found = []
    for theorem, judgement in decided:
        shown = relevant(theorem.statement)
        plain = not (theorem.using or theorem.hints or "'if'" in repr(shown) or '"' in repr(shown))
        if judgement.verdict == "proved" and judgement.certificate and plain:
            order = (judgement.certificate.kind != "induction", not shown.sequences, len(source(shown)), theorem.name)
            found.append((order, shown))
    for order, shown in sorted(found, key=lambda entry: entry[0]):
        answer = decide(shown)
        if answer.certificate and answer.proved:
            output = f"{answer.verdict} by {answer.certificate.kind}"
            title = f"`{order[-1]}`, stated in SymPy and proved again:"
            return f"{title}\n\n```python\n{source(shown)}```\n```text\n{output}\n```"
    return ""


def source(statement: Statement) -> str:
    """The program that states the statement in SymPy, asks for its verdict and prints it."""
    integers = statement.integers
    bodies = tuple(part for s in statement.sequences for part in (s.initial, s.body))
    index = next(iter(integers), "t")
    read = set().union(*(free_variables(part) for part in (*statement.claim, *statement.given, *bodies)))
    names = sorted(name for name in read | _bound((statement.claim, statement.given)) if name != INDEX)
    reals = [name for name in names if name not in integers]
    sequences = sorted({s.name for s in statement.sequences} | sequences_in((statement.claim, bodies)))
    recurrent = [s for s in statement.sequences if s.body is not None]
    wholes = sorted({*integers, *([index] if recurrent or any(map(is_universal, statement.given)) else [])})
    lines = ["import sympy as sp", "", "import symopt", ""]
    lines += [f'{name} = sp.Symbol("{name}", integer=True)' for name in wholes]
    lines += [f'{name} = sp.Symbol("{name}")' for name in reals]
    lines += [f'{name} = sp.Function("{name}")' for name in sequences if name not in reals]
    universal = [r for r in statement.given if is_universal(r)]
    if universal:
        lines[3:3] = ["from symopt.proof import every"]
    given = [_relation(r) for r in statement.given if r not in universal]
    given += [f"every({index}, {_relation(r, index)})" for r in universal]
    for s in recurrent:
        given += [f"sp.Eq({s.name}(0), {python(s.initial)})", f"sp.Eq({s.name}({index}), {python(s.body, index)})"]
    claims = ", ".join(_relation(r) for r in statement.claim)
    lines += ["with sp.evaluate(False):", f"    claim = [{claims}]", "    given = ["]
    lines += [f"        {relation}," for relation in given]
    lines += ["    ]", "answer = symopt.prove(claim, given)", 'print(answer.verdict, "by", answer.certificate.kind)']
    return "\n".join(lines) + "\n"


def python(term: Term, index: str = "t", tight: int = 0) -> str:
    """The term in Python, in parentheses where it binds less than ``tight`` (1 a factor, 2 a power's part)."""
    return _python(tidy(term), index, tight)


def _python(term: Term, index: str, tight: int) -> str:
    if isinstance(term, Fraction):
        if term.denominator != 1:
            return f"sp.Rational({term.numerator}, {term.denominator})"
        return f"({term})" if term < 0 and tight else str(term)
    if isinstance(term, str):
        return index if term == INDEX else term
    op, *args = term
    if op == "+":
        text, binds = " + ".join(_python(arg, index, 0) for arg in args).replace("+ -", "- "), 0
    elif op == "*":
        text = "*".join(_python(arg, index, 1) for arg in args)
        text, binds = (f"-{text[5:]}", 0) if text.startswith("(-1)*") else (text, 1)
    elif op == "/":
        text, binds = f"{_python(args[0], index, 1)}/{_python(args[1], index, 2)}", 1
    elif op == "^":
        text, binds = f"{_python(args[0], index, 3)}**{_python(args[1], index, 3)}", 2
    elif op == "at":
        return f"{args[0]}({_python(args[1], index, 0)})"
    elif op == "sum":
        low, high, body = (_python(arg, index, 0) for arg in args[1:])
        return f"sp.Sum({body}, ({args[0]}, {low}, {high}))"
    else:
        return f"{FUNCTIONS[op]}({', '.join(_python(arg, index, 0) for arg in args)})"
    return f"({text})" if binds < tight else text


def _relation(relation: Relation, index: str = "t") -> str:
    op, left, right = relation[0], python(relation[1], index), python(relation[2], index)
    return f"sp.{'Eq' if op == '=' else 'Ne'}({left}, {right})" if op in ("=", "!=") else f"{left} {op} {right}"


def _bound(parts: object) -> set[str]:
    """The names that sums bind."""
    if not isinstance(parts, tuple):
        return set()
    own = {parts[1]} if len(parts) == 5 and parts[0] == "sum" else set()
    return own.union(*(_bound(part) for part in parts))
