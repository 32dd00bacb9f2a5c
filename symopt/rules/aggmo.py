"""AggMo: the mean of several velocities, each with a momentum of its own."""

from typing import Any

from symopt.language import choice, decay, effective_gradient, rate, rule, state, weight


@rule(
    cites="Lucas, Sun, Zemel & Grosse 2019, arXiv:1804.00325, section 3",
    lr=rate(0.001),
    beta1=decay(0),
    beta2=decay(0.9),
    beta3=decay(0.99),
    weight_decay=weight(0.01),
    v1=state(),
    v2=state(),
    v3=state(),
)
def aggmo(
    s: Any,
    *,
    velocities: Any = choice("three", "two"),
    decay: Any = choice("none", "coupled"),
) -> None:
    """AggMo: a step along the mean of velocities with small and large momentum, of which the small ones damp the large.

    Three velocities with momentum 0, 0.9 and 0.99 are the usual choice (pytorch-optimizer, whose defaults these are);
    "two" leaves the last out. They are those of torch's momentum, the paper's with the other sign; ``decay`` is the
    authors' code (AtheMathmo/AggMo). Read there and in quotations of the update; the paper's own text could not be
    consulted.
    """
    effective_gradient(s, decay=decay, maximize=False)
    s.v1 = s.beta1 * s.v1 + s.g
    s.v2 = s.beta2 * s.v2 + s.g
    if velocities == "three":
        s.v3 = s.beta3 * s.v3 + s.g
        s.x = s.x - s.lr / 3 * (s.v1 + s.v2 + s.v3)
    else:
        s.x = s.x - s.lr / 2 * (s.v1 + s.v2)
