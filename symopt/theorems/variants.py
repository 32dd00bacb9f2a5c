"""Variants that are the same function, and plausible ones that are not."""

from collections.abc import Iterator
from typing import Any

from sympy import And, Eq, Function, Rational, Symbol, sqrt

from symopt.language import decay, rate, rule, state
from symopt.proof import one_step, trajectory
from symopt.rules import find

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
x, g, v, lr, eps, lam = (Symbol(name) for name in ("x", "g", "v", "lr", "eps", "weight_decay"))
momentum, beta1 = Symbol("momentum"), Symbol("beta1")
G = Function("g")


@rule(cites="Ma & Yarats 2019, section 2", lr=rate(0.01), beta1=decay(0.9), v=state())
def ema_momentum(s: Any) -> None:
    """Momentum as a moving average of the gradient."""
    s.v = s.beta1 * s.v + (1 - s.beta1) * s.g
    s.x = s.x - s.lr * s.v


@rule(cites="Adam with the corrected second moment held at 1 and eps = 0", lr=rate(0.01), beta1=decay(0.9), v=state())
def corrected_momentum(s: Any) -> None:
    """EMA momentum with Adam's bias correction kept."""
    s.v = s.beta1 * s.v + (1 - s.beta1) * s.g
    s.x = s.x - s.lr * (s.v / (1 - s.beta1**s.t))


@rule(cites="keras, mxnet: the learning rate inside the velocity", lr=rate(0.01), momentum=decay(0.9), v=state())
def inside_velocity(s: Any) -> None:
    """Heavy ball whose velocity contains the learning rate."""
    s.v = s.momentum * s.v - s.lr * s.g
    s.x = s.x + s.v


@rule(
    cites="Sutskever et al. 2013, equations (3) and (4), in the look-ahead variable",
    lr=rate(0.01),
    momentum=decay(0.9),
    v=state(),
)
def sutskever(s: Any) -> None:
    """Nesterov's momentum in Sutskever's form, written for the look-ahead point y = theta + momentum v."""
    s.w = s.momentum * s.v - s.lr * s.g
    s.x = s.x - s.momentum * s.v + s.w + s.momentum * s.w
    s.v = s.w


@theorem(cites="Loshchilov & Hutter 2019", rules=("adamw", "adam"))
def adamw_without_decay_is_adam() -> Iterator[Claim]:
    """AdamW with weight_decay = 0 is Adam."""
    adamw = find("adamw")
    one, two = trajectory(adamw, "'", weight_decay=0), trajectory(find("adam"))
    other = trajectory(adamw, "'", weight_decay=Rational(1, 10))
    claim = And(Eq(one.m(t), two.m(t)), Eq(one.v(t), two.v(t)), Eq(one.x(t), two.x(t)), evaluate=False)
    yield Claim(claim, [one, two, eps > 0], mutant_given=[other, two, eps > 0])


@theorem(cites="plausible", expected="refuted", rules=("adamw", "adam"))
def l2_is_decoupled_decay() -> Iterator[Claim]:
    """Adam with L2 regularisation is AdamW (false)."""
    adamw = find("adamw")
    one, two = one_step(adamw), one_step(find("adam", decay="coupled"))
    zero, same = one_step(adamw, weight_decay=0), one_step(find("adam", decay="coupled"), weight_decay=0)
    yield Claim(
        Eq(one.new["x"], two.new["x"]),
        [one, two, eps > 0],
        mutant=Eq(zero.new["x"], same.new["x"]),
        mutant_given=[zero, same, eps > 0],
    )


@theorem(cites="Ma & Yarats 2019, section 3", rules=("qhm", "momentum", "sgd"))
def qhm_extremes() -> Iterator[Claim]:
    """QHM with nu = 0 is gradient descent, with nu = 1 momentum as a moving average."""
    sgd, ema = trajectory(find("sgd")), trajectory(ema_momentum)
    qhm = find("qhm")
    zero, one, half = (trajectory(qhm, "'", momentum=beta1, nu=share) for share in (0, 1, Rational(1, 2)))
    yield Claim(Eq(zero.x(t), sgd.x(t)), [zero, sgd], mutant_given=[half, sgd], of="0")
    claim = And(Eq(one.v(t), ema.v(t)), Eq(one.x(t), ema.x(t)), evaluate=False)
    yield Claim(claim, [one, ema], mutant_given=[half, ema], of="1")


@theorem(cites="Ma & Yarats 2019, section 2", rules=("momentum", "adam"), article=(22,))
def ema_momentum_is_heavy_ball() -> Iterator[Claim]:
    """A moving average at rate lr is heavy ball at rate lr (1 - beta1): v = (1 - beta1) v'."""
    ema, ball = trajectory(ema_momentum), trajectory(find("momentum"), "'", lr=lr * (1 - beta1), momentum=beta1)
    same = trajectory(find("momentum"), "'", lr=lr, momentum=beta1)
    claim = And(Eq(ema.v(t), (1 - beta1) * ball.v(t)), Eq(ema.x(t), ball.x(t)), evaluate=False)
    yield Claim(claim, [ema, ball], mutant_given=[ema, same])


@theorem(cites="the article, Adam", expected="refuted", rules=("adam", "momentum"), article=(22,))
def corrected_momentum_is_heavy_ball() -> Iterator[Claim]:
    """With Adam's correction kept, it is heavy ball at rate lr (1 - beta1) too (false)."""
    kept, ball = trajectory(corrected_momentum), trajectory(find("momentum"), "'", lr=lr * (1 - beta1), momentum=beta1)
    plain = trajectory(ema_momentum)
    yield Claim(
        Eq(kept.x(t), ball.x(t)),
        [kept, ball],
        mutant=And(Eq(plain.v(t), (1 - beta1) * ball.v(t)), Eq(plain.x(t), ball.x(t)), evaluate=False),
        mutant_given=[plain, ball],
    )


@theorem(cites="Sutskever et al. 2013, section 2; torch.optim.SGD", rules=("momentum",))
def nesterov_forms() -> Iterator[Claim]:
    """Sutskever's look-ahead form, at the look-ahead point, is the form g + momentum v: its velocity is -lr v."""
    one, two = trajectory(sutskever, "'"), trajectory(find("momentum", nesterov=True))
    plain = trajectory(find("momentum"))
    claim = And(Eq(one.v(t), -lr * two.v(t)), Eq(one.x(t), two.x(t)), evaluate=False)
    yield Claim(claim, [one, two], mutant_given=[one, plain])


@theorem(cites="torch.optim.SGD against keras.optimizers.SGD", rules=("momentum",))
def rate_inside_the_velocity() -> Iterator[Claim]:
    """With a constant learning rate it may stand inside the velocity: v' = -lr v."""
    one, two = trajectory(inside_velocity, "'"), trajectory(find("momentum"))
    claim = And(Eq(one.v(t), -lr * two.v(t)), Eq(one.x(t), two.x(t)), evaluate=False)
    yield Claim(claim, [one, two], mutant=And(Eq(one.v(t), lr * two.v(t)), Eq(one.x(t), two.x(t)), evaluate=False))


@theorem(cites="plausible", expected="refuted", rules=("momentum",))
def rate_inside_under_a_schedule() -> Iterator[Claim]:
    """Under a schedule lr(t) too (false: 3 against 5/2)."""
    eta, a, b, p, q = (Function(name) for name in ("eta", "a", "b", "p", "q"))
    mu = Symbol("momentum")
    outside = [
        Eq(a(0), 0),
        Eq(a(t), mu * a(t - 1) + G(t)),
        Eq(p(0), 0),
        Eq(p(t), p(t - 1) - eta(t) * (mu * a(t - 1) + G(t))),
    ]
    inside = [
        Eq(b(0), 0),
        Eq(b(t), mu * b(t - 1) - eta(t) * G(t)),
        Eq(q(0), 0),
        Eq(q(t), q(t - 1) + mu * b(t - 1) - eta(t) * G(t)),
    ]
    given = [mu >= 0, mu < 1, *outside, *inside]
    yield Claim(Eq(p(t), q(t)), given, mutant=Eq(p(1), q(1)))


@theorem(cites="torch.optim.Adam", rules=("adam",))
def torch_order_of_operations() -> Iterator[Claim]:
    """sqrt(v)/sqrt(c) + eps, as torch computes, is sqrt(v/c) + eps."""
    c = Symbol("c")
    given = [v >= 0, c > 0]
    yield Claim(
        Eq(sqrt(v) / sqrt(c) + eps, sqrt(v / c) + eps), given, mutant=Eq((sqrt(v) + eps) / sqrt(c), sqrt(v / c) + eps)
    )


@theorem(cites="plausible", expected="refuted", rules=("adam",))
def eps_inside_the_correction() -> Iterator[Claim]:
    """(sqrt(v) + eps)/sqrt(c) is sqrt(v/c) + eps (false: v = 1, c = 1/4, eps = 1)."""
    c = Symbol("c")
    given = [v >= 0, c > 0, eps >= 0]
    yield Claim(
        Eq((sqrt(v) + eps) / sqrt(c), sqrt(v / c) + eps),
        given,
        mutant=Eq((sqrt(v) + eps * sqrt(c)) / sqrt(c), sqrt(v / c) + eps),
    )


@theorem(cites="the article, Adam and RMSProp", expected="refuted", rules=("adam", "rmsprop"), article=(21,))
def eps_place_does_not_matter() -> Iterator[Claim]:
    """With epsilon inside one root and outside the other, Adam without correction at beta1 = 0 is RMSProp (false)."""
    adam = trajectory(find("adam", bias_correction=False), "'", beta1=0)
    inside = trajectory(find("rmsprop"), rho=Symbol("beta2"))
    outside = trajectory(find("rmsprop", eps_placement="outside"), rho=Symbol("beta2"))
    yield Claim(
        Eq(adam.x(t), inside.x(t)),
        [adam, inside, eps > 0],
        mutant=And(Eq(adam.v(t), outside.v(t)), Eq(adam.x(t), outside.x(t)), evaluate=False),
        mutant_given=[adam, outside, eps > 0],
    )


@theorem(cites="Kingma & Ba 2015, section 2; tensorflow.keras.optimizers.Adam", rules=("adam",))
def correction_in_the_rate() -> Iterator[Claim]:
    """The correction may stand in the rate, if epsilon is scaled with it: eps sqrt(1 - beta2^t) for eps."""
    c = 1 - Symbol("beta2") ** Symbol("t")
    moved, paper = find("adam", eps_placement="hat"), one_step(find("adam"))
    scaled, plain = one_step(moved, eps=eps * sqrt(c)), one_step(moved)
    mutant = Eq(plain.new["x"], paper.new["x"])
    yield Claim(Eq(scaled.new["x"], paper.new["x"]), [paper, eps > 0], mutant=mutant, using=[c > 0])
