"""Planted bugs: the source of one module of symopt/rounding with one text replaced, and the package made of it."""

import sys
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from types import SimpleNamespace

import symopt.rounding

FOLDER = Path(symopt.rounding.__file__).parent
MODULES = ("formats", "arithmetic", "enclosure", "order", "totals", "floats", "rationals", "straight", "run", "bound")
NAME = "symopt.rounding_with_a_planted_bug"

MUTANTS = {
    "half of half a unit": ("formats", "o(exponent - 1", "o(exponent - 2"),
    "half of half a unit, in arrays": ("floats", "w / 2", "w / 4"),
    "no subnormal term": ("floats", "np.maximum(exponent - form.digits, form.smallest)", "exponent - form.digits"),
    "no subnormal term in float64": ("floats", "np.maximum(below / 2, _SMALLEST)", "below / 2"),
    "nothing rounded": ("enclosure", "k.plus(raw.error, change)", "raw.error"),
    "products not rounded": ("enclosure", "np.where(scaled, k.zero, change)", "k.zero"),
    "products never fused": ("enclosure", "np.minimum(below, raw.low), np.maximum(above, raw.high)", "below, above"),
    "sums never rounded": ("enclosure", "k.plus(raw.error, np.where(whole, k.zero, change))", "raw.error"),
    "sums exact one bit too long": ("enclosure", "form.digits", "(form.digits + 1)"),
    "sums exact by their longer term": ("enclosure", "= np.min", "= np.max"),
    "halves exact factors": ("floats", "= 1", "= 0"),
    "rounded across one way only": (
        "enclosure",
        "np.maximum(k.plus(above, -raw.low), k.plus(raw.high, -below)",
        "k.plus(above, -raw.low",
    ),
    "interval not rounded": (
        "enclosure",
        "below, above = k.nearest(raw.low, form), k.nearest(raw.high, form)\n    if",
        "below, above = raw.low, raw.high\n    if",
    ),
    "numbers exact": ("enclosure", "number(abs(exact - number), UP)", "zero"),
    "one summand exact": ("enclosure", "k.plus(a.error, b.error)", "a.error"),
    "first factor exact": (
        "enclosure",
        "plus(k.times(a.error, _size(b)), k.times(_exact_size(k, a), b.error)",
        "times(_exact_size(k, a), b.error",
    ),
    "second-order term dropped": ("enclosure", "k.plus(_size(a), a.error", "_size(a"),
    "square with half its slope": ("enclosure", "k.plus(large, _exact_size(k, a))", "large"),
    "square of the far end": ("enclosure", "small, small", "large, large"),
    "divisor exact": ("enclosure", "k.plus(a.error, k.times(quotient, safe.error))", "a.error"),
    "dividend exact": (
        "enclosure",
        "plus(a.error, k.times(quotient, safe.error)",
        "times(quotient, safe.error",
    ),
    "divisor that may be 0": ("enclosure", "> b.error", "> 0"),
    "quotient by the machine's divisor": ("enclosure", "k.add(least, -safe.error, DOWN)", "least"),
    "radicand exact": ("enclosure", "np.where(roots > 0, np.minimum(slope, holder), holder)", "0 * holder"),
    "root with twice its distance": ("enclosure", ", np.where(roots > 0,", ", np.where(roots > 0, roots +"),
    "slope of the root at the machine's": ("enclosure", "np.maximum(k.add(low, -a.error, DOWN), k.zero)", "low"),
    "negative radicands": ("enclosure", "np.where(valid, error, math.inf)", "error"),
    "pow rounded to nearest": ("enclosure", "k.plus(half, half)", "half"),
    "base exact": (
        "enclosure",
        "plus(k.multiply(a.error, slope, UP), k.multiply(b.error, steep, UP)",
        "multiply(b.error, steep, UP",
    ),
    "exponent exact": (
        "enclosure",
        "plus(k.multiply(a.error, slope, UP), k.multiply(b.error, steep, UP)",
        "multiply(a.error, slope, UP",
    ),
    "slope of pow at the base": ("enclosure", "exact, l", "base, l"),
    "argument of exp exact": ("enclosure", "k.multiply(a.error, most, UP)", "k.zero"),
    "slope of exp at the machine's": ("enclosure", "k.exp(k.add(a.high, a.error, UP), UP)", "k.exp(a.high, UP)"),
    "argument of log exact": ("enclosure", "k.divide(a.error, least, UP), form", "k.zero, form"),
    "slope of log at the machine's": (
        "enclosure",
        "least = k.add(a.low, -a.error, DOWN)\n    valid",
        "least = a.low\n    valid",
    ),
    "cube root of what is exact": ("enclosure", "np.minimum(slope, holder), holder)", "k.zero, k.zero)"),
    "a third that is exact": ("enclosure", "form, counted, power)", "form, counted)"),
    "functions not rounded": ("enclosure", "k.plus(inherited, units) if counted", "inherited if counted"),
    "exponent not lowered": ("enclosure", "number(Fraction(-1), UP)", "zero"),
    "negated interval not turned": ("enclosure", "high, -a.low", "low, -a.high"),
    "sign certain": ("order", "np.where(a.error == 0, 0 * low, np.maximum(most - low, high - least))", "0 * low"),
    "the smaller error in max": ("order", "aximum(a.e", "inimum(a.e"),
    "comparison certain": ("order", "k.add(a.high, a.error, UP) < k.add(b.low, -b.error, DOWN)", "a.low < b.high"),
    "comparison of computed values": (
        "order",
        "k.add(a.high, a.error, UP) < k.add(b.low, -b.error, DOWN)",
        "a.high < b.low",
    ),
    "other branch forgotten": ("order", "np.where(which.agreed, worse, apart)", "worse"),
    "branches apart without their errors": ("order", "k.plus(high, -low), worse", "high, -low"),
    "no overflow": (
        "floats",
        "asarray(a).astype(form.name).astype(np.float64",
        "where(np.isfinite(np.asarray(a).astype(form.name)), np.asarray(a).astype(form.name).astype(np.float64), a",
    ),
    "sums rounded to nearest": (
        "floats",
        "np.where(residue * toward <= 0, total, total + np.abs(total) * (toward * _ULP))",
        "total",
    ),
    "underflow to nothing": ("floats", " + toward * _SMALLEST", ""),
    "roots rounded down": ("rationals", "+ (toward > 0)", ""),
    "rounded inward": (
        "rationals",
        "ceil(scaled) if toward > 0 else math.floor",
        "floor(scaled) if toward > 0 else math.ceil",
    ),
    "casts of the exact": (
        "run",
        "d(k, args[0]",
        "d(k, enclosure.Enclosure(args[0].low, args[0].high, 0 * args[0].error)",
    ),
    "squares of what may be negative": ("run", "line.args[0] == line.args[1]", "True"),
    "stores not rounded": ("straight", "arrays[name] in stored", "False"),
    "binary numbers for decimals": ("bound", "exact(value", "Fraction(number"),
    "a box's one end": ("bound", "= (low, high", "= (low, low"),
    "additions of a total not rounded": ("totals", "change if counted else ", ""),
    "one addition of a total": ("totals", "ax(low.shape[-1] - 1, 0", "in(low.shape[-1] - 1, 1"),
    "elements of a total exact": ("totals", "total(error, UP)", "zero"),
    "total of what cancels": ("totals", "np.maximum(np.maximum(-low, high), k.zero)", "high"),
}  # fmt: skip


def planted(name):
    """The package with that bug in it, as a namespace of its modules."""
    module, old, new = MUTANTS[name]
    made = {NAME: module_from_spec(ModuleSpec(NAME, None, is_package=True))}
    found = 0
    try:
        sys.modules[NAME] = made[NAME]
        for part in MODULES:
            source = (FOLDER / f"{part}.py").read_text()
            if part == module:
                found = source.count(old)
                source = source.replace(old, new)
            full = f"{NAME}.{part}"
            sys.modules[full] = made[full] = module_from_spec(ModuleSpec(full, None))
            exec(compile(source, f"<{part} with a planted bug>", "exec"), vars(made[full]))  # noqa: S102 - our own source
    finally:
        for full in made:
            del sys.modules[full]
    if not found:
        raise LookupError(f"{module}.py no longer has the text that the mutant {name!r} replaces: {old}")
    return SimpleNamespace(**{part: made[f"{NAME}.{part}"] for part in MODULES})
