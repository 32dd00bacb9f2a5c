"""AggMo: where it is momentum."""

from collections.abc import Iterator

from sympy import Eq, Rational, Symbol

from symopt.proof import trajectory
from symopt.rules import find

from .statement import Claim, theorem

t = Symbol("t", integer=True, nonnegative=True)
momentum = Symbol("momentum")


@theorem(cites="Lucas, Sun, Zemel & Grosse 2019, section 3", rules=("aggmo", "momentum"))
def aggmo_is_momentum() -> Iterator[Claim]:
    """AggMo with the same momentum in all its velocities is heavy ball."""
    ball = trajectory(find("momentum"))
    for velocities, names in (("two", ("1", "2")), ("three", ("1", "2", "3"))):
        rule, betas = find("aggmo", velocities=velocities), {f"beta{name}": momentum for name in names}
        one, apart = trajectory(rule, "'", **betas), trajectory(rule, "'", **betas | {"beta1": Rational(1, 2)})
        same = [Eq(getattr(one, f"v{name}")(t), ball.v(t)) for name in names]
        yield Claim([*same, Eq(one.x(t), ball.x(t))], [one, ball], mutant_given=[apart, ball], of=velocities)
