"""A step never goes along the gradient; and the article's printed signs, which do."""

from collections.abc import Iterator
from typing import Any

from sympy import Ne, Symbol

from symopt.language import decay, rate, rule, small, sqrt, state
from symopt.proof import one_step
from symopt.rules import find

from .statement import Claim, theorem

EPS = Symbol("eps") > 0
x, g = Symbol("x"), Symbol("g")


@rule(cites="the article's formula as printed", lr=rate(0.01), eps=small("1e-8"), a=state(nonnegative=True))
def adagrad_as_printed(s: Any) -> None:
    """AdaGrad with the sign of the article: s + g*g, then x plus the step."""
    s.a = s.a + s.g**2
    s.x = s.x + s.lr / sqrt(s.a + s.eps) * s.g


@rule(
    cites="the article's formula as printed",
    rho=decay(0.95),
    eps=small("1e-6"),
    v=state(nonnegative=True),
    u=state(nonnegative=True),
)
def adadelta_as_printed(s: Any) -> None:
    """AdaDelta with the sign of the article."""
    s.v = s.rho * s.v + (1 - s.rho) * s.g**2
    s.x = s.x + sqrt(s.u + s.eps) / sqrt(s.v + s.eps) * s.g


def _along(step: Any) -> Any:
    return g * (step.new["x"] - x)


@theorem(
    cites="Duchi, Hazan & Singer 2011; Tieleman & Hinton 2012; Zeiler 2012",
    rules=("adagrad", "rmsprop", "adadelta", "sgd"),
    article=(4, 12),
)
def step_against_gradient() -> Iterator[Claim]:
    """g (x(t) - x(t-1)) <= 0 from any state."""
    for name in ("adagrad", "rmsprop", "adadelta", "sgd"):
        step = one_step(find(name))
        given = [step, EPS] if name != "sgd" else [step]
        yield Claim(_along(step) <= 0, given, mutant=_along(step) < 0, of=name, rules=(name,))


@theorem(
    cites="Duchi, Hazan & Singer 2011; Tieleman & Hinton 2012; Zeiler 2012",
    rules=("adagrad", "rmsprop", "adadelta", "sgd"),
    article=(4, 12),
)
def step_is_zero_only_without_gradient() -> Iterator[Claim]:
    """g (x(t) - x(t-1)) < 0 from any state, where g is not 0."""
    for name in ("adagrad", "rmsprop", "adadelta", "sgd"):
        step = one_step(find(name))
        given = [step, EPS] if name != "sgd" else [step]
        yield Claim(_along(step) < 0, [*given, Ne(g, 0)], mutant_given=given, of=name, rules=(name,))


@theorem(cites="the article, AdaGrad and AdaDelta", expected="refuted", rules=("adagrad", "adadelta"), article=(12,))
def printed_sign_descends() -> Iterator[Claim]:
    """As printed in the article (x plus the step), a step does not go along the gradient."""
    for printed, right in ((adagrad_as_printed, "adagrad"), (adadelta_as_printed, "adadelta")):
        wrong, corrected = one_step(printed), one_step(find(right, eps_placement="inside"))
        yield Claim(
            _along(wrong) <= 0,
            [wrong, EPS],
            mutant=_along(corrected) <= 0,
            mutant_given=[corrected, EPS],
            of=right,
            rules=(right,),
        )
