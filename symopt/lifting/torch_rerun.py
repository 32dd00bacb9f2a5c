"""A lifted torch optimizer held against torch's own steps: of one tensor alone, and beside another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp
import torch

from .errors import LiftError
from .function import LiftedStep
from .rerun import SEED, SHAPES, CoupledError, NotFollowedError, Real, Runnable, at_defaults_and_others, compare, rerun
from .torch_trace import Traced, title

#: What a lifted step with sums over all tensors may hold under: that they are in one group.
ONE_GROUP = sp.Eq(sp.Symbol("groups"), sp.Integer(1), evaluate=False)


def run_torch(make: Callable[..., Any], fixed: Mapping[str, Any], ndim: int) -> Runnable:
    """The steps that an optimizer of torch takes with one tensor of so many axes, in float64 where it takes that."""
    traced = Traced(make, fixed, ndim)
    dtype = _dtype(traced)
    return Runnable(traced.hypers, dtype, _alone(traced, dtype))


def rerun_alone(lifted: LiftedStep, traced: Traced, steps: int) -> LiftedStep:
    """The lifted step, if torch does the same; in float32 where it takes no other numbers.

    LiftError where another tensor, in x's group or in another one, changes what happens to x.
    """
    dtype = _dtype(traced)
    return rerun(lifted, _alone(traced, dtype), SHAPES[traced.ndim], dtype, steps)


def _alone(traced: Traced, dtype: str) -> Real:
    """The steps of one tensor; CoupledError where another one, in its group or beside it, changes them."""

    def real(x: Any, gradients: Sequence[Any], hypers: Mapping[str, float]) -> list[Any]:
        beside = np.ones((3, *x.shape[1:]))
        found = [made[0] for made in _run(traced, hypers, [x], [[g] for g in gradients], dtype)]
        both = [[g, np.full_like(beside, 100.0)] for g in gradients]
        runs = [[made[0] for made in _run(traced, hypers, [x, beside], both, dtype, groups=True)]]
        turned = [pair[::-1] for pair in both]
        with suppress(LiftError):  # where the tensors of a group must fit together
            runs.append([made[1] for made in _run(traced, hypers, [beside, x], turned, dtype)])
        if not all(np.array_equal(found, others, equal_nan=True) for others in runs):
            raise CoupledError(title(traced.make))
        return found

    return real


def rerun_together(lifted: LiftedStep, traced: Traced, steps: int) -> LiftedStep:
    """The lifted step with sums over all tensors, if torch does the same: to one tensor, to two, and in two groups.

    Where each group has sums of its own, that there is one group is a condition. LiftError where it does not.
    """
    rng, dtype, shape = np.random.default_rng(SEED), _dtype(traced), SHAPES[traced.ndim]
    xs = [rng.normal(size=shape), rng.normal(size=(3, *shape[1:]))]
    gradients = [[rng.normal(size=x.shape) for x in xs] for _ in range(steps)]
    conditions = set()

    def hold(hypers: Mapping[str, float]) -> None:
        lone = [[[given[n]] for given in gradients] for n in range(len(xs))]
        compare(lifted, hypers, xs[:1], lone[0], _run(traced, hypers, xs[:1], lone[0], dtype), dtype)
        compare(lifted, hypers, xs, gradients, _run(traced, hypers, xs, gradients, dtype), dtype)
        apart = _run(traced, hypers, xs, gradients, dtype, groups=True)
        try:
            compare(lifted, hypers, xs, gradients, apart, dtype)
        except NotFollowedError:
            for n, x in enumerate(xs):
                compare(lifted, hypers, [x], lone[n], [[made[n]] for made in apart], dtype)
            conditions.add(ONE_GROUP)

    held = at_defaults_and_others(lifted, hold)
    return replace(held, conditions=(*held.conditions, *conditions))


def _dtype(traced: Traced) -> str:
    """float64, but float32 where a step in float64 raises."""
    x = np.ones(SHAPES[traced.ndim])
    hypers = {h.name: float(h.default) for h in traced.hypers}
    with suppress(LiftError):
        _run(traced, hypers, [x], [[x]], "float64")
        return "float64"
    return "float32"


def _run(
    traced: Traced,
    hypers: Mapping[str, float],
    xs: Sequence[Any],
    gradients: Sequence[Sequence[Any]],
    dtype: str,
    *,
    groups: bool = False,
) -> list[list[Any]]:
    """The tensors after each of the steps that torch itself takes; ``groups``: each is in a group of its own."""
    kind = getattr(torch, dtype)
    own = [torch.nn.Parameter(torch.from_numpy(x.copy()).to(kind)) for x in xs]
    made = traced.optimizer([{"params": [parameter]} for parameter in own] if groups else list(own))
    traced.set_hypers(made, hypers)
    found = []
    for given in gradients:
        for parameter, g in zip(own, given, strict=True):
            parameter.grad = torch.from_numpy(g.copy()).to(kind)
        traced.take(made)
        found.append([parameter.detach().double().numpy().copy() for parameter in own])
    return found
