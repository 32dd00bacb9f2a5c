"""Where two rules are the same algorithm, for all steps and all gradients."""

from collections.abc import Iterator

from sympy import And, Eq, Rational, Symbol

from symopt.proof import trajectory
from symopt.rules import find

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
EPS = Symbol("eps") > 0


@theorem(cites="Tieleman & Hinton 2012; Kingma & Ba 2015, section 5", rules=("adam", "rmsprop"), article=(21,))
def adam_is_rmsprop() -> Iterator[Claim]:
    """Adam with beta1 = 0 and no correction is RMSProp, given the same place for epsilon."""
    for place, other in (("inside", "outside"), ("outside", "inside")):
        adam = find("adam", eps_placement=place, bias_correction=False)
        one = trajectory(adam, "'", beta1=0)
        same = trajectory(find("rmsprop", eps_placement=place), rho=Symbol("beta2"))
        apart = trajectory(find("rmsprop", eps_placement=other), rho=Symbol("beta2"))
        claim = And(Eq(one.v(t), same.v(t)), Eq(one.x(t), same.x(t)), evaluate=False)
        yield Claim(claim, [one, same, EPS], mutant_given=[one, apart, EPS], of=f"{place}")


@theorem(cites="Polyak 1964; Nesterov 1983", rules=("momentum", "sgd"))
def momentum_zero_is_sgd() -> Iterator[Claim]:
    """Momentum, also Nesterov's, with momentum = 0 is gradient descent."""
    for nesterov in (False, True):
        rule = find("momentum", nesterov=nesterov)
        one, two = trajectory(rule, "'", momentum=0), trajectory(find("sgd"))
        tenth = trajectory(rule, "'", momentum=Rational(1, 10))
        claim = Eq(one.x(t), two.x(t))
        yield Claim(claim, [one, two], mutant_given=[tenth, two], of="nesterov" if nesterov else "heavy ball")
