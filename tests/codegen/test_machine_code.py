"""What the machine runs: float32 stays float32 and loops are vectorised, for every rule and every operation."""

import importlib.util
import platform
import re

import numpy as np
import pytest
import sympy as sp

from symopt import rules
from symopt.codegen import compile_program, kernel_source

from ..catalog import COVERING

DTYPES = ["float32", "float64"]


def widened(llvm):
    """How often a float32 becomes a float64."""
    return llvm.count("fpext")


def vector_operations(llvm, dtype):
    """The arithmetic on whole vectors of the element type."""
    element = {"float32": "float", "float64": "double"}[dtype]
    return re.findall(rf"= f(?:add|sub|mul|div) <\d+ x {element}>", llvm)


def packed_instructions(asm, dtype):
    """The packed x86 instructions of the element type."""
    return re.findall(rf"\bv?(?:add|sub|mul|div|sqrt)p{ {'float32': 's', 'float64': 'd'}[dtype] }\b", asm)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rule", COVERING, ids=lambda rule: rule.label)
def test_every_rule_is_narrow_and_vectorised(rule, dtype):
    kernel = compile_program(rule.program, dtype)
    llvm = kernel.llvm()
    if rule.program.is_separable:  # sums, and states with one value for all elements, are in float64
        assert not widened(llvm)
    assert vector_operations(llvm, dtype)
    if platform.machine() in ("x86_64", "AMD64"):
        assert packed_instructions(kernel.asm(), dtype)


@pytest.fixture
def planted(tmp_path):
    """Compile a source in which one text was replaced by another."""

    def run(rule, old, new):
        source = kernel_source(rules.find(rule).program, "float32")
        assert source.count(old) == 1
        file = tmp_path / "planted_kernel.py"
        file.write_text(source.replace(old, new))
        spec = importlib.util.spec_from_file_location(file.stem, file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        (llvm,) = module.step.inspect_llvm().values()
        (asm,) = module.step.inspect_asm().values()
        return llvm, asm

    return run


def test_a_bare_literal_in_the_loop_is_seen(planted):
    assert widened(planted("adam", "x_i - lr_f32", "x_i - 1.0 * lr_f32")[0])


def test_a_loop_that_is_not_vectorised_is_seen(planted):
    llvm, asm = planted("adagrad", 'error_model="numpy"', 'error_model="python"')
    assert not vector_operations(llvm, "float32")
    assert not packed_instructions(asm, "float32")


x, g, m, v = sp.symbols("x g m v")
GENERAL = {
    "max": sp.Max(x, g, evaluate=False),
    "min": sp.Min(x, sp.Mul(g, m, evaluate=False), sp.Rational(1, 2), evaluate=False),
    "abs": sp.Abs(g, evaluate=False),
    "sign": sp.sign(g, evaluate=False),
    "select": sp.Piecewise((x, g < 0), (m, sp.Eq(g, v)), (v, True), evaluate=False),
    "step condition": sp.Piecewise((x, sp.Symbol("t") < 5), (g, True), evaluate=False),
    "power": sp.Pow(v, sp.Symbol("a"), evaluate=False),
    "product of powers": sp.Mul(sp.Pow(v, sp.Rational(-3, 2), evaluate=False), g**5, evaluate=False),
    "step result": sp.Symbol("a"),
}  # fmt: skip
ODD = np.array([0.0, -0.0, 1.5, -2.0, np.nan, np.inf, -np.inf, 1e-40])
GRID = np.array(np.meshgrid(ODD, ODD, [0.5, -3.0, np.nan], [0.0, 2.5, 9.0])).reshape(4, -1)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", GENERAL)
def test_functions_beyond_the_catalog(name, dtype, program):
    """Narrow and vectorised too, and equal to NumPy's own, NaN and infinities included."""
    made = program(("x'", GENERAL[name]), name="general")
    kernel = compile_program(made, dtype)
    llvm, kind = kernel.llvm(), {"float32": "float", "float64": "double"}[dtype]
    assert not widened(llvm)
    assert re.search(rf"store <\d+ x {kind}>", llvm) or name == "power"
    arrays = [row.astype(dtype) for row in GRID]
    expected = [row.copy() for row in arrays]
    kernel(arrays[0], arrays[1], m=arrays[2], v=arrays[3], t=7, a=0.75)
    with np.errstate(all="ignore"):
        kernel.function.py_func(*expected, 7.0, 0.75, 0.5)
    for found, wanted in zip(arrays, expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=2 * np.finfo(dtype).eps if "power" in name else 0)
