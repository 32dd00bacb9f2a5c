"""Conforming machines, simulated on exact rationals: each operation rounded as IEEE 754 says, products fused or not."""

import math
from decimal import MAX_EMAX, MIN_EMIN, Decimal, localcontext
from fractions import Fraction

import numpy as np

from symopt.codegen import Const
from symopt.language import exact

DIGITS = 1100  # sums of float64 that are not huge are exact
FEW = 150  # for powers, which no number of digits makes exact
FORMAT = {
    "bfloat16": (8, -133, 127),
    "float16": (11, -24, 15),
    "float32": (24, -149, 127),
    "float64": (53, -1074, 1023),
}


def unit(value, form):
    """The distance of neighbours around a rational."""
    digits, smallest, _ = FORMAT[form]
    if value == 0:
        return Fraction(2) ** smallest
    exponent = abs(value).numerator.bit_length() - value.denominator.bit_length()
    exponent -= abs(value) < Fraction(2) ** exponent
    return Fraction(2) ** max(exponent - digits + 1, smallest)


def nearest(value, form):
    """A rational rounded once, ties to even; None where it overflows."""
    rounded = round(value / unit(value, form)) * unit(value, form)
    digits, _, top = FORMAT[form]
    return rounded if abs(rounded) <= (2 - Fraction(2) ** (1 - digits)) * Fraction(2) ** top else None


def decimal(value):
    return Decimal(value.numerator) / value.denominator


def in_decimals(digits=DIGITS):
    """A context in which nothing overflows, and 0/0 is NaN."""
    return localcontext(prec=digits, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[])


def root(value, form):
    if value < 0:
        return None
    shift = 2 * (300 + value.denominator.bit_length())
    scaled = (value.numerator << shift) // value.denominator
    low = math.isqrt(scaled)
    # Between two numbers that round alike, unless the root is exact: 300 bits are more than twice any format's.
    sticky = low * low != scaled or (value.numerator << shift) % value.denominator != 0
    return nearest(Fraction(2 * low + sticky, 2 << shift // 2), form)


def power(base, exponent, form, rng):
    """Any number within one unit in the last place of the power."""
    if base == 0 or exponent == 1 or base < 0:
        return base if exponent == 1 else Fraction(0) if base == 0 and exponent > 0 else None
    with in_decimals(FEW):
        return either(decimal(base) ** decimal(exponent), form, rng)


def function(op, value, form, rng):
    """Any number within one unit in the last place of an exponential or a logarithm, and of a power with 1/3."""
    if op == "cbrt":
        return power(value, nearest(Fraction(1, 3), form), form, rng)
    if op == "log" and value <= 0:
        return None
    with in_decimals(FEW):
        return either(decimal(value).exp() if op == "exp" else decimal(value).ln(), form, rng)


def either(value, form, rng):
    """One of the two numbers around a decimal, if it is within one unit in the last place."""
    if value and value.adjusted() < -5000:
        return nearest(Fraction(0), form)
    if value.is_infinite() or value.adjusted() > 5000:
        return None
    value = Fraction(value)
    near = nearest(value, form)
    if near is None:
        return None
    other = near + unit(value, form) * (1 if near <= value else -1)
    return other if rng.random() < 0.5 and abs(other - value) <= unit(value, form) else near


def compare(op, a, b):
    return {"lt": a < b, "le": a <= b, "eq": a == b}[op]


def run_machine(program, inputs, rng, fuse):
    """Every variable of a straight-line program as one machine computes it (a Fraction; None: not finite).

    ``fuse``: how often a sum takes a product unrounded.
    """
    known, whole = dict(inputs), {}
    for line in program.instructions:
        args = [nearest(a.value, a.type) if isinstance(a, Const) else known[a.name] for a in line.args]
        known[line.name], product = None, None
        if line.op == "select":
            condition, then, otherwise = args
            known[line.name] = None if condition is None else then if condition else otherwise
        elif all(arg is not None for arg in args):
            known[line.name], product = operate(line, args, whole, rng, fuse)
        if product is not None:
            whole[line.name] = product
    return known


def operate(line, args, whole, rng, fuse):
    """The result of one operation, and the unrounded product if it is one."""
    a, b = (*args, None)[:2]
    if line.op in ("add", "sub"):
        products = [place for place in (0, 1) if getattr(line.args[place], "name", None) in whole]
        if products and rng.random() < fuse:
            place = rng.choice(products)
            args[place] = whole[line.args[place].name]
        return nearest(args[0] + args[1] if line.op == "add" else args[0] - args[1], line.type), None
    if line.op == "mul":
        return nearest(a * b, line.type), a * b
    if line.op in ("neg", "copy"):
        product = whole.get(getattr(line.args[0], "name", None))
        return (-a, product and -product) if line.op == "neg" else (a, product)
    if line.op == "div":
        return (nearest(a / b, line.type) if b else None), None
    if line.op == "sqrt":
        return root(a, line.type), None
    if line.op == "pow":
        return power(a, b, line.type, rng), None
    if line.op == "cast":
        return nearest(a, line.type), None
    if line.op in ("exp", "log", "cbrt"):
        return function(line.op, a, line.type, rng), None
    if line.op in ("lt", "le", "eq"):
        return compare(line.op, a, b), None
    return {"abs": abs, "sign": lambda v: Fraction((v > 0) - (v < 0)), "max": max, "min": min}[line.op](*args), None


def run_exactly(program, inputs):
    """Every variable as a Decimal of 1100 digits; NaN where it is not defined."""
    known = dict(inputs)
    with in_decimals():
        for line in program.instructions:
            args = [decimal(a.value) if isinstance(a, Const) else known[a.name] for a in line.args]
            known[line.name] = operate_exactly(line.op, args)
    return known


def raised(base, exponent):
    with in_decimals(FEW):
        return base**exponent


def transcendental(op, value):
    with in_decimals(FEW):
        if op == "cbrt":
            return value ** (Decimal(1) / 3) if value else value
        return value.exp() if op == "exp" else value.ln() if value > 0 else Decimal("NaN")


def operate_exactly(op, args):
    a, b = (*args, None)[:2]
    if op in ("exp", "log", "cbrt"):
        return transcendental(op, a)
    simple = {"add": lambda: a + b, "sub": lambda: a - b, "mul": lambda: a * b, "div": lambda: a / b, "neg": lambda: -a,
              "sqrt": a.sqrt if isinstance(a, Decimal) else None, "pow": lambda: raised(a, b), "abs": lambda: abs(a),
              "copy": lambda: a, "cast": lambda: a, "max": lambda: a.max(b), "min": lambda: a.min(b),
              "sign": lambda: Decimal((a > 0) - (a < 0))}  # fmt: skip
    if op == "select":
        return args[1] if args[0] else args[2]
    if any(isinstance(arg, Decimal) and arg.is_nan() for arg in args):
        return Decimal("NaN") if op not in ("lt", "le", "eq") else False
    return compare(op, a, b) if op in ("lt", "le", "eq") else simple[op]()


def inputs_of(program, names, inputs, element):
    """The machine's numbers and the exact ones, by variable."""
    machine, reals = {}, {}
    for name, variable in names.items():
        if isinstance(inputs.get(name), np.ndarray):
            machine[variable] = Fraction(float(inputs[name][element]))
            reals[variable] = Decimal(float(inputs[name][element]))
        else:
            default = {h.name: h.default for h in program.hypers}.get(name)
            value = exact(inputs.get(name, default))
            machine[variable] = Fraction(float(value))
            with in_decimals():
                reals[variable] = decimal(value)
    return machine, reals


def left(known, machine, reals, element):
    """The variables whose enclosure does not hold what a machine computed: interval and error, as (name, why)."""
    for name, value in machine.items():
        enclosure = known[name]
        if isinstance(value, bool) or not hasattr(enclosure, "error"):
            continue
        low, high, error = (
            np.ravel(part)[element if np.size(part) > 1 else 0]
            for part in (enclosure.low, enclosure.high, enclosure.error)
        )
        if isinstance(error, float) and not math.isfinite(error):
            continue
        if value is None or reals[name].is_nan():
            yield name, "an undefined value is enclosed"
        elif not Fraction(low) <= value <= Fraction(high):
            yield name, f"{float(value)} is outside [{float(low)}, {float(high)}]"
        else:
            with in_decimals():
                off, most = abs(decimal(value) - reals[name]), decimal(Fraction(error))
                if off > most + (abs(reals[name]) + most) * Decimal(10) ** (20 - FEW):
                    yield name, f"off by {float(off)}, bound {float(most)}"
