"""What becomes of Adam's moments in expectation, and as beta2 tends to 1."""

from collections.abc import Iterator

from sympy import Eq, Function, Integer, Sum, Symbol

from symopt.proof import axiom

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
step = Symbol("t", integer=True, positive=True)
i = Symbol("i", integer=True)
beta, mean = Symbol("beta"), Symbol("mean")
g, e = Function("g"), Function("e")
KINGMA = "Kingma & Ba 2015, section 3"


@theorem(cites=KINGMA, rules=("adam",), article=(19,))
def corrected_under_constant_mean() -> Iterator[Claim]:
    """E[g(i)] = mean for all i gives E[m(t)]/(1 - beta^t) = mean: e(t) = E[m(t)]."""
    linear = axiom("expectation is linear", Eq(e(0), 0), Eq(e(step), beta * e(step - 1) + (1 - beta) * mean))
    given = [beta >= 0, beta < 1, linear]
    yield Claim(Eq(e(step) / (1 - beta**step), mean), given, mutant=Eq(e(step), mean))


@theorem(cites=KINGMA, rules=("adam",), article=(25,))
def corrected_weights_without_division() -> Iterator[Claim]:
    """(1 - beta) (1 + beta + ... + beta^(t-1)) = 1 - beta^t: the corrected weights are beta^(t-i) over that sum."""
    total = Sum(beta ** (t - i), (i, 1, t))
    yield Claim(Eq((1 - beta) * total, 1 - beta**t), [beta >= 0], mutant=Eq(beta * total, 1 - beta**t))


@theorem(cites=KINGMA, rules=("adam", "adagrad"), article=(25,))
def corrected_moment_at_one() -> Iterator[Claim]:
    """At beta2 = 1 that quotient is the plain mean of g(i)^2, AdaGrad's sum over t (and it is continuous there)."""
    moment = Sum(g(i) ** 2, (i, 1, step)) / Sum(Integer(1), (i, 1, step))
    plain = Sum(g(i) ** 2, (i, 1, step))
    yield Claim(Eq(moment, plain / step), [], mutant=Eq(moment, plain))
