"""A thousand steps of every rule: kernel and twin restarted from the same state, and float64 against exact steps.

Where elements depend on each other every step's bounds are derived by themselves, and so of every tenth step alone.
"""

from decimal import Decimal, localcontext

import numpy as np
import pytest

from symopt import reference, rules
from symopt.conform.decimals import decimals, step_in_decimals
from symopt.language import exact

DTYPES = ["float32", "float64"]
RULES = [*(rules.find(name) for name in rules.names()), rules.find("momentum", nesterov=True)]
STEPS, ELEMENTS = 1000, 37


def trajectory(pair, dtype, seed=5):
    """The inputs of each step: the kernel descends a noisy quadratic whose curvatures span six decades.

    None is so large that gradient descent at the rule's rate would diverge.
    """
    rng, kernel = np.random.default_rng(seed), pair.kernel
    (lr,) = (float(h.default) for h in kernel.program.hypers if h.name == "lr")
    curvature = np.logspace(-4, 2, ELEMENTS) * min(1, 0.01 / lr)
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
    made = pair(rule, dtype)
    runs = list(trajectory(made, dtype))
    assert len(runs) >= 1000
    alone = rule.program.is_separable and made.twin.program.is_separable
    for seen in [made.run_all(runs)] if alone else map(made.run, runs[::10]):
        for name, output in seen.items():
            assert np.isfinite(output.allowed).all()
            assert (output.ratio <= 1).all(), f"{name}: {np.max(output.ratio)} of the bound"


def test_a_thousand_steps_see_a_defect_in_one(pair):
    """Thirty units in the last place, in one element of the last step."""

    def off(x, g, state, t, **named):
        new, state = reference.find("adam")(x, g, state, t, **named)
        new[7] += 30 * np.spacing(new[7]) * (t == 1000)
        return new, state

    made = pair(rules.find("adam"), "float32", off)
    ratio = made.run_all(list(trajectory(made, "float32")))["x"].ratio
    assert np.argwhere(ratio > 1).tolist() == [[999, 7]]


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.label)
def test_float64_against_exact_steps(pair, rule):
    """Every tenth step and fourth element in 80 digits: kernel and twin each within a bound of their own."""
    made, worst, count = pair(rule, "float64"), 0.0, 0
    numbers = {h.name: exact(float(h.default)) for h in rule.program.hypers}
    numbers = {n: Decimal(v.numerator) / v.denominator for n, v in numbers.items()}
    for inputs in trajectory(made, "float64"):
        if inputs["t"] % 10 != 1:
            continue
        arrays = {n: decimals(a) for n, a in inputs.items() if n != "t"}
        seen = made.run(inputs)
        with localcontext(prec=80):
            if not rule.program.is_separable:
                whole = step_in_decimals(rule.program, numbers | arrays | {"t": Decimal(inputs["t"])})
            for i in range(0, ELEMENTS, 4):
                if rule.program.is_separable:
                    step = rule.run(numbers | {n: a[i] for n, a in arrays.items()} | {"t": Decimal(inputs["t"])})
                else:
                    step = {n: np.resize(value, ELEMENTS)[i] for n, value in whole.items()}
                for name, out in seen.items():
                    at = i % out.kernel.size  # of a state with one value for all elements, that
                    for got, known in ((out.kernel, out.kernel_known), (out.twin, out.twin_known)):
                        off, allowed = abs(Decimal(float(got[at])) - step[name]), Decimal(float(known.error[at]))
                        assert off <= allowed, f"{name}[{i}] at step {inputs['t']}"
                        worst = max(worst, float(off / allowed) if off else 0.0)
                        count += 1
    assert count > 1000
    assert worst > 0.1
    print(rule.label, "observed/bound", worst)
