"""Six defects planted in the emitted source text are each refuted, and the real function shows the difference."""

import re
from fractions import Fraction

import numpy as np
import pytest

from symopt import rules
from symopt.codegen import kernel_source
from symopt.lifting import lift_source
from symopt.proof.equality import same_step

#: rule, then defect -> (text, what replaces it); every text stands in the source exactly once.
DEFECTS = {
    ("adam", "sign"): ("x_1 = x_i - lr_f32", "x_1 = x_i + lr_f32"),
    ("adam", "exponent of beta"): ("1.0 - beta2**t", "1.0 - beta2**(t + 1.0)"),
    ("adam", "swapped state"): ("m_1 = beta1_f32 * m_i", "m_1 = beta1_f32 * v_i"),
    ("adam", "moved eps"): ("np.sqrt(v_hat) + eps_f32", "np.sqrt(v_hat + eps_f32)"),
    ("adam", "missing factor"): ("v_1 = beta2_f32 * v_i + c2 * (g_i * g_i)", "v_1 = beta2_f32 * v_i + (g_i * g_i)"),
    ("adam", "stale value"): ("v_hat = v_1 / c4", "v_hat = v_i / c4"),
    ("adam", "value read after its write"): (
        "m_hat = m_1 / c3",
        "m[i] = m_1\n        m_hat = (beta1_f32 * m[i] + c1 * g_i) / c3",
    ),
    ("rmsprop", "sign"): ("x_1 = x_i - ", "x_1 = x_i + "),
    ("rmsprop", "moved eps"): ("np.sqrt(variance + eps_f32)", "(np.sqrt(variance) + eps_f32)"),
    ("rmsprop", "stale value"): ("variance = v_1", "variance = v_i"),
    ("rmsprop", "missing factor"): ("c1 * (g_i * g_i)", "(g_i * g_i)"),
    ("adagrad", "sign"): ("x_1 = x_i - ", "x_1 = x_i + "),
    ("adadelta", "swapped state"): ("rho_f32 * v_i + ", "rho_f32 * u_i + "),
    ("adadelta", "stale value"): ("c1 * (delta * delta)", "c1 * (g_i * g_i)"),
    ("adadelta", "moved eps"): ("np.sqrt(u_i + eps_f32)", "(np.sqrt(u_i) + eps_f32)"),
    ("momentum", "sign"): ("x_1 = x_i - ", "x_1 = x_i + "),
    ("sgd", "missing factor"): ("lr_f32 * g_i", "g_i"),
}


def planted(rule, dtype, old, new):
    source = kernel_source(rule.program, dtype)
    if dtype == "float64":
        old, new = (re.sub(r"_f32\b", "", text) for text in (old, new))
    assert source.count(old) == 1, source
    return source.replace(old, new)


def run(source, rule, values):
    """The function as Python, without Numba, on float64 arrays of one element."""
    text = re.sub(r"@njit\(.*?\n\)\n", "", source, flags=re.DOTALL).replace("np.float32(", "np.float64(")
    namespace = {}
    exec(compile(text, "<planted>", "exec"), namespace)  # noqa: S102 - our own generator's output
    shape = (1, 1) if rule.program.has_matrices else (1,)
    arrays = {name: np.full(shape, float(values[name])) for name in ("x", "g", *(s.name for s in rule.program.states))}
    numbers = {name: float(values[name]) for name in ("t", *(h.name for h in rule.program.hypers))}
    with np.errstate(all="ignore"):
        namespace["step"](**arrays, **numbers)
    return {name: array.flat[0] for name, array in arrays.items() if name != "g"}


def expected(rule, values):
    with np.errstate(all="ignore"):
        return rule.run({name: np.float64(float(values[name])) for name in rule.program.inputs})


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "defect"), DEFECTS)
def test_a_defect_is_refuted_and_its_witness_is_real(name, defect, dtype):
    rule = rules.find(name)
    source = planted(rule, dtype, *DEFECTS[name, defect])
    answer = same_step(rule.program, lift_source(source, rule.program, dtype).outputs)
    assert answer.verdict == "refuted", answer.reason
    values = {name: Fraction(1) for name in rule.program.inputs} | dict(answer.witness)
    found, right = run(source, rule, values), expected(rule, values)
    assert any(abs(found[n] - right[n]) > 1e-12 * (1 + abs(right[n])) for n in found), (values, found, right)


@pytest.mark.parametrize("name", rules.names())
def test_the_source_as_emitted_shows_no_difference(name):
    rule = rules.find(name)
    values = {n: Fraction(3, 4) for n in rule.program.inputs} | {"t": Fraction(3)}
    found, right = run(kernel_source(rule.program, "float64"), rule, values), expected(rule, values)
    plain = {name: value.item() for name, value in found.items()}
    assert plain == pytest.approx({name: float(value) for name, value in right.items()}, rel=1e-13)


def test_the_six_defects_are_planted_in_adam():
    planted_in_adam = {defect for name, defect in DEFECTS if name == "adam"}
    assert {
        "sign",
        "exponent of beta",
        "swapped state",
        "moved eps",
        "missing factor",
        "stale value",
    } <= planted_in_adam
