"""Object files as functions, by LLVM's own loader."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from llvmlite import binding

#: ``int32 run(void *, void *, uint64 *table, int64 worker)``; calling it lets other threads run.
PHASE = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)

_NOWHERE = ctypes.create_string_buffer(16)

#: For the first two arguments of a phase: where Numba writes that there is no result and no exception.
NOWHERE = ctypes.addressof(_NOWHERE)


@dataclass(frozen=True)
class Functions:
    """The phases in their order; ``engine`` owns their machine code."""

    phases: tuple[Callable[..., int], ...]
    engine: Any = field(repr=False)


def load(code: bytes, phases: int) -> Functions:
    """The functions ``run_0`` ... of an object file."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    machine = binding.Target.from_default_triple().create_target_machine()
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return Functions(tuple(PHASE(engine.get_function_address(f"run_{n}")) for n in range(phases)), engine)
