"""The context in which the search explores: as the checker's, but stopping where the search must act (untrusted)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

from .certificate import Relation, Statement, Term
from .checker import free_variables
from .normal import Context, Rejected, Undecided, is_universal
from .polynomial import Poly


class Unresolved(Rejected):
    """A radicand that the search has not yet looked at."""

    def __init__(self, radicand: Term) -> None:
        super().__init__("an unresolved root")
        self.radicand = radicand


class Explorer(Context):
    """The checker's context, stopping at each new radicand so that the search can factor it."""

    def __init__(self, statement: Statement) -> None:
        self.resolved: set[Any] = set()
        self.chosen: set[tuple[Term, Term]] = set()  # undecided comparisons inside sums
        super().__init__(replace(statement, given=()))
        self.given = statement.given
        self.hints: tuple[Term, ...] = ()
        self.instances: set[tuple[int, Term]] = set()  # of the hypotheses about every index
        self.entered: tuple[Explorer, str, Term, Term] | None = None  # the sum read last
        self.ordering = False  # may the search distinguish the orders of variables?
        self.hard = False  # may it try what takes long?
        self.effort: list[int] = []  # what the search may still spend, one number; none for no limit
        self.pending: list[int] = []  # hypotheses whose own side conditions are not facts yet

    def branch(self, *relations: Relation) -> Self:
        """As in Context; resolved radicands are kept apart too."""
        new = super().branch()
        new.resolved, new.pending = set(self.resolved), list(self.pending)
        new.instances = set(self.instances)
        for relation in relations:
            new.assume(relation)
        return new

    def enter(self, j: str, low: Term, high: Term) -> Self:
        """As in Context, and remembered, so that side conditions met there can be shown there."""
        inner = super().enter(j, low, high)
        inner.resolved, inner.chosen = self.resolved, self.chosen
        self.entered = (inner, j, low, high)
        return inner

    def decide(self, a: Term, b: Term, then: Term, otherwise: Term) -> Poly:
        """As in Context; inside a sum once the search has looked whether it can tell which case holds."""
        if self.depth and (a, b) not in self.chosen:
            gap, back = self.gap(a, b), self.gap(b, a)
            if not self.known(gap, ">=") and not self.known(back, ">"):
                raise Undecided(a, b)
        return super().decide(a, b, then, otherwise)

    def root(self, radicand: Term) -> Poly:
        """As in Context, once the radicand is resolved."""
        name = tuple(sorted(self.normal(radicand).items()))
        if name not in self.resolved and ("sqrt", name) not in self.values:
            raise Unresolved(radicand)
        return super().root(radicand)


class Failed(Exception):
    """The search found no proof; the message says where it stopped, at a side condition if there is one."""

    def __init__(self, why: str, relation: Relation | None = None) -> None:
        super().__init__(why)
        self.relation = relation


def explorer(statement: Statement, without: str = "") -> Explorer:
    """The facts that the checker's context starts from."""
    context = Explorer(statement)
    if without:
        context.given = tuple(r for r in statement.given if without not in free_variables(r))
    context.hints = getattr(statement, "hints", ())
    context.effort = getattr(statement, "effort", [])
    context.hard = getattr(statement, "hard", False)
    for number, relation in enumerate(context.given):
        if is_universal(relation):
            continue
        before = set(context.resolved)
        context.resolved |= _radicands(context, relation)
        if not context.accept(relation):
            context.pending.append(number)
            context.resolved = before
    return context


def _radicands(context: Explorer, relation: Relation) -> set[Any]:
    """Hypotheses are read by the plain context, so their roots stay as they stand."""
    plain: Context = Context.branch(context)
    plain.__class__ = Context
    found: set[Any] = set()

    def walk(term: Any) -> None:
        if isinstance(term, tuple):
            for part in term[1:]:
                walk(part)
            if term[0] == "sqrt":
                found.add(tuple(sorted(plain.normal(term[1]).items())))

    try:
        walk(relation)
    except Rejected:
        return set()
    return found
