"""The article's slips set right, each equal to its source."""

from collections.abc import Iterator
from typing import Any

from sympy import Eq, Function, Integer, Symbol, sqrt

from symopt.language import decay, rule, small, state
from symopt.language import sqrt as root
from symopt.proof import one_step, trajectory
from symopt.rules import find

from .accumulated import adagrad_code
from .overwritten_state import adam_overwriting
from .statement import Claim, theorem
from .units import adadelta_as_printed

t = Symbol("t", integer=True, nonnegative=True)
lr, eps = Symbol("lr"), Symbol("eps")


@theorem(cites="the article, AdaGrad's code", rules=("adagrad",), article=(8,))
def code_divides_by_the_older_sum() -> Iterator[Claim]:
    """The article's code is its formula with epsilon = 1 and a(t-1) in place of a(t), for all t."""
    code = trajectory(adagrad_code)
    formula = trajectory(find("adagrad", eps_placement="inside"), "'", eps=1)
    y = Function("y")
    older = [Eq(y(0), Symbol("x0")), Eq(y(t), y(t - 1) - lr * Function("g")(t) / sqrt(formula.a(t - 1) + 1))]
    same = [Eq(code.a(t), formula.a(t)), formula.a(t) >= 0]
    yield Claim([*same, Eq(code.x(t), y(t))], [code, formula, *older], mutant=Eq(code.x(t), formula.x(t)))


@rule(
    cites="the article's formula, its second line assigning the second accumulator",
    rho=decay(0.95),
    eps=small("1e-6"),
    v=state(nonnegative=True),
    u=state(nonnegative=True),
)
def adadelta_as_meant(s: Any) -> None:
    """AdaDelta as the article writes it, with both slips set right."""
    s.v = s.rho * s.v + (1 - s.rho) * s.g**2
    s.delta = root(s.u + s.eps) / root(s.v + s.eps) * s.g
    s.x = s.x - s.delta
    s.u = s.rho * s.u + (1 - s.rho) * s.delta**2


@theorem(cites="Zeiler 2012, Algorithm 1", rules=("adadelta",), article=(14,))
def second_line_is_zeilers_when_it_assigns_u() -> Iterator[Claim]:
    """With its second line assigning the second accumulator, the article's AdaDelta is Zeiler's."""
    meant, right = one_step(adadelta_as_meant), one_step(find("adadelta"), lr=1)
    wrong = one_step(adadelta_as_printed)
    claim = [Eq(meant.new[name], right.new[name]) for name in ("v", "u", "x")]
    yield Claim(claim, [meant, right, eps > 0], mutant=Eq(wrong.new["x"], right.new["x"]))


@theorem(cites="Kingma & Ba 2015, Algorithm 1", rules=("adam",), article=(20,))
def overwriting_changes_nothing_at_first() -> Iterator[Claim]:
    """At t = 1 overwriting the moments with their corrected values is still Adam; at t = 2 it is not."""
    wrong, right = trajectory(adam_overwriting, "'"), trajectory(find("adam"))
    once, twice = Integer(1), Integer(2)
    yield Claim(Eq(wrong.x(once), right.x(once)), [wrong, right, eps > 0], mutant=Eq(wrong.x(twice), right.x(twice)))
