"""Every operation's enclosure against exact rational arithmetic, whatever its arguments' errors are made of."""

import numpy as np
import pytest

from symopt import rounding
from symopt.codegen import Var
from symopt.rounding import bound, order, run, straight
from symopt.rounding.enclosure import Enclosure, exactly, root

from . import checks

K = {engine: bound.ENGINES[engine] for engine in ("arrays", "fractions", "intervals")}


@pytest.mark.parametrize("engine", checks.ENGINES)
@pytest.mark.parametrize("form", checks.FORMS)
@pytest.mark.parametrize("check", checks.OPERATION_CHECKS, ids=lambda check: check.__name__)
def test_no_machine_leaves_its_enclosure(check, form, engine):
    assert not list(check(rounding, form, engine, 600 if engine == "arrays" else 150))


def one(k, op, form, *arguments):
    return checks.run_one(rounding, k, op, form, *arguments)


@pytest.fixture
def quiet():
    """As the package computes: what is undefined is noted in the result."""
    with np.errstate(all="ignore"):
        yield


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("engine", K)
@pytest.mark.parametrize("form", checks.FORMS)
def test_nothing_is_promised_beyond_arithmetic(form, engine):
    k = K[engine]
    largest = float(np.finfo(form).max)

    def make(value, error=0.0):
        known = exactly(k, *(k.values(np.array([value])),) * 2)
        return Enclosure(known.low, known.high, known.error + k.values(np.array([error])))

    unsure = make(1.0, 1.25)  # the exact value may be 0 or less
    beyond = [
        make(np.nan),
        make(np.inf),
        one(k, "add", form, make(largest), make(largest)),
        one(k, "add", form, make(largest), make(-np.inf)),
        one(k, "mul", form, make(largest), make(largest)),
        one(k, "mul", form, make(0.0), make(np.inf)),
        one(k, "div", form, make(1.0), make(0.0)),
        one(k, "div", form, make(0.0), make(0.0)),
        one(k, "div", form, make(1.0), unsure),
        one(k, "div", form, make(0.0), unsure),
        one(k, "div", form, make(largest), make(0.5)),
        one(k, "div", form, make(1.0), make(np.inf)),
        one(k, "sqrt", form, make(-1.0)),
        one(k, "sqrt", form, make(np.nan)),
        one(k, "pow", form, make(-1.0), make(3.0)),
        one(k, "pow", form, make(largest), make(3.0)),
        one(k, "pow", form, make(0.0), make(-1.0)),
        one(k, "pow", form, make(np.nan), make(0.0)),
        one(k, "pow", form, unsure, make(0.5)),
        one(k, "max", form, make(np.nan), make(1.0)),
        one(k, "min", form, make(1.0), make(np.inf)),
        one(k, "sign", form, make(np.nan)),
        one(k, "abs", form, make(-np.inf)),
        one(k, "neg", form, make(np.inf)),
        one(k, "select", form, order.compare(k, "lt", make(np.nan), make(1.0)), make(1.0), make(1.0)),
        one(k, "select", form, order.compare(k, "lt", unsure, unsure), make(1.0), make(np.nan)),
        one(k, "cast", "float32", make(np.nan)),
        one(k, "cast", "float16", make(65520.0)),
        one(k, "cast", "bfloat16", make(largest)),
    ]
    assert [float(result.error.item()) for result in beyond] == [np.inf] * len(beyond)
    assert float(one(k, "cast", "float16", make(65519.0)).error.item()) < np.inf


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("engine", K)
def test_a_branch_that_is_not_taken_may_be_undefined(engine):
    k = K[engine]
    low, high, nothing = (exactly(k, *(k.values(np.array([v])),) * 2) for v in (1.0, 2.0, np.nan))
    chosen = one(k, "select", "float32", order.compare(k, "lt", low, high), high, nothing)
    assert chosen.error.item() == 0
    assert chosen.low.item() == 2


@pytest.mark.parametrize("engine", K)
def test_the_root_near_zero(engine):
    """The bound of the slope grows without limit there, Hölder's does not."""
    k = K[engine]
    tiny = Enclosure(*(k.values(np.array([v])) for v in (0.0, 2.0**-40, 2.0**-40)))
    assert float(root(k, tiny).error.item()) == pytest.approx(2.0**-20)
    flat = Enclosure(*(k.values(np.array([v])) for v in (4.0, 4.0, 2.0**-40)))
    assert float(root(k, flat).error.item()) <= 2.0**-42 * (1 + 2.0**-30)


def test_an_unknown_operation_has_no_bound():
    line = straight.Instruction("r", "tanh", (Var("a", "float32"),), "float32")
    known = exactly(K["arrays"], np.float64(1), np.float64(1))
    with pytest.raises(TypeError, match="no bound for the operation 'tanh'"):
        run.enclose_line(K["arrays"], line, [known])
