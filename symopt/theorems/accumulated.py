"""AdaGrad: what a sum of squares does to the rate."""

from collections.abc import Iterator
from typing import Any

from sympy import Abs, Eq, Function, Integer, Ne, Symbol, sqrt

from symopt.language import rate, rule, small, state
from symopt.language import sqrt as root
from symopt.proof import one_step, trajectory
from symopt.rules import find

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
x, g, lr, eps, c = (Symbol(name) for name in ("x", "g", "lr", "eps", "c"))
G = Function("g")
DUCHI = "Duchi, Hazan & Singer 2011, section 1"


def _inside() -> Any:
    return trajectory(find("adagrad", eps_placement="inside"))


@theorem(cites=DUCHI, rules=("adagrad",), article=(5,))
def accumulator_nonnegative() -> Iterator[Claim]:
    """The sum of squares is never negative, with or without epsilon."""
    run = _inside()
    yield Claim(run.a(t) >= 0, [run], mutant=run.a(t) > 0)


@theorem(cites="the article, AdaGrad", expected="refuted", rules=("adagrad",), article=(5,))
def accumulator_positive_without_eps() -> Iterator[Claim]:
    """Without epsilon the divisor is never 0 (false: at a = 0; what epsilon prevents is 0/0)."""
    run = _inside()
    yield Claim(sqrt(run.a(t)) > 0, [run], mutant=sqrt(run.a(t) + eps) > 0, mutant_given=[run, eps > 0])


@theorem(cites=DUCHI, rules=("adagrad",), article=(6,))
def accumulator_never_decreases() -> Iterator[Claim]:
    """a(t+1) >= a(t)."""
    run = _inside()
    yield Claim(run.a(t + 1) >= run.a(t), [run], mutant=run.a(t + 1) <= run.a(t))


@theorem(cites="the article, AdaGrad", expected="refuted", rules=("adagrad",), article=(6,))
def accumulator_strictly_increases() -> Iterator[Claim]:
    """a(t+1) > a(t) (false: where g = 0)."""
    run = _inside()
    yield Claim(run.a(t + 1) > run.a(t), [run], mutant_given=[run, Ne(G(t + 1), 0)])


@theorem(cites=DUCHI, rules=("adagrad",), article=(7,))
def rate_never_increases() -> Iterator[Claim]:
    """lr/sqrt(a(t+1) + eps) <= lr/sqrt(a(t) + eps)."""
    run = _inside()
    later, now = lr / sqrt(run.a(t + 1) + eps), lr / sqrt(run.a(t) + eps)
    yield Claim(later <= now, [run, eps > 0], mutant=later < now)


@theorem(cites=DUCHI, rules=("adagrad",), article=(7,))
def rate_below_gradient() -> Iterator[Claim]:
    """lr/sqrt(a(t) + eps) <= lr/|g(t)| where g(t) is not 0."""
    run = _inside()
    given = [run, eps > 0, Ne(G(t + 1), 0)]
    bound = lr / sqrt(run.a(t + 1) + eps)
    yield Claim(bound <= lr / Abs(G(t + 1)), given, mutant=bound >= lr / Abs(G(t + 1)))


@theorem(cites=DUCHI, rules=("adagrad",), article=(11,))
def rate_under_constant_gradient() -> Iterator[Claim]:
    """Under a constant gradient c the squared rate is at most lr^2/(t c^2), so the rate tends to 0."""
    step = Symbol("t", integer=True, positive=True)
    run = trajectory(find("adagrad", eps_placement="inside"), g=c)
    squared = lr**2 / (run.a(step) + eps)
    given = [run, eps > 0, Ne(c, 0)]
    yield Claim(Eq(run.a(step), step * c**2), given, mutant=Eq(run.a(step), c**2), of="sum")
    yield Claim(
        squared <= lr**2 / (step * c**2),
        given,
        mutant=squared >= lr**2 / (step * c**2),
        of="rate",
        using=[Eq(run.a(step), step * c**2)],
    )


@theorem(cites=DUCHI, rules=("adagrad",))
def step_at_most_rate() -> Iterator[Claim]:
    """|x(t) - x(t-1)| <= lr."""
    for place in ("outside", "inside"):
        step = one_step(find("adagrad", eps_placement=place))
        moved = Abs(step.new["x"] - x)
        yield Claim(moved <= lr, [step, eps > 0], mutant=moved <= lr / 2, of=place)


@rule(cites="the article's code", lr=rate(0.01), a=state(nonnegative=True))
def adagrad_code(s: Any) -> None:
    """The article's code: the step is taken before g*g is added, and epsilon is 1."""
    s.x = s.x - s.lr / root(s.a + 1) * s.g
    s.a = s.a + s.g**2


@theorem(cites="the article, AdaGrad's code", expected="refuted", rules=("adagrad",), article=(8,))
def code_is_its_formula() -> Iterator[Claim]:
    """The article's code computes its own formula with epsilon = 1 (false; it does with a(t-1) in place of a(t))."""
    wrong, right = one_step(adagrad_code), one_step(find("adagrad", eps_placement="inside"), eps=Integer(1))
    before = x - lr * g / sqrt(Symbol("a") + 1)
    yield Claim(Eq(wrong.new["x"], right.new["x"]), [wrong, right], mutant=Eq(wrong.new["x"], before))


@rule(cites="the article's formula as printed", lr=rate(0.01), eps=small("1e-8"), a=state(nonnegative=True))
def printed(s: Any) -> None:
    """AdaGrad with the article's sign."""
    s.a = s.a + s.g**2
    s.x = s.x + s.lr / root(s.a + s.eps) * s.g


@theorem(cites="the article, AdaGrad", rules=("adagrad",), article=(3,))
def printed_sign_climbs() -> Iterator[Claim]:
    """On x^2/2 (g = x) AdaGrad as printed moves away from the minimum, from every x but 0."""
    step = one_step(printed, g=x)
    yield Claim(Abs(step.new["x"]) > Abs(x), [step, eps > 0, Ne(x, 0)], mutant_given=[step, eps > 0])


@theorem(cites="the article, AdaGrad", expected="refuted", rules=("adagrad",), article=(3,))
def printed_step_descends() -> Iterator[Claim]:
    """On x^2/2 a step of AdaGrad as printed does not increase the loss."""
    step, right = one_step(printed, g=x), one_step(find("adagrad", eps_placement="inside"), g=x)
    yield Claim(
        step.new["x"] ** 2 <= x**2,
        [step, eps > 0],
        mutant=x * (right.new["x"] - x) <= 0,
        mutant_given=[right, eps > 0],
    )
