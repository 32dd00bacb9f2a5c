"""Training on real data: each rule's kernel beside its NumPy twin, from the same start."""

from decimal import Decimal, localcontext

import numpy as np
import pytest

from symopt import reference, rules
from symopt.codegen import compile_program, lower
from symopt.lifting import lift_step
from symopt.rounding import enclose

# Every rule must be here, so a new rule is named when it is missing.
LEARNING_RATES = {
    "adabelief": 0.1, "adabound": 0.1, "adadelta": 4.0, "adafactor": 0.1, "adagrad": 0.1, "adam": 0.02, "adamax": 0.1,
    "adamod": 1.0, "adamw": 0.1, "adan": 0.1, "adapnm": 1.0, "ademamix": 0.1, "adopt": 0.1, "aggmo": 1.0,
    "amsgrad": 0.1, "asgd": 4.0, "cautious_adamw": 0.1, "classical_momentum": 0.1, "diffgrad": 0.1, "lamb": 0.03,
    "lars": 4.0, "lion": 0.03, "madgrad": 0.1, "momentum": 0.1, "nadam": 0.1, "nesterov": 0.1, "novograd": 0.1,
    "padam": 1.0, "pnm": 4.0, "qhadam": 0.1, "qhm": 4.0, "radam": 0.1, "rmsprop": 0.01, "rprop": 0.01,
    "schedule_free_adamw": 0.1, "schedule_free_sgd": 4.0, "sgd": 0.5, "sgdw": 1.0, "signsgd": 0.03, "sm3": 0.1,
    "tiger": 0.03, "yogi": 0.1,
}  # fmt: skip
OTHERS = {"adabound": {"final_lr": 1.0}, "rprop": {"max_step": 0.02}}
#: All weights start at 0: some rules divide by their norm there, or scale their step by it, and RAdam without eps
#: divides by the root of a second moment.
OPTIONS = {
    "adafactor": {"parameter_scale": False},
    "lamb": {"guard": True},
    "lars": {"guard": True},
    "radam": {"eps_placement": "outside"},
}
RULES = [
    *(rules.find(name, **OPTIONS.get(name, {})) for name in rules.names()),
    rules.find("momentum", nesterov=True),
]
ENOUGH = 0.93


def test_every_rule_is_trained():
    assert sorted(LEARNING_RATES) == rules.names()


def hypers(rule):
    defaults = {h.name: float(h.default) for h in rule.program.hypers}
    return defaults | {"lr": LEARNING_RATES[rule.name]} | OTHERS.get(rule.name, {})


def within(gap, allowed):
    return bool(np.all(np.isfinite(allowed)) and np.all(gap <= allowed))


def looked_at(t):
    """The first twenty steps and every fourth after them: bounds take far longer than steps."""
    return t <= 20 or t % 4 == 0


def compare_steps(rule, step, digits, steps):
    """Restart the twin from the kernel at every step looked at: the largest observed/bound of x, states and loss.

    One step's exact result being the same, kernel and twin differ by the sum of their bounds at most, elementwise.
    So their losses, by the mean value theorem, differ by at most the loss's Lipschitz constant times the Frobenius
    norm of those sums, and by what evaluating the two losses errs by.
    """
    kernel, given = compile_program(rule, "float32"), hypers(rule)
    own = lower(rule.program, "float32")
    twin = lower(lift_step(reference.find(rule.name), rule.setting).program, "float32")
    x = digits.start()
    states, worst, worst_loss = kernel.init(x), 0.0, 0.0
    for t in range(1, steps + 1):
        if not looked_at(t):
            kernel(x, digits.gradient(x, t), t=t, **states, **given)
            continue
        inputs = {"x": x.copy(), "g": digits.gradient(x, t), "t": t, **{n: s.copy() for n, s in states.items()}}
        known = enclose(own, inputs | given)
        theirs = enclose(twin, {n: v for n, v in (inputs | given).items() if n in twin.program.inputs})
        other, after = step(inputs["x"], inputs["g"], {n: inputs[n] for n in states}, t, **given, **rule.setting)
        kernel(x, inputs["g"], t=t, **states, **given)
        for name, mine in {"x": x, **states}.items():
            gap = np.abs(mine.astype(float) - (other if name == "x" else after[name]).astype(float))
            allowed = known[name].error + theirs[name].error
            assert within(gap, allowed), f"{name} at step {t}"
            worst = max(worst, float((gap / np.maximum(allowed, 5e-324)).max()))
        allowed = digits.slope * float(np.linalg.norm(known["x"].error + theirs["x"].error)) * (1 + 2**-40)
        allowed += digits.loss_error(x) + digits.loss_error(other)
        gap = abs(digits.loss(x) - digits.loss(other))
        assert gap <= allowed, f"loss at step {t}"
        worst_loss = max(worst_loss, gap / allowed)
    return worst, worst_loss


def run_kernel(rule, digits):
    """The weights after training, and the loss after each step."""
    kernel, x = compile_program(rule, "float32"), digits.start()
    states, curve = kernel.init(x), []
    for t in range(1, len(digits.batches) + 1):
        kernel(x, digits.gradient(x, t), t=t, **states, **hypers(rule))
        curve.append(digits.loss(x))
    return x, curve


def run_twin(rule, digits):
    """The same by the hand-written step."""
    x, state, curve = digits.start(), {}, []
    for t in range(1, len(digits.batches) + 1):
        g = digits.gradient(x, t)
        x, state = reference.find(rule.name)(x, g, state, t, **hypers(rule), **rule.setting)
        curve.append(digits.loss(x))
    return x, curve


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.label)
def test_kernel_and_twin_agree_all_along(rule, digits):
    worst, worst_loss = compare_steps(rule, reference.find(rule.name), digits, len(digits.batches))
    print(rule.label, "observed/bound", worst)
    print(rule.label, "loss observed/bound", worst_loss)


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.label)
def test_both_learn(rule, digits):
    """Running freely, both pass 93 %; the curves' distance is reported, for no bound of one step bounds it."""
    (x, curve), (other, theirs) = run_kernel(rule, digits), run_twin(rule, digits)
    assert digits.accuracy(x) > ENOUGH
    assert digits.accuracy(other) > ENOUGH
    assert max(curve[-1], theirs[-1]) < 0.25 < np.log(10)  # where it starts, all ten being as likely
    print(rule.label, "accuracy", digits.accuracy(x))
    print(rule.label, "loss", curve[-1])
    print(rule.label, "largest distance of the curves", float(np.abs(np.subtract(curve, theirs)).max()))


def test_training_is_deterministic(digits):
    rule = rules.find("adam")
    (x, curve), (again, same) = run_kernel(rule, digits), run_kernel(rule, digits)
    np.testing.assert_array_equal(x, again)
    assert curve == same


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.label)
def test_a_planted_defect_is_found(rule, digits):
    """A thousandth of the step too far, which would train as well."""

    def far(x, g, state, t, **named):
        new, after = reference.find(rule.name)(x, g, state, t, **named)
        return new + (new - x) * np.float32(1e-3), after

    with pytest.raises(AssertionError, match="x at step"):
        compare_steps(rule, far, digits, 20)


def exact_loss(digits, x):
    """The loss in forty digits."""
    images, labels = digits.train
    decimal = np.frompyfunc(lambda value: Decimal(float(value)), 1, 1)
    with localcontext(prec=40):
        scores = decimal(images) @ decimal(x)
        logs = [sum(score.exp() for score in row).ln() for row in scores]
        return sum(log - row[label] for log, row, label in zip(logs, scores, labels, strict=True)) / len(labels)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0])
def test_the_bounds_of_the_loss_hold(digits, scale):
    """Of evaluation, and of its change: along the gradient by a twentieth of its bound or more."""
    rng = np.random.default_rng(2)
    x = (rng.normal(size=(65, 10)) * scale).astype("float32")
    assert abs(exact_loss(digits, x) - Decimal(digits.loss(x))) <= Decimal(digits.loss_error(x))
    y = (x - digits.gradient(x, 1) * np.float32(scale / 100)).astype("float32")
    moved = float(np.linalg.norm(x.astype(float) - y.astype(float)))
    changed, allowed = abs(digits.loss(x) - digits.loss(y)), digits.slope * moved
    assert changed <= allowed + digits.loss_error(x) + digits.loss_error(y)
    assert changed >= allowed / 20
