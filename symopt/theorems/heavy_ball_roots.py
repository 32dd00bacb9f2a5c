"""Heavy ball on curvature x^2/2: its roots lie inside the unit disc exactly for 0 < lr c < 2 (1 + beta)."""

from collections.abc import Iterator

from sympy import Eq, Symbol, sqrt

from symopt.proof import one_step
from symopt.rules import find

from .statement import Claim, theorem

x, lr, curvature, beta = (Symbol(name) for name in ("x", "lr", "curvature", "beta"))
POLYAK = "Polyak 1964; Jury 1962"
BALL = [beta >= 0, beta < 1]
lr_c = lr * curvature
middle = 1 + beta - lr_c  # x(t+1) = middle x(t) - beta x(t-1), so the roots are those of z^2 - middle z + beta
square = middle**2 - 4 * beta


@theorem(cites=POLYAK, rules=("momentum",))
def heavy_ball_on_quadratic() -> Iterator[Claim]:
    """With g = c x, from any state: x(t+1) = (1 + beta - lr c) x(t) - beta x(t-1)."""
    ball = find("momentum")
    one = one_step(ball, g=curvature * x, momentum=beta)
    now, v = one.new["x"], one.new["v"]
    two = one_step(ball, x=now, v=v, g=curvature * now, momentum=beta)
    plain = one_step(ball, x=now, v=v, g=curvature * now, momentum=0)
    claim = Eq(two.new["x"], middle * now - beta * x)
    yield Claim(claim, [two], mutant=Eq(plain.new["x"], middle * now - beta * x))


@theorem(cites=POLYAK, rules=("momentum",))
def real_roots_are_inside() -> Iterator[Claim]:
    """0 < lr c < 2 (1 + beta), 0 <= beta < 1: where the roots of z^2 - (1 + beta - lr c) z + beta are real, |z| < 1."""
    given = [*BALL, lr_c > 0, square >= 0]
    roots = [(middle + sign * sqrt(square)) / 2 for sign in (1, -1)]
    claim = [*(Eq(z**2 - middle * z + beta, 0) for z in roots), *(z < 1 for z in roots), *(z > -1 for z in roots)]
    yield Claim(claim, [*given, lr_c < 2 * (1 + beta)], mutant_given=[*given, lr_c < 3 * (1 + beta)])


@theorem(cites=POLYAK, rules=("momentum",))
def complex_roots_are_inside() -> Iterator[Claim]:
    """Where they are complex, re + im i with im not 0, re^2 + im^2 = beta < 1, whatever the rate."""
    re, im = middle / 2, sqrt(-square) / 2
    root = [Eq(re**2 - im**2 - middle * re + beta, 0), Eq(2 * re * im - middle * im, 0)]
    modulus = re**2 + im**2
    yield Claim([*root, Eq(modulus, beta), modulus < 1], [*BALL, square < 0], mutant=modulus < beta)


@theorem(cites=POLYAK, rules=("momentum",))
def roots_outside_beyond_the_bounds() -> Iterator[Claim]:
    """Otherwise a root is not inside: lr c <= 0 gives a real root >= 1, lr c >= 2 (1 + beta) one <= -1."""
    for name, outside, sign in (("low", lr_c <= 0, 1), ("high", lr_c >= 2 * (1 + beta), -1)):
        root = (middle + sign * sqrt(square)) / 2
        claim = [Eq(root**2 - middle * root + beta, 0), sign * root >= 1]
        yield Claim(claim, [*BALL, outside], mutant=sign * root > 1, using=[square >= 0], of=name)
