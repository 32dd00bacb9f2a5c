"""How far Adam can go at unequal decay rates: the factor K, its limit, and a bound that is too good to be true."""

from collections.abc import Iterator
from typing import Any

from sympy import Abs, Eq, Function, Integer, Max, Rational, Symbol, sqrt

from symopt.language import substitute
from symopt.proof import one_step, trajectory
from symopt.rules import find

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
later = Symbol("t", integer=True, positive=True)
x, lr, beta1, beta2 = (Symbol(name) for name in ("x", "lr", "beta1", "beta2"))
K = Function("K")
USUAL = {"beta1": Rational(9, 10), "beta2": Rational(999, 1000)}
CAUCHY = "Cauchy and Schwarz, weight by weight"


def _factor(one: Any, two: Any, n: Symbol) -> list[Any]:
    """The recurrence of K for beta1 and beta2, n being t."""
    return [Eq(K(0), 0), Eq(K(n), one**2 / two * K(n - 1) + (1 - one) ** 2 / (1 - two))]


@theorem(cites=CAUCHY, rules=("adam",), article=(23,))
def moments_within_the_factor() -> Iterator[Claim]:
    """m(t)^2 <= K(t) v(t) for t >= 1, with K(t) = (beta1^2/beta2) K(t-1) + (1 - beta1)^2/(1 - beta2), 0 < beta2."""
    run, G = trajectory(find("adam")), Function("g")
    yield Claim(
        run.m(later) ** 2 <= K(later) * run.v(later),
        [run, beta2 > 0, *_factor(beta1, beta2, later)],
        mutant=run.m(later) ** 2 <= run.v(later),
        using=[beta1**2 * beta2 * (1 - beta2) >= 0, K(later) > 0, run.v(later) >= 0],
        hints=[
            beta1 * (1 - beta2) * K(later) * G(later + 1) - (1 - beta1) * beta2 * run.m(later),
            (1 - beta1) * beta2,
        ],
    )


@theorem(cites=CAUCHY, rules=("adam",), article=(23,))
def factor_at_the_usual_rates() -> Iterator[Claim]:
    """At 9/10 and 999/1000, K(t) = (370/7) (1 - (30/37)^t): it rises to 370/7, and 7.270^2 < 370/7 < 7.271^2."""
    limit, given = Rational(370, 7), _factor(USUAL["beta1"], USUAL["beta2"], t)
    closed = limit * (1 - Rational(30, 37) ** t)
    yield Claim(Eq(K(t), closed), given, mutant=Eq(K(t), limit * (1 - Rational(9, 10) ** t)), of="K")
    square, low, high = Symbol("L"), Rational(7270, 1000), Rational(7271, 1000)
    yield Claim([low**2 < square, square < high**2], [Eq(square, limit)], mutant=square < low**2, of="limit")


@theorem(cites=CAUCHY, rules=("adam",), article=(23,))
def moments_at_the_usual_rates() -> Iterator[Claim]:
    """At 9/10 and 999/1000, m(t)^2 <= (370/7) v(t) for all t: without correction no step exceeds 7.271 lr."""
    run = trajectory(find("adam"), **USUAL)
    claim = run.m(t) ** 2 <= Rational(370, 7) * run.v(t)
    yield Claim(claim, [run], mutant=run.m(t) ** 2 <= run.v(t), using=[run.v(t) >= 0])


@theorem(cites=CAUCHY, rules=("adam",), article=(23,))
def factor_closed_form() -> Iterator[Claim]:
    """With q = beta1^2/beta2 < 1 and s = (1 - beta1)^2/(1 - beta2), K(t) = s (1 - q^t)/(1 - q) (to s/(1 - q))."""
    q, s = Symbol("q"), Symbol("s")
    given = [q >= 0, q < 1, Eq(K(0), 0), Eq(K(t), q * K(t - 1) + s)]
    yield Claim(Eq(K(t), s * (1 - q**t) / (1 - q)), given, mutant=Eq(K(t), s / (1 - q)))


@theorem(cites="Kingma & Ba 2015, section 2.1", expected="refuted", rules=("adam",), article=(23,))
def adam_step_at_most_sparse_bound() -> Iterator[Claim]:
    """|x(t) - x(t-1)| <= lr max(1, (1 - beta1)/sqrt(1 - beta2)) (false, also after 500 zeros and 20 ones)."""
    G, bound = Function("g"), Max(1, (1 - beta1) / sqrt(1 - beta2))
    half = {beta1: Rational(1, 2), beta2: Rational(3, 4)}
    run = trajectory(find("adam"), beta1=half[beta1], beta2=half[beta2], eps=0)
    moved = Abs(run.x(Integer(2)) - run.x(Integer(1)))
    given = [run, Eq(G(1), 2), Eq(G(2), 3)]
    first = Abs(run.x(Integer(1)) - run.x(Integer(0))) <= lr
    yield Claim(moved <= lr * substitute(bound, half), given, mutant=moved <= 2 * lr, of="small")
    ones = trajectory(find("adam", bias_correction=False), "'", g=1, **USUAL)
    step = one_step(find("adam"), m=ones.m(Integer(19)), v=ones.v(Integer(19)), g=1, t=520, eps=0, **USUAL)
    moved = Abs(step.new["x"] - x)
    usual = {Symbol(name): value for name, value in USUAL.items()}
    given_of_first = [run, Eq(G(1), 2)]
    yield Claim(
        moved <= lr * substitute(bound, usual), [ones, step], mutant=first, mutant_given=given_of_first, of="sparse"
    )
