"""Momentum: what its velocity adds up to, how large it gets, and the point that it moves like gradient descent."""

from collections.abc import Iterator

from sympy import Abs, Eq, Function, Sum, Symbol

from symopt.proof import every, trajectory
from symopt.rules import find

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
i = Symbol("i", integer=True)
lr, momentum, c, x0, B = (Symbol(name) for name in ("lr", "momentum", "c", "x0", "B"))
g = Function("g")


@theorem(cites="Polyak 1964", rules=("momentum",))
def velocity_is_a_sum() -> Iterator[Claim]:
    """v(t) = g(t) + momentum g(t-1) + ... + momentum^(t-1) g(1)."""
    run = trajectory(find("momentum"))
    total = Sum(momentum ** (t - i) * g(i), (i, 1, t))
    yield Claim(Eq(run.v(t), total), [run], mutant=Eq(run.v(t), Sum(momentum**i * g(i), (i, 1, t))))


@theorem(cites="Robbins & Monro 1951", rules=("sgd",))
def sgd_displacement() -> Iterator[Claim]:
    """x(t) = x0 - lr (g(1) + ... + g(t))."""
    run = trajectory(find("sgd"))
    yield Claim(
        Eq(run.x(t), x0 - lr * Sum(g(i), (i, 1, t))), [run], mutant=Eq(run.x(t), x0 - lr * Sum(g(i), (i, 1, t + 1)))
    )


@theorem(cites="Goh 2017, doi:10.23915/distill.00006", rules=("momentum",))
def velocity_under_constant_gradient() -> Iterator[Claim]:
    """Under a constant gradient c the velocity is c (1 - momentum^t)/(1 - momentum): it tends to c/(1 - momentum)."""
    run = trajectory(find("momentum"), g=c)
    limit = c / (1 - momentum)
    yield Claim(Eq(run.v(t), (1 - momentum**t) * limit), [run], mutant=Eq(run.v(t), limit))


@theorem(cites="Goh 2017, doi:10.23915/distill.00006", rules=("momentum",))
def velocity_bound() -> Iterator[Claim]:
    """|g(i)| <= B for all i gives |v(t)| <= B/(1 - momentum)."""
    run = trajectory(find("momentum"))
    given = [run, every(i, Abs(g(i)) <= B), B > 0]
    yield Claim(Abs(run.v(t)) <= B / (1 - momentum), given, mutant=Abs(run.v(t + 1)) <= B / 2)


@theorem(cites="Yang, Lin & Li 2016, arXiv:1604.03257", rules=("momentum", "sgd"))
def averaged_point_descends() -> Iterator[Claim]:
    """z = x - lr momentum v/(1 - momentum) takes the steps of gradient descent with rate lr/(1 - momentum)."""
    ball, sgd = trajectory(find("momentum")), trajectory(find("sgd"), "'", lr=lr / (1 - momentum))
    z = ball.x(t) - lr * momentum * ball.v(t) / (1 - momentum)
    yield Claim(Eq(z, sgd.x(t)), [ball, sgd], mutant=Eq(ball.x(t), sgd.x(t)))
