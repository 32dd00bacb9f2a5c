"""A certificate's proof written out: numbered steps, the very ones that the checker follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from symopt.proof import Certificate, Statement, show, show_relation, show_value
from symopt.proof.certificate import INDEX, Proof, Relation, Term
from symopt.proof.evaluation import is_term
from symopt.proof.normal import put

from .tidy import tidy, tidy_relation

#: A step of a proof: what it says, and the steps below it.
Step = tuple[str, list[Any]]


def steps(certificate: Certificate) -> list[str]:
    """The lines of a Markdown list, nested and numbered; a counterexample is one line, its point.

    In "since b - a is ...", divisors that were shown to be positive are cleared.
    """
    if certificate.proof is None:
        return [f"1. At {show_point(certificate.point)} the hypotheses hold and the claim fails."]
    return list(_numbered(_proof(certificate.statement, certificate.proof)))


def show_point(point: Mapping[str, Any]) -> str:
    """A point in one line, the values of sequences with their indices."""
    parts = []
    for name, value in point.items():
        if isinstance(value, tuple) and not is_term(value):
            parts += [f"`{name}({i}) = {show_value(number)}`" for i, number in enumerate(value, 1)]
        else:
            parts.append(f"`{name} = {show_value(value)}`")
    return ", ".join(parts) if parts else "every point"


def _numbered(tree: Sequence[Step], indent: str = "") -> Iterator[str]:
    for number, (text, below) in enumerate(tree, 1):
        yield f"{indent}{number}. {text}"
        yield from _numbered(below, indent + "   ")


def _proof(statement: Statement, proof: Proof, assumed: tuple[Relation, ...] = ()) -> list[Step]:
    """The steps of one proof of the statement; ``assumed`` is the induction hypothesis."""
    kind, *parts = proof
    if kind == "shift":
        name, n, rest = parts
        moved = {name: ("+", name, n)}
        claim, given = (tuple(put(r, moved) for r in part) for part in (statement.claim, statement.given))
        after = replace(statement, claim=claim, given=given)
        return [(f"Write `{show(tidy(('+', name, n)))}` for `{name}`.", []), *_proof(after, rest)]
    if kind == "lemma":
        relations, numbers, own, rest = parts
        needed = tuple(statement.given[int(n)] for n in numbers)
        below = _proof(replace(statement, claim=relations, given=needed), own)
        after = replace(statement, given=(*statement.given, *relations))
        return [(f"Lemma: {_code(relations)}.", below), *_proof(after, rest)]
    if kind == "strengthen":
        after = replace(statement, claim=(*parts[0], *statement.claim))
        return [(f"Show {_code(parts[0])} together with the claim.", []), *_proof(after, parts[1])]
    if kind == "induction":
        return _induction(statement, *parts)
    if kind == "cases":
        return _cases(statement, assumed, *parts)
    return _direct(statement, assumed, kind, *parts)


def _induction(statement: Statement, name: str, first: Any, base: Proof, step: Proof) -> list[Step]:
    at_first = tuple(put(r, {name: Fraction(first)}) for r in statement.claim)
    later = tuple(put(r, {name: ("+", name, Fraction(1))}) for r in statement.claim)
    others = tuple(r for r in statement.given if f"'{name}'" not in repr(r))
    return [
        (
            f"Base, `{name} = {first}`: {_code(at_first)}.",
            _proof(replace(statement, claim=at_first, given=others), base),
        ),
        (
            f"Step from `{name}` to `{name} + 1`, if {_code(statement.claim)}: then {_code(later)}.",
            _proof(replace(statement, claim=later), step, statement.claim),
        ),
    ]


def _cases(
    statement: Statement, assumed: tuple[Relation, ...], before: Any, a: Term, b: Term, below: Proof, above: Proof
) -> list[Step]:
    tree = [_step(statement, assumed, *step) for step in before]
    for relation, proof in ((("<=", a, b), below), (("<", b, a), above)):
        tree.append((f"Case {_code((relation,))}.", _proof(statement, proof, assumed)))
    return tree


def _direct(
    statement: Statement, assumed: tuple[Relation, ...], kind: str, shown: Any, combinations: Any
) -> list[Step]:
    tree = [_step(statement, assumed, *step) for step in shown]
    if kind == "absurd":
        reason = _reason(("<", Fraction(0), Fraction(0)), combinations)
        return [*tree, (f"The facts contradict each other: `0 < 0` follows {reason}.", [])]
    known = {step[1] for step in shown if step[0] == "show"}
    for relation, combination in zip(statement.claim, combinations, strict=True):
        if relation not in known:
            tree.append((f"Therefore {_code((relation,))}, {_reason(relation, combination)}.", []))
    return tree or [("Nothing is left to show.", [])]


def _step(statement: Statement, assumed: tuple[Relation, ...], kind: str, *args: Any) -> Step:
    if kind == "show":
        return (f"{_code((args[0],))}, {_reason(*args)}.", [])
    if kind == "assumed":
        return (f"By the induction hypothesis {_code((assumed[int(args[0])],))}.", [])
    if kind == "given":
        return (f"By hypothesis {_code((statement.given[int(args[0])],))}.", [])
    if kind == "instance":
        relation = put(statement.given[int(args[0])], {INDEX: args[1]})
        return (f"By hypothesis, at `{show(tidy(args[1]))}`: {_code((relation,))}.", [])
    if kind == "within":
        index, low, high, inside = args
        below = [_step(statement, assumed, *step) for step in inside]
        return (f"For every `{index}` from `{show(tidy(low))}` to `{show(tidy(high))}`:", below)
    a, b = (show(tidy(arg)) for arg in args)
    return (f"Put `{b}` for `{f'sqrt({a})' if kind == 'root' else a}`.", [])


def _reason(relation: Relation, combination: Any) -> str:
    """Why a relation a ? b holds: b - a, or s (b - a), as a sum of terms of known signs."""
    scale, terms, zeros = combination
    op, a, b = relation
    if not terms and not zeros:
        return "both sides being the same when written out"
    if len(terms) == 1 and not zeros and not scale:
        ((c, factors, q),) = terms
        if c == 1 and q == 1 and len(factors) == 1:
            zero = Fraction(0)
            fact = tidy_relation((op if op in ("<", "<=") else "!=", zero, factors[0]))
            return "at once" if fact == tidy_relation(relation) else f"from {_code((fact,))}"
    gap = show(tidy(b if a == 0 else ("+", b, ("*", Fraction(-1), a))), 2 if scale else 0)
    left = "*".join([*(show(tidy(s), 2) for s in scale), gap])
    right = show(tidy(("+", *map(_term, terms), *(("*", factor, e) for factor, e in zeros))))
    return "at once" if left == right else f"since `{left}` is `{right}`"


def _term(term: tuple[Any, ...]) -> Term:
    c, factors, q = term
    return ("*", Fraction(c), *factors, ("^", tidy(q), Fraction(2)) if tidy(q) != 1 else Fraction(1))


def _code(relations: Sequence[Relation]) -> str:
    return " and ".join(f"`{show_relation(tidy_relation(r))}`" for r in relations)
