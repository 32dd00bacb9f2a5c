"""Rules with operations that few of the catalog's have: differences of squares, bounds, branches, signs, powers."""

from symopt.language import decay, maximum, minimum, rate, rule, sign, small, sqrt, state, where


@rule(cites="Graves 2013", lr=rate(0.01), rho=decay(0.95), eps=small("1e-4"), v=state(nonnegative=True), m=state())
def centred(s):
    """RMSProp with the variance in place of the mean square: a difference that may cancel to the last digit."""
    s.v = s.rho * s.v + (1 - s.rho) * s.g**2
    s.m = s.rho * s.m + (1 - s.rho) * s.g
    s.x = s.x - s.lr * s.g / sqrt(s.v - s.m**2 + s.eps)


@rule(cites="here", lr=rate(0.01), rho=decay(0.9), eps=small("1e-8"), v=state(nonnegative=True), m=state())
def centred_outside(s):
    """The same with the variance alone in the root, and nothing to keep it from 0."""
    s.v = s.rho * s.v + (1 - s.rho) * s.g**2
    s.m = s.rho * s.m + (1 - s.rho) * s.g
    s.x = s.x - s.lr * s.g / (sqrt(maximum(s.v - s.m**2, 0)) + s.eps)


@rule(cites="here", lr=rate(0.1), beta=decay(0.9), eps=small(0.3), m=state())
def clipped(s):
    """A mean kept within bounds."""
    s.m = s.beta * s.m + (1 - s.beta) * s.g
    s.x = s.x - s.lr * maximum(minimum(s.m, s.eps), -s.eps)


@rule(cites="here", lr=rate(0.1), beta=decay(0.9), m=state())
def branching(s):
    """Branches on values, a sign, an absolute value, and a branch on the step count."""
    s.m = s.beta * s.m + (1 - s.beta) * s.g
    s.u = where(s.m * s.g > 0, s.m, s.g / 3)
    s.w = where(s.m <= s.x, s.u * abs(s.x), s.u - s.x)
    s.w = where(s.t < 5, s.g, s.w)
    s.x = s.x - s.lr * s.w - s.lr * sign(s.m)


@rule(cites="here", lr=rate(0.1), rho=decay(0.9), alpha=small(0.3), eps=small("1e-8"), v=state(nonnegative=True))
def powers(s):
    """Powers that are neither whole nor roots, of steps and of elements."""
    s.beta = 1 - s.t ** (-s.alpha)
    s.v = s.rho * s.v + (1 - s.rho) * s.g**2
    s.x = s.x - s.lr * s.beta * s.g / (s.v**s.alpha + s.eps) - abs(s.x) ** 1.7 / s.t**0.8


RULES = [centred, centred_outside, clipped, branching, powers]
