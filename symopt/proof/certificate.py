"""Statements, certificates and verdicts as plain data (standard library only).

A *term* is a Fraction, a variable's name, or a tuple that starts with an operation::

    ("+", a, b, ...)  ("*", a, b, ...)  ("/", a, b)  ("^", a, n)  ("sqrt", a)  ("abs", a)  ("sign", a)
    ("exp", a)  ("log", a)  ("max", a, b)  ("min", a, b)  ("if", a, b, c, d)
     ("sum", "i", low, high, body)  ("at", "g", index)

where ``("if", a, b, c, d)`` is c if a <= b, else d. ``("^", a, n)`` is an integer power, or for another n the real one,
of a > 0, or of a = 0 if n > 0.

A *relation* is ``(op, a, b)`` with op one of ``=  !=  <  <=``. Variables range over the reals, those named
in ``Statement.integers`` over the integers. 0^0 is 1; a sum whose high end lies below its low end is 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

Term = Any
Relation = tuple[str, Term, Term]
Proof = tuple[Any, ...]

#: The index of a recurrence: a sequence's body gives its value at "#" (# >= 1) from values at # - 1.
INDEX = "#"


@dataclass(frozen=True)
class Sequence:
    """A sequence of reals: free (both None), or defined by its value at 0 and its value at every # >= 1."""

    name: str
    initial: Term | None = None
    body: Term | None = None


@dataclass(frozen=True)
class Statement:
    """For all reals and integers that satisfy every ``given``, every relation of ``claim`` holds."""

    claim: tuple[Relation, ...]
    given: tuple[Relation, ...] = ()
    integers: tuple[str, ...] = ()
    sequences: tuple[Sequence, ...] = ()

    def __str__(self) -> str:
        """The statement on one line; a hypothesis with "#" is about every # >= 1."""
        defined = [s for s in self.sequences if s.body is not None]
        parts = [" and ".join(show_relation(r) for r in self.claim)]
        where = [show_relation(r) for r in self.given]
        where += [f"{s.name}(0) = {show(s.initial)}, {s.name}({INDEX}) = {show(s.body)}" for s in defined]
        if self.integers:
            where.append(f"{', '.join(self.integers)} integer")
        return parts[0] + (f"  given  {'; '.join(where)}" if where else "")


@dataclass(frozen=True)
class Goal(Statement):
    """A statement with hints for the search: terms whose squares may help, and whether to try what takes long.

    ``effort`` counts what one search may still spend.
    """

    hints: tuple[Term, ...] = ()
    hard: bool = False
    effort: list[int] = field(default_factory=list, compare=False)


@dataclass(frozen=True)
class Certificate:
    """What a search hands over: a proof of the statement, or a counterexample to it.

    ``point`` assigns numbers to variables (and tuples of numbers, from index 1 on, to free sequences): rationals, or
    terms of rationals, + * / ^ sqrt and ``("root", coefficients, low, high)``, the only zero between low and high of
    the polynomial with these coefficients (of 1, x, x^2, ...). For a proof it satisfies every hypothesis, so that
    nothing is proved vacuously; for a counterexample it also makes the claim false.
    """

    statement: Statement
    point: Mapping[str, Any]
    proof: Proof | None

    @property
    def kind(self) -> str:
        """The method's usual name, read off the proof itself."""
        if self.proof is None:
            return "counterexample"
        defined = {("at", s.name) for s in self.statement.sequences if s.body is not None}
        return _kind(self.statement.claim, self.proof, defined)

    def to_json(self) -> dict[str, Any]:
        """The certificate as JSON data; rationals are strings such as "9/10", variables {"var": name}."""
        statement = self.statement
        return {
            "kind": self.kind,
            "statement": {
                "claim": _plain(statement.claim),
                "given": _plain(statement.given),
                "integers": list(statement.integers),
                "sequences": [[s.name, _plain(s.initial), _plain(s.body)] for s in statement.sequences],
            },
            "point": {name: _plain(value) for name, value in self.point.items()},
            "proof": _plain(self.proof),
        }


@dataclass(frozen=True)
class Verdict:
    """The answer to one question: "proved", "refuted" or "unknown", and what it rests on.

    ``axioms`` names what is taken for granted beyond the hypotheses' own words.
    """

    verdict: str
    statement: str
    certificate: Certificate | None = None
    witness: Mapping[str, Any] | None = None
    reason: str = ""
    scope: str = "all steps"
    axioms: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    @property
    def proved(self) -> bool:
        """True only for a statement whose certificate the checker accepted."""
        return self.verdict == "proved"

    def to_json(self) -> dict[str, Any]:
        """The verdict as JSON data."""
        return {
            "verdict": self.verdict,
            "statement": self.statement,
            "scope": self.scope,
            "axioms": list(self.axioms),
            "reason": self.reason,
            "witness": None if self.witness is None else {n: _plain(v) for n, v in self.witness.items()},
            "certificate": self.certificate.to_json() if self.certificate else None,
            "seconds": round(self.seconds, 4),
        }


def _kind(claim: tuple[Relation, ...], proof: Proof, defined: set[Any]) -> str:
    if proof[0] == "strengthen":
        return _kind((*proof[1], *claim), proof[2], defined)
    if proof[0] in ("shift", "cases", "lemma"):
        return _kind(claim, proof[-1], defined)
    equations = [sides for op, *sides in claim if op == "="]
    if proof[0] == "induction":
        related = all(_mentions(side, defined) for sides in equations for side in sides)
        return "simulation" if equations and related else "induction"
    return "positivity" if len(equations) < len(claim) else "radical" if _mentions(claim, {("sqrt",)}) else "identity"


def _mentions(term: Any, heads: set[Any]) -> bool:
    """Does a term, or one inside it, begin with one of the heads?"""
    return isinstance(term, tuple) and (
        term[:1] in heads or term[:2] in heads or any(_mentions(part, heads) for part in term)
    )


def show(term: Term, tight: int = 0) -> str:
    """A term in the usual notation. ``tight`` is the binding strength of what stands around it."""
    if isinstance(term, (Fraction, int)):
        return str(term) if (term >= 0 and term.denominator == 1) or not tight else f"({term})"
    if isinstance(term, str):
        return term
    op, *args = term
    if op == "+":
        text = show(args[0], 1)
        for arg in args[1:]:
            if isinstance(arg, Fraction) and arg < 0:
                text += f" - {show(-arg, 2)}"
                continue
            negative = isinstance(arg, tuple) and arg[0] == "*" and arg[1] == -1 and len(arg) > 2
            rest = (arg[2] if len(arg) == 3 else ("*", *arg[2:])) if negative else arg
            text += f" - {show(rest, 2)}" if negative else f" + {show(arg, 1)}"
        return f"({text})" if tight > 1 else text
    if op == "*":
        text = "-" + show(("*", *args[1:])) if args[0] == -1 and len(args) > 1 else "*".join(show(a, 2) for a in args)
        return f"({text})" if tight > 2 or (tight and text.startswith("-")) else text
    if op == "/":
        text = f"{show(args[0], 2)}/{show(args[1], 3)}"
        return f"({text})" if tight > 2 else text
    if op == "^":
        return f"{show(args[0], 4)}^{show(args[1], 4)}"
    if op == "sum":
        return f"Sum({show(args[3])}, {args[0]}={show(args[1])}..{show(args[2])})"
    if op == "at":
        return f"{args[0]}({show(args[1])})"
    if op == "root":
        text = f"root of {show_polynomial(args[0])} in ({args[1]}, {args[2]})"
        return f"({text})" if tight else text
    if op == "if":
        return f"(if {show(args[0])} <= {show(args[1])} then {show(args[2])} else {show(args[3])})"
    return f"{op}({', '.join(show(arg) for arg in args)})"


def show_polynomial(coefficients: tuple[Fraction, ...]) -> str:
    """The polynomial in x, its highest power first."""
    text = ""
    for n, c in reversed([(n, c) for n, c in enumerate(coefficients) if c]):
        factors = [str(abs(c))] * (abs(c) != 1 or n == 0) + ["x" if n == 1 else f"x^{n}"] * (n > 0)
        text += (" - " if c < 0 else " + ") * bool(text) + "-" * (c < 0 and not text) + "*".join(factors)
    return text


def show_relation(relation: Relation) -> str:
    """A relation in the usual notation."""
    op, left, right = relation
    return f"{show(left)} {op} {show(right)}"


def _plain(value: Any) -> Any:
    if isinstance(value, (Fraction, int)) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return {"var": value}
    if isinstance(value, (tuple, list)):
        head = [value[0]] if value and isinstance(value[0], str) else [_plain(v) for v in value[:1]]
        return head + [_plain(v) for v in value[1:]]
    return value
