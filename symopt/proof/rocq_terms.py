"""Statements and terms as Rocq text. What a theorem says is printed here, from the statement alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from .certificate import INDEX, Relation, Sequence, Statement, Term
from .checker import free_variables
from .normal import is_universal, put

Linear = tuple[dict[str, int], int]  # an integer form: its variables' coefficients, and its constant
RELATION = {"=": "=", "!=": "<>", "<": "<", "<=": "<="}
FUNCTION = {
    "exp": "exp",
    "log": "ln",
    "abs": "Rabs",
    "max": "Rmax",
    "min": "Rmin",
    "sign": "sgn",
    "if": "ite",
    "sqrt": "sqrt",
}
STEP = f"{INDEX}n"  # the variable n of a recurrence's hypothesis, forall n, f (S n) = ...
RESERVED = re.compile(
    r"[a-z]{1,2}_\d+|_|as|at|cofix|else|end|exists|exists2|fix|for|forall|fun|if|IF|in|let|match|mod|Prop|return|Set|SProp"
    r"|states|w_all|l_all|b_low|b_high|g_[a-z]+|then|Type|using|where|with|nat|R|S|O|INR|pow|sqrt|ite|sgn|sum_of|Rabs|Rmax|Rmin|Rdiv|Rinv|Rplus|Rmult|exp|ln|True|False"
)


class Unsupported(Exception):
    """What the translation to Rocq does not cover."""


def name_of(name: str) -> str:
    """A variable's name in Rocq: its own wherever that is possible."""
    if name.startswith(INDEX):
        return f"n{name[1:]}" if name != STEP else "n"
    if not re.fullmatch(r"[^\W\d][\w']*", name):
        raise Unsupported(f"the name {name!r}")
    return f"{name}'v" if RESERVED.fullmatch(name) or re.fullmatch(r"n\d*", name) or name.endswith("'v") else name


def number(value: Fraction | int) -> str:
    """A rational in R."""
    value = Fraction(value)
    text = str(value.numerator) + (f" / {value.denominator}" if value.denominator != 1 else "")
    return text if value >= 0 and value.denominator == 1 else f"({text})"


def linear(term: Term) -> Linear:
    """An integer form such as t - i + 1."""
    if isinstance(term, (Fraction, int)):
        if Fraction(term).denominator != 1:
            raise Unsupported("an index that is not an integer")
        return {}, int(term)
    if isinstance(term, str):
        return {term: 1}, 0
    op, *args = term
    if op == "+":
        return add(*((form, 1) for form in map(linear, args)))
    if op == "*":
        total: Linear = ({}, 1)
        for form in map(linear, args):
            if total[0] and form[0]:
                raise Unsupported("an index that is not linear")
            total = add((form, total[1])) if not total[0] else add((total, form[1]))
        return total
    raise Unsupported(f"{op} in an index")


def add(*parts: tuple[Linear, int]) -> Linear:
    """The sum of integer forms, each times a number."""
    coefficients: dict[str, int] = {}
    for (variables, _), scale in parts:
        for name, c in variables.items():
            coefficients[name] = coefficients.get(name, 0) + c * scale
    return {n: c for n, c in coefficients.items() if c}, sum(form[1] * scale for form, scale in parts)


def natural(form: Linear) -> str:
    """An integer form as a nat, its negative part subtracted: t - i + 1 is (S t - i)%nat."""
    text = _natural(form)
    return f"({text})%nat" if " " in text else f"{text}%nat" if text.isdecimal() else text


def _natural(form: Linear) -> str:
    variables, constant = form

    def part(sign: int) -> list[str]:
        chosen = sorted((n, abs(c)) for n, c in variables.items() if c * sign > 0)
        return [name_of(n) if c == 1 else f"{c} * {name_of(n)}" for n, c in chosen]

    positive = " + ".join(part(1))
    if not positive:
        positive = str(max(constant, 0))
    elif constant > 0:
        atomic = f"({positive})" if " " in positive else positive
        positive = "S (" * (constant - 1) + f"S {atomic}" + ")" * (constant - 1)
    return " - ".join([positive, *part(-1), *([str(-constant)] if constant < 0 else [])])


class Printer:
    """Prints terms and relations, given which variables are integers (nat in Rocq)."""

    def __init__(self, integers: frozenset[str]) -> None:
        self.integers = integers

    def real(self, term: Term) -> str:
        """A term of type R, in parentheses where it needs them."""
        if isinstance(term, (Fraction, int)):
            return number(term)
        if isinstance(term, str):
            return f"(INR {name_of(term)})" if term in self.integers else name_of(term)
        op, *args = term
        if op in ("+", "*"):
            parts = [self.real(arg) for arg in args]
            return parts[0] if len(parts) == 1 else f"({f' {op} '.join(parts)})"
        if op == "/":
            return f"({self.real(args[0])} / {self.real(args[1])})"
        if op == "^":
            form = linear(args[1])
            if not form[0]:
                power = f"({self.real(args[0])} ^ {abs(form[1])})"
                return power if form[1] >= 0 else f"(/ {power})"
            return f"({self.real(args[0])} ^ {natural(form)})"
        if op == "at":
            return f"({name_of(args[0])} {natural(linear(args[1]))})"
        if op == "sum":
            low, high = linear(args[1]), linear(args[2])
            body = Printer(self.integers | {args[0]}).real(args[3])
            count = add((high, 1), (low, -1), (({}, 1), 1))
            return f"(sum_of (fun {name_of(args[0])} => {body}) {natural(low)} {natural(count)})"
        if op in FUNCTION:
            return f"({FUNCTION[op]} {' '.join(map(self.real, args))})"
        raise Unsupported(f"the operation {op!r}")

    def discrete(self, relation: Relation) -> bool:
        """Whether a relation speaks of integers alone, and so is printed in nat."""
        variables = free_variables(relation)
        try:
            return bool(variables) and variables <= self.integers and bool(linear(relation[1]) and linear(relation[2]))
        except Unsupported:
            return False

    def relation(self, relation: Relation) -> str:
        """A relation; between integers with the negative parts moved to the other side."""
        op, a, b = relation
        if not self.discrete(relation):
            return f"{self.real(a)} {RELATION[op]} {self.real(b)}"
        variables, constant = add((linear(b), 1), (linear(a), -1))
        right = ({n: c for n, c in variables.items() if c > 0}, max(constant, 0))
        left = ({n: -c for n, c in variables.items() if c < 0}, max(-constant, 0))
        return f"({_natural(left)} {RELATION[op]} {_natural(right)})%nat"

    def hypothesis(self, relation: Relation) -> str:
        """A hypothesis; one with "#" is about every # >= 1."""
        if not is_universal(relation):
            return self.relation(relation)
        inner = Printer(self.integers | {STEP})
        return f"forall n : nat, (1 <= n)%nat -> {inner.relation(put(relation, {INDEX: STEP}))}"

    def all_of(self, relations: tuple[Relation, ...]) -> str:
        """The conjunction."""
        return " /\\ ".join(map(self.relation, relations))


def printer(statement: Statement) -> Printer:
    """The printer for a statement's terms; Unsupported where an integer may be negative, or an index is."""
    bounds = [
        add((linear(b), 1), (linear(a), -1))
        for op, a, b in statement.given
        if op == "<=" and free_variables((op, a, b)) <= set(statement.integers) and _is_linear(a) and _is_linear(b)
    ]
    for t in statement.integers:
        if not any(not_negative(({t: 1}, 0), [bound], strict=True) for bound in bounds):
            raise Unsupported(f"the integer {t} may be negative")
    for part in (*statement.claim, *statement.given, *((s.initial, s.body) for s in statement.sequences)):
        _check_indices(part, bounds)
    return Printer(frozenset(statement.integers))


def not_negative(form: Linear, bounds: list[Linear], strict: bool = False) -> bool:
    """Whether an integer form is >= 0: a bound plus what is >= 0 (``strict``: and a bound is needed)."""
    rests = [add((form, 1), (bound, -1)) for bound in bounds] + ([] if strict else [form])
    return any(all(c >= 0 for c in (*rest[0].values(), rest[1])) and not (strict and rest[0]) for rest in rests)


def _is_linear(term: Term) -> bool:
    try:
        return linear(term) is not None
    except Unsupported:
        return False


def _check_indices(term: Any, bounds: list[Linear]) -> None:
    """Indices, symbolic exponents and a sum's low end must be >= 0, for subtraction in nat stops at 0."""
    if not isinstance(term, tuple):
        return
    op, *args = term
    if op == "sum":
        _check_indices(("at", "", args[1]), bounds)
        i, low, high = linear(args[0]), linear(args[1]), linear(args[2])
        bounds = [*bounds, add((i, 1), (low, -1)), add((high, 1), (i, -1))]
    if op in ("at", "^"):
        form = linear(put(args[1], {INDEX: ("+", STEP, 1)}))
        if (form[0] or op == "at") and not not_negative(form, bounds):
            raise Unsupported("an index or exponent that may be negative")
    for arg in args[3:] if op == "sum" else args[1:] if op == "at" else args if isinstance(op, str) else term:
        _check_indices(arg, bounds)


def sequence_hypotheses(sequence: Sequence, out: Printer) -> tuple[str, str]:
    """A recurrence: the value at 0, and the value at S n for all n."""
    inner = Printer(out.integers | {STEP})
    body = put(sequence.body, {INDEX: ("+", STEP, Fraction(1))})
    name = name_of(sequence.name)
    return f"{name} 0%nat = {out.real(sequence.initial)}", f"forall n : nat, {name} (S n) = {inner.real(body)}"


def variables_of(statement: Statement) -> list[str]:
    """The statement's real variables."""
    names = free_variables(statement.claim) | free_variables(statement.given)
    for s in statement.sequences:
        names |= free_variables(("", s.initial, s.body))
    return sorted(n for n in names - set(statement.integers) if not n.startswith(INDEX))


def hypotheses(statement: Statement) -> Iterator[tuple[str, str]]:
    """Every hypothesis with the name that proofs use for it."""
    out = printer(statement)
    for number_, s in enumerate(statement.sequences):
        if s.body is not None:
            first, later = sequence_hypotheses(s, out)
            yield f"z_{number_}", first
            yield f"s_{number_}", later
    for number_, relation in enumerate(statement.given):
        yield f"g_{number_}", out.hypothesis(relation)


def binders(statement: Statement) -> Mapping[str, list[str]]:
    """The variables by their Rocq type."""
    return {
        "R": [name_of(n) for n in variables_of(statement)],
        "nat": [name_of(n) for n in statement.integers],
        "nat -> R": [name_of(s.name) for s in statement.sequences],
    }


def statement_to_rocq(statement: Statement) -> str:
    """The statement as a closed Rocq proposition, printed from the statement alone."""
    groups = [f"({' '.join(names)} : {kind})" for kind, names in binders(statement).items() if names]
    all_names = [n for names in binders(statement).values() for n in names]
    if len(set(all_names)) != len(all_names):
        raise Unsupported("a variable and a sequence of the same name")
    lines = [f"  ({text}) ->" for _, text in hypotheses(statement)]
    head = [f"forall {' '.join(groups)},"] if groups else []
    return "\n".join([*head, *lines, f"  {printer(statement).all_of(statement.claim)}"])
