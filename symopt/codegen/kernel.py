"""Kernels: one compiled step on real arrays, every argument checked before anything is touched."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from symopt.language import GRADIENT, PARAMETER, STEP, Hyper, InputError, Program, Rule, refuse, shape_of

from . import cache
from .lowering import lower
from .printing import print_source

#: The largest step count that float64, in which the kernel takes t, holds exactly with all before it.
LAST_STEP = 2**53

_DTYPES = ("float32", "float64")


def kernel_source(program: Program, dtype: str = "float32") -> str:
    """The generated source for ``program`` on arrays of ``dtype``, a module that runs alone.

    Raises InputError for another dtype, LoweringError where a line has no machine operation.
    """
    return _source(program, dtype_name(dtype))


def compile_program(program: Program | Rule, dtype: str = "float32") -> Kernel:
    """The compiled kernel of one step, from the user's cache where it is there.

    Raises InputError for a dtype other than float32 and float64, LoweringError where a line has no machine
    operation, CacheError where the cache directory that was asked for cannot be used.
    """
    if isinstance(program, Rule):
        program = program.program
    if not isinstance(program, Program):
        raise refuse("rule", program, "must be a Rule or a Program")
    dtype = dtype_name(dtype)
    source = _source(program, dtype)
    function, path = cache.load(f"{program.name}_{dtype}", source)
    return Kernel(program, dtype, source, path, function)


def dtype_name(dtype: object) -> str:
    """ "float32" or "float64", from a name, a NumPy dtype or scalar type; InputError for any other."""
    try:
        name = None if dtype is None else np.dtype(dtype).name  # type: ignore[call-overload]
    except TypeError:
        name = None
    if name not in _DTYPES:
        raise refuse("dtype", dtype, f"must be one of {', '.join(_DTYPES)}")
    return str(name)


@functools.lru_cache(maxsize=1024)
def _source(program: Program, dtype: str) -> str:
    return print_source(lower(program, dtype))


@dataclass(frozen=True)
class Kernel:
    """One compiled step of a Program: ``kernel(x, g, m=…, v=…, t=1, lr=…)`` updates x and the states in place.

    ``source`` is what was compiled, ``path`` the file it lives in.
    """

    program: Program
    dtype: str
    source: str = field(repr=False)
    path: Path
    function: Any = field(repr=False, compare=False)

    def __call__(self, x: NDArray[Any], g: NDArray[Any], **named: Any) -> None:
        """One step in place.

        x, g and every state (by name): arrays of equal shape, any number of dimensions, C-contiguous and of
        the kernel's dtype; a state that has one value for all elements: of shape (1,), one with a value for each row
        (along the last axis) or column: of x's shape with the other axes 1. x and the states writable; no two
        overlapping. t: a whole number, 1 <= t <= 2**53.
        Hyperparameters by name, the rule's defaults where not given. Raises InputError, with nothing
        modified, if any of this does not hold.
        """
        arrays = [x, g]
        try:
            arrays += [named.pop(name) for name in self._states]
            step = named.pop(STEP)
        except KeyError as missing:
            name = missing.args[0]
            allowed = "a whole number >= 1" if name == STEP else "an array like x"
            raise InputError(f"{name} is missing: {self.program.name} needs {name}=..., {allowed}") from None
        self._check_arrays(arrays)
        scalars = [step_number(step)]
        for name, default, low, high, hyper in self._hypers:
            value = named.pop(name, default)
            # Strictly between the nearest floats of the ends is inside; anything else is looked at exactly.
            scalars.append(value if type(value) is float and low < value < high else hyper_number(hyper, value))
        if named:
            allowed = ", ".join([*self._states, STEP, *(h.name for h in self.program.hypers)])
            raise InputError(f"{self.program.name} has no argument {next(iter(named))!r}; it takes x, g, {allowed}")
        if self._matrix:
            arrays = [array.reshape(-1, array.shape[-1] if array.ndim else 1) for array in arrays]
        elif x.ndim != 1:
            arrays = [array.reshape(-1) for array in arrays]  # contiguous, so these are views
        self.function(*arrays, *scalars)

    def init(self, x: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """New states by name, each of the shape of its scope and of the kernel's dtype, at its initial value."""
        self._check_array(PARAMETER, x)
        shapes = {state.name: shape_of(state.scope, x.shape) for state in self.program.states}
        return {s.name: np.full(shapes[s.name], float(s.initial), self.dtype) for s in self.program.states}

    @property
    def stats(self) -> Any:
        """Numba's statistics: ``cache_hits`` and ``cache_misses`` counted by signature."""
        return self.function.stats

    def llvm(self) -> str:
        """The optimised LLVM code, compiled anew (code from the cache no longer has it)."""
        return str(next(iter(self._recompiled.inspect_llvm().values())))

    def asm(self) -> str:
        """The assembly for this machine, compiled anew."""
        return str(next(iter(self._recompiled.inspect_asm().values())))

    @functools.cached_property
    def _recompiled(self) -> Any:
        return numba.jit(self.function.signatures, **self.function.targetoptions)(self.function.py_func)

    @functools.cached_property
    def _states(self) -> tuple[str, ...]:
        return tuple(state.name for state in self.program.states)

    @functools.cached_property
    def _scopes(self) -> tuple[str, ...]:
        """Of x, g and each state: what there is a value for."""
        return ("element", "element", *(state.scope for state in self.program.states))

    @functools.cached_property
    def _matrix(self) -> bool:
        return self.program.has_matrices

    @functools.cached_property
    def _hypers(self) -> tuple[tuple[str, float, float, float, Hyper], ...]:
        def end(value: Any, infinite: float) -> float:
            return infinite if value is None else float(value)

        return tuple(
            (h.name, float(h.default), end(h.domain.lower, -math.inf), end(h.domain.upper, math.inf), h)
            for h in self.program.hypers
        )

    @functools.cached_property
    def _dtype(self) -> np.dtype[Any]:
        return np.dtype(self.dtype)

    def _name(self, place: int) -> str:
        return (PARAMETER, GRADIENT, *self._states)[place]

    def _check_arrays(self, arrays: list[NDArray[Any]]) -> None:
        dtype = self._dtype
        for place, array in enumerate(arrays):
            # One test for what is nearly always so; the slow path finds what is wrong, if anything.
            if type(array) is not np.ndarray or array.dtype != dtype or not array.flags.carray:
                self._check_array(self._name(place), array)
                arrays[place] = array.view(np.ndarray)
            scope = self._scopes[place]
            if array.shape != (arrays[0].shape if scope == "element" else shape_of(scope, arrays[0].shape)):
                shape = shape_of(scope, arrays[0].shape)
                allowed = f"the shape of x, {shape}" if scope == "element" else f"shape {shape}"
                raise refuse(f"shape of {self._name(place)}", array.shape, f"must have {allowed}")
        for place, array in enumerate(arrays):
            for other in range(place):
                # For contiguous arrays the comparison of bounds is exact.
                if np.may_share_memory(array, arrays[other]):
                    name, rest = self._name(place), self._name(other)
                    raise InputError(f"{name} overlaps {rest} in memory: x, g and the states must be separate arrays")

    def _check_array(self, name: str, array: Any) -> None:
        if type(array) is not np.ndarray and type(array) is not np.memmap:
            raise refuse(name, array, f"must be a NumPy array of {self.dtype}")
        if array.dtype != self._dtype:
            raise refuse(f"dtype of {name}", str(array.dtype), f"must be {self.dtype}, as the kernel was compiled for")
        if not array.flags.c_contiguous:
            raise refuse(f"strides of {name}", array.strides, f"must be C-contiguous (shape {array.shape})")
        if not array.flags.aligned:
            raise refuse(f"address of {name}", hex(array.ctypes.data), f"must be aligned to {array.itemsize} bytes")
        if not array.flags.writeable and name != GRADIENT:
            raise refuse(f"{name}.flags.writeable", False, f"must be writable: {name} is updated in place")


def step_number(value: Any) -> float:
    """t as float64, exactly; InputError unless it is a whole number, 1 <= t <= 2**53."""
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole and isinstance(value, (float, np.floating)):
        whole = float(value).is_integer()
    if not whole or not 1 <= value <= LAST_STEP:
        raise refuse(STEP, value, "must be a whole number, 1 <= t <= 2**53")
    return float(value)


def hyper_number(hyper: Hyper, value: Any) -> float:
    """A hyperparameter as float64; InputError unless it, and the float64 nearest to it, lie in its domain."""
    try:
        hyper.check(value)
        hyper.check(number := float(value))
    except InputError:
        raise
    except (TypeError, ValueError, OverflowError) as error:
        raise refuse(hyper.name, value, f"must be a float64 with {hyper.domain.describe(hyper.name)}") from error
    return number
