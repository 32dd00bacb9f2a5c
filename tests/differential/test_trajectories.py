"""A thousand steps of every rule: kernel and twin restarted from the same state, and float64 against exact steps."""

from decimal import Decimal, localcontext

import numpy as np
import pytest

from symopt import rules
from symopt.language import exact

DTYPES = ["float32", "float64"]
RULES = [*(rules.find(name) for name in rules.names()), rules.find("momentum", nesterov=True)]
STEPS, ELEMENTS = 1000, 37


def trajectory(pair, dtype, seed=5):
    """The inputs of each step: the kernel descends a noisy quadratic whose curvatures span six decades."""
    rng, kernel = np.random.default_rng(seed), pair.kernel
    curvature = np.logspace(-4, 2, ELEMENTS)
    x = rng.normal(size=ELEMENTS).astype(dtype)
    states = kernel.init(x)
    for t in range(1, STEPS + 1):
        noise = rng.normal(size=ELEMENTS) * 0.1
        g = (curvature * x + noise).astype(dtype)
        yield {"x": x.copy(), "g": g, "t": t, **{n: s.copy() for n, s in states.items()}}
        kernel(x, g, t=t, **states)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.label)
def test_a_thousand_steps(pair, rule, dtype):
    made, worst, steps = pair(rule, dtype), 0.0, 0
    for inputs in trajectory(made, dtype):
        for name, seen in made.run(inputs).items():
            assert np.isfinite(seen.allowed).all()
            assert (seen.ratio <= 1).all(), f"{name} at step {inputs['t']}: {np.max(seen.ratio)} of the bound"
            worst = max(worst, float(seen.ratio.max()))
        steps += 1
    assert steps >= 1000
    print(rule.label, "observed/bound", worst)


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.label)
def test_float64_against_exact_steps(pair, rule):
    """Every tenth step and fourth element in 80 digits: kernel and twin each within a bound of their own."""
    made, worst, count = pair(rule, "float64"), 0.0, 0
    numbers = {h.name: exact(float(h.default)) for h in rule.program.hypers}
    numbers = {n: Decimal(v.numerator) / v.denominator for n, v in numbers.items()}
    for inputs in trajectory(made, "float64"):
        if inputs["t"] % 10 != 1:
            continue
        arrays = {n: a for n, a in inputs.items() if n != "t"}
        seen = made.run(inputs)
        with localcontext(prec=80):
            for i in range(0, ELEMENTS, 4):
                step = rule.run(numbers | {n: Decimal(float(a[i])) for n, a in arrays.items()} | {"t": inputs["t"]})
                for name, out in seen.items():
                    for got, known in ((out.kernel, out.kernel_known), (out.twin, out.twin_known)):
                        off, allowed = abs(Decimal(float(got[i])) - step[name]), Decimal(float(known.error[i]))
                        assert off <= allowed, f"{name}[{i}] at step {inputs['t']}"
                        worst = max(worst, float(off / allowed) if off else 0.0)
                        count += 1
    assert count > 1000
    assert worst > 0.1
    print(rule.label, "observed/bound", worst)
