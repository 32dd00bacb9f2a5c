"""How far a step of Adam can go."""

from collections.abc import Iterator

from sympy import Abs, Eq, Function, Integer, Rational, Symbol, sqrt

from symopt.proof import one_step, trajectory
from symopt.rules import find

from .statement import Claim, theorem

step_t = Symbol("t", integer=True, positive=True)
x, g, m, v, c, lr, eps = (Symbol(name) for name in ("x", "g", "m", "v", "c", "lr", "eps"))
beta1, beta2 = Symbol("beta1"), Symbol("beta2")
G = Function("g")
KINGMA = "Kingma & Ba 2015, section 2.1"


@theorem(cites=KINGMA, rules=("adam",), article=(24,))
def adam_first_step() -> Iterator[Claim]:
    """The first step is shorter than lr, whatever the gradient."""
    step = one_step(find("adam"), m=0, v=0, t=1)
    moved = Abs(step.new["x"] - x)
    yield Claim(moved < lr, [step, eps > 0], mutant=moved < lr / 2)


@theorem(cites="the article, Adam", expected="refuted", rules=("adam",), article=(23,))
def adam_step_at_most_rate() -> Iterator[Claim]:
    """|x(t) - x(t-1)| <= lr for all beta1, beta2 (false: 9/10, 999/1000, gradients 7 then 8)."""
    run = trajectory(find("adam"), beta1=Rational(9, 10), beta2=Rational(999, 1000), eps=0)
    moved = Abs(run.x(Integer(2)) - run.x(Integer(1)))
    given = [run, Eq(G(1), 7), Eq(G(2), 8)]
    yield Claim(moved <= lr, given, mutant=moved <= 8 * lr)


@theorem(cites="Kingma & Ba 2015, section 2.1", rules=("adam",), article=(23,))
def equal_rates_bound_the_moments() -> Iterator[Claim]:
    """beta1 = beta2 gives m(t)^2 <= (1 - beta^t) v(t): Cauchy and Schwarz with the weights."""
    run = trajectory(find("adam"), beta2=beta1)
    one = 1 - beta1**step_t
    yield Claim(
        run.m(step_t) ** 2 <= one * run.v(step_t),
        [run],
        mutant=run.m(step_t) ** 2 <= one**2 * run.v(step_t),
        using=[one > 0],
        hints=[run.m(step_t) - one * G(step_t + 1)],
    )


@theorem(cites=KINGMA, rules=("adam",), article=(23,))
def equal_rates_bound_the_step() -> Iterator[Claim]:
    """m^2 <= c v after the step, c = 1 - beta^t the correction of both, gives |x(t) - x(t-1)| <= lr."""
    given = [c > 0, lr > 0, eps > 0, v >= 0]
    moved = lr * Abs(m / c) / (sqrt(v / c) + eps)
    yield Claim(moved <= lr, [*given, m**2 <= c * v], mutant_given=given)


@theorem(cites=KINGMA, rules=("adam",))
def adam_scale_invariant() -> Iterator[Claim]:
    """With eps = 0 scaling all gradients by c > 0 leaves the step unchanged; with eps scaled too, for every eps."""
    for exact, name in ((True, "eps scaled"), (False, "eps = 0")):
        value = eps if exact else Integer(0)
        step = one_step(find("adam"), eps=value)
        scaled = one_step(find("adam"), g=c * g, m=c * m, v=c**2 * v, eps=c * value)
        given = [step, scaled, c > 0, v > 0, beta2 > 0, *([eps > 0] if exact else [])]
        claim = Eq(scaled.new["x"] - x, step.new["x"] - x)
        yield Claim(claim, given, mutant=Eq(scaled.new["x"] - x, c * (step.new["x"] - x)), of=name)


@theorem(cites="plausible", expected="refuted", rules=("adam",))
def adam_scale_invariant_with_eps() -> Iterator[Claim]:
    """Adam is scale-invariant with a fixed eps > 0 (false)."""
    step = one_step(find("adam"))
    scaled = one_step(find("adam"), g=c * g, m=c * m, v=c**2 * v)
    right = one_step(find("adam"), g=c * g, m=c * m, v=c**2 * v, eps=c * eps)
    given = [step, c > 0, eps > 0]
    moved = step.new["x"] - x
    yield Claim(
        Eq(scaled.new["x"] - x, moved),
        [scaled, *given],
        mutant=Eq(right.new["x"] - x, moved),
        mutant_given=[right, *given, v > 0, beta2 > 0],
    )


@theorem(cites="Cauchy and Schwarz, weight by weight", rules=("adam",), article=(23,))
def general_rates_bound_the_moments() -> Iterator[Claim]:
    """m^2 <= K v is kept by a step with K' = (beta1^2/beta2) K + (1 - beta1)^2/(1 - beta2), 0 < beta2 < 1.

    Both sides are multiplied by beta2 (1 - beta2).
    """
    K = Symbol("K")
    both = beta2 * (1 - beta2)
    later = beta1**2 * (1 - beta2) * K + (1 - beta1) ** 2 * beta2
    new_m, new_v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    given = [beta1 >= 0, beta1 < 1, beta2 > 0, beta2 < 1, v >= 0, K > 0, m**2 <= K * v]
    yield Claim(
        both * new_m**2 <= later * new_v,
        given,
        mutant=new_m**2 <= K * new_v,
        using=[beta1**2 * beta2 * (1 - beta2) >= 0],
        hints=[beta1 * (1 - beta2) * K * g - (1 - beta1) * beta2 * m, (1 - beta1) * beta2],
    )


@theorem(cites="Cauchy and Schwarz, weight by weight", rules=("adam",), article=(23,))
def general_rates_bound_the_step() -> Iterator[Claim]:
    """m^2 <= K v after the step gives |x(t) - x(t-1)| <= lr sqrt(K c2)/c1, with the corrections c1 and c2."""
    K, c1, c2 = Symbol("K"), Symbol("c1"), Symbol("c2")
    given = [c1 > 0, c2 > 0, lr > 0, eps > 0, v > 0, K > 0]  # v = 0 makes m = 0 too
    moved = lr * Abs(m / c1) / (sqrt(v / c2) + eps)
    bound = lr * sqrt(K) * sqrt(c2) / c1
    helper = Abs(m) <= sqrt(K) * sqrt(v)
    yield Claim(moved <= bound, [*given, m**2 <= K * v], mutant=moved <= bound / 3, using=[helper])
