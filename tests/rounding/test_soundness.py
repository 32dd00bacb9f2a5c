"""A kernel's result is never farther from the exact step than its bound: every rule, in fair and foul regimes."""

from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation, localcontext
from fractions import Fraction

import numpy as np
import pytest

from symopt import rules
from symopt.codegen import compile_program
from symopt.language import InputError, exact
from symopt.rounding import Enclosed, bound, error_bound
from symopt.rounding import enclosure as en

DTYPES = ["float32", "float64"]
VARIANTS = [variant for name in rules.names() for variant in rules.find(name).variants()]
ELEMENTS, DIGITS, SEED = 24, 120, 11


def uniform(rng, shape):
    return rng.normal(size=shape)


def mixed(rng, shape):
    return rng.normal(size=shape) * 10.0 ** rng.uniform(-30, 15, size=shape)


@dataclass(frozen=True)
class Regime:
    """A kind of inputs: scales relative to the dtype's smallest normal number (as its power), t, hyperparameters."""

    gradient: float = 0.0  # g is about smallest_normal**gradient, so 0 is 1, and 0.55 makes g² underflow
    state: float = 0.0
    t: int = 3
    draw: object = uniform
    zero: tuple[str, ...] = ()
    hypers: object = lambda _: {}


def betas(value):
    return lambda program: {h.name: value for h in program.hypers if h.domain.upper == 1}


def eps(value):
    return lambda program: {h.name: value for h in program.hypers if h.name == "eps"}


def odd(program):
    """Numbers that no binary format holds; 1/3 stands for the quotient itself."""
    return {h.name: Fraction(1, 3) if h.domain.upper == 1 else Fraction(1, 7 + i) for i, h in enumerate(program.hypers)}


REGIMES = {
    "default": Regime(),
    "tiny eps": Regime(hypers=eps(1e-30)),
    "no eps": Regime(hypers=eps(0)),
    "no memory": Regime(hypers=betas(0)),
    "long memory": Regime(t=1000, hypers=betas(1 - 2.0**-40)),
    "hard to round": Regime(gradient=0.05, hypers=betas(0.50000003)),  # nearly half a unit from any float32
    "odd numbers": Regime(hypers=odd),
    "squares underflow": Regime(gradient=0.55, state=0.55),
    "squares underflow, tiny eps": Regime(gradient=0.55, state=0.55, hypers=eps(1e-30)),
    "subnormal states": Regime(gradient=0.52, state=1.08),
    "subnormal everything": Regime(gradient=1.08, state=1.08, hypers=eps(0)),
    "huge": Regime(gradient=-0.45, state=-0.45),
    "overflow": Regime(gradient=-0.7, state=-0.7),
    "first step": Regime(t=1, zero=("states",)),
    "first step, tiny gradients": Regime(t=1, zero=("states",), gradient=0.55),
    "late": Regime(t=10**6),
    "zero gradients": Regime(zero=("g",)),
    "all zero": Regime(zero=("x", "g", "states"), t=1),
    "all zero, no eps": Regime(zero=("x", "g", "states"), t=1, hypers=eps(0)),
    "mixed": Regime(draw=mixed),
    "mixed, tiny eps": Regime(draw=mixed, hypers=eps(1e-30)),
}


def sample(program, regime, dtype):
    """Inputs by name: arrays of the dtype, t and hyperparameters."""
    rng, smallest = np.random.default_rng(SEED), float(np.finfo(dtype).smallest_normal)
    arrays = {"x": regime.draw(rng, ELEMENTS), "g": regime.draw(rng, ELEMENTS) * smallest**regime.gradient}
    for state in program.states:
        drawn = regime.draw(rng, ELEMENTS)
        arrays[state.name] = (drawn * drawn if state.nonnegative else drawn) * smallest**regime.state
    arrays["g"][:3] = (0.0, -0.0, smallest)
    for name, array in arrays.items():
        if name in regime.zero or (name not in "xg" and "states" in regime.zero):
            array[...] = 0
    with np.errstate(over="ignore"):
        return {n: a.astype(dtype) for n, a in arrays.items()} | {"t": regime.t} | regime.hypers(program)


def computed(kernel, inputs):
    """x and the states after the kernel's step."""
    after = {n: a.copy() if isinstance(a, np.ndarray) else a for n, a in inputs.items()}
    kernel(**after)
    return {n: after[n] for n in ("x", *(s.name for s in kernel.program.states))}


def exactly(rule, inputs):
    """For each element the exact step (120 digits; hyperparameters are the decimals they are written as), or None."""
    program = rule.program
    numbers = {h.name: exact(inputs.get(h.name, h.default)) for h in program.hypers}
    numbers = {name: Decimal(value.numerator) / value.denominator for name, value in numbers.items()}
    arrays = {n: a for n, a in inputs.items() if isinstance(a, np.ndarray)}
    for i in range(ELEMENTS):
        try:
            yield rule.run(numbers | {"t": inputs["t"]} | {n: Decimal(float(a[i])) for n, a in arrays.items()})
        except (InvalidOperation, ZeroDivisionError):  # a division by 0: there is no exact step
            yield None


def ratios(rule, dtype, regime):
    """For each output and element observed error over bound: above 1 the bound is broken; NaN: nothing was promised."""
    inputs = sample(rule.program, regime, dtype)
    bounds = error_bound(rule.program, inputs, dtype)
    results = computed(compile_program(rule, dtype), inputs)
    seen = []
    with localcontext(prec=DIGITS, Emin=-(10**17), Emax=10**17):
        for i, step in enumerate(exactly(rule, inputs)):
            for name, result in results.items():
                allowed = bounds[name][i]
                assert allowed >= 0
                if np.isinf(allowed):
                    seen.append(np.nan)
                elif step is None:
                    seen.append(np.inf if name == "x" else np.nan)
                elif not np.isfinite(result[i]):
                    seen.append(np.inf)
                else:
                    off = abs(Decimal(float(result[i])) - step[name])
                    over = off > Decimal(float(allowed))  # decided exactly, before the quotient is rounded
                    seen.append(np.inf if over else float(off / Decimal(float(allowed))) if off else 0.0)
    return np.array(seen)


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rule", VARIANTS, ids=lambda r: r.label)
def test_the_bound_holds(rule, dtype, regime):
    seen = ratios(rule, dtype, REGIMES[regime])
    assert not (seen > 1).any()
    if regime in ("default", "no memory", "odd numbers", "tiny eps", "first step", "late", "mixed"):
        assert np.isfinite(seen).mean() > 0.5  # and something is promised


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rule", VARIANTS, ids=lambda r: r.label)
def test_the_bound_is_tight(rule, dtype):
    """Where nothing is delicate, some element errs by three tenths of its bound or more: it is not needlessly wide."""
    assert np.nanmax(ratios(rule, dtype, REGIMES["default"])) >= 0.3


def test_nan_and_infinity_promise_nothing():
    for rule in VARIANTS:
        inputs = sample(rule.program, Regime(), "float32")
        inputs["g"][:3] = (np.nan, np.inf, -np.inf)
        bounds = error_bound(rule.program, inputs)
        assert np.isinf(bounds["x"][:3]).all()
        assert np.isfinite(bounds["x"][3:]).all()


def test_wrong_inputs_are_named():
    program = rules.find("adam").program
    inputs = sample(program, Regime(), "float32")
    with pytest.raises(InputError, match="missing: v"):
        error_bound(program, {n: a for n, a in inputs.items() if n != "v"})
    with pytest.raises(InputError, match="unknown: w"):
        error_bound(program, inputs | {"w": 1.0})
    with pytest.raises(InputError, match="must have one shape"):
        error_bound(program, inputs | {"g": np.ones(3, "float32")})
    with pytest.raises(InputError, match="lr = -1"):
        error_bound(program, inputs | {"lr": -1})
    with pytest.raises(InputError, match="dtype = 'float16'"):
        error_bound(program, inputs, "float16")


def forget(*places):
    """A planted bug: an operation that takes arguments as exact."""

    def plant(operation):
        def bugged(*args):
            return operation(*(replace(a, error=0 * a.error) if i in places else a for i, a in enumerate(args)))

        return bugged

    return plant


def exact_constant(value, number, type_):
    return Enclosed(number, np.float64(0.0))


def form(monkeypatch, **change):
    for name, old in list(en.FORMATS.items()):
        monkeypatch.setitem(en.FORMATS, name, replace(old, **{k: getattr(old, k) * v for k, v in change.items()}))


BUGS = {
    "half u": lambda m: form(m, half_ulp=0.5),
    "no subnormal term": lambda m: form(m, half_tiny=0.0),
    "unrounded constants": lambda m: m.setattr(bound, "_constant", exact_constant),
    "no inheritance in sums": lambda m: [m.setitem(en.ARITHMETIC, op, forget(0, 1)(en.add)) for op in ("add", "sub")],
    "no inheritance in products": lambda m: m.setitem(en.ARITHMETIC, "mul", forget(0, 1)(en.multiply)),
    "no sensitivity to the divisor": lambda m: m.setitem(en.ARITHMETIC, "div", forget(1)(en.divide)),
    "no inheritance in roots": lambda m: m.setattr(en, "square_root", forget(0)(en.square_root)),
    "no inheritance in powers": lambda m: m.setitem(en.ARITHMETIC, "pow", forget(0)(en.power)),
    "casts of the exact": lambda m: m.setattr(en, "convert", forget(0)(en.convert)),
    "casts are exact": lambda m: m.setattr(en, "convert", lambda a, value, form: replace(a, value=value)),
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found(bug, monkeypatch):
    """By the same ratios, of the rules at their defaults and in some regime."""
    BUGS[bug](monkeypatch)
    defaults = [rules.find(name) for name in rules.names()]
    assert any((ratios(r, d, regime) > 1).any() for d in DTYPES for regime in REGIMES.values() for r in defaults)
