"""An optimizer of torch beside the kernel of its lift, in float64."""

import numpy as np
import torch

import symopt
from symopt.lifting.rerun import first_apart


def run_torch(make, xs, gradients):
    """The tensors after each step, each in a group of its own; ``gradients``: for each step, one for each tensor."""
    own = [torch.nn.Parameter(torch.from_numpy(x.copy())) for x in xs]
    optimizer = make([{"params": [p]} for p in own])
    for given in gradients:
        for p, g in zip(own, given, strict=True):
            p.grad = torch.from_numpy(g.copy())
        optimizer.step()
        yield [p.detach().numpy().copy() for p in own]


def assert_kernel_does_the_same(target, make, settings=None, steps=7):
    """symopt.compile(symopt.lift(target)) and the optimizer end every step at the same x.

    As far as torch's own float32 scalars let it: the tolerance that lifts are held to, of what x has moved by.
    """
    settings = settings or {}
    kernel = symopt.compile(symopt.lift(target, **settings), "float64")
    rng = np.random.default_rng(5)
    start = rng.normal(size=50)
    gradients = [rng.normal(size=50) for _ in range(steps)]
    theirs = [
        x for (x,) in run_torch(lambda groups: make(groups, **(settings or {})), [start], [[g] for g in gradients])
    ]
    x, states, ours = start.copy(), kernel.init(start), []
    for t, g in enumerate(gradients, 1):
        kernel(x, g, t=t, **states)
        ours.append(x.copy())
    assert not first_apart(ours, theirs, start)
