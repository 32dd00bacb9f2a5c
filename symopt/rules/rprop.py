"""Rprop: every coordinate has a step size of its own, which only the sign of its gradient changes."""

from typing import Any

from symopt.language import choice, decay, maximum, minimum, rate, rule, sign, small, state, switch, where


@rule(
    cites="Riedmiller & Braun 1993, doi:10.1109/ICNN.1993.298623; Igel & Huesken 2003, Neurocomputing 50:105-123",
    lr=rate(0.1),
    eta_minus=decay(0.5),
    eta_plus=rate(1.2),
    min_step=small("1e-6"),
    max_step=rate(50),
    eta=state(nonnegative=True),
    d=state(),
)
def rprop(
    s: Any,
    *,
    after_change: Any = choice("back", "step", "stay", "late"),
    clamp: Any = choice("one-side", "both", "always"),
    maximize: Any = switch(),
) -> None:
    """Rprop: steps of length eta against the sign of the gradient, longer while the sign stays, else shorter.

    d is the last step, 0 where the sign has just changed. There Rprop+ (Riedmiller & Braun) takes the last step
    "back", Rprop- "steps" on, and iRprop- (Igel & Huesken, torch) lets x "stay". optax emits each step one "late".
    eta begins at lr and is clamped on the side to which it moves, on "both" (optax), or "always" (torch). iRprop+
    compares losses, and is left out. Read in torch, optax and other code; the papers could not be consulted.
    """
    if maximize:
        s.g = -s.g
    s.eta = where(s.t > 1, s.eta, s.lr)
    s.same = sign(s.g) * sign(s.d)
    s.moved = s.eta * where(s.same > 0, s.eta_plus, where(s.same < 0, s.eta_minus, 1))
    if clamp == "one-side":
        s.moved = where(s.same > 0, minimum(s.moved, s.max_step), maximum(s.moved, s.min_step))
    else:
        s.moved = minimum(maximum(s.moved, s.min_step), s.max_step)
    s.eta = s.moved if clamp == "always" else where(abs(s.same) > 0, s.moved, s.eta)
    s.step = s.eta * sign(s.g)
    last = s.d
    s.d = s.step if after_change == "step" else where(s.same < 0, 0, s.step)
    if after_change == "back":
        s.x = s.x - where(s.same < 0, -last, s.d)
    else:
        s.x = s.x - (where(s.same < 0, 0, last) if after_change == "late" else s.d)
