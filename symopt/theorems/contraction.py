"""Gradient descent on strongly convex functions of any number of variables."""

from collections.abc import Iterator

from sympy import Symbol

from symopt.proof import axiom

from .statement import Claim, theorem

lr, L, mu = Symbol("lr"), Symbol("L"), Symbol("mu")
xx, gx, gg = (Symbol(name) for name in ("xx", "gx", "gg"))  # |x|^2, <g, x> and |g|^2, the minimum being at 0


@theorem(cites="Nesterov 2018, theorems 2.1.12 and 2.1.15", rules=("sgd",))
def contraction_in_any_dimension() -> Iterator[Claim]:
    """|x - lr g|^2 <= (1 - lr mu)^2 |x|^2 for 0 < lr <= 2/(L + mu), xx, gx, gg being |x|^2, <g, x>, |g|^2."""
    after = xx - 2 * lr * gx + lr**2 * gg
    given = [mu > 0, mu <= L, lr > 0, lr * (L + mu) <= 2, xx >= 0]
    convex = axiom(
        "f is mu-strongly convex and L-smooth, its minimum at 0: (L + mu) <g, x> >= L mu |x|^2 + |g|^2, |g| >= mu |x|",
        (L + mu) * gx >= L * mu * xx + gg,
        gg >= mu**2 * xx,
    )
    yield Claim(after <= (1 - lr * mu) ** 2 * xx, [*given, convex], mutant_given=given)
