"""Every operation's bound against exact rational arithmetic, whatever its arguments' errors are made of."""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest

from symopt.rounding import Enclosed
from symopt.rounding import enclosure as en

DTYPES = ["float32", "float64"]
SAMPLES = 600
FORMAT = {"float32": (24, -149), "float64": (53, -1074)}  # digits, exponent of the smallest number


def nearest(value, dtype):
    """A Fraction rounded once, ties to even, subnormals and overflow as IEEE 754 has them."""
    digits, smallest = FORMAT[dtype]
    if value == 0:
        return np.dtype(dtype).type(0)
    exponent = abs(value).numerator.bit_length() - value.denominator.bit_length()
    exponent -= abs(value) < Fraction(2) ** exponent
    unit = Fraction(2) ** max(exponent - digits + 1, smallest)
    result = round(value / unit) * unit
    if abs(result) > Fraction(float(np.finfo(dtype).max)):
        return np.dtype(dtype).type(np.inf if value > 0 else -np.inf)
    return np.dtype(dtype).type(float(result))


@dataclass(frozen=True)
class Operand:
    """What an Enclosed may stand for: the computed value, its bound, an exact value, another machine's value."""

    value: object
    error: float
    exact: Fraction
    machine: object

    @property
    def absolute(self):
        if float(self.value) - 2 * self.error >= 0:
            return self
        return Operand(abs(self.value), 0.0, abs(Fraction(float(self.value))), abs(self.value))


def operands(dtype, count, seed, spread=1.0):
    """Operands of every size, from subnormal to the largest, with no, tiny, small and huge errors."""
    rng, kind = np.random.default_rng(seed), np.dtype(dtype).type
    low, high = FORMAT[dtype][1], {"float32": 128, "float64": 1024}[dtype]
    made = []
    while len(made) < count:
        value = kind(np.ldexp(rng.uniform(-1, 1), int(rng.integers(int(low * spread), int(high * spread)))))
        half = float(np.finfo(dtype).max) * rng.uniform(0.4, 0.5)
        value = kind(rng.choice([value, value, value, 0, -0.0, 1, half, np.finfo(dtype).smallest_subnormal]))
        size = abs(float(value))
        few_ulps = size * 2.0 ** -FORMAT[dtype][0] * rng.uniform(0, 4)
        error = float(rng.choice([0, 5e-324, few_ulps, size * rng.uniform(0, 0.5), min(2 * size, 2.0**1000)]))
        bound = Fraction(error)
        exact = Fraction(float(value)) + bound * Fraction(float(rng.choice([-1, 1, rng.uniform(-1, 1)])))
        machine = nearest(exact + bound * Fraction(float(rng.choice([-1, 1, rng.uniform(-1, 1)]))), dtype)
        if not np.isfinite(machine) or abs(Fraction(float(machine)) - exact) > bound:
            machine = value
        made.append(Operand(value, error, exact, machine))
    return made


def near(others, seed):
    """Partners that almost cancel: each other operand's neighbours, with its error."""
    rng = np.random.default_rng(seed)
    for other in others:
        value = other.value
        for _ in range(int(rng.integers(0, 3))):
            value = np.nextafter(value, type(value)(rng.choice([-np.inf, np.inf])))
        shift = Fraction(float(value)) - Fraction(float(other.value)) if np.isfinite(value) else 0
        value = value if np.isfinite(value) else other.value
        machine = nearest(Fraction(float(other.machine)) + shift, type(value).__name__)
        exact = other.exact + shift
        if not np.isfinite(machine) or abs(Fraction(float(machine)) - exact) > Fraction(other.error):
            machine, exact = value, Fraction(float(value))
        yield Operand(value, other.error, exact, machine)


def enclosed(items):
    return Enclosed(np.array([i.value for i in items]), np.array([i.error for i in items]))


def within(result, error, exact):
    """Whether ``result`` lies within ``error`` of the exact value, decided without rounding."""
    return np.isfinite(result) and abs(Fraction(float(result)) - exact) <= Fraction(float(error))


def within_root(result, error, radicand):
    """The same for the exact value sqrt(radicand)."""
    low, high = (Fraction(float(result)) + s * Fraction(float(error)) for s in (-1, 1))
    return high >= 0 and max(low, Fraction(0)) ** 2 <= radicand <= high**2


NUMPY = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide}
EXACT = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
}


def check_binary(op, dtype, seed=1):
    """The operand pairs for which a machine's result is farther from the exact one than the bound, and the rest."""
    left = operands(dtype, SAMPLES, seed) + operands(dtype, SAMPLES, seed + 1, 0.2)
    right = operands(dtype, SAMPLES, seed + 2) + operands(dtype, SAMPLES, seed + 3, 0.2)
    if op == "sub":
        right[::2] = list(near(left[::2], seed))
    wrong, finite = [], 0
    with np.errstate(all="ignore"):
        values = NUMPY[op](enclosed(left).value, enclosed(right).value)
        result = en.ARITHMETIC[op](enclosed(left), enclosed(right), values, en.FORMATS[dtype])
        for a, b, value, error in zip(left, right, values, result.error, strict=True):
            if np.isfinite(error):
                finite += 1
                machine, exact = NUMPY[op](a.machine, b.machine), EXACT[op](a.exact, b.exact)
                if not (within(value, error, exact) and within(machine, error, exact)):
                    wrong.append((a, b, error))
    return wrong, finite


def check_root(dtype):
    items = [o.absolute for o in operands(dtype, SAMPLES, 4)]
    values = np.sqrt(enclosed(items).value)
    result = en.square_root(enclosed(items), values, en.FORMATS[dtype])
    rows = [(i, v, e) for i, v, e in zip(items, values, result.error, strict=True) if i.exact >= 0 and np.isfinite(e)]
    wrong = [i for i, v, e in rows if not (within_root(v, e, i.exact) and within_root(np.sqrt(i.machine), e, i.exact))]
    return wrong, len(rows)


def check_power(dtype):
    """Natural exponents, for which Fractions are exact, on bases around 1 and around 0."""
    rng = np.random.default_rng(5)
    items = [o.absolute for o in operands(dtype, SAMPLES // 2, 5, 0.02)]
    kind = np.dtype(dtype).type
    for _ in range(SAMPLES // 2):
        value = kind(rng.uniform(0.5, 1))
        error = float(rng.choice([0.0, 2.0**-54, 2.0**-20, 0.1, 0.25]))
        exact = Fraction(float(value)) + Fraction(error) * Fraction(float(rng.uniform(-1, 1)))
        items.append(Operand(value, error, exact, nearest(exact, dtype) if error > 2.0**-24 else value))
    exponents = rng.integers(0, 60, len(items)).astype(dtype)
    with np.errstate(all="ignore"):
        values = np.array([a.value**n for a, n in zip(items, exponents, strict=True)])
        result = en.power(enclosed(items), en.exactly(exponents), values, en.FORMATS[dtype])
        wrong, finite = [], 0
        for a, n, value, error in zip(items, exponents, values, result.error, strict=True):
            if np.isfinite(error):
                finite += 1
                exact = a.exact ** int(n)
                if not (within(value, error, exact) and within(a.machine**n, error, exact)):
                    wrong.append((a, n, error))
    return wrong, finite


def check_contraction(dtype):
    """a*b + c rounded once, as a machine with fused multiply-add computes it."""
    a, b = operands(dtype, SAMPLES, 6, 0.3), operands(dtype, SAMPLES, 7, 0.3)
    wrong, finite = [], 0
    with np.errstate(all="ignore"):
        products = enclosed(a).value * enclosed(b).value
        c = [
            Operand(-v, 0.0, Fraction(float(-v)), -v) if np.isfinite(v) and i % 3 else other
            for i, (v, other) in enumerate(zip(products, a, strict=True))
        ]
        product = en.multiply(enclosed(a), enclosed(b), products, en.FORMATS[dtype])
        result = en.add(product, enclosed(c), products + enclosed(c).value, en.FORMATS[dtype])
        for *abc, value, error in zip(a, b, c, result.value, result.error, strict=True):
            if np.isfinite(error):
                finite += 1
                exact = abc[0].exact * abc[1].exact + abc[2].exact
                fused = nearest(Fraction(float(abc[0].machine)) * Fraction(float(abc[1].machine))
                                + Fraction(float(abc[2].machine)), dtype)  # fmt: skip
                if not (within(value, error, exact) and within(fused, error, exact)):
                    wrong.append((abc, error))
    return wrong, finite


def check_convert(dtype):
    items = operands("float64", SAMPLES, 8, 0.15)
    with np.errstate(all="ignore"):
        values = enclosed(items).value.astype(dtype)
        result = en.convert(enclosed(items), values, en.FORMATS[dtype])
        rows = [row for row in zip(items, values, result.error, strict=True) if np.isfinite(row[2])]
        machines = [np.dtype(dtype).type(i.machine) for i, _, _ in rows]
    wrong = [
        i for (i, v, e), m in zip(rows, machines, strict=True) if not (within(v, e, i.exact) and within(m, e, i.exact))
    ]
    return wrong, len(rows)


def check_order(dtype):
    """max, sign and selection by <, where near ties let machines disagree."""
    left = operands(dtype, SAMPLES, 9)
    right = operands(dtype, SAMPLES, 10)
    right[::2] = near(left[::2], 9)
    a, b = enclosed(left), enclosed(right)
    taken = a.value < b.value
    largest = en.larger(a, b, np.maximum(a.value, b.value))
    signs = en.sign(a, np.sign(a.value))
    other, another = enclosed(left[::-1]), enclosed(right[::-1])
    chosen = en.choose((a, b), taken, other, another, np.where(taken, other.value, another.value))
    wrong = []
    for i, (p, q) in enumerate(zip(left, right, strict=True)):
        r, s = left[-1 - i], right[-1 - i]
        exact = {
            "max": max(p.exact, q.exact),
            "sign": Fraction((p.exact > 0) - (p.exact < 0)),
            "choose": r.exact if p.exact < q.exact else s.exact,
        }
        machine = {
            "max": max(p.machine, q.machine),
            "sign": np.sign(p.machine),
            "choose": r.machine if p.machine < q.machine else s.machine,
        }
        for name, result in (("max", largest), ("sign", signs), ("choose", chosen)):
            value, error = result.value[i], result.error[i]
            if np.isfinite(error) and not (
                within(value, error, exact[name]) and within(machine[name], error, exact[name])
            ):
                wrong.append((name, p, q, error))
    return wrong, len(left)


CHECKS = {
    **{op: lambda dtype, op=op: check_binary(op, dtype) for op in ("add", "sub", "mul", "div")},
    "sqrt": check_root,
    "pow": check_power,
    "fma": check_contraction,
    "convert": check_convert,
    "order": check_order,
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("check", CHECKS)
def test_no_machine_leaves_the_bound(check, dtype):
    wrong, finite = CHECKS[check](dtype)
    assert not wrong, f"{len(wrong)}: {wrong[0]}"
    assert finite > SAMPLES / 4


@pytest.mark.parametrize("value", [Fraction(1, 3), Fraction(3, 2**1075), -(Fraction(10) ** -320), Fraction(10) ** 308])
def test_rounding_of_a_rational(value):
    assert nearest(value, "float64") == float(value)
    assert nearest(value * 2**1074, "float32") == (np.inf if value > 1e-300 else np.float32(float(value * 2**1074)))


@pytest.mark.parametrize("dtype", DTYPES)
def test_nothing_is_promised_beyond_arithmetic(dtype):
    kind, form = np.dtype(dtype).type, en.FORMATS[dtype]
    largest, nan, inf, one, zero = (kind(v) for v in (np.finfo(dtype).max, np.nan, np.inf, 1, 0))
    exactly = en.exactly
    unsure = Enclosed(one, np.float64(0.75))  # another machine may compute 0 or less
    with np.errstate(all="ignore"):
        promised = [
            exactly(nan),
            exactly(inf),
            en.add(exactly(largest), exactly(largest), largest + largest, form),
            en.add(exactly(largest), Enclosed(one, np.float64(largest)), largest + one, form),
            en.multiply(exactly(largest), exactly(largest), largest * largest, form),
            en.multiply(exactly(zero), exactly(inf), zero * inf, form),
            en.divide(exactly(one), exactly(zero), one / zero, form),
            en.divide(exactly(one), unsure, one / one, form),
            en.divide(exactly(zero), unsure, zero / one, form),
            en.divide(exactly(one), exactly(inf), one / inf, form),
            en.square_root(exactly(-one), np.sqrt(-one), form),
            en.square_root(exactly(nan), nan, form),
            en.power(exactly(-one), exactly(kind(3)), -one, form),
            en.power(exactly(largest), exactly(kind(3)), largest**3, form),
            en.power(exactly(nan), exactly(zero), nan**zero, form),
            en.larger(exactly(nan), exactly(one), nan),
            en.sign(exactly(nan), nan),
            en.sign(exactly(inf), one),
            en.choose((exactly(nan), exactly(one)), np.False_, exactly(one), exactly(one), one),
            en.convert(exactly(np.float64(1e300)), np.float64(1e300).astype("float32"), en.FORMATS["float32"]),
            en.convert(exactly(np.float64(nan)), nan, form),
            en.same(exactly(nan), nan),
        ]
    assert [p.error for p in promised] == [np.inf] * len(promised)


def test_branches_taken_apart():
    """The exact step takes one branch, another machine the other, as far from its computed value as it may be."""
    unsure, one = Enclosed(np.float32(0), np.float64(1)), np.float32(1)
    then, otherwise = Enclosed(one, np.float64(1)), Enclosed(np.float32(0), np.float64(0.5))
    chosen = en.choose((unsure, unsure), np.True_, then, otherwise, one)
    assert chosen.error >= 3 - (-0.5)  # a machine's then is 3 where the exact one is 2; the exact otherwise is -1/2


def without_the_error_of(place):
    """A planted bug: an operation that takes one of its arguments as exact."""

    def plant(operation):
        def bugged(*args):
            args = list(args)
            args[place] = replace(args[place], error=np.zeros_like(args[place].error))
            return operation(*args)

        return bugged

    return plant


def unrounded(operation):
    """A planted bug: an operation that is taken to round nothing."""

    def bugged(value, inherited, size, form):
        return replace(operation(value, inherited, size, form), error=inherited)

    return bugged


def narrow(rounded):
    """A planted bug: half of each bound."""
    return lambda *args: replace(rounded(*args), error=rounded(*args).error / 2)


FORM_BUGS = {
    "half u": {"half_ulp": 0.5},
    "no subnormal term": {"half_tiny": 0.0},
    "no overflow": {"largest": np.inf},
}
BUGS = [
    *(("form", bug, "mul" if bug == "no subnormal term" else "add") for bug in FORM_BUGS),
    ("half u of pow", lambda m: m.setattr(en, "rounded", narrow(en.rounded)), "pow"),
    ("nothing rounded", lambda m: m.setattr(en, "rounded", unrounded(en.rounded)), "div"),
    ("nothing rounded in a cast", lambda m: m.setattr(en, "rounded", unrounded(en.rounded)), "convert"),
    ("second factor exact", lambda m: m.setitem(en.ARITHMETIC, "mul", without_the_error_of(1)(en.multiply)), "mul"),
    ("first factor exact", lambda m: m.setitem(en.ARITHMETIC, "mul", without_the_error_of(0)(en.multiply)), "mul"),
    ("divisor exact", lambda m: m.setitem(en.ARITHMETIC, "div", without_the_error_of(1)(en.divide)), "div"),
    ("dividend exact", lambda m: m.setitem(en.ARITHMETIC, "div", without_the_error_of(0)(en.divide)), "div"),
    ("radicand exact", lambda m: m.setattr(en, "square_root", without_the_error_of(0)(en.square_root)), "sqrt"),
    ("base exact", lambda m: m.setattr(en, "power", without_the_error_of(0)(en.power)), "pow"),
    ("product exact", lambda m: m.setattr(en, "add", without_the_error_of(0)(en.add)), "fma"),
    ("cast of the exact", lambda m: m.setattr(en, "convert", without_the_error_of(0)(en.convert)), "convert"),
    ("sign certain", lambda m: m.setattr(en, "sign", without_the_error_of(0)(en.sign)), "order"),
    ("max of the exact", lambda m: m.setattr(en, "larger", without_the_error_of(0)(en.larger)), "order"),
    ("other branch forgotten", lambda m: m.setattr(en, "choose", without_the_error_of(3)(en.choose)), "order"),
    (
        "machine taken for exact",
        lambda m: m.setattr(Enclosed, "machine_size", property(lambda e: abs(e.value.astype(float)))),
        "mul",
    ),
]


@pytest.mark.parametrize(("name", "bug", "check"), BUGS, ids=[f"{n}-{b if n == 'form' else c}" for n, b, c in BUGS])
def test_a_planted_bug_is_found(name, bug, check, monkeypatch):
    if name == "form":
        for dtype, form in list(en.FORMATS.items()):
            change = {key: getattr(form, key) * v if v == 0.5 else v for key, v in FORM_BUGS[bug].items()}
            monkeypatch.setitem(en.FORMATS, dtype, replace(form, **change))
    else:
        bug(monkeypatch)
    assert CHECKS[check]("float32")[0]
