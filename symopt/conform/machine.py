"""What rounding bounds assume of a machine, looked for in the generated code and in the running processor.

Assumed: no reassociation, no approximate reciprocals or roots, NaN and infinities honoured, subnormal numbers neither
flushed nor read as zero. Contraction of a product and a sum is covered by the bounds, so that it may occur.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from symopt.codegen import Kernel, compile_program
from symopt.rules import find

#: An LLVM instruction on floating-point numbers with its fast-math flags (LLVM Language Reference, Fast-Math Flags).
_INSTRUCTION = re.compile(
    r"\b(?P<op>f(?:add|sub|mul|div|rem|neg|cmp)|call|select|phi)\s+"
    r"(?P<flags>(?:(?:fast|nnan|ninf|nsz|arcp|contract|afn|reassoc)\s+)+)"
)
_LICENCES = {"fast", "reassoc", "arcp", "afn", "nnan", "ninf"}
_ATTRIBUTE = re.compile(
    r'"(?:unsafe-fp-math|no-nans-fp-math|no-infs-fp-math|approx-func-fp-math)"="true"'
    r'|"denormal-fp-math(?:-f32)?"="[^"]*(?:preserve-sign|positive-zero)[^"]*"'
)
_APPROXIMATE = re.compile(r"^\s+(v?(?:rsqrt|rcp)(?:14|28)?[ps][sd]|fr(?:sqrt|ecp)[es])\b", re.MULTILINE)


def broken_assumptions(kernel: Kernel) -> tuple[str, ...]:
    """Each assumption of the bounds that the kernel's machine code, or this thread's processor state, breaks."""
    return (*broken_in_code(kernel), *flushed(kernel.dtype))


@lru_cache(maxsize=512)
def broken_in_code(kernel: Kernel) -> tuple[str, ...]:
    """Each assumption that the kernel's machine code, as it is compiled here, breaks."""
    return (*broken_in_llvm(kernel.llvm()), *broken_in_assembly(kernel.asm()))


def broken_in_llvm(code: str) -> Iterator[str]:
    """Licences to compute something else than what is written: fast-math flags, and attributes of functions."""
    flags = {flag for found in _INSTRUCTION.finditer(code) for flag in found["flags"].split()} & _LICENCES
    if flags:
        yield f"the LLVM code has the fast-math flags {', '.join(sorted(flags))}"
    yield from (f"the LLVM code has the attribute {found}" for found in sorted(set(_ATTRIBUTE.findall(code))))


def broken_in_assembly(code: str) -> Iterator[str]:
    """Instructions that approximate reciprocals and roots."""
    yield from (f"the machine code has {name}, an approximation" for name in sorted(set(_APPROXIMATE.findall(code))))


def flushed(dtype: str) -> Iterator[str]:
    """Whether kernels in this thread lose subnormal numbers: one step of gradient descent among them."""
    tiny = float(np.finfo(dtype).smallest_normal)
    x, g = np.array([tiny, tiny / 2], dtype), np.array([tiny, 0], dtype)
    # Not by comparison of numbers: with subnormal inputs read as 0, every subnormal equals 0.
    expected = np.array([tiny * 0.75, tiny / 2], dtype).tobytes()
    if expected == np.zeros(2, dtype).tobytes():
        yield f"subnormal results are flushed to zero in {dtype}"
        return
    compile_program(find("sgd"), dtype)(x, g, t=1, lr=0.25)
    if x.tobytes() != expected:
        yield f"subnormal {dtype} numbers are flushed to zero, or read as zero"
