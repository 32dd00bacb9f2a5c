"""A running average of the weights: what weight each past iterate has in it."""

from collections.abc import Iterator

from sympy import Eq, Function, Sum, Symbol

from symopt.proof import every

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
i = Symbol("i", integer=True)
d, x0, low, high = (Symbol(name) for name in ("d", "x0", "low", "high"))
x, e, a = Function("x"), Function("e"), Function("a")
CITES = "Polyak & Juditsky 1992; Tarvainen & Valpola 2017, equation (1)"
AVERAGE = [Eq(e(0), x0), Eq(e(t), d * e(t - 1) + (1 - d) * x(t)), d >= 0, d < 1]


@theorem(cites=CITES)
def averaged_weights_closed_form() -> Iterator[Claim]:
    """e(t) = d e(t-1) + (1 - d) x(t) from e(0) = x0 is d^t x0 + (1 - d) (x(t) + d x(t-1) + ... + d^(t-1) x(1))."""
    past = (1 - d) * Sum(d ** (t - i) * x(i), (i, 1, t))
    yield Claim(Eq(e(t), d**t * x0 + past), AVERAGE, mutant=Eq(e(t), past))


@theorem(cites=CITES)
def averaged_weights_sum_to_one() -> Iterator[Claim]:
    """The weights of all iterates, the initial one counted, sum to 1 at every t, without correction."""
    others = Sum((1 - d) * d ** (t - i), (i, 1, t))
    yield Claim(Eq(d**t + others, 1), [d >= 0, d < 1], mutant=Eq(others, 1))


@theorem(cites=CITES)
def averaged_weights_between() -> Iterator[Claim]:
    """The average stays between bounds that hold for all iterates, the initial one counted."""
    given = [*AVERAGE, every(i, x(i) >= low, x(i) <= high)]
    yield Claim([e(t) >= low, e(t) <= high], [*given, x0 >= low, x0 <= high], mutant_given=given)


@theorem(cites=CITES)
def corrected_average_by_itself() -> Iterator[Claim]:
    """The average from 0, over the sum 1 - d^t of its weights, takes (1 - d)/(1 - d^t) of x(t), the rest of itself."""
    share = (1 - d) / (1 - d**t)
    zero = [Eq(e(0), 0), Eq(e(t), d * e(t - 1) + (1 - d) * x(t)), d >= 0, d < 1]
    itself = [Eq(a(0), 0), Eq(a(t), (1 - share) * a(t - 1) + share * x(t))]
    claim = Eq((1 - d**t) * a(t), e(t))
    yield Claim(claim, [*zero, *itself], mutant=Eq(a(t), e(t)))
