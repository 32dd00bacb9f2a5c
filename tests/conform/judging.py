"""Whether an answer of check is true of a step, and names the difference: the witness is run again, in float64."""

import re
from fractions import Fraction

import numpy as np

from symopt.conform.variants import find_variant

#: Of results: at most ten steps of at most a hundred operations, each rounded by 2**-53, and what is left of a
#: difference at least a ninth of its terms: 10 * 100 * 9 * 1.1e-16.
ROUNDED = 1e-12
#: Lines in which the same difference can be told as well.
ALSO = {23: ("m",), 25: ("delta",), 26: ("m",)}


def names_the_difference(case, found):
    """Whether an answer names the variant that a step is, or else the line in which it differs."""
    rule, variant = find_variant(case.rule), find_variant(case.variant) if case.variant else None
    if variant and variant.name == rule.name:
        return found.nearest.variant == case.variant
    if variant:
        return found.nearest.rule in (variant.name, rule.name) and found.nearest.variant != rule.label
    allowed = {*case.line.split("|"), *ALSO.get(case.row, ())}
    line = re.match(r"in the line (\w+)", found.difference)
    return bool(allowed & {line[1]} if line else any(f"{name} = " in found.difference for name in allowed))


def assert_really_differs(step, rule, found):
    """The witness holds for the step itself and for the rule's own body, both on float64."""
    witness = found.witness
    hypers = dict(witness.hypers)
    given = np.array([float(value) for value in witness.target])
    own = {name: rule_name for name, rule_name in found.hyper_map.items() if rule_name in hypers}
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(run_step(step, own, witness), given, rtol=ROUNDED)
        if not {h.name for h in rule.program.hypers} - set(hypers):
            given = np.array([float(value) for value in witness.rule])
            np.testing.assert_allclose(run_rule(rule, witness), given, rtol=ROUNDED)
    assert witness.rule != witness.target


def run_rule(rule, witness):
    """The rule's own body on float64, from the witness's inputs."""
    values = {name: float(Fraction(text)) for name, text in witness.hypers}
    values["x"] = _array(witness.x)
    values |= {state.name: np.full_like(values["x"], float(state.initial)) for state in rule.program.states}
    for t, g in enumerate(witness.gradients, 1):
        values |= rule.run(values | {"g": _array(g), "t": float(t)})
    return values["x"]


def run_step(step, names, witness):
    """The step itself on float64, from the same inputs."""
    hypers = {own: float(Fraction(dict(witness.hypers)[rule])) for own, rule in names.items()}
    x, state = _array(witness.x), {}
    for t, g in enumerate(witness.gradients, 1):
        result = step(x, _array(g), state, t, **hypers)
        new, state = result if isinstance(result, tuple) else (result, state)
        x = x if new is None else new
    return x


def run_optimizer(make, names, witness):
    """An optimizer of torch on float64, from the same inputs."""
    import torch

    hypers = {own: float(Fraction(dict(witness.hypers)[rule])) for own, rule in names.items()}
    p = torch.nn.Parameter(torch.tensor(_array(witness.x)))
    optimizer = make([p], **hypers)
    for g in witness.gradients:
        p.grad = torch.tensor(_array(g))
        optimizer.step()
    return p.detach().numpy()


def _array(texts):
    return np.array([float(Fraction(text)) for text in texts])
