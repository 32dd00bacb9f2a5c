"""Lion and sign descent: what decoupled decay bounds, and where Lion is the sign of a running mean."""

from collections.abc import Iterator
from typing import Any

from sympy import Abs, Eq, Rational, Symbol

from symopt.language import decay, rate, rule, sign, state, weight
from symopt.proof import trajectory

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
lr, weight_decay, x0, beta1 = (Symbol(name) for name in ("lr", "weight_decay", "x0", "beta1"))


@rule(
    cites="Chen et al. 2023, arXiv:2302.06675, Algorithm 2",
    lr=rate("1e-4"),
    beta1=decay(0.9),
    beta2=decay(0.99),
    weight_decay=weight(0.01),
    m=state(),
)
def lion(s: Any) -> None:
    """Lion: the sign of a mean of gradient and momentum, with decoupled decay."""
    s.c = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.x = s.x - s.lr * (sign(s.c) + s.weight_decay * s.x)
    s.m = s.beta2 * s.m + (1 - s.beta2) * s.g


@rule(cites="Bernstein et al. 2018, arXiv:1802.04434", lr=rate("1e-4"), weight_decay=weight(0.01))
def sign_descent(s: Any) -> None:
    """Sign descent with decoupled decay."""
    s.x = s.x - s.lr * (sign(s.g) + s.weight_decay * s.x)


@rule(cites="Bernstein et al. 2018, Algorithm 1 (Signum)", lr=rate("1e-4"), beta1=decay(0.9), m=state())
def sign_of_mean(s: Any) -> None:
    """The sign of the running mean of the gradient."""
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.x = s.x - s.lr * sign(s.m)


@theorem(cites="Chen, Liu, Liang & Liu 2024, arXiv:2310.05898", rules=("lion",))
def decay_bounds_the_weights() -> Iterator[Claim]:
    """With 0 < lr weight_decay <= 1, |x0| <= 1/weight_decay gives |x(t)| <= 1/weight_decay for all t."""
    for name, method in (("lion", lion), ("sign descent", sign_descent)):
        run = trajectory(method)
        start = [run, weight_decay > 0, weight_decay * Abs(x0) <= 1]
        yield Claim(
            weight_decay * Abs(run.x(t)) <= 1,
            [*start, lr * weight_decay <= 1],
            mutant_given=[*start, lr * weight_decay <= 3],
            of=name,
        )


@theorem(cites="Chen et al. 2023, section 3", rules=("lion",))
def lion_with_equal_rates() -> Iterator[Claim]:
    """Lion with beta1 = beta2 and no decay steps along the sign of the running mean."""
    one, two = trajectory(lion, "'", beta2=beta1, weight_decay=0), trajectory(sign_of_mean)
    apart = trajectory(lion, "'", beta2=Rational(99, 100), weight_decay=0)
    claim = [Eq(one.m(t), two.m(t)), Eq(one.x(t), two.x(t))]
    yield Claim(claim, [one, two], mutant_given=[apart, two])
