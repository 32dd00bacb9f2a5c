"""The bound written out: its formulas, its numbers, and where they come from."""

import json
import math
import re
from fractions import Fraction

import numpy as np
import pytest

import symopt
from symopt import rules
from symopt.arguments import points
from symopt.codegen import Const, Var, lower
from symopt.language import InputError
from symopt.rounding import FORMATS
from symopt.rounding.explain import error_formula, explain
from symopt.rounding.straight import Instruction, straighten

from ..catalog import COVERING
from .local_rules import RULES


def box(program):
    return points(program, [])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", [*RULES, *COVERING], ids=lambda rule: rule.label)
def test_every_operation_and_every_result(rule, dtype):
    explained = explain(rule.program, box(rule.program), dtype)
    lines = [line.name for line in straighten(lower(rule.program, dtype)).instructions]
    hypers = [h.name for h in rule.program.hypers]
    assert [row.name for row in explained.rows] == hypers + lines
    bounds = symopt.error_bound(rule, box(rule.program), dtype, engine="intervals")
    assert [total.name for total in explained.totals] == list(bounds)
    for total in explained.totals:
        exact = bounds[total.name].item()
        assert exact <= total.error <= float(exact) * (1 + 2.0**-50)
        if 0 < total.error < np.inf:
            shares = [share for _, share in total.shares]
            assert sum(shares) == pytest.approx(1)
            assert shares == sorted(shares, reverse=True)
            size = total.error / total.ulp / float(FORMATS[dtype].unit(1))
            assert 2.0**-60 < size < 2.0**60
    json.loads(json.dumps(explained.to_json()))


FORMULAS = {
    "add": "E(a) + E(b) + h(r)",
    "sub": "E(a) + E(b) + h(r)",
    "mul": "E(a)*|b| + |a|*E(b) + h(r)",
    "div": "E(a)/|b| + |a|*E(b)/|b|**2 + h(r)",
    "pow": "E(a)*|b|*a**(b - 1) + E(b)*|log(a)|*a**b + 2*h(r)",
    "max": "max(E(a), E(b))",
    "min": "max(E(a), E(b))",
    "lt": "0",
    "sqrt": "min(E(a)/(2*sqrt(a)), sqrt(E(a))) + h(r)",
    "cast": "E(a) + h(r)",
    "neg": "E(a)",
    "abs": "E(a)",
    "copy": "E(a)",
    "sign": "2 where |a| <= E(a), else 0",
    "select": "E of the branch taken; both, and their distance, where a is open",
}


@pytest.mark.parametrize("op", FORMULAS)
def test_the_formula_of_an_operation(op):
    from symopt.codegen.nodes import OPERATIONS

    args = tuple(Var(name, "float32") for name in "abc"[: 1 if op == "copy" else OPERATIONS[op]])
    line = Instruction("r", op, args, "float32")
    assert error_formula(line, {"a", "b", "c"}) == FORMULAS[op]
    if op in ("add", "mul", "div", "pow"):
        assert error_formula(line, {"b"}) == re.sub(r"^.*?E\(a\).*? \+ ", "", FORMULAS[op])
    if op not in ("select", "lt"):
        assert "E(" not in error_formula(line, set())


def test_the_formula_of_a_square_and_of_numbers():
    a, half, third = Var("a", "float32"), Const(Fraction(1, 2), "float32"), Const(Fraction(1, 3), "float32")
    assert error_formula(Instruction("r", "mul", (a, a), "float32"), {"a"}) == "2*|a|*E(a) + h(r)"
    assert error_formula(Instruction("r", "mul", (a, half), "float32"), {"a"}) == "E(a)*|1/2| + h(r)"
    assert error_formula(Instruction("r", "add", (a, third), "float32"), set()) == "E(1/3) + h(r)"


ERRORS = {
    "add": lambda a, b, p, q: p + q,
    "sub": lambda a, b, p, q: p + q,
    "mul": lambda a, b, p, q: p * b + a * q,
    "div": lambda a, b, p, q: p / b + a * q / b**2,
    "pow": lambda a, b, p, q: p * b * a ** (b - 1) + q * abs(math.log(a)) * a**b,
    "sqrt": lambda a, p: p / (2 * a**0.5),
    "cast": lambda a, p: p,
}
VALUES = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": lambda a, b: a**b,
    "sqrt": lambda a: a**0.5,
    "cast": lambda a: a,
}


def test_the_errors_of_the_rows_are_those_of_their_formulas():
    """In a narrow box: what the formula says, to first order, and no less without a reason."""
    program = rules.find("adam").program
    point = dict.fromkeys(("x", "g", "m", "v"), (1.3, 1.3 * (1 + 2.0**-20))) | {"t": 10}
    errors = {row.name: row.error for row in explain(program, point).rows}
    values = dict.fromkeys(("x_i", "g_i", "m_i", "v_i"), 1.3) | {"t": 10.0}
    values |= {h.name: float(h.default) for h in program.hypers}
    exact = 0
    for line in straighten(lower(program, "float32")).instructions:
        args = [values[arg.name] if isinstance(arg, Var) else float(arg.value) for arg in line.args]
        carried = [errors.get(arg.name, 0.0) if isinstance(arg, Var) else 0.0 for arg in line.args]
        values[line.name] = VALUES[line.op](*args)
        half = float(FORMATS[line.type].half_ulp(Fraction(abs(values[line.name]))))
        least = ERRORS[line.op](*args, *carried)
        most = least + half * (2 if line.op == "pow" else 1)
        assert least * (1 - 1e-5) <= errors[line.name] <= most * (1 + 1e-5), line
        exact += errors[line.name] < most * (1 - 1e-5)
    assert exact < 15


def test_the_largest_share_is_named():
    """A rate of 1 and a gradient much larger than x: all of it comes from the product, then from the difference."""
    program = rules.find("sgd").program
    small = explain(program, {"x": (1e6, 1.1e6), "g": (1.0, 2.0), "t": 1})
    (total,) = small.totals
    assert total.shares[0][0] == "x_1 = x_i - r1"
    assert total.shares[0][1] > 0.99
    coarse = explain(program, {"x": (1e-3, 2e-3), "g": (-2e6, -1e6), "t": 1})
    (total,) = coarse.totals
    assert {name for name, share in total.shares} == {
        "lr = 1/100",
        "lr_f32 = float32(lr)",
        "r1 = lr_f32 * g_i",
        "x_1 = x_i - r1",
    }
    assert dict(total.shares)["r1 = lr_f32 * g_i"] == pytest.approx(dict(total.shares)["x_1 = x_i - r1"], rel=0.01)


def test_what_is_not_bounded_says_so():
    program = rules.find("adam").program
    explained = explain(program, box(program) | {"v": (0.0, 1.0), "g": (-1.0, 1.0), "eps": 0})
    totals = {total.name: total for total in explained.totals}
    assert totals["x"].error == np.inf
    assert totals["x"].shares == ()
    assert np.isfinite(totals["v"].error)
    assert "x: nothing is promised" in explained.text()


def test_numbers_are_rounded_up():
    text = explain(rules.find("sgd").program, box(rules.find("sgd").program)).text("a title")
    assert text.startswith("a title in float32")
    assert "lr = 1/100" in text
    (exact,) = (total.error for total in explain(rules.find("sgd").program, box(rules.find("sgd").program)).totals)
    shown = float(re.search(r"^x: at most (\S+) =", text, re.MULTILINE)[1])
    assert exact <= shown <= exact * 1.01


def test_bad_boxes_are_named():
    program = rules.find("sgd").program
    with pytest.raises(InputError, match="dtype = 'int8'"):
        explain(program, box(program), "int8")
    with pytest.raises(InputError, match="missing: g"):
        explain(program, {"x": 1.0, "t": 1})
