"""Gradient descent and heavy ball on their classical ground."""

from collections.abc import Iterator

from sympy import Abs, And, Eq, Function, Ne, Piecewise, Rational, Symbol

from symopt.proof import axiom, one_step
from symopt.rules import find

from .statement import Claim, theorem

x, y, g, lr, beta, lam = (Symbol(name) for name in ("x", "y", "g", "lr", "beta", "curvature"))
L, mu, gx = Symbol("L"), Symbol("mu"), Symbol("gx")


@theorem(cites="the article, SGD", rules=("sgd",), article=(1,))
def one_rate_for_all() -> Iterator[Claim]:
    """x(t) - x(t-1) = -lr g in every coordinate, with one lr."""
    step = one_step(find("sgd"))
    moved = step.new["x"] - x
    yield Claim(Eq(moved, -lr * g), [step], mutant=Eq(moved, lr * g))


@theorem(cites="Nesterov 2018, section 1.2.3", rules=("sgd",))
def contracts_on_quadratic() -> Iterator[Claim]:
    """On curvature x^2/2 with 0 < lr curvature < 2 a step contracts every x but 0."""
    moved = Abs(x - lr * lam * x)
    given = [lr > 0, lam > 0, Ne(x, 0)]
    yield Claim(moved < Abs(x), [*given, lr * lam < 2], mutant_given=[*given, lr * lam <= 2])


@theorem(cites="Polyak 1964; Jury 1962", rules=("momentum",))
def heavy_ball_stable_on_quadratic() -> Iterator[Claim]:
    """Jury's conditions for z^2 - (1 + beta - lr c) z + beta hold when 0 < lr c < 2 (1 + beta), 0 <= beta < 1."""
    middle = 1 + beta - lr * lam
    jury = And(1 - middle + beta > 0, 1 + middle + beta > 0, beta < 1, evaluate=False)
    given = [lr * lam > 0, beta >= 0, beta < 1]
    yield Claim(jury, [*given, lr * lam < 2 * (1 + beta)], mutant_given=[*given, lr * lam < 3 * (1 + beta)])


@theorem(cites="Taylor, Hendrickx & Glineur 2018, one dimension of theorem 4", rules=("sgd",))
def contraction_under_interpolation() -> Iterator[Claim]:
    """A step contracts by 1 - lr mu for 0 < lr <= 2/(L + mu), if f is mu-strongly convex and L-smooth."""
    interpolation = axiom(
        "f is mu-strongly convex and L-smooth, its minimum at 0: the interpolation inequalities between x and 0",
        (gx - mu * x) * (L * x - gx) >= 0,
        x * gx - mu * x**2 >= 0,
    )
    given = [mu > 0, mu <= L, lr > 0, lr * (L + mu) <= 2]
    claim = (x - lr * gx) ** 2 <= (1 - lr * mu) ** 2 * x**2
    yield Claim(claim, [*given, interpolation], mutant_given=given)


@theorem(cites="plausible", expected="refuted", rules=("adam",))
def adam_first_step_descends() -> Iterator[Claim]:
    """Adam's first step decreases x^2/2 (false: it oversteps)."""
    step = one_step(find("adam"), g=x, m=0, v=0, t=1, eps=0)
    new = step.new["x"]
    yield Claim(new**2 <= x**2, [step, Ne(x, 0)], mutant=x * (new - x) <= 0)


@theorem(cites="Lessard, Recht & Packard 2016, section 4.6", expected="refuted", rules=("momentum",))
def heavy_ball_converges_on_smooth_convex() -> Iterator[Claim]:
    """With f' = 25x, x + 24, 25x - 24 on three pieces, heavy ball nears the minimum (false: an exact 3-cycle)."""
    t = Symbol("t", integer=True, nonnegative=True)
    y, before = Function("y"), Function("before")
    now, last = y(t - 1), before(t - 1)
    slope = Piecewise((25 * now, now < 1), (now + 24, now < 2), (25 * now - 24, True))
    given = [
        Eq(before(0), Rational(792, 1225)),
        Eq(before(t), now),
        Eq(y(0), Rational(-2208, 1225)),
        Eq(y(t), now - slope / 9 + Rational(4, 9) * (now - last)),
    ]
    yield Claim(Abs(y(3)) < Abs(y(0)), given, mutant=Eq(y(3), y(0)))
