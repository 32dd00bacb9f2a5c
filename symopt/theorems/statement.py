"""How a theorem is written: a function that yields claims, each with its hypotheses and its mutant."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import sympy as sp

from symopt.language import Program, Rule, RuleError
from symopt.proof import Statement, Step, one_step, statement
from symopt.proof.certificate import Relation
from symopt.proof.conditions import undefined
from symopt.proof.normal import put
from symopt.proof.reading import to_relation, to_term


@dataclass(frozen=True)
class Claim:
    """A SymPy claim under hypotheses, with a mutant that must come out the other way.

    ``mutant`` stands in place of the claim, ``mutant_given`` (if any) in place of the hypotheses. ``of`` tells
    claims of one theorem apart; ``using`` and ``hints`` help the search (see ``prove``); ``rules`` names the rules
    it speaks of, where the theorem's own are too many.
    """

    claim: Any
    given: Sequence[Any] = ()
    mutant: Any = None
    mutant_given: Sequence[Any] | None = None
    of: str = ""
    rules: Sequence[str] = ()
    using: Sequence[Any] = ()
    hints: Sequence[Any] = ()

    @property
    def statement(self) -> Statement:
        """The claim as the checker reads it."""
        return statement(self.claim, self.given)

    @property
    def mutant_statement(self) -> Statement:
        """The mutant as the checker reads it."""
        given = self.given if self.mutant_given is None else self.mutant_given
        return statement(self.claim if self.mutant is None else self.mutant, given)


@dataclass(frozen=True)
class Property:
    """A theorem as stated in its file, before it is applied to rules."""

    name: str
    summary: str
    cites: str
    expected: str
    rules: tuple[str, ...]
    article: tuple[int, ...]
    body: Callable[..., Iterator[Claim]]

    @property
    def takes_rule(self) -> bool:
        """Whether it is a property of any rule, handed in as an argument."""
        return bool(inspect.signature(self.body).parameters)

    def claims(self, rule: Rule | None) -> list[Claim]:
        """Its claims about a rule (none where it does not apply), built without evaluation."""
        with sp.evaluate(False):
            made = list(self.body(rule) if self.takes_rule else self.body())
        for claim in made:
            if claim.mutant is None and claim.mutant_given is None:
                raise RuleError(f"theorem {self.name} carries no mutant")
        return made


def theorem(
    *, cites: str, expected: str = "proved", rules: Sequence[str] = (), article: Sequence[int] = ()
) -> Callable[[Callable[..., Any]], Property]:
    """Make a theorem of a generator of Claims.

    The function takes a Rule, and then is a property of every rule for which it yields claims, or nothing; then
    ``rules`` names the catalog's rules that it speaks of. ``article`` gives the numbers of the article's claims that
    it answers. ``expected`` is the verdict: "proved" or "refuted".
    Its docstring's first line is the summary; the body runs inside ``sympy.evaluate(False)``.
    """
    if expected not in ("proved", "refuted"):
        raise RuleError(f"expected = {expected!r}: must be proved or refuted")

    def decorate(body: Callable[..., Iterator[Claim]]) -> Property:
        summary = (inspect.getdoc(body) or "").strip().split("\n")[0]
        return Property(body.__name__, summary, cites, expected, tuple(rules), tuple(article), body)

    return decorate


def defined_step(rule: Rule, **values: Any) -> Step:
    """``one_step`` of any rule, with the hypotheses that make it defined: eps > 0, and what else it divides by."""
    step = one_step(rule, **values)
    names = {name: to_term(value) for name, value in values.items()}
    return replace(step, given=(*step.given, *(put(r, names) for r in _side_conditions(rule.program))))


@lru_cache(maxsize=1024)
def _side_conditions(program: Program) -> tuple[Relation, ...]:
    step = one_step(program)
    positive = [sp.Symbol(h.name) > 0 for h in program.hypers if h.name == "eps"]
    if not program.is_elementwise:
        return tuple(map(to_relation, positive))
    question = statement([sp.Eq(value, value) for value in step.new.values()], [step, *positive])
    with sp.evaluate(True):
        return (*map(to_relation, positive), *undefined(question))
