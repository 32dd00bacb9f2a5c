"""Lion and sign descent: what decoupled decay bounds, and where Lion is the sign of a running mean."""

from collections.abc import Iterator
from typing import Any

from sympy import Abs, Eq, Rational, Symbol

from symopt.language import rate, rule, sign, weight
from symopt.proof import trajectory
from symopt.rules import find

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
lr, weight_decay, x0, beta1 = (Symbol(name) for name in ("lr", "weight_decay", "x0", "beta1"))


@rule(cites="Bernstein et al. 2018, arXiv:1802.04434", lr=rate("1e-4"), weight_decay=weight(0.01))
def sign_descent(s: Any) -> None:
    """Sign descent with decoupled decay."""
    s.x = s.x - s.lr * (sign(s.g) + s.weight_decay * s.x)


@theorem(cites="Chen, Liu, Liang & Liu 2024, arXiv:2310.05898", rules=("lion",))
def decay_bounds_the_weights() -> Iterator[Claim]:
    """With 0 < lr weight_decay <= 1, |x0| <= 1/weight_decay gives |x(t)| <= 1/weight_decay for all t."""
    for name, method in (("lion", find("lion")), ("sign descent", sign_descent)):
        run = trajectory(method)
        start = [run, weight_decay > 0, weight_decay * Abs(x0) <= 1]
        yield Claim(
            weight_decay * Abs(run.x(t)) <= 1,
            [*start, lr * weight_decay <= 1],
            mutant_given=[*start, lr * weight_decay <= 3],
            of=name,
        )


@theorem(cites="Chen et al. 2023, section 3", rules=("lion", "signsgd"))
def lion_with_equal_rates() -> Iterator[Claim]:
    """Lion with beta1 = beta2 and no decay steps along the sign of the running mean, as Signum does."""
    signum = find("signsgd", signum=True)
    one, two = trajectory(find("lion"), "'", beta2=beta1, weight_decay=0), trajectory(signum)
    apart = trajectory(find("lion"), "'", beta2=Rational(99, 100), weight_decay=0)
    claim = [Eq(one.m(t), two.m(t)), Eq(one.x(t), two.x(t))]
    yield Claim(claim, [one, two], mutant_given=[apart, two])
