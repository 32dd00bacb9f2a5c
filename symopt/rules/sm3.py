"""SM3: AdaGrad's accumulators kept as one number for each row and each column of a matrix."""

from typing import Any

from symopt.language import choice, decay, largest, minimum, rate, rule, small, sqrt, state, switch, where


@rule(
    cites="Anil, Gupta, Koren & Singer 2019, arXiv:1901.11150, Algorithms SM3-I and SM3-II",
    lr=rate(0.1),
    beta1=decay(0.9),
    beta2=decay(0.999),
    eps=small("1e-8"),
    r=state(nonnegative=True, scope="row"),
    c=state(nonnegative=True, scope="column"),
    m=state(),
)
def sm3(
    s: Any,
    *,
    version: Any = choice("II", "I"),
    accumulator: Any = choice("sum", "mean"),
    eps_placement: Any = choice("none", "inside"),
    momentum: Any = switch(),
) -> None:
    """SM3: an element's sum of squares is at most that of its row and of its column; it is taken to be the smaller.

    The cover is by rows and columns; a vector is one row, where SM3-II is AdaGrad. Where the sum is 0 the step is 0, as
    the paper has it; optax and pytorch-optimizer add eps inside the root. ``accumulator="mean"`` is optax's b2 and
    pytorch-optimizer's beta. ``momentum`` averages the steps (optax). The algorithms were read in optax' documentation
    and code; the paper's own text could not be consulted.
    """
    if version == "I":
        s.r = s.r + largest(s.g**2, "row")
        s.c = s.c + largest(s.g**2, "column")
        s.v = minimum(s.r, s.c)
    else:
        s.v = minimum(s.r, s.c)
        s.v = s.v + s.g**2 if accumulator == "sum" else s.beta2 * s.v + (1 - s.beta2) * s.g**2
        s.r = largest(s.v, "row")
        s.c = largest(s.v, "column")
    s.u = where(s.v <= 0, 0, s.g / sqrt(s.v + s.eps if eps_placement == "inside" else s.v))
    if momentum:
        s.m = s.beta1 * s.m + (1 - s.beta1) * s.u
    s.x = s.x - s.lr * (s.m if momentum else s.u)
