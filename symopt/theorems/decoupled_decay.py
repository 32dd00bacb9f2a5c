"""Decoupled weight decay: what it adds to momentum, and what LAMB adds to AdamW."""

from collections.abc import Iterator
from typing import Any

from sympy import Eq, Rational, Symbol

from symopt.language import decay, rate, rule, small, sqrt, state, weight
from symopt.proof import trajectory
from symopt.rules import find

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
eps = Symbol("eps")
LOSHCHILOV = "Loshchilov & Hutter 2019, Algorithm 1"
SGDW = find("sgdw", lr_placement="outside")


@rule(
    cites="You et al. 2020, arXiv:1904.00962, Algorithm 2",
    lr=rate(0.001),
    beta1=decay(0.9),
    beta2=decay(0.999),
    eps=small("1e-6"),
    weight_decay=weight(0.01),
    trust=rate(1),
    m=state(),
    v=state(nonnegative=True),
)
def lamb(s: Any) -> None:
    """LAMB in one coordinate: ``trust`` is the ratio of the norms of a layer's weights and of its step."""
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.v = s.beta2 * s.v + (1 - s.beta2) * s.g**2
    s.m_hat = s.m / (1 - s.beta1**s.t)
    s.v_hat = s.v / (1 - s.beta2**s.t)
    s.r = s.m_hat / (sqrt(s.v_hat) + s.eps)
    s.x = s.x - s.lr * s.trust * (s.r + s.weight_decay * s.x)


@theorem(cites=LOSHCHILOV, rules=("sgdw", "momentum"))
def sgdw_without_decay_is_momentum() -> Iterator[Claim]:
    """SGDW with weight_decay = 0 is heavy ball."""
    one, two = trajectory(SGDW, "'", weight_decay=0), trajectory(find("momentum"))
    other = trajectory(SGDW, "'", weight_decay=Rational(1, 10))
    claim = [Eq(one.v(t), two.v(t)), Eq(one.x(t), two.x(t))]
    yield Claim(claim, [one, two], mutant_given=[other, two])


@theorem(cites="You et al. 2020, section 3", rules=("adamw", "adam"))
def lamb_without_scaling_is_adamw() -> Iterator[Claim]:
    """LAMB with trust ratio 1 is AdamW; with no weight decay either, Adam."""
    half = trajectory(lamb, "'", trust=Rational(1, 2))
    one, two = trajectory(lamb, "'", trust=1), trajectory(find("adamw"))
    claim = [Eq(one.m(t), two.m(t)), Eq(one.v(t), two.v(t)), Eq(one.x(t), two.x(t))]
    yield Claim(claim, [one, two, eps > 0], mutant_given=[half, two, eps > 0], of="AdamW")
    one, two = trajectory(lamb, "'", trust=1, weight_decay=0), trajectory(find("adam"))
    yield Claim(claim, [one, two, eps > 0], mutant_given=[half, two, eps > 0], of="Adam")


@theorem(cites="Loshchilov & Hutter 2019, proposition 2", rules=("sgdw", "sgd"))
def sgd_decays_agree() -> Iterator[Claim]:
    """Without momentum, decoupled decay is coupled decay (L2), for all t; with momentum it is not."""
    plain, coupled = trajectory(SGDW, "'", momentum=0), trajectory(find("sgd", decay="coupled"))
    heavy, ball = trajectory(SGDW, "'"), trajectory(find("momentum", decay="coupled"))
    same = Eq(plain.x(t), coupled.x(t))
    yield Claim(same, [plain, coupled], mutant=Eq(heavy.x(t), ball.x(t)), mutant_given=[heavy, ball])
