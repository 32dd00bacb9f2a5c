"""What must hold of the bounds, as functions of the package that computes them; each yields what does not hold."""

import itertools
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np

from symopt.codegen import Var, compile_program, lower
from symopt.conform.regimes import REGIMES, sample
from symopt.conform.survey import ratios

from . import machines
from .machines import FORMAT, decimal, in_decimals, nearest
from .operands import enclosed, operand, operands, partners

FORMS = ("float32", "float64")
ENGINES = ("arrays", "fractions")


def parts(result, place):
    """Interval and error of one element."""
    return [np.ravel(part)[place if np.size(part) > 1 else 0] for part in (result.low, result.high, result.error)]


def promised(error):
    return not (isinstance(error, float) and not math.isfinite(error))


def outside(result, place, machine, exact, unsure=0):
    """Whether an enclosure misses a machine's value (None: not finite), or the exact one lies beyond its error.

    ``unsure``: how well the exact value is known.
    """
    low, high, error = parts(result, place)
    if not promised(error):
        return False
    if machine is None or exact is None:
        return True
    return not Fraction(low) <= machine <= Fraction(high) or abs(machine - exact) > Fraction(error) + unsure


def outside_root(result, place, machine, radicand):
    """The same for the exact value sqrt(radicand)."""
    low, high, error = parts(result, place)
    if not promised(error):
        return False
    if machine is None or not Fraction(low) <= machine <= Fraction(high):
        return True
    least, most = machine - Fraction(error), machine + Fraction(error)
    return most < 0 or most**2 < radicand or (least > 0 and least**2 > radicand)


def run_one(package, k, op, form, *arguments):
    """One instruction on enclosures."""
    names = "abc"[: len(arguments)]
    line = package.straight.Instruction("r", op, tuple(Var(n, form) for n in names), form)
    with np.errstate(all="ignore"):
        return package.run.enclose_line(k, line, list(arguments))


OPERATIONS = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b if b else None,
    "max": max,
    "min": min,
}


def check_binary(package, form, engine, count, seed=1):
    """Sums, differences, products, quotients and the larger of two, with partners that cancel among them."""
    k, rng = package.bound.ENGINES[engine], np.random.default_rng(seed)
    left = operands(form, count, rng) + operands(form, count, rng, 0.2)
    right = operands(form, count, rng) + operands(form, count, rng, 0.2)
    right[::2] = partners(left[::2], form, rng)
    for op, exactly in OPERATIONS.items():
        result = run_one(package, k, op, form, enclosed(package, k, left), enclosed(package, k, right))
        for i, (a, b) in enumerate(zip(left, right, strict=True)):
            value = exactly(a.machine, b.machine)
            machine = None if value is None else nearest(value, form)
            if outside(result, i, machine, exactly(a.exact, b.exact)):
                yield f"{op} in {form}, {engine}: {a}, {b}: {parts(result, i)}"


def check_unary(package, form, engine, count, seed=2):
    """Roots, squares, signs, absolute values, negation, and rounding to other formats."""
    k, rng = package.bound.ENGINES[engine], np.random.default_rng(seed)
    items = operands(form, count, rng) + operands(form, count, rng, 0.1)
    given = enclosed(package, k, items)
    same = package.straight.Instruction("r", "mul", (Var("a", form), Var("a", form)), form)
    with np.errstate(all="ignore"):
        squared = package.run.enclose_line(k, same, [given, given])
    results = {
        "square": (squared, lambda v: v * v, form),
        "neg": (run_one(package, k, "neg", form, given), lambda v: -v, form),
        "abs": (run_one(package, k, "abs", form, given), abs, form),
        "sign": (run_one(package, k, "sign", form, given), lambda v: Fraction((v > 0) - (v < 0)), form),
    } | {f"to {other}": (run_one(package, k, "cast", other, given), lambda v: v, other) for other in FORMAT}
    for op, (result, exactly, other) in results.items():
        for i, a in enumerate(items):
            if outside(result, i, nearest(exactly(a.machine), other), exactly(a.exact)):
                yield f"{op} in {form}, {engine}: {a}: {parts(result, i)}"
    result = run_one(package, k, "sqrt", form, given)
    for i, a in enumerate(items):
        if a.exact >= 0 and outside_root(result, i, machines.root(a.machine, form), a.exact):
            yield f"sqrt in {form}, {engine}: {a}: {parts(result, i)}"
    items = operands(form, count, rng, least=0.0) + operands(form, count, rng, 0.1, least=0.0)
    result = run_one(package, k, "sqrt", form, enclosed(package, k, items))
    for i, a in enumerate(items):
        if outside_root(result, i, machines.root(a.machine, form), a.exact):
            yield f"sqrt in {form}, {engine}: {a}: {parts(result, i)}"


def check_powers(package, form, engine, count, seed=3):
    """Bases from 0 on, exponents whole and not, exact and not."""
    k, rng = package.bound.ENGINES[engine], np.random.default_rng(seed)
    bases, exponents = [], []
    for _ in range(count):
        machine = nearest(
            Fraction(float(rng.choice([0, rng.uniform(0, 1), 1 - 1e-3 * rng.random(), rng.uniform(1, 9)]))), form
        )
        size = float(machine)
        bases.append(operand(machine, float(rng.choice([0, size * 2.0**-24, size * 0.2])), rng, form, least=0.0))
        power = nearest(Fraction(float(rng.choice([1, 2, 50, 0.25, 0.3, -0.8, rng.uniform(-3, 3)]))), form)
        exponents.append(operand(power, float(rng.choice([0, 0, 2.0**-30, 0.01])), rng, form))
    result = run_one(package, k, "pow", form, enclosed(package, k, bases), enclosed(package, k, exponents))
    for i, (a, b) in enumerate(zip(bases, exponents, strict=True)):
        error = parts(result, i)[2]
        if not promised(error):
            continue
        with in_decimals(machines.FEW):
            exact = Fraction(decimal(a.exact) ** decimal(b.exact) if a.exact else Decimal(0))
        for _ in range(3):  # a machine's power is any of two
            machine = machines.power(a.machine, b.machine, form, rng)
            if outside(result, i, machine, exact, abs(exact) * Fraction(1, 10**100)):
                yield f"pow in {form}, {engine}: {a}, {b}: {parts(result, i)}"


def check_functions(package, form, engine, count, seed=12):
    """Exponentials, logarithms and cube roots, of small and large numbers, certain and not."""
    k, rng = package.bound.ENGINES[engine], np.random.default_rng(seed)
    for op, least in (("exp", None), ("log", 0.0), ("cbrt", 0.0)):
        items = []
        for place in range(count):
            size = float(rng.choice([0, rng.uniform(0, 1), 1 + 1e-3 * rng.normal(), rng.uniform(1, 80), 1e-30, 1e9]))
            machine = nearest(Fraction(size if least is not None or place % 2 else -min(size, 60.0)), form)
            spread = float(machine) * float(rng.choice([0, 2.0**-24, 0.2]))
            items.append(operand(machine, abs(spread), rng, form, least=least))
        result = run_one(package, k, op, form, enclosed(package, k, items))
        for i, a in enumerate(items):
            if promised(parts(result, i)[2]):
                exact = machines.operate_exactly(op, [decimal(a.exact)])
                exact = None if not exact.is_finite() or exact.adjusted() > 5000 else Fraction(exact)
                for _ in range(3):
                    machine = machines.function(op, a.machine, form, rng)
                    if outside(result, i, machine, exact, abs(exact or 0) * Fraction(1, 10**100)):
                        yield f"{op} in {form}, {engine}: {a}: {parts(result, i)}"


def check_fusing(package, form, engine, count, seed=4):
    """a*b + c with the product rounded, and without."""
    k, rng = package.bound.ENGINES[engine], np.random.default_rng(seed)
    a, b = operands(form, count, rng, 0.3), operands(form, count, rng, 0.3)
    c = operands(form, count, rng, 0.3)
    for i, (p, q) in enumerate(zip(a, b, strict=True)):
        product = nearest(p.machine * q.machine, form)
        if i % 3 and product is not None:
            shift = abs(product) * Fraction(2) ** (1 - FORMAT[form][0]) * int(rng.integers(-2, 3))
            c[i] = operand(nearest(-product + shift, form), float(rng.choice([0, 2.0**-60])), rng, form)
    product = run_one(package, k, "mul", form, enclosed(package, k, a), enclosed(package, k, b))
    for op, sign in (("add", 1), ("sub", -1)):
        result = run_one(package, k, op, form, enclosed(package, k, c), product)
        for i, (p, q, r) in enumerate(zip(a, b, c, strict=True)):
            exact, whole = r.exact + sign * p.exact * q.exact, p.machine * q.machine
            rounded = nearest(whole, form)
            machine = None if rounded is None else nearest(r.machine + sign * rounded, form)
            if outside(result, i, machine, exact) or outside(result, i, nearest(r.machine + sign * whole, form), exact):
                yield f"{op} of a product in {form}, {engine}: {p}, {q}, {r}: {parts(result, i)}"


def check_branches(package, form, engine, count, seed=5):
    """Selections by <, <= and ==, where near ties let a machine take the other branch."""
    k, rng = package.bound.ENGINES[engine], np.random.default_rng(seed)
    left, right, then, otherwise = (operands(form, count, rng, 0.1) for _ in range(4))
    right[::2] = partners(left[::2], form, rng)
    for op in ("lt", "le", "eq"):
        with np.errstate(all="ignore"):
            truth = package.order.compare(k, op, enclosed(package, k, left), enclosed(package, k, right))
            result = package.order.choose(k, truth, enclosed(package, k, then), enclosed(package, k, otherwise))
        for i, (a, b, t, o) in enumerate(zip(left, right, then, otherwise, strict=True)):
            machine = (t if machines.compare(op, a.machine, b.machine) else o).machine
            if outside(result, i, machine, (t if machines.compare(op, a.exact, b.exact) else o).exact):
                yield f"{op} in {form}, {engine}: {a}, {b}, {t}, {o}: {parts(result, i)}"


def check_totals(package, form, engine, count, seed=11):
    """Sums of arrays of several sizes, their elements of one sign or two, in order and pairwise."""
    k, rng = package.bound.ENGINES[engine], np.random.default_rng(seed)
    for size in (1, 2, 7, count):
        for least in (None, 0.0):
            items = operands(form, size, rng, 0.2, least) if size != 7 else operands(form, size, rng, 0.8, least)
            line = package.straight.Instruction("r", "total", (Var("a", form),), form)
            with np.errstate(all="ignore"):
                result = package.run.enclose_line(k, line, [enclosed(package, k, items)], (size,))
            exact = sum((item.exact for item in items), Fraction(0))
            for order in (range(size), rng.permutation(size)):
                machine = Fraction(0)
                for place in order:
                    machine = None if machine is None else nearest(machine + items[place].machine, form)
                if outside(result, 0, machine, exact):
                    yield f"total of {size} in {form}, {engine}: {parts(result, 0)}, not {float(exact)}"
    for size in (40, 400):  # in the hard case every addition loses half a unit, and always to the same side
        grain = Fraction(2) ** -FORMAT[form][0]
        values = [1.0, *[float(grain)] * (size - 1)]
        given = package.enclosure.Enclosure(*(k.values(np.array(part)) for part in (values, values, [0.0] * size)))
        result = package.run.enclose_line(k, line, [given], (size,))
        if outside(result, 0, Fraction(1), 1 + grain * (size - 1)):
            yield f"total of 1 and {size - 1} halves of a unit in {form}, {engine}: {parts(result, 0)}"


OPERATION_CHECKS = (
    check_binary,
    check_unary,
    check_powers,
    check_functions,
    check_fusing,
    check_branches,
    check_totals,
)


def check_operations(package, count=60):
    """Every operation by itself."""
    for check, form, engine in itertools.product(OPERATION_CHECKS, FORMS, ENGINES):
        yield from check(package, form, engine, count if engine == "arrays" else count // 2)


def drawn(program, name, dtype, elements, seed):
    """Inputs of a regime, without the special gradients at its beginning: of matrices, without their columns."""
    inputs = sample(program, REGIMES[name], dtype, elements + 3, seed)
    arrays = {n: a for n, a in inputs.items() if isinstance(a, np.ndarray)}
    return inputs | {n: a[..., 3:] if a.shape[-1] > 1 else a for n, a in arrays.items()}


def known_of(package, program, straight, inputs, dtype, engine):
    """The enclosure of every variable."""
    k, bound = package.bound.ENGINES[engine], package.bound
    given = bound.check_inputs(program, inputs, dtype, {})
    with np.errstate(all="ignore"):
        starts = bound.input_enclosures(program, given, k)
        return package.run.enclose_lines(k, straight, {straight.inputs[n]: e for n, e in starts.items()})


def check_machines(package, rule, dtype, name, engine="arrays", elements=2, seed=6):
    """Every variable of a step on machines that fuse nothing, or most products."""
    program, rng = rule.program, np.random.default_rng(seed)
    straight = package.straight.straighten(lower(program, dtype))
    inputs = drawn(program, name, dtype, elements, seed)
    known = known_of(package, program, straight, inputs, dtype, engine)
    for i in range(elements):
        if all(np.isfinite(a[i]) for a in inputs.values() if isinstance(a, np.ndarray)):
            yield from one_machine(rule, program, straight, known, inputs, i, rng, f"{dtype}, {engine}, {name}")


def one_machine(rule, program, straight, known, inputs, i, rng, where):
    numbers, reals = machines.inputs_of(program, straight.inputs, inputs, i)
    exact = machines.run_exactly(straight, reals)
    for fuse in (0, 0.7):
        computed = machines.run_machine(straight, numbers, rng, fuse)
        for variable, why in machines.left(known, computed, exact, i):
            yield f"{rule.label}, {where}: {variable} {why}"


def box_around(program, inputs, dtype, width, rng):
    """A box that holds the first element: its neighbourhood, or all from there to another number."""
    box = {}
    for name, array in inputs.items():
        if not isinstance(array, np.ndarray):
            box[name] = array
            continue
        low = array[0] * (1 - width * rng.random())
        ends = sorted((np.dtype(dtype).type(low), array[0], np.dtype(dtype).type(low * (1 + width))))
        box[name] = (ends[0], ends[2])
    return box


def check_boxes(package, rule, dtype, name, width, points=3, seed=7):
    """The bound of a box holds for machines at its points, and is no less than theirs."""
    program, rng = rule.program, np.random.default_rng(seed)
    straight = package.straight.straighten(lower(program, dtype))
    inputs = drawn(program, name, dtype, 1, seed)
    box = box_around(program, inputs, dtype, width, rng)
    known = known_of(package, program, straight, box, dtype, "intervals")
    for _ in range(points):
        point = {}
        for n, ends in box.items():
            inside = (
                np.asarray(rng.choice([ends[0], ends[1], rng.uniform(*map(float, ends))]), dtype)
                if isinstance(ends, tuple)
                else ends
            )
            point[n] = np.clip(inside, *ends)[None] if isinstance(ends, tuple) else ends
        yield from one_machine(rule, program, straight, known, point, 0, rng, f"box of {width} in {dtype}, {name}")
        at = known_of(package, program, straight, point, dtype, "fractions")
        for variable in straight.outputs.values():
            (*_, least), (*_, most) = parts(at[variable], 0), parts(known[variable], 0)
            if promised(most) and not (promised(least) and least <= most):
                yield f"{rule.label}, box of {width} in {dtype}, {name}: {variable} {float(least)} > {float(most)}"


def check_engines(package, rule, dtype, name, elements=2, seed=8):
    """Exact rationals give the least bounds, rationals of 128 bits nearly the same, float64 no smaller ones."""
    inputs = drawn(rule.program, name, dtype, elements, seed)
    bounds = {
        e: package.bound.error_bound(rule.program, inputs, dtype, e) for e in ("fractions", "intervals", "arrays")
    }
    for output in bounds["arrays"]:
        for i in range(elements):
            exact, interval, array = (bounds[e][output][i] for e in bounds)
            if not promised(array):
                continue
            if not promised(exact) or not promised(interval):
                yield f"{rule.label}, {dtype}, {name}: {output} bounded by arrays alone"
            elif not exact <= interval <= exact + Fraction(float(array)) / 2**30:
                yield f"{rule.label}, {dtype}, {name}: {output} intervals give {float(interval)}, not {float(exact)}"
            elif not interval <= Fraction(float(array)):
                yield f"{rule.label}, {dtype}, {name}: {output} arrays give {float(array)} < {float(interval)}"


def check_kernels(package, rule, dtype, name, elements=300, seed=9):
    """The kernel itself."""
    inputs = sample(rule.program, REGIMES[name], dtype, elements, seed)
    bounds = package.bound.error_bound(rule.program, inputs, dtype)
    for output, ratio in ratios(rule, compile_program(rule, dtype), inputs, bounds).items():
        if (ratio > 1).any():
            yield f"{rule.label}, {dtype}, {name}: {output} at {np.nanmax(ratio)} of its bound"


def check_storage(package, seed=10):
    """Adam with states kept in narrower formats: float32 results, rounded once more."""
    from symopt import rules

    rule, rng = rules.find("adam"), np.random.default_rng(seed)
    for form in ("bfloat16", "float16"):
        inputs = sample(rule.program, REGIMES["default"], "float32", 40, seed)
        for name in ("m", "v"):
            inputs[name] = np.array([float(nearest(Fraction(float(v)), form)) for v in inputs[name]], "float32")
        storage = {"m": form, "v": form}
        bounds = package.bound.error_bound(rule.program, inputs, "float32", storage=storage)
        straight = package.straight.straighten(lower(rule.program, "float32"), storage)
        for i in range(40):
            numbers, reals = machines.inputs_of(rule.program, straight.inputs, inputs, i)
            computed, exact = machines.run_machine(straight, numbers, rng, 0), machines.run_exactly(straight, reals)
            for name in ("x", "m", "v"):
                # Found by its own name, so that a store that was forgotten is made up for here.
                result = computed[straight.outputs[name]]
                result = nearest(result, storage.get(name, "float32"))
                with in_decimals():
                    off = abs(decimal(result) - exact[straight.outputs[name]])
                if promised(bounds[name][i]) and off > Decimal(float(bounds[name][i])):
                    yield f"{name} kept in {storage.get(name)}: off by {float(off)}, bound {float(bounds[name][i])}"
