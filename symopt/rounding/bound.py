"""Bounds on |kernel result - exact real value|, per element, at the given inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from symopt.codegen import Lowered, lower
from symopt.codegen.kernel import dtype_name, hyper_number, step_number
from symopt.language import GRADIENT, PARAMETER, STEP, InputError, Program, exact, refuse, shape_of

from .arithmetic import Arithmetic
from .enclosure import Enclosure, constant, exactly
from .floats import Floats
from .formats import FORMATS
from .rationals import Rationals
from .run import compute, enclose_lines
from .straight import StraightLine, straighten

#: What bounds are computed with: vectorised float64, dyadic rationals of 128 bits rounded outward, exact rationals.
ENGINES: dict[str, Arithmetic] = {"arrays": Floats(), "intervals": Rationals(bits=128), "fractions": Rationals()}


@dataclass(frozen=True)
class Enclosed:
    """A computed value (in its own dtype) and the bound on its distance from the exact one."""

    value: Any
    error: Any


def error_bound(
    program: Program,
    inputs: Mapping[str, Any],
    dtype: str = "float32",
    engine: str = "arrays",
    storage: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """For x and every state, an array of bounds on |computed - exact| of one step in ``dtype``.

    ``inputs``: x, g and the states (arrays of one shape; their values are taken as exact), t, and hyperparameters
    (defaults where missing). A hyperparameter stands for the decimal it is written as: 0.1 is 1/10 in the exact
    step and the nearest float64 in the kernel. An array may be a tuple (low, high): then the bound holds for every
    value between. Where every element is stepped on its own, t may be an array too, which broadcasts to x's shape.

    ``engine``: "arrays" (float64 arrays, rounded up), "fractions" (exact rationals: the least bound that the formulas
    give; slow) or "intervals" (rationals of 128 bits, rounded up); the latter two return arrays of Fractions.
    ``storage``: the format ("bfloat16", "float16", ...) in which x, g or a state is kept, where it is not ``dtype``;
    its elements are widened when read, and rounded once more when written.

    Infinity where nothing can be promised (overflow, a divisor that may be 0, NaN). Raises InputError for missing or
    unknown names, values outside their domain, and elements that their storage format does not hold.
    """
    if engine not in ENGINES:
        raise refuse("engine", engine, f"must be one of {', '.join(ENGINES)}")
    lowered = lower(program, dtype_name(dtype))
    return {n: result.error for n, result in enclosures(lowered, inputs, ENGINES[engine], storage).items()}


def enclose(
    lowered: Lowered, inputs: Mapping[str, Any], storage: Mapping[str, str] | None = None
) -> dict[str, Enclosed]:
    """The computed value of x and every state with its bound, as arrays; inputs as in ``error_bound``: no boxes."""
    step = _prepare(lowered, inputs, storage)
    values, results = _computed(step), _enclosures(step, ENGINES["arrays"])
    return {name: Enclosed(values[name], result.error) for name, result in results.items()}


def enclosures(
    lowered: Lowered,
    inputs: Mapping[str, Any],
    k: Arithmetic = ENGINES["arrays"],
    storage: Mapping[str, str] | None = None,
) -> dict[str, Enclosure]:
    """The enclosure of x and every state, as arrays of the inputs' shape; inputs as in ``error_bound``."""
    return _enclosures(_prepare(lowered, inputs, storage), k)


@dataclass(frozen=True)
class _Step:
    """A step with its inputs checked."""

    program: Program
    straight: StraightLine
    given: Mapping[str, tuple[Any, Any]]

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the tensor."""
        return np.shape(self.given[PARAMETER][0])

    def shape_of(self, name: str) -> tuple[int, ...]:
        """That of x or a state."""
        return shape_of(_scopes(self.program).get(name, "element"), self.shape)


def _prepare(lowered: Lowered, inputs: Mapping[str, Any], storage: Mapping[str, str] | None) -> _Step:
    kept = check_storage(lowered.program, lowered.dtype, storage)
    given = check_inputs(lowered.program, inputs, lowered.dtype, kept)
    return _Step(lowered.program, _straight(lowered, tuple(kept.items())), given)


@lru_cache(maxsize=256)
def _straight(lowered: Lowered, storage: tuple[tuple[str, str], ...]) -> StraightLine:
    return straighten(lowered, dict(storage))


def _enclosures(step: _Step, k: Arithmetic) -> dict[str, Enclosure]:
    names = step.straight.inputs
    with np.errstate(all="ignore"):
        starts = input_enclosures(step.program, step.given, k)
        known = enclose_lines(k, step.straight, {names[n]: e for n, e in starts.items()}, step.shape)

    def shaped(name: str, found: Enclosure) -> Enclosure:
        return Enclosure(*(np.broadcast_to(p, step.shape_of(name)) for p in (found.low, found.high, found.error)))

    return {name: shaped(name, known[variable]) for name, variable in step.straight.outputs.items()}


def _computed(step: _Step) -> dict[str, Any]:
    """The new values in the kernel's order of operations, on NumPy's own numbers."""
    arrays = _arrays(step.program)
    numbers = {n: low if n in arrays else np.float64(number) for n, (low, number) in step.given.items()}
    with np.errstate(all="ignore"):
        known = compute(step.straight, {step.straight.inputs[n]: value for n, value in numbers.items()}, step.shape)
    return {n: np.broadcast_to(known[variable], step.shape_of(n)) for n, variable in step.straight.outputs.items()}


def _arrays(program: Program) -> tuple[str, ...]:
    return (PARAMETER, GRADIENT, *(s.name for s in program.states))


def _scopes(program: Program) -> dict[str, str]:
    """The states that have fewer values than there are elements, and what they have a value for."""
    return {state.name: state.scope for state in program.states if state.scope != "element"}


def check_storage(program: Program, dtype: str, storage: Mapping[str, str] | None) -> dict[str, str]:
    """The storage formats that differ from the kernel's own; InputError for one that is no format or is wider."""
    for name, form in (storage or {}).items():
        if name not in _arrays(program):
            raise InputError(f"storage names {name!r}; {program.name} keeps {', '.join(_arrays(program))}")
        if form not in FORMATS or FORMATS[form].digits > FORMATS[dtype].digits:
            fitting = [n for n, f in FORMATS.items() if f.digits <= FORMATS[dtype].digits]
            raise refuse(f"storage of {name}", form, f"must be one of {', '.join(fitting)}")
    return {name: form for name, form in (storage or {}).items() if form != dtype}


def check_inputs(
    program: Program, inputs: Mapping[str, Any], dtype: str, storage: Mapping[str, str]
) -> dict[str, tuple[Any, Any]]:
    """Every input checked: for arrays the two ends of their box, in ``dtype``; for t and hyperparameters the number."""
    arrays = _arrays(program)
    missing = [name for name in (*arrays, STEP) if name not in inputs]
    unknown = set(inputs) - set(program.inputs)
    if missing or unknown:
        wrong = f"missing: {', '.join(missing)}" if missing else f"unknown: {', '.join(sorted(unknown))}"
        raise InputError(f"inputs of {program.name}: {wrong}; it takes {', '.join(program.inputs)}")
    given: dict[str, tuple[Any, Any]] = {}
    for name in arrays:
        value = inputs[name]
        with np.errstate(over="ignore"):  # what is beyond the format is infinite in it
            low, high = (np.asarray(end, dtype) for end in (value if isinstance(value, tuple) else (value, value)))
        if low.shape != high.shape or np.any(low > high):
            raise InputError(f"{name}: a box needs two arrays of one shape, the first nowhere above the second")
        _check_held(name, low, high, storage.get(name, dtype))
        given[name] = (low, high)
    few = _scopes(program)
    if len({low.shape for name, (low, _) in given.items() if name not in few}) > 1:
        raise InputError(
            f"inputs of {program.name}: {', '.join(n for n in arrays if n not in few)} must have one shape"
        )
    for name, scope in few.items():
        low, high = given[name]
        if low.shape != (shape := shape_of(scope, given[PARAMETER][0].shape)):
            single = "all elements" if scope not in ("row", "column") else f"each {scope}"
            raise refuse(f"shape of {name}", low.shape, f"must be {shape}: there is one value for {single}")
        given[name] = (low, high) if scope in ("row", "column") else (low[0], high[0])
    given[STEP] = _steps(program, inputs[STEP], given[PARAMETER][0].shape)
    for hyper in program.hypers:
        value = inputs.get(hyper.name, hyper.default)
        value = value.item() if isinstance(value, np.generic) else value
        given[hyper.name] = (value, hyper_number(hyper, value))
    return given


def _steps(program: Program, value: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """t, or an array of them for elements that are stepped on their own, as it is given and as float64."""
    if not isinstance(value, np.ndarray) or not program.is_separable:
        return value, step_number(value)
    if value.ndim != len(shape) or any(n not in (1, m) for n, m in zip(value.shape, shape, strict=True)):
        raise refuse(f"shape of {STEP}", value.shape, f"must broadcast to x's, {shape}")
    return value, np.vectorize(step_number, otypes=[float])(value)


def _check_held(name: str, low: Any, high: Any, form: str) -> None:
    """Elements that are stored in a narrower format must be numbers of it."""
    for end in (low, high):
        wide = np.asarray(end, np.float64)
        with np.errstate(all="ignore"):
            held = (Floats().nearest(wide, FORMATS[form]) == wide) | ~np.isfinite(wide)
        if not held.all():
            raise refuse(name, float(wide[~held].flat[0]), f"must be a number of {form}, in which it is stored")


def input_enclosures(program: Program, given: Mapping[str, tuple[Any, Any]], k: Arithmetic) -> dict[str, Enclosure]:
    """Every input with its representation error."""
    known = {n: exactly(k, *map(k.values, given[n])) for n in _arrays(program)}
    for name, (value, number) in given.items():
        if name not in known:
            single = not isinstance(number, np.ndarray)  # t may be an array
            known[name] = constant(k, exact(value), Fraction(number)) if single else exactly(k, *[k.values(number)] * 2)
    return known
