"""Every hand-written step against its rule, run on numbers of sixty digits."""

from decimal import Decimal, localcontext

import numpy as np
import pytest

from symopt import reference, rules
from symopt.conform.decimals import decimals, digits, step_in_decimals
from symopt.language import shape_of

VARIANTS = [variant for name in rules.names() for variant in rules.find(name).variants()]
STEPS, DIGITS = 20, 60


def agree(observed, exact, allowed=2.0**-38):
    """Whether float64 trajectories are the exact ones, up to rounding.

    ``observed`` and ``exact``: for x and each state a list over the steps of lists over the elements. The
    comparison is scaled by the largest value of the trajectory, because a gradient may cancel the value it
    meets. Each of at most 32 roundings in each of the 20 steps adds at most 2^-53 of that; dividing by
    1 - beta^t >= 1/32 (as sampled here) magnifies it 32 times at most: 20*32*32*2^-53 < 2^-38.
    """
    if observed.keys() != exact.keys():
        return False
    for name, steps in exact.items():
        scale = max((abs(value) for step in steps for value in step), default=Decimal(0)) or Decimal(1)
        for got_step, step in zip(observed[name], steps, strict=True):
            for got, value in zip(got_step, step, strict=True):
                if not abs(Decimal(float(got)) - value) <= scale * Decimal(allowed):
                    return False
    return True


def sample(found, draw):
    """Hyperparameters k/32 inside their domains, so that they are the same number in float64 and in decimal."""
    hypers = {}
    for hyper in found.program.hypers:
        value = int(draw.integers(0, 32)) / 32
        hypers[hyper.name] = value if value in hyper.domain else 1 / 32
    return hypers


def float_trajectory(step, found, x, gradients, hypers):
    seen, state = {}, {}
    for t, g in enumerate(gradients, start=1):
        x, state = step(x, g, state, t, **hypers, **found.setting)
        for name, value in {"x": x, **state}.items():
            seen.setdefault(name, []).append(np.ravel(value))
    return seen


def exact_trajectory(found, x, gradients, hypers):
    seen = {name: [] for name, _ in found.program.results}
    fixed = {name: Decimal(value) for name, value in hypers.items()}
    starts = {s.name: np.full(shape_of(s.scope, x.shape), float(s.initial)) for s in found.program.states}
    values = {"x": decimals(x)} | {name: decimals(start) for name, start in starts.items()}
    for t, g in enumerate(gradients, start=1):
        found_now = step_in_decimals(found.program, values | fixed | {"t": Decimal(t), "g": decimals(g)})
        values = {name: np.broadcast_to(found_now[name], values[name].shape) for name in values}
        for name, steps in seen.items():
            steps.append(values[name].ravel().tolist())
    return seen


def both(found, seed, step=None, *, at_zero=False):
    draw = np.random.default_rng(seed)
    shape = (2, 3) if found.program.has_matrices else (5,)
    x, gradients = draw.normal(size=shape) * (not at_zero), draw.normal(size=(STEPS, *shape))
    hypers = sample(found, draw)
    observed = float_trajectory(step or reference.find(found.name), found, x, gradients, hypers)
    with digits(DIGITS):
        return observed, exact_trajectory(found, x, gradients, hypers)


@pytest.mark.parametrize("found", VARIANTS, ids=lambda r: r.label)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_twin_is_the_rule(found, seed):
    observed, exact = both(found, seed)
    with localcontext(prec=DIGITS):
        assert agree(observed, exact)


@pytest.mark.parametrize("found", VARIANTS, ids=lambda r: r.label)
def test_the_twin_of_another_variant_is_not_the_rule(found):
    """Each option of each twin shows: run at its neighbour's setting, the step is found out."""
    neighbours = [r for r in rules.find(found.name).variants() if r != found]
    for neighbour in neighbours:
        if set(neighbour.program.inputs) != set(found.program.inputs):
            continue
        if {found.setting.get("threshold"), neighbour.setting.get("threshold")} == {"5", "from 5"}:
            continue  # they part where as many gradients as 5 are averaged, and no number here does that

        def swapped(x, g, state, t, setting=neighbour.setting, **given):
            hypers = {name: value for name, value in given.items() if name not in setting}
            return reference.find(found.name)(x, g, state, t, **hypers, **setting)

        def agree_in(seed, at_zero, step=swapped):
            observed, exact = both(found, seed, step, at_zero=at_zero)
            with digits(DIGITS):
                return agree(observed, exact)

        with np.errstate(all="ignore"):  # some norms are 0
            assert not all(agree_in(seed, at_zero) for seed in range(6) for at_zero in (False, True)), neighbour.label


@pytest.mark.parametrize("found", VARIANTS, ids=lambda r: r.label)
@pytest.mark.parametrize("relative", [2**-30, -(2**-30)])
def test_a_small_planted_error_is_found(found, relative):
    def off(x, g, state, t, **given):
        new_x, state = reference.find(found.name)(x, g, state, t, **given)
        return new_x + (new_x - x) * relative, state

    observed, exact = both(found, 1, off)
    with localcontext(prec=DIGITS):
        assert not agree(observed, exact)
