"""Adamax: its norm is the greatest of the discounted gradients, the limit of Adam's p-norm form."""

from collections.abc import Iterator

from sympy import Abs, Eq, Function, Piecewise, Symbol

from symopt.proof import every, trajectory
from symopt.rules import find

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
i, age = (Symbol(name, integer=True, nonnegative=True) for name in ("i", "age"))
k = Symbol("k", integer=True)
beta2 = Symbol("beta2")
g = Function("g")
KINGMA = "Kingma & Ba 2015, section 7.1"
adamax = find("adamax", eps_placement="none")


@theorem(cites=KINGMA, rules=("adamax",))
def norm_is_an_upper_bound() -> Iterator[Claim]:
    """u(i + 1 + age) >= beta2^age |g(i + 1)| for all i, age >= 0: no discounted gradient is greater."""
    run = trajectory(adamax)
    norm, size = run.u(i + 1 + age), Abs(g(i + 1))
    yield Claim(norm >= beta2**age * size, [run], mutant=norm >= size, using=[i + age >= 0], hints=[beta2])


@theorem(cites=KINGMA, rules=("adamax",))
def norm_is_attained() -> Iterator[Claim]:
    """u(t) = p(t) w(t), where w is |g(j)| for some j <= t and p the weight beta2^(t-j): it is one of them."""
    run = trajectory(adamax)
    p, w = Function("p"), Function("w")
    old = Abs(g(t)) <= beta2 * p(t - 1) * w(t - 1)
    kept = [
        Eq(w(0), 0),
        Eq(w(t), Piecewise((w(t - 1), old), (Abs(g(t)), True))),
        Eq(p(0), 1),
        Eq(p(t), Piecewise((beta2 * p(t - 1), old), (1, True))),
    ]
    yield Claim(Eq(run.u(t), p(t) * w(t)), [run, *kept], mutant=Eq(run.u(t), w(t)), hints=[beta2])


@theorem(cites=KINGMA, rules=("adamax",))
def norm_is_the_least_bound() -> Iterator[Claim]:
    """B(t) >= beta2 B(t-1) and B(t) >= |g(t)| for all t, B(0) >= 0, gives u(t) <= B(t) (the slack in B being d)."""
    run = trajectory(adamax)
    B, d, b0 = Function("B"), Function("d"), Symbol("b0")
    last = beta2 * B(t - 1)
    bound = [Eq(B(0), b0), Eq(B(t), Piecewise((last, Abs(g(t)) <= last), (Abs(g(t)), True)) + d(t))]
    domain = [run, *bound, b0 >= 0]
    yield Claim(run.u(t) <= B(t), [*domain, every(k, d(k) >= 0)], mutant_given=domain)


@theorem(cites=KINGMA, rules=("adamax", "adam"))
def p_norm_between() -> Iterator[Claim]:
    """U = u^p, V the p-norm form, b = beta2^p: (1 - b) U(t) <= V(t) <= (1 - b) t U(t); p-th roots squeeze V^(1/p) to u.

    V(t) = b V(t-1) + (1 - b) G(t) with G = |g|^p. Both factors' p-th roots tend to 1 as p grows, at every t >= 1. The
    upper bound holds for every U with U(t) >= b U(t-1) and U(t) >= G(t); the slack in these is d and e.
    """
    U, V, G, d, e, b = *map(Function, "UVGde"), Symbol("b")
    lower = [
        Eq(U(0), 0),
        Eq(U(t), Piecewise((b * U(t - 1), G(t) <= b * U(t - 1)), (G(t), True))),
        Eq(V(0), 0),
        Eq(V(t), b * V(t - 1) + (1 - b) * G(t)),
        every(k, G(k) >= 0),
    ]
    below = (1 - b) * U(t) <= V(t)
    yield Claim(below, [*lower, b >= 0, b < 1], mutant=U(t) <= V(t), using=[U(t) >= 0, V(t) >= 0], of="below")
    upper = [
        Eq(U(0), 0),
        Eq(U(t), b * U(t - 1) + d(t)),
        Eq(V(0), 0),
        Eq(V(t), b * V(t - 1) + (1 - b) * (b * U(t - 1) + d(t) - e(t))),
        every(k, d(k) >= 0, e(k) >= 0),
    ]
    above = V(t) <= (1 - b) * t * U(t)
    yield Claim(above, [*upper, b >= 0, b < 1], mutant=V(t) <= (1 - b) * U(t), of="above")
