"""RMSProp: what a running mean of squares does to the rate."""

from collections.abc import Iterator

from sympy import Abs, And, Eq, Function, Ne, Rational, Symbol, sqrt

from symopt.proof import every, one_step, trajectory
from symopt.rules import find

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
i = Symbol("i", integer=True)
x, g, v, lr, rho, eps, B = (Symbol(name) for name in ("x", "g", "v", "lr", "rho", "eps", "B"))
low, high = Symbol("low"), Symbol("high")
G = Function("g")
HINTON = "Tieleman & Hinton 2012, lecture 6.5"


@theorem(cites=HINTON, rules=("rmsprop",), article=(9,))
def mean_square_between() -> Iterator[Claim]:
    """low <= g(i)^2 <= high for all i gives low (1 - rho^t) <= v(t) <= high (1 - rho^t)."""
    run = trajectory(find("rmsprop"))
    given = [run, every(i, G(i) ** 2 >= low, G(i) ** 2 <= high)]
    bounds = And(run.v(t) >= low * (1 - rho**t), run.v(t) <= high * (1 - rho**t), evaluate=False)
    yield Claim(bounds, given, mutant=And(run.v(t) >= low, run.v(t) <= high, evaluate=False))


@theorem(cites=HINTON, rules=("rmsprop",), article=(10,))
def mean_square_change() -> Iterator[Claim]:
    """|v(t) - v(t-1)| = (1 - rho) |g^2 - v(t-1)|."""
    step = one_step(find("rmsprop"))
    change = Abs(step.new["v"] - v)
    yield Claim(Eq(change, (1 - rho) * Abs(g**2 - v)), [step], mutant=Eq(change, rho * Abs(g**2 - v)))


@theorem(cites=HINTON, rules=("rmsprop",), article=(10,))
def larger_rho_changes_less() -> Iterator[Claim]:
    """The change (1 - rho) |g^2 - v| is strictly decreasing in rho where g^2 is not v."""
    one, two = Symbol("rho1"), Symbol("rho2")
    given = [one >= 0, one < two, two < 1]
    less = (1 - two) * Abs(g**2 - v) < (1 - one) * Abs(g**2 - v)
    yield Claim(less, [*given, Ne(g**2 - v, 0)], mutant_given=given)


@theorem(cites="the article, RMSProp", expected="refuted", rules=("rmsprop",), article=(11,))
def rmsprop_rate_never_increases() -> Iterator[Claim]:
    """RMSProp's effective rate never increases (false: the mean forgets)."""
    run = trajectory(find("rmsprop"))
    later, now = lr / sqrt(run.v(t + 1) + eps), lr / sqrt(run.v(t) + eps)
    yield Claim(later <= now, [run, eps > 0], mutant=later <= lr / sqrt(eps))


@theorem(cites=HINTON, rules=("rmsprop",), article=(11,))
def bounded_gradients_bound_the_mean() -> Iterator[Claim]:
    """|g(i)| <= B for all i gives v(t) <= B^2."""
    run = trajectory(find("rmsprop"))
    yield Claim(run.v(t) <= B**2, [run, every(i, Abs(G(i)) <= B), B > 0], mutant=run.v(t + 1) <= B**2 / 3)


@theorem(cites=HINTON, rules=("rmsprop",), article=(11,))
def rate_stays_above() -> Iterator[Claim]:
    """v <= B^2 gives a rate of at least lr/sqrt(B^2 + eps)."""
    given = [lr > 0, eps > 0, v >= 0, B > 0]
    rate = lr / sqrt(v + eps)
    yield Claim(rate >= lr / sqrt(B**2 + eps), [*given, v <= B**2], mutant_given=given)


@theorem(cites=HINTON, rules=("rmsprop",))
def rmsprop_step_bound() -> Iterator[Claim]:
    """|x(t) - x(t-1)| <= lr/sqrt(1 - rho)."""
    step = one_step(find("rmsprop"))
    moved = Abs(step.new["x"] - x)
    yield Claim(moved <= lr / sqrt(1 - rho), [step, eps > 0], mutant=moved <= lr * Rational(1, 2))
