"""EMA of the weights: after a rule's step, a running mean follows its parameters."""

from typing import Any

from symopt.language import choice, decay, period, rule, state, switch, where


@rule(
    cites="Polyak & Juditsky 1992; Tarvainen & Valpola 2017, arXiv:1703.01780, section 2",
    decay=decay(0.999),
    overwrite_period=period(100),
    average=state(),
    count=state(nonnegative=True, scope="step"),
)
def ema(s: Any, *, start: Any = choice("first", "corrected"), overwrite: Any = switch()) -> None:
    """EMA of the weights: average keeps decay of itself and takes the rest from the parameters after the step.

    It starts at the parameters after the first step ("first": torch.optim.swa_utils, Keras' use_ema), or at 0 and is
    divided by 1 - decay**t, as Adam's moments are ("corrected", written here for the corrected mean itself). A start at
    the parameters before the first step is out of reach of what comes after a rule. ``overwrite`` sets the parameters
    to the average every overwrite_period steps (Keras' ema_overwrite_frequency). Read in torch and Keras; the papers'
    own texts could not be consulted.
    """
    if start == "first":
        s.average = where(s.t > 1, s.decay * s.average + (1 - s.decay) * s.x, s.x)
    else:
        s.share = (1 - s.decay) / (1 - s.decay**s.t)
        s.average = (1 - s.share) * s.average + s.share * s.x
    if overwrite:
        s.count = s.count + 1
        s.x = where(s.count >= s.overwrite_period, s.average, s.x)
        s.count = where(s.count >= s.overwrite_period, 0, s.count)
