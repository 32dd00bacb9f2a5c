"""The trusted checker: decides, with exact rationals and the standard library alone, whether a certificate holds.

Search may use anything; only ``check`` makes a statement proved or refuted. Terms are read in ``normal.py``.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from .certificate import INDEX, Certificate, Proof, Relation, Sequence, Statement, Term
from .evaluation import Evaluation, check_point, uses
from .normal import MEANS, Context, Rejected, is_universal, put
from .polynomial import Poly, constant, plus

#: The number of arguments of each operation; + and * take one or more.
ARITY = {
    "/": 2, "^": 2, "sqrt": 1, "exp": 1, "log": 1, "abs": 1, "sign": 1, "max": 2, "min": 2, "if": 4, "sum": 4, "at": 2,
    "+": 0, "*": 0,
}  # fmt: skip
NUMBERS = (Fraction, int)  # and nothing derived from them: a truth value is no number


def check(certificate: Certificate) -> None:
    """Accept the certificate (return), or raise Rejected with the reason."""
    try:
        _check(certificate)
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise Rejected(f"ill-formed: {type(error).__name__}: {error}") from error


def _check(certificate: Certificate) -> None:
    _check_shape(certificate)
    statement = certificate.statement
    if not statement.claim:
        raise Rejected("nothing is claimed")
    _check_names(certificate)
    _check_sequences(statement)
    evaluation = Evaluation(statement, certificate.point)
    for relation in statement.given:
        if not evaluation.holds(relation):
            raise Rejected("the point does not satisfy the hypotheses")
    if certificate.proof is not None:
        _prove(statement, certificate.proof)
    elif all(evaluation.holds(relation) for relation in statement.claim):
        raise Rejected("the claim holds at the point")


def _check_shape(certificate: Certificate) -> None:
    """Plain data throughout: floats, unknown operations and the like are refused, never interpreted."""
    statement = certificate.statement
    parts = (statement.claim, statement.given, statement.integers, statement.sequences)
    if type(statement) is not Statement or any(type(part) is not tuple for part in parts):
        raise Rejected("not a statement")
    given = tuple(put(relation, {INDEX: Fraction(1)}) for relation in statement.given)  # "#": a hypothesis about all
    _check_plain((statement.claim, given, statement.integers, certificate.proof or ()))
    _check_relations((*statement.claim, *statement.given))
    for s in statement.sequences:
        if type(s) is not Sequence or type(s.name) is not str or (s.initial is None) != (s.body is None):
            raise Rejected(f"{s!r} is not a sequence")
        if s.body is not None:
            _check_term(s.initial)
            _check_term(s.body)
    check_point(certificate.point)


def _check_relations(relations: tuple[Relation, ...]) -> None:
    for relation in relations:
        if type(relation) is not tuple or len(relation) != 3 or relation[0] not in MEANS:
            raise Rejected(f"{relation!r} is not a relation between two terms")
        _check_term(relation[1])
        _check_term(relation[2])


def _check_term(term: Term) -> None:
    if type(term) is tuple:
        op, *args = term
        if op not in ARITY or not args or len(args) != (ARITY[op] or len(args)):
            raise Rejected(f"{op!r} of {len(args)} arguments is not in the language")
        if op in ("sum", "at") and type(args.pop(0)) is not str:
            raise Rejected(f"{op} without a name")
        for arg in args:
            _check_term(arg)
    elif type(term) is not str and type(term) not in NUMBERS:
        raise Rejected(f"{term!r} is not a term")


def _check_plain(data: Any) -> None:
    if type(data) is tuple:
        for part in data:
            _check_plain(part)
    elif (type(data) is not str or data.startswith(INDEX)) and type(data) not in NUMBERS:
        raise Rejected(f"{data!r} of type {type(data).__name__} in a certificate")


def _check_names(certificate: Certificate) -> None:
    """No name is both free and bound by a sum, and "#..." is left to recurrences: so no substitution captures."""
    statement, bound = certificate.statement, set[str]()
    bodies = tuple(part for s in statement.sequences for part in (s.initial, s.body))
    parts = [*statement.claim, *(put(r, {INDEX: Fraction(1)}) for r in statement.given), certificate.proof or ()]
    free = set().union(*(free_variables(part, bound) for part in parts))
    free |= set().union(*(free_variables(part, bound) for part in bodies)) - {INDEX} | set(statement.integers)
    if bound & free or any(name.startswith(INDEX) for name in free | bound):
        raise Rejected("a name is used both free and bound, or is reserved")


def _check_sequences(statement: Statement) -> None:
    """A body may use its own and any sequence at # - 1, earlier sequences at #, free ones anywhere."""
    names = [s.name for s in statement.sequences]
    if len(set(names)) != len(names):
        raise Rejected("a sequence is defined twice")
    defined = {s.name for s in statement.sequences if s.body is not None}
    earlier: set[str] = set()
    for s in statement.sequences:
        for name, index in uses(s.initial) | uses(s.body):
            at = "before" if index == ("+", INDEX, Fraction(-1)) else "now" if index == INDEX else "elsewhere"
            if name in defined and not (at == "before" or (at == "now" and name in earlier)):
                raise Rejected(f"{s.name} is not well defined by its recurrence")
        if any(name in defined for name, _ in uses(s.initial)) or INDEX in free_variables(s.initial):
            raise Rejected(f"{s.name} is not well defined by its recurrence")
        earlier.add(s.name)


# ---------------------------------------------------------------- proofs
def _prove(statement: Statement, proof: Proof) -> None:
    """Accept the statement, or raise Rejected. Beside the proofs of ``_prove_in``, a proof may be

    ("shift", t, n, proof of the statement with t + n for t), sound as t ranges over all integers;
    ("induction", t, first, base, step): the hypotheses say of t that first <= t, and no more; base proves the
    claim at t = first, step proves it at t + 1 from itself; ("strengthen", more relations, proof of them all);
    ("lemma", relations, numbers of the hypotheses it needs, its proof, proof of the claim with it as hypotheses).
    """
    if proof[0] == "shift":
        _, t, n, rest = proof
        _integer(statement, t, n)
        moved = {t: ("+", t, n)}
        claim, given = (tuple(put(r, moved) for r in part) for part in (statement.claim, statement.given))
        _prove(replace(statement, claim=claim, given=given), rest)
    elif proof[0] == "lemma":
        _, relations, numbers, own, rest = proof
        _check_relations(relations)
        needed = tuple(statement.given[int(n)] for n in numbers)
        _prove(replace(statement, claim=relations, given=needed), own)
        _prove(replace(statement, given=(*statement.given, *relations)), rest)
    elif proof[0] == "strengthen":
        _check_relations(proof[1])
        _prove(replace(statement, claim=(*proof[1], *statement.claim)), proof[2])
    elif proof[0] == "induction":
        _, t, first, base, step = proof
        _integer(statement, t, first)
        others = tuple(r for r in statement.given if t not in free_variables(r))
        context = Context(statement)
        if not context.at_least(context.normal(t), first):
            raise Rejected("the induction starts above where the statement does")
        bounds = tuple(r for r in statement.given if r[0] == "<=" and type(r[1]) in NUMBERS and r[1] <= first)
        if any(r not in others and (r not in bounds or r[2] != t) for r in statement.given):
            raise Rejected("a hypothesis mentions the induction variable")
        fixed = replace(statement, given=others)
        _prove_in(Context(fixed), tuple(put(r, {t: Fraction(first)}) for r in statement.claim), base)
        before = Context(statement)
        later = tuple(put(r, {t: ("+", t, Fraction(1))}) for r in statement.claim)
        _prove_in(before, later, step, assumed=statement.claim)
    else:
        _prove_in(Context(statement), statement.claim, proof)


def _integer(statement: Statement, name: str, number: Any) -> None:
    if name not in statement.integers or number != int(number):
        raise Rejected(f"{name} is not an integer variable, or {number} not an integer")
    if any(name in free_variables(part) for s in statement.sequences for part in (s.initial, s.body)):
        raise Rejected(f"a recurrence mentions {name}, which the proof moves")


def free_variables(term: Any, bound: set[str] | None = None) -> set[str]:
    """The free variables of a term, relation or proof; the names that its sums bind are added to ``bound``."""
    if isinstance(term, str):
        return {term}
    if not isinstance(term, tuple) or not term:
        return set()
    if term[0] == "sum" and len(term) == 5:  # its name is bound in the body alone
        if bound is not None:
            bound.add(term[1])
        ends = free_variables(term[2], bound) | free_variables(term[3], bound)
        return ends | (free_variables(term[4], bound) - {term[1]})
    start = 2 if term[0] == "at" and len(term) == 3 else 1 if isinstance(term[0], str) else 0
    return set().union(*(free_variables(part, bound) for part in term[start:]))


def _prove_in(context: Context, claim: tuple[Relation, ...], proof: Proof, assumed: tuple[Relation, ...] = ()) -> None:
    """Accept the claim in the context, or raise Rejected. A proof here is one of

    ("direct", steps, combinations), one combination for each relation of the claim;
    ("absurd", steps, combination of 0 < 0), where the facts contradict each other;
    ("cases", steps, a, b, proof where a <= b, proof where b < a).
    """
    if proof[0] == "cases":
        _, steps, a, b, below, above = proof
        for step in steps:
            take_step(context, assumed, *step)
        _prove_in(context.branch(("<=", a, b)), claim, below, assumed)
        _prove_in(context.branch(("<", b, a)), claim, above, assumed)
        return
    tag, steps, combinations = proof
    if tag == "absurd":
        claim, combinations = (("<", Fraction(0), Fraction(0)),), (combinations,)
    elif tag != "direct" or len(combinations) != len(claim):
        raise Rejected("not a direct proof of the claim")
    for step in steps:
        take_step(context, assumed, *step)
    for relation, combination in zip(claim, combinations, strict=True):
        _show(context, relation, combination)


def take_step(context: Context, assumed: tuple[Relation, ...], kind: str, *args: Any) -> None:
    """("show", relation, combination) adds a fact; ("assumed", n) adds the induction hypothesis's n-th relation,
    ("given", n) the n-th hypothesis, once its side conditions are facts;
    ("instance", n, i) the n-th hypothesis, which is about every # >= 1, at # = i;
    ("within", i, low, high, steps) takes the steps for every integer i from low to high, in sums with these ends;
    ("rewrite", a, b) replaces the atom a by b from now on, where a = b is a fact;
    ("root", f, q) replaces sqrt(f) by q, where q >= 0 is a fact and q^2 = f.
    """
    if kind == "show":
        _show(context, *args)
        context.assume(args[0])
    elif kind == "assumed":
        context.assume(assumed[int(args[0])])
    elif kind == "given" and not is_universal(context.given[int(args[0])]):
        context.assume(context.given[int(args[0])])
        context.seen.clear()
    elif kind == "instance":
        form, offset = context.integer(args[1])
        if not context.at_least(form, 1 - offset):
            raise Rejected("an instance of a hypothesis at an index that may be below 1")
        context.assume(put(context.given[int(args[0])], {INDEX: args[1]}))
    elif kind == "within":
        index, low, high, steps = args

        def show(inner: Context, j: str) -> None:
            for step in renamed(steps, index, j):  # what is shown is about j, whatever it was called
                take_step(inner, assumed, *step)

        context.show_inside(low, high, show)
    elif kind == "rewrite":
        atom, value = context.normal(args[0]), context.normal(args[1])
        if list(atom.values()) != [1] or [n for _, n in next(iter(atom))] != [1]:
            raise Rejected("a rewriting of what is not an atom")
        if not context.known(context.gap(*args), "="):
            raise Rejected("a rewriting by an equality that is not known")
        context.rewrite(next(iter(atom))[0][0], value)
    elif kind == "root":
        p, q = context.normal(args[0]), context.normal(args[1])
        if context.gap(args[0], ("*", args[1], args[1])) or not context.known(context.gap(0, args[1]), ">="):
            raise Rejected("not the nonnegative root of the radicand")
        context.values["sqrt", tuple(sorted(p.items()))] = q
        context.seen.clear()
    else:
        raise Rejected(f"unknown step {kind!r}")


def renamed(data: Any, old: str, new: str) -> Any:
    """Plain data with another name wherever the old one stands."""
    if type(data) is tuple:
        return tuple(renamed(part, old, new) for part in data)
    return new if data == old else data


def _show(context: Context, relation: Relation, combination: Any) -> None:
    """Accept a relation a ? b by s * p = sum of c * h1 * h2 ... * q^2 + sum of l * e, p being b - a or of its sign.

    ``combination`` is (s, terms, zeros): s a tuple of factors > 0, terms of (c, (h, ...), q) with c > 0 and each
    h >= 0, zeros of (l, e) with e = 0. For != it may also be ((), ((c, (h, ...), 1),), ()) with each h != 0.
    """
    op, a, b = relation
    if op not in MEANS:
        raise Rejected(f"{op!r} is not a relation")
    scale, terms, zeros = combination
    total: Poly = {}
    strict = product = False
    for c, factors, q in terms:
        signs, square = [context.gap(0, h) for h in factors], context.normal(q)
        product = op == "!=" and len(terms) == 1 and not zeros and all(context.known(h, "!=") for h in signs)
        if c <= 0 or not (product or all(context.known(h, ">=") for h in signs)):
            raise Rejected("a term of the combination is not known to be nonnegative")
        strict |= context.known(context.gap(0, q), "!=") and all(context.known(h, ">") for h in signs)
        total = plus(total, context.product(square, square, *map(context.normal, factors)), c)
        product &= bool(constant(square))
    for factor, e in zeros:
        if not context.known(context.gap(0, e), "="):
            raise Rejected("a term of the combination is not known to be zero")
        total = plus(total, context.times(context.normal(factor), context.normal(e)))
    if not all(context.known(context.gap(0, h), ">") for h in scale):
        raise Rejected("a factor of the claim is not known to be positive")
    forms = (context.gap(a, b), plus(context.normal(b), context.normal(a), -1))
    positive = [context.normal(h) for h in scale]
    if all(context.clear(plus(context.product(p, *positive), total, -1))[0] for p in forms):
        raise Rejected("the combination is not the claim")
    if (op == "=" and terms) or (op == "<" and not strict) or (op == "!=" and not (strict or product)):
        raise Rejected(f"the combination does not show {op}")
