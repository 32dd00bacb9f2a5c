"""Arguments of single operations: what a machine has, what the exact value is, and an enclosure of both."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from .machines import FORMAT, nearest


@dataclass(frozen=True)
class Operand:
    """A machine's value in [low, high], ``error`` or less from the exact one; the enclosure's numbers are float64."""

    low: float
    high: float
    error: float
    machine: Fraction
    exact: Fraction


def enclosed(package, k, items):
    """The operands as one enclosure of arrays."""
    parts = ([getattr(item, name) for item in items] for name in ("low", "high", "error"))
    return package.enclosure.Enclosure(*(k.values(np.array(list(part))) for part in parts))


def operand(machine, error, rng, form, least=None):
    """An operand around a machine's value; not below ``least``, if there is one."""
    value, size = float(machine), max(abs(float(machine)), 2.0 ** FORMAT[form][1])
    exact = machine + Fraction(error) * Fraction(float(rng.choice([-1.0, 1.0, rng.uniform(-1, 1)])))
    widths = [0, 0, size * 2.0 ** -FORMAT[form][0], size * float(rng.uniform(0, 1))]
    with np.errstate(all="ignore"):
        low, high = value - float(rng.choice(widths)), value + float(rng.choice(widths))
    if least is not None:
        low, exact = max(low, least), max(exact, Fraction(least))
    limit = float(np.finfo(np.float64).max)
    return Operand(max(low, -limit), min(high, limit), error, machine, exact)


def operands(form, count, rng, spread=1.0, least=None):
    """Of every size, from subnormal to the largest, with no, tiny, small and huge errors."""
    digits, smallest, top = FORMAT[form]
    made = []
    while len(made) < count:
        drawn = np.ldexp(rng.uniform(-1, 1), int(rng.integers(int(smallest * spread), int(top * spread) + 1)))
        large = np.ldexp(rng.uniform(0.9, 1.0), top)
        special = [0.0, 1.0, -2.0, 2.0**smallest, large if spread == 1 else 1.0]
        value = float(drawn if rng.random() < 0.75 else rng.choice(special))
        machine = nearest(Fraction(abs(value) if least is not None else value), form)
        size = abs(float(machine))
        ulps = size * 2.0**-digits * rng.uniform(0, 4)
        error = float(rng.choice([0, 0, 2.0**-1074, ulps, size * rng.uniform(0, 0.5), min(2 * size, 2.0**1000)]))
        made.append(operand(machine, error, rng, form, least))
    return made


def partners(others, form, rng):
    """What almost cancels the others: their neighbours, and theirs."""
    for other in others:
        step = Fraction(2) ** FORMAT[form][1]
        if other.machine:
            step = max(abs(other.machine) * Fraction(2) ** (1 - FORMAT[form][0]), step)
        machine = nearest(other.machine + step * int(rng.integers(-3, 4)), form)
        yield operand(other.machine if machine is None else machine, other.error, rng, form)
