"""Normal forms under facts: the part of the trusted checker that reads terms (standard library only).

A term becomes a polynomial ``{monomial: coefficient}`` over *atoms*: variables, inverses, roots, powers with symbolic
exponent, sums and sequence values. Before an atom is made its side condition must be a *fact*: a divisor is nonzero,
a radicand nonnegative, an exponent a natural number. Facts are the hypotheses and what a proof has shown so far.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import isqrt
from typing import Any, Self

from .certificate import INDEX, Relation, Statement, Term, show, show_relation
from .facts import MEANS, Facts
from .polynomial import ONE, Poly, constant, key, plus, scaled

__all__ = ["CASES", "LIMIT", "MEANS", "Context", "Rejected", "Undecided", "Undischarged", "is_universal", "put"]

LIMIT = 1000  # no power and no sum of more factors or terms is written out
CASES: dict[str, Callable[..., Term]] = {  # every case distinction is ("if", a, b, c, d): c if a <= b else d
    "abs": lambda a: ("if", 0, a, a, ("*", -1, a)),
    "max": lambda a, b: ("if", b, a, a, b),
    "min": lambda a, b: ("if", a, b, a, b),
    "sign": lambda a: ("if", a, 0, ("if", 0, a, 0, -1), 1),
}


class Rejected(Exception):
    """The certificate does not establish its statement."""


class Undecided(Rejected):
    """The facts decide neither low <= high nor its contrary, which a case distinction needs."""

    def __init__(self, low: Term, high: Term) -> None:
        super().__init__(f"it is not known whether {show(low)} <= {show(high)}")
        self.split = (low, high)


class Undischarged(Rejected):
    """A side condition, as a relation between terms, that the facts do not give."""

    def __init__(self, why: str, relation: Relation) -> None:
        super().__init__(f"{why}: it is not known that {show_relation(relation)}")
        self.relation = relation


def put(term: Any, names: Mapping[str, Term]) -> Any:
    """Replace variables in a term or relation (operations stand first in their tuple and are left alone)."""
    if isinstance(term, str):
        return names.get(term, term)
    if not isinstance(term, tuple):
        return term
    keep = 2 if term[0] in ("sum", "at") else 1
    new = (*term[:keep], *(put(part, names) for part in term[keep:]))
    if term[0] == "sum" and term[1] in names:  # its name is bound in the body alone
        new = (*new[:4], put(term[4], {name: value for name, value in names.items() if name != term[1]}))
    return new


def is_universal(term: Any) -> bool:
    """Does a hypothesis speak of every # >= 1?"""
    return term == INDEX or (isinstance(term, tuple) and any(map(is_universal, term)))


class Context(Facts):
    """Facts, and the normal form of terms under them."""

    def __init__(self, statement: Statement) -> None:
        self.integers = set(statement.integers)
        self.sequences = {s.name: s for s in statement.sequences}
        self.atoms: dict[Any, int] = {}
        self.kinds: list[Any] = []  # what each atom is
        self.names: list[frozenset[str]] = []  # the variables that each atom depends on
        self.squares, self.orders, self.inverses = {}, {}, {}
        self.facts, self.values, self.seen = {}, {}, {}
        self.inside: dict[Any, tuple[Callable[[Context, str], None], ...]] = {}  # ends of sums -> what to show there
        self.depth = 0
        self.given = statement.given
        for relation in statement.given:
            if not is_universal(relation):
                self.accept(relation)

    def accept(self, relation: Relation) -> bool:
        """Assume a hypothesis whose own side conditions are known; one that is left out can be a step later."""
        try:
            self.assume(relation)
        except Rejected:
            return False
        return True

    def branch(self, *relations: Relation) -> Self:
        """The same context with more facts, which do not flow back."""
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        new.facts = {p: set(known) for p, known in self.facts.items()}
        new.values, new.seen, new.integers = dict(self.values), dict(self.seen), set(self.integers)
        new.inside = dict(self.inside)
        for relation in relations:
            new.assume(relation)
        return new

    # terms
    def atom(self, name: Any, variables: frozenset[str]) -> tuple[int, Poly]:
        """An atom by name, numbered on first sight, and its polynomial (what it is known to equal)."""
        if name not in self.atoms:
            self.atoms[name] = len(self.names)
            self.kinds.append(name)
            self.names.append(variables)
        index = self.atoms[name]
        return index, self.values.get(index, {((index, 1),): Fraction(1)})

    def variables(self, *polys: Poly) -> frozenset[str]:
        """The variables that the polynomials depend on."""
        return frozenset().union(*(self.names[x] for p in polys for monomial in p for x, _ in monomial))

    def integer(self, term: Term) -> tuple[Poly, int]:
        """An integer form: its part without constant, and its constant."""
        p, whole = self.normal(term), {self.atoms.get(("variable", name)) for name in self.integers}
        if any(x not in whole for monomial in p for x, _ in monomial) or any(c.denominator != 1 for c in p.values()):
            raise Rejected(f"{show(term)} stands for an integer and is not an integer form")
        return {monomial: c for monomial, c in p.items() if monomial}, int(p.get((), 0))

    def normal(self, term: Term) -> Poly:
        """The term's polynomial, every side condition discharged by the facts."""
        if isinstance(term, (Fraction, int)):
            return {(): Fraction(term)} if term else {}
        if isinstance(term, str):
            return self.atom(("variable", term), frozenset({term}))[1]
        if term not in self.seen:
            op, *args = term
            if op == "+":
                result: Poly = {}
                for arg in args:
                    result = plus(result, self.normal(arg))
            elif op == "*":
                result = self.product(*map(self.normal, args))
            elif op == "/":
                result = self.times(self.normal(args[0]), self.inverse(args[1]))
            elif op in CASES:
                result = self.normal(CASES[op](*args))
            else:
                reader: dict[str, Callable[..., Poly]] = {
                    "^": self.power,
                    "sqrt": self.root,
                    "at": self.value_at,
                    "sum": self.sum,
                    "if": self.decide,
                    "exp": self.exponential,
                    "log": self.logarithm,
                }
                result = reader[op](*args)
            self.seen[term] = result
        return self.seen[term]

    def decide(self, a: Term, b: Term, then: Term, otherwise: Term) -> Poly:
        """The branch of a case distinction that the facts select."""
        if self.known(self.gap(a, b), ">="):
            return self.normal(then)
        if self.known(self.gap(b, a), ">"):
            return self.normal(otherwise)
        if not self.depth:
            raise Undecided(a, b)
        # a sum's index is not split: what is chosen is an atom, p where gap >= 0 and q elsewhere
        below, above = self.branch(("<=", a, b)), self.branch(("<", b, a))
        p, q, gap = below.normal(then), above.normal(otherwise), self.gap(a, b)
        _, result = self.atom(("if", key(gap), key(p), key(q)), self.variables(gap, p, q))
        for what in ("!=", ">=", ">"):
            if below.known(below.level(p), what) and above.known(above.level(q), what):
                self.learn(result, what)
        return result

    def inverse(self, term: Term) -> Poly:
        """1/term."""
        p, top = self.clear(self.normal(term))  # term = p/d, so its inverse is d * (1/p)
        single: list[Poly] = [{((x, 1),): Fraction(1)} for x, _ in next(iter(p))] if len(p) == 1 else [p]
        known = self.known(p, "!=") or self.known(self.gap(0, term), "!=")  # either form: d is nonzero
        if not p or not (known or all(self.known(x, "!=") for x in single)):
            raise Undischarged("a divisor may be zero", ("!=", term, 0))
        if constant(p) is not None:
            result: Poly = {(): 1 / p[()]}
        else:
            unit = dict(scaled(p))
            index, result = self.atom(("inverse", key(unit)), self.variables(p))
            self.inverses[index] = unit
            for what in ("!=", ">"):
                if self.known(unit, what):
                    self.learn(result, what)
            lead = p[max(p)] / unit[max(p)]
            result = {monomial: c / lead for monomial, c in result.items()}
        return self.product(result, *(self.inverses[x] for x, n in top.items() for _ in range(n)))

    def root(self, radicand: Term) -> Poly:
        """The square root of a radicand without inverses, or what a proof has shown it to be."""
        p = self.normal(radicand)
        name = ("sqrt", key(p))
        if name in self.values:
            return self.values[name]
        c = constant(p)
        if self.clear(p)[1] or not self.known(p, ">="):
            raise Undischarged("a radicand may be negative", ("<=", 0, radicand))
        if c is not None and isqrt(c.numerator) ** 2 * isqrt(c.denominator) ** 2 == c.numerator * c.denominator:
            return {(): Fraction(isqrt(c.numerator), isqrt(c.denominator))} if c else {}
        index, result = self.atom(name, self.variables(p))
        self.squares[index] = p
        self.learn(result, ">" if self.known(p, ">") else ">=")
        return result

    def power(self, base: Term, exponent: Term) -> Poly:
        """base^exponent: a product, or an atom with what is known of natural powers, or of real ones."""
        try:
            form, offset = self.integer(exponent)
        except Rejected:
            return self.real_power(base, exponent)
        if abs(offset) > LIMIT:
            raise Rejected(f"an exponent beyond {LIMIT}")
        if not form:
            b = self.normal(base) if offset >= 0 else self.inverse(base)
            return self.product(ONE, *[b] * abs(offset))
        # b^(form + offset) = b^rest b^max(offset, 0)
        b, rest = self.normal(base), plus(form, {(): Fraction(min(offset, 0))})
        if not self.at_least(rest, 0):
            raise Undischarged("an exponent may be negative", ("<=", 0, exponent))
        _, result = self.atom(("power", key(b), key(rest)), self.variables(b, rest))
        for what in ("!=", ">=", ">"):
            if self.known(b, what):
                self.learn(result, what)
        if self.known(b, ">=") and self.known(plus(ONE, b, -1), ">="):  # 0 <= b <= 1: b^n <= b for n >= 1
            self.learn(plus(b if self.at_least(rest, 1) else ONE, result, -1), ">=")
        return self.times(result, self.product(ONE, *[b] * max(offset, 0)))

    def real_power(self, base: Term, exponent: Term) -> Poly:
        """base^exponent for base > 0, or base >= 0 and exponent > 0; for p/q it is the p-th power of a q-th root."""
        b, e = self.normal(base), self.normal(exponent)
        c, positive = constant(e), self.known(b, ">")
        if not positive and not (self.known(b, ">=") and self.known(e, ">")):
            raise Undischarged("the base of a real power may not be positive", ("<", 0, base))
        if c is not None and c < 0:
            return self.inverse(("^", base, -c))
        if b == ONE:
            return b
        order = c.denominator if c is not None else 0
        index, result = self.atom(("root", key(b), order) if order else ("real", key(b), key(e)), self.variables(b, e))
        self.learn(result, ">" if positive else ">=")
        if self.known(plus(b, ONE, -1), ">=") and self.known(e, ">="):
            self.learn(plus(result, ONE, -1), ">=")
        if c is None:
            return result
        self.squares[index], self.orders[index] = b, order
        return self.product(ONE, *[result] * c.numerator)

    def exponential(self, argument: Term) -> Poly:
        """exp of a term: an atom that is positive."""
        p = self.normal(argument)
        result = self.atom(("exp", key(p)), self.variables(p))[1] if p else ONE
        self.learn(result, ">")
        return result

    def logarithm(self, argument: Term) -> Poly:
        """log of a positive term: an atom."""
        p = self.normal(argument)
        if not self.known(p, ">") and not self.known(self.gap(0, argument), ">"):
            raise Undischarged("a logarithm's argument may not be positive", ("<", 0, argument))
        return self.atom(("log", key(p)), self.variables(p))[1] if p != ONE else {}

    def value_at(self, name: str, index: Term) -> Poly:
        """A sequence's value, unfolded once or more where it is defined by a recurrence."""
        form, offset = self.integer(index)
        sequence = self.sequences[name]
        if sequence.body is not None and not form and offset == 0:
            return self.normal(sequence.initial)
        if sequence.body is not None and offset >= 1 and self.at_least(form, 1 - offset):
            return self.normal(put(sequence.body, {INDEX: index}))
        where = plus(form, {(): Fraction(offset)})
        return self.atom(("at", name, key(where)), self.variables(where))[1]

    def sum(self, name: str, low: Term, high: Term, body: Term) -> Poly:
        """A finite sum: written out, its last terms split off, or atoms with coefficients free of the index."""
        j = f"{INDEX}{self.depth + 1}"
        body = put(body, {name: j})
        (bottom, first), (top, last) = self.integer(low), self.integer(high)
        if max(last - first if bottom == top else last, 0) > LIMIT:
            raise Rejected(f"more than {LIMIT} terms of a sum to write out")
        if bottom == top:  # a fixed number of terms
            return self.normal(("+", 0, *(put(body, {j: ("+", low, n)}) for n in range(last - first + 1))))
        if not self.at_least(plus(top, bottom, -1), first - 1 - min(last, 0)):
            raise Undischarged("a sum's range may be reversed", ("<=", low, ("+", high, 1)))
        if last > 0:  # split off the last terms, so that sums to t + 1 and to t share their atoms
            high = ("+", high, -last)
            ends = (put(body, {j: ("+", high, n)}) for n in range(1, last + 1))
            return self.normal(("+", ("sum", j, low, high, body), *ends))
        inner = self.enter(j, low, high)
        ends_ = (key(self.normal(low)), key(self.normal(high)))
        total: Poly = {}
        form = inner.normal(body)
        for monomial, c in form.items():  # free * bound: the sum of bound is an atom
            bound = tuple(x for x in monomial if j in self.names[x[0]] or not self.defined(x[0]))
            free: Poly = {tuple(x for x in monomial if x not in bound): c}
            names = self.variables({bound: c}, dict(ends_[0]), dict(ends_[1])) - {j}
            part = self.atom(("sum", bound, *ends_), names)[1] if bound else self.gap(low, ("+", high, 1))
            if bound and all(n % 2 == 0 or inner.known({((x, 1),): c / c}, ">=") for x, n in bound):
                self.learn(part, ">=")
            total = plus(total, self.times(free, part))
        if inner.known(inner.level(form), ">="):
            self.learn(self.level(total), ">=")
        return total

    def defined(self, x: int) -> bool:
        """Is an atom met inside a sum defined outside it too, where the sum may be empty?"""
        kind, *parts = self.kinds[x]
        if kind not in ("inverse", "sqrt", "power"):
            return kind in ("variable", "at")
        inner, p = {y for part in parts for monomial, _ in part for y, _ in monomial}, dict(parts[-1])
        known = self.at_least(p, 0) if kind == "power" else self.known(p, "!=" if kind == "inverse" else ">=")
        return known and all(map(self.defined, inner))

    def enter(self, j: str, low: Term, high: Term) -> Self:
        """The context of a sum's terms: low <= j <= high, and what proofs have shown of every such j."""
        inner = self.branch()
        inner.depth, inner.integers = self.depth + 1, self.integers | {j}
        inner.assume(("<=", low, j))
        inner.assume(("<=", j, high))
        for add_facts in self.inside.get((key(self.normal(low)), key(self.normal(high))), ()):
            add_facts(inner, j)
        return inner

    def show_inside(self, low: Term, high: Term, add_facts: Callable[[Context, str], None]) -> None:
        """Have ``add_facts`` show something about each index, wherever a sum with these ends is read from now on."""
        ends = (key(self.normal(low)), key(self.normal(high)))
        self.inside[ends] = (*self.inside.get(ends, ()), add_facts)
        self.seen.clear()
