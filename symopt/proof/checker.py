"""The trusted checker: decides, with exact rationals and the standard library alone, whether a certificate holds.

Search may use anything; only ``check`` makes a statement proved or refuted. Terms are read in ``normal.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import isqrt
from typing import Any

from .certificate import INDEX, Certificate, Proof, Relation, Sequence, Statement, Term
from .normal import CASES, Context, Poly, Rejected, constant, plus, put

Interval = tuple[Fraction, Fraction]
PRECISION = 2**400  # irrational values are enclosed to one part of this


def check(certificate: Certificate) -> None:
    """Accept the certificate (return), or raise Rejected with the reason."""
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


def _check_names(certificate: Certificate) -> None:
    """No name is both free and bound by a sum, and "#..." is left to recurrences: so no substitution captures."""
    statement, bound = certificate.statement, set[str]()
    bodies = tuple(part for s in statement.sequences for part in (s.initial, s.body))
    parts = [*statement.claim, *statement.given, certificate.proof or ()]
    free = set().union(*(free_variables(part, bound) for part in parts))
    inside = set().union(*(free_variables(part, bound) for part in bodies)) - {INDEX}
    if bound & (free | inside | set(statement.integers)) or any(n.startswith(INDEX) for n in free | inside | bound):
        raise Rejected("a name is used both free and bound, or is reserved")


def _check_sequences(statement: Statement) -> None:
    """A body may use its own and any sequence at # - 1, earlier sequences at #, free ones anywhere."""
    names = [s.name for s in statement.sequences]
    if len(set(names)) != len(names):
        raise Rejected("a sequence is defined twice")
    defined = {s.name for s in statement.sequences if s.body is not None}
    earlier: set[str] = set()
    for s in statement.sequences:
        for name, index in _uses(s.initial) | _uses(s.body):
            at = "before" if index == ("+", INDEX, Fraction(-1)) else "now" if index == INDEX else "elsewhere"
            if name in defined and not (at == "before" or (at == "now" and name in earlier)):
                raise Rejected(f"{s.name} is not well defined by its recurrence")
        if any(name in defined for name, _ in _uses(s.initial)):
            raise Rejected(f"{s.name} is not well defined by its recurrence")
        earlier.add(s.name)


def _uses(term: Term) -> set[tuple[str, Term]]:
    if not isinstance(term, tuple):
        return set()
    own = {(term[1], term[2])} if term[0] == "at" else set()
    return own.union(*map(_uses, term[1:]))


# ---------------------------------------------------------------- proofs
def _prove(statement: Statement, proof: Proof) -> None:
    """Accept the statement, or raise Rejected. Beside the proofs of ``_prove_in``, a proof may be

    ("shift", t, n, proof of the statement with t + n for t), sound as t ranges over all integers;
    ("induction", t, first, base, step): first <= t is a hypothesis and no other one mentions t; base proves the
    claim at t = first, step proves it at t + 1 from itself; ("strengthen", more relations, proof of them all).
    """
    if proof[0] == "shift":
        _, t, n, rest = proof
        _integer(statement, t, n)
        moved = {t: ("+", t, n)}
        claim, given = (tuple(put(r, moved) for r in part) for part in (statement.claim, statement.given))
        _prove(replace(statement, claim=claim, given=given), rest)
    elif proof[0] == "strengthen":
        _prove(replace(statement, claim=(*proof[1], *statement.claim)), proof[2])
    elif proof[0] == "induction":
        _, t, first, base, step = proof
        _integer(statement, t, first)
        if any(t in free_variables(part) for s in statement.sequences for part in (s.initial, s.body)):
            raise Rejected("a recurrence mentions the induction variable")
        others = tuple(r for r in statement.given if t not in free_variables(r))
        context = Context(statement)
        if not context.at_least(context.normal(t), first):
            raise Rejected("the induction starts above where the statement does")
        if any(r not in others and r != ("<=", Fraction(first), t) for r in statement.given):
            raise Rejected("a hypothesis mentions the induction variable")
        fixed = replace(statement, given=others)
        _prove_in(Context(fixed), tuple(put(r, {t: Fraction(first)}) for r in statement.claim), base)
        before = Context(statement)
        later = tuple(put(r, {t: ("+", t, Fraction(1))}) for r in statement.claim)
        _prove_in(before, later, step, assumed=statement.claim)
    else:
        _prove_in(Context(statement), statement.claim, proof)


def _integer(statement: Statement, name: str, number: Any) -> None:
    if name not in statement.integers or not isinstance(number, (int, Fraction)) or number != int(number):
        raise Rejected(f"{name} is not an integer variable, or {number} not an integer")


def free_variables(term: Any, bound: set[str] | None = None) -> set[str]:
    """The free variables of a term, relation or proof; the names that its sums bind are added to ``bound``."""
    if isinstance(term, str):
        return {term}
    if not isinstance(term, tuple) or not term:
        return set()
    names = set().union(*(free_variables(part, bound) for part in term[2 if term[0] in ("sum", "at") else 1 :]))
    if isinstance(term[0], tuple):
        names |= free_variables(term[0], bound)
    if term[0] == "sum":
        names -= {term[1]}
        if bound is not None:
            bound.add(term[1])
    return names


def _prove_in(context: Context, claim: tuple[Relation, ...], proof: Proof, assumed: tuple[Relation, ...] = ()) -> None:
    """Accept the claim in the context, or raise Rejected. A proof here is one of

    ("direct", steps, combinations), one combination for each relation of the claim;
    ("cases", a, b, proof where a <= b, proof where b < a).
    """
    if proof[0] == "cases":
        _, a, b, below, above = proof
        _prove_in(context.branch(("<=", a, b)), claim, below, assumed)
        _prove_in(context.branch(("<", b, a)), claim, above, assumed)
        return
    tag, steps, combinations = proof
    if tag != "direct" or len(combinations) != len(claim):
        raise Rejected("not a direct proof of the claim")
    for step in steps:
        _step(context, assumed, *step)
    for relation, combination in zip(claim, combinations, strict=True):
        _show(context, relation, combination)


def _step(context: Context, assumed: tuple[Relation, ...], kind: str, *args: Any) -> None:
    """("show", relation, combination) adds a fact; ("assumed", n) adds the induction hypothesis's n-th relation,
    ("given", n) the n-th hypothesis, once its side conditions are facts;
    ("rewrite", a, b) replaces the atom a by b from now on, where a = b is a fact;
    ("root", f, q) replaces sqrt(f) by q, where q >= 0 is a fact and q^2 = f.
    """
    if kind == "show":
        _show(context, *args)
        context.assume(args[0])
    elif kind == "assumed":
        context.assume(assumed[int(args[0])])
    elif kind == "given":
        context.assume(context.given[int(args[0])])
        context.seen.clear()
    elif kind == "rewrite":
        atom, value = context.normal(args[0]), context.normal(args[1])
        if list(atom.values()) != [1] or [n for _, n in next(iter(atom))] != [1]:
            raise Rejected("a rewriting of what is not an atom")
        if not context.known(context.gap(*args), "="):
            raise Rejected("a rewriting by an equality that is not known")
        context.values[next(iter(atom))[0][0]] = value
        context.seen.clear()
    elif kind == "root":
        p, q = context.normal(args[0]), context.normal(args[1])
        if context.gap(args[0], ("*", args[1], args[1])) or not context.known(context.gap(0, args[1]), ">="):
            raise Rejected("not the nonnegative root of the radicand")
        context.values["sqrt", tuple(sorted(p.items()))] = q
        context.seen.clear()
    else:
        raise Rejected(f"unknown step {kind!r}")


def _show(context: Context, relation: Relation, combination: Any) -> None:
    """Accept a relation a ? b by s * p = sum of c * h1 * h2 ... * q^2 + sum of l * e, p being b - a or of its sign.

    ``combination`` is (s, terms, zeros): s a tuple of factors > 0, terms of (c, (h, ...), q) with c > 0 and each
    h >= 0, zeros of (l, e) with e = 0. For != it may also be ((), ((c, (h, ...), 1),), ()) with each h != 0.
    """
    op, a, b = relation
    scale, terms, zeros = combination
    total: Poly = {}
    strict = product = False
    for c, factors, q in terms:
        signs, square = [context.gap(0, h) for h in factors], context.normal(q)
        product = op == "!=" and len(terms) == 1 and not zeros and all(context.known(h, "!=") for h in signs)
        if c <= 0 or not (product or all(context.known(h, ">=") for h in signs)):
            raise Rejected("a term of the combination is not known to be nonnegative")
        strict |= bool(constant(square)) and all(context.known(h, ">") for h in signs)
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


# ---------------------------------------------------------------- numbers
class Evaluation:
    """Exact evaluation at a point: rationals stay exact, irrational roots are enclosed in narrow intervals."""

    def __init__(self, statement: Statement, point: Mapping[str, Any]) -> None:
        self.point = point
        self.sequences: dict[str, Sequence] = {s.name: s for s in statement.sequences}
        self.values: dict[tuple[str, int], Interval] = {}
        for name in statement.integers:
            if name not in point or Fraction(point[name]).denominator != 1:
                raise Rejected(f"the point gives {name} no integer value")

    def holds(self, relation: Relation) -> bool:
        """True or False; Rejected where an enclosure is too wide to tell."""
        op, (al, ah), (bl, bh) = relation[0], self.value(relation[1]), self.value(relation[2])
        if op in ("<", "<="):
            if ah < bl or (op == "<=" and ah <= bl):
                return True
            if al > bh or (op == "<" and al >= bh):
                return False
        else:
            if ah < bl or bh < al:
                return op == "!="
            if al == ah == bl == bh:
                return op == "="
        raise Rejected("the values are too close to tell apart")

    def integer(self, term: Term) -> int:
        low, high = self.value(term)
        if low != high or low.denominator != 1:
            raise Rejected("an exponent, an index or a sum's end is not an integer at the point")
        return int(low)

    def value(self, term: Term) -> Interval:
        """An interval that holds the term's value, one point where it is rational."""
        if isinstance(term, (Fraction, int)):
            return Fraction(term), Fraction(term)
        if isinstance(term, str):
            if not isinstance(self.point.get(term), (Fraction, int)):
                raise Rejected(f"the point gives {term} no rational value")
            return Fraction(self.point[term]), Fraction(self.point[term])
        op, *args = term
        if op in CASES:
            return self.value(CASES[op](*args))
        if op == "if":
            return self.value(args[2] if self.holds(("<=", args[0], args[1])) else args[3])
        if op == "at":
            return self.sequence(args[0], self.integer(args[1]))
        if op == "sum":
            low, high = self.integer(args[1]), self.integer(args[2])
            return self.value(("+", 0, *(put(args[3], {args[0]: Fraction(n)}) for n in range(low, high + 1))))
        if op == "^":
            n = self.integer(args[1])
            product = ("*", 1, *[args[0]] * abs(n))
            return self.value(product if n >= 0 else ("/", 1, product))
        parts = [self.value(arg) for arg in args]
        total = _root(parts[0]) if op == "sqrt" else parts[0]
        for part in parts[1:]:
            total = _combine(op, total, part)
        return total

    def sequence(self, name: str, n: int) -> Interval:
        s = self.sequences[name]
        if (name, n) not in self.values:
            if s.body is None or n < 0:
                given = self.point.get(name, ())
                if not 1 <= n <= len(given):
                    raise Rejected(f"the point gives {name}({n}) no value")
                self.values[name, n] = (Fraction(given[n - 1]), Fraction(given[n - 1]))
            else:
                self.values[name, n] = self.value(s.initial if n == 0 else put(s.body, {INDEX: Fraction(n)}))
        return self.values[name, n]


def _combine(op: str, a: Interval, b: Interval) -> Interval:
    if op == "+":
        return _outward((a[0] + b[0], a[1] + b[1]))
    if op == "/":
        if b[0] <= 0 <= b[1]:
            raise Rejected("a divisor is zero at the point, or too close to it")
        b = (1 / b[1], 1 / b[0])
    ends = [x * y for x in a for y in b]
    return _outward((min(ends), max(ends)))


def _root(a: Interval) -> Interval:
    if a[0] < 0:
        raise Rejected("a radicand is negative at the point")
    low, high = (Fraction(isqrt(int(x * PRECISION**2)), PRECISION) for x in a)
    if a[0] == a[1]:
        exact = Fraction(isqrt(a[0].numerator), isqrt(a[0].denominator))
        if exact * exact == a[0]:
            return exact, exact
    return low, high + Fraction(1, PRECISION)


def _outward(a: Interval) -> Interval:
    """Round an interval outward, so that its ends stay short; a point stays as it is."""
    if a[0] == a[1]:
        return a
    return Fraction(a[0] * PRECISION // 1, PRECISION), Fraction(-(-a[1] * PRECISION // 1), PRECISION)
