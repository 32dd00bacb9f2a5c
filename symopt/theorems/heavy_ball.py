"""Heavy ball and Nesterov's momentum: velocities and pairs of points are one algorithm; an exact cycle."""

from collections.abc import Iterator
from typing import Any

from sympy import And, Eq, Function, Piecewise, Rational, Symbol

from symopt.proof import trajectory
from symopt.rules import find

from .statement import Claim, theorem


@theorem(cites="Polyak 1964", rules=("momentum",))
def heavy_ball_two_forms() -> Iterator[Claim]:
    """With y(t) = y(t-1) - lr g(t) + momentum (y(t-1) - y(t-2)) and y(-1) = y(0) = x(0): x(t) = y(t)."""
    t = Symbol("t", integer=True, nonnegative=True)
    lr, momentum, x0 = Symbol("lr"), Symbol("momentum"), Symbol("x0")
    run, g = trajectory(find("momentum")), Function("g")
    y, before = Function("y"), Function("before")  # before(t) = y(t - 1), and before(0) = y(0)

    def two_iterates(sign: int) -> list[Eq]:
        return [
            Eq(y(0), x0),
            Eq(before(0), x0),
            Eq(y(t), y(t - 1) - lr * g(t) + sign * momentum * (y(t - 1) - before(t - 1))),
            Eq(before(t), y(t - 1)),
        ]

    yield Claim(
        And(Eq(run.x(t), y(t)), Eq(lr * run.v(t), before(t) - y(t)), evaluate=False),
        [run, *two_iterates(1)],
        mutant_given=[run, *two_iterates(-1)],
    )


@theorem(cites="Nesterov 1983; torch.optim.SGD", rules=("momentum",))
def nesterov_two_points() -> Iterator[Claim]:
    """Nesterov's z(t) = y(t-1) - lr g(t), y(t) = z(t) + momentum (z(t) - z(t-1)): y is x of the form g + momentum v."""
    t = Symbol("t", integer=True, nonnegative=True)
    lr, momentum, x0 = Symbol("lr"), Symbol("momentum"), Symbol("x0")
    run, g = trajectory(find("momentum", nesterov=True)), Function("g")
    y, z = Function("y"), Function("z")

    def points(sign: int) -> list[Any]:
        new = y(t - 1) - lr * g(t)
        return [
            Eq(z(0), x0),
            Eq(z(t), new),
            Eq(y(0), x0),
            Eq(y(t), new + sign * momentum * (new - z(t - 1))),
        ]

    claim = [Eq(run.x(t), y(t)), Eq(y(t) - z(t), -lr * momentum * run.v(t))]
    yield Claim(claim, [run, *points(1)], mutant_given=[run, *points(-1)])


@theorem(cites="Lessard, Recht & Packard 2016, section 4.6", rules=("momentum",))
def heavy_ball_cycles() -> Iterator[Claim]:
    """With f' = 25x, x + 24, 25x - 24 on three pieces, rate 1/9, momentum 4/9: three steps bring both iterates back."""
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
    back = [Eq(y(3), y(0)), Eq(before(3), before(0))]
    yield Claim(back, given, mutant=[Eq(y(2), y(0)), Eq(before(2), before(0))])
