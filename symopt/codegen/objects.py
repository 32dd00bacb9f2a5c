"""Machine code of the phases of a step, as one object file that needs neither Numba nor this package to be loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from llvmlite import binding
from numba import config
from numba.core.codegen import get_host_cpu_features

from .cache import import_source


def compile_phases(path: Path, phases: int) -> bytes:
    """The object file of ``run_0`` ... of a module that ``print_blocks`` printed, for this machine's processor.

    Each is ``int32 run_n(void *, void *, uint64 *table, int64 worker)``; the first two pointers are where Numba's
    calling convention would put a result and an exception, of which there are none.
    """
    module = import_source(path)
    whole, *others = (_phase(getattr(module, name), name) for name in (f"run_{n}" for n in range(phases)))
    for other in others:
        whole.link_in(other)
    machine = binding.Target.from_default_triple().create_target_machine(
        cpu=config.CPU_NAME or binding.get_host_cpu_name(),
        features=get_host_cpu_features() if config.CPU_FEATURES is None else config.CPU_FEATURES,
        opt=3,
        reloc="pic",
        codemodel="default",
    )
    _drop_unused(whole, machine)
    return bytes(machine.emit_object(whole))


def _phase(dispatcher: Any, name: str) -> Any:
    """The optimised module of one function, which alone can be seen from outside, under that name."""
    (signature,) = dispatcher.signatures
    module = binding.parse_assembly(dispatcher.inspect_llvm(signature))
    entry = dispatcher.overloads[signature].fndesc.llvm_func_name
    for function in module.functions:
        if not function.is_declaration and function.name != entry:
            function.linkage = "internal"
    for variable in module.global_variables:
        if not variable.is_declaration:
            variable.linkage = "internal"
    found = module.get_function(entry)
    found.name = name
    found.linkage = "external"
    return module


def _drop_unused(module: Any, machine: Any) -> None:
    """Numba's wrappers, which nothing calls here."""
    options = binding.PipelineTuningOptions(speed_level=0)
    passes = binding.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    passes.run(module, binding.create_pass_builder(machine, options))
