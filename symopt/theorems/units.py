"""AdaDelta's units, its first step, and its second line as printed in the article."""

from collections.abc import Iterator
from typing import Any

from sympy import Abs, Eq, Ne, Symbol, sqrt

from symopt.language import decay, rule, small, state
from symopt.language import sqrt as root
from symopt.proof import one_step, trajectory
from symopt.rules import find

from .statement import Claim, theorem

x, g, v, u, c, lr, rho, eps = (Symbol(name) for name in ("x", "g", "v", "u", "c", "lr", "rho", "eps"))
ZEILER = "Zeiler 2012, section 3.2"


@theorem(cites=ZEILER, rules=("adadelta",), article=(13,))
def step_has_units_of_x() -> Iterator[Claim]:
    """g -> c g, v -> c^2 v, u -> c^2 u with eps scaled in each root as what it is added to: the step scales by c."""
    step = one_step(find("adadelta"))
    scaled = one_step(find("adadelta"), g=c * g, v=c**2 * v, u=c**2 * u, eps=c**2 * eps)
    moved, claim = step.new["x"] - x, scaled.new["x"] - x
    yield Claim(Eq(claim, c * moved), [step, scaled, eps > 0, c > 0], mutant=Eq(claim, moved))


@theorem(cites="the article, AdaDelta", expected="refuted", rules=("adadelta",), article=(13,))
def one_eps_keeps_units() -> Iterator[Claim]:
    """With one unscaled epsilon in both roots the step still scales by c (false)."""
    step = one_step(find("adadelta"))
    plain = one_step(find("adadelta"), g=c * g, v=c**2 * v, u=c**2 * u)
    scaled = one_step(find("adadelta"), g=c * g, v=c**2 * v, u=c**2 * u, eps=c**2 * eps)
    given = [step, eps > 0, c > 0]
    moved = c * (step.new["x"] - x)
    yield Claim(
        Eq(plain.new["x"] - x, moved),
        [plain, *given],
        mutant=Eq(scaled.new["x"] - x, moved),
        mutant_given=[scaled, *given],
    )


@theorem(cites="Zeiler 2012, Algorithm 1", rules=("adadelta",), article=(15,))
def first_step_bound() -> Iterator[Claim]:
    """The first step obeys |x(1) - x(0)| < lr sqrt(eps)/sqrt(1 - rho) for g not 0."""
    step = one_step(find("adadelta"), v=0, u=0, t=1)
    moved = Abs(step.new["x"] - x)
    given = [step, eps > 0, Ne(g, 0)]
    yield Claim(moved < lr * sqrt(eps) / sqrt(1 - rho), given, mutant=moved < lr * sqrt(eps) / 2)


@rule(
    cites="the article's formula as printed",
    rho=decay(0.95),
    eps=small("1e-6"),
    v=state(nonnegative=True),
    u=state(nonnegative=True),
)
def adadelta_as_printed(s: Any) -> None:
    """AdaDelta whose second line assigns x: x = rho x + (1 - rho) g' g' (the sign set right)."""
    s.v = s.rho * s.v + (1 - s.rho) * s.g**2
    s.delta = root(s.u + s.eps) / root(s.v + s.eps) * s.g
    s.x = s.x - s.delta
    s.x = s.rho * s.x + (1 - s.rho) * s.delta**2


@theorem(cites="the article, AdaDelta", expected="refuted", rules=("adadelta",), article=(14,))
def printed_second_line_is_zeilers() -> Iterator[Claim]:
    """Assigning x in the second line, as printed, is the same algorithm (false)."""
    wrong, right = trajectory(adadelta_as_printed, "'"), trajectory(find("adadelta"), lr=1)
    t = Symbol("t", integer=True, nonnegative=True)
    yield Claim(Eq(wrong.x(t), right.x(t)), [wrong, right, eps > 0], mutant=Eq(wrong.x(0), right.x(0)))
