"""AdaMod: Adam whose learning rate in each coordinate is held under a running mean of those before."""

from typing import Any

from symopt.language import choice, decay, effective_gradient, minimum, rate, rule, small, sqrt, state, weight


@rule(
    cites="Ding, Ren, Luo & Sun 2019, arXiv:1910.12249, Algorithm 1",
    lr=rate(0.001),
    beta1=decay(0.9),
    beta2=decay(0.999),
    beta3=decay(0.999),
    eps=small("1e-8"),
    weight_decay=weight(0.01),
    m=state(),
    v=state(nonnegative=True),
    r=state(nonnegative=True),
)
def adamod(
    s: Any,
    *,
    eps_placement: Any = choice("outside", "hat"),
    decay: Any = choice("none", "decoupled"),
) -> None:
    """AdaMod: Adam's rate lr / (sqrt(v_hat) + eps), at most the mean r of the rates so far, which starts at 0.

    r is the paper's s. The authors' code (lancopku/AdaMod) and pytorch-optimizer add eps to the uncorrected root
    ("hat"), which takes the correction of m into the rate, and so into its mean too; ``decay`` is theirs. Read in
    these and in a quotation of the algorithm; the paper's own text could not be consulted.
    """
    effective_gradient(s, decay=decay, maximize=False)
    s.m = s.beta1 * s.m + (1 - s.beta1) * s.g
    s.v = s.beta2 * s.v + (1 - s.beta2) * s.g**2
    if eps_placement == "outside":
        s.d = s.m / (1 - s.beta1**s.t)
        s.eta = s.lr / (sqrt(s.v / (1 - s.beta2**s.t)) + s.eps)
    else:
        s.d = s.m
        s.eta = s.lr * sqrt(1 - s.beta2**s.t) / (1 - s.beta1**s.t) / (sqrt(s.v) + s.eps)
    s.r = s.beta3 * s.r + (1 - s.beta3) * s.eta
    s.x = s.x - minimum(s.eta, s.r) * s.d
