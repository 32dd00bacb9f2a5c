"""Heavy ball: the form with a velocity and the form with two iterates are one algorithm."""

from collections.abc import Iterator

from sympy import And, Eq, Function, Symbol

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
