"""Polynomials over atoms, and facts about them: part of the trusted checker (standard library only)."""

from __future__ import annotations

from typing import Any

from .certificate import Relation, Term
from .polynomial import Key, Poly, constant, increase, plus, scaled

MEANS = {"=": "=", "!=": "!=", "<": ">", "<=": ">="}  # a relation a ? b, as a fact about b - a


class Facts:
    """What is known of polynomials: that they are = 0, != 0, >= 0 or > 0; and what atoms are known to equal."""

    squares: dict[int, Poly]  # root -> its radicand
    orders: dict[int, int]  # root that is no square root -> its order
    inverses: dict[int, Poly]  # inverse -> what it inverts
    facts: dict[Key, set[str]]  # p -> which of p = 0, p != 0, p >= 0, p > 0 are known
    values: dict[Any, Poly]  # root or atom -> the form it is known to equal
    seen: dict[Term, Poly]

    def normal(self, term: Term) -> Poly:
        """The term's polynomial."""
        raise NotImplementedError

    # polynomials
    def times(self, p: Poly, q: Poly) -> Poly:
        """p q, squares of roots (their powers of their own order) replaced by their radicands."""
        total: Poly = {}
        for a, c in p.items():
            for b, d in q.items():
                powers = dict(a)
                for x, n in b:
                    powers[x] = powers.get(x, 0) + n
                halves = {x: n // self.orders.get(x, 2) for x, n in powers.items() if n > 1 and x in self.squares}
                rest = ((x, n - self.orders.get(x, 2) * halves.get(x, 0)) for x, n in powers.items())
                part: Poly = {tuple(sorted((x, n) for x, n in rest if n)): c * d}
                part = self.product(part, *(self.squares[x] for x, n in halves.items() for _ in range(n)))
                total = plus(total, part) if any(halves.values()) else increase(total, part)
        return {monomial: c for monomial, c in total.items() if c}

    def product(self, *factors: Poly) -> Poly:
        """The product of the factors."""
        total = factors[0]
        for factor in factors[1:]:
            total = self.times(total, factor)
        return total

    def clear(self, p: Poly) -> tuple[Poly, dict[int, int]]:
        """p times the least powers of what its inverses invert that leave no inverse, and those powers."""
        top: dict[int, int] = {}
        for monomial in p:
            for x, n in monomial:
                if x in self.inverses:
                    top[x] = max(n, top.get(x, 0))
        total: Poly = {} if top else p
        for monomial, c in p.items() if top else ():
            have = dict(monomial)
            missing = [self.inverses[x] for x, n in top.items() for _ in range(n - have.get(x, 0))]
            total = plus(total, self.product({tuple(y for y in monomial if y[0] not in top): c}, *missing))
        return total, top

    def gap(self, low: Term, high: Term) -> Poly:
        """A polynomial without inverses that has the sign of high - low."""
        return self.level(plus(self.normal(high), self.normal(low), -1))

    def level(self, p: Poly) -> Poly:
        """A polynomial without inverses that has the sign of p."""
        n, top = self.clear(p)
        return self.product(n, *(self.inverses[x] for x, power in top.items() if power % 2))

    # facts
    def assume(self, relation: Relation) -> None:
        """Make a relation a fact."""
        self.learn(self.gap(relation[1], relation[2]), MEANS[relation[0]])
        n, top = self.clear(plus(self.normal(relation[2]), self.normal(relation[1]), -1))
        if all(power % 2 == 0 or self.known(self.inverses[x], ">") for x, power in top.items()):
            self.learn(n, MEANS[relation[0]])

    def learn(self, p: Poly, what: str) -> None:
        """Make p = 0, != 0, >= 0 or > 0 a fact."""
        if constant(p) is None:
            self.facts.setdefault(scaled(p), set()).add(what)

    def learn_again(self, fact: Key, p: Poly, what: str) -> None:
        """A fact that p is = 0, != 0, >= 0 or > 0, which an earlier one has become."""
        self.learn(self.level(p), what)

    def known(self, p: Poly, what: str) -> bool:
        """Is p = 0, != 0, >= 0 or > 0 a fact, or true of a constant?"""
        c = constant(p)
        if c is not None:
            return {"=": c == 0, "!=": c != 0, ">=": c >= 0, ">": c > 0}[what]
        here, there = self.facts.get(scaled(p), set()), self.facts.get(scaled(p, -1), set())
        equal = "=" in here | there or (bool({">", ">="} & here) and bool({">", ">="} & there))
        nonzero = bool({"!=", ">"} & (here | there))
        positive = ">" in here or (">=" in here and nonzero)
        return {"=": equal, "!=": nonzero, ">=": equal or positive or ">=" in here, ">": positive}[what]

    def at_least(self, p: Poly, bound: int) -> bool:
        """Is the integer form p >= bound, by one fact about p plus a constant?"""
        c = constant(p)
        if c is not None:
            return c >= bound
        for fact, known in self.facts.items():
            offset = constant(plus(dict(fact), p, -1))  # the fact is about p + offset
            if offset is not None and known & {">", ">=", "="} and (">" in known) - offset >= bound:
                return True
        return False

    def rewrite(self, atom: int, value: Poly) -> None:
        """The atom is the value from now on, also in the facts and in what other atoms are known to equal."""

        def replaced(p: Poly) -> Poly:
            if not any(x == atom for monomial in p for x, _ in monomial):
                return p
            total: Poly = {}
            for monomial, c in p.items():
                rest: Poly = {tuple(y for y in monomial if y[0] != atom): c}
                total = plus(total, self.product(rest, *(value for x, n in monomial if x == atom for _ in range(n))))
            return total

        self.values = {name: replaced(p) for name, p in self.values.items()} | {atom: value}
        self.seen.clear()
        for fact, known in list(self.facts.items()):
            for what in known if any(x == atom for monomial, _ in fact for x, _ in monomial) else ():
                self.learn_again(fact, replaced(dict(fact)), what)
