"""What the bounds assume of a machine is found missing where it is: in real code, and in a real thread."""

import ctypes
import ctypes.util
import platform
import sys
from contextlib import contextmanager

import numba
import pytest

from symopt import rules
from symopt.codegen import compile_program
from symopt.conform.machine import broken_assumptions, broken_in_assembly, broken_in_llvm, flushed
from symopt.conform.verify import verify_rule

DTYPES = ["float32", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["adam", "lamb", "rprop"])  # verification asks it of every rule
def test_kernels_break_no_assumption(name, dtype):
    assert broken_assumptions(compile_program(rules.find(name).program, dtype)) == ()


def compiled(kernel, **options):
    """The LLVM and machine code of a kernel's own function under other settings of Numba."""
    function = numba.njit(kernel.function.signatures, error_model="numpy", **options)(kernel.function.py_func)
    (llvm,), (asm,) = function.inspect_llvm().values(), function.inspect_asm().values()
    return llvm, asm


@pytest.mark.parametrize("flags", [True, {"reassoc"}, {"arcp"}, {"nnan"}, {"ninf"}, {"afn"}], ids=str)
def test_licences_to_compute_something_else_are_found(flags):
    llvm, _ = compiled(compile_program(rules.find("adam").program, "float32"), fastmath=flags)
    said = " ".join(broken_in_llvm(llvm))
    assert "fast-math flags" in said
    assert all(flag in said for flag in (flags if isinstance(flags, set) else {"fast"}))


def test_contraction_is_no_breach():
    """The bounds cover it."""
    llvm, _ = compiled(compile_program(rules.find("adam").program, "float32"), fastmath={"contract"})
    assert list(broken_in_llvm(llvm)) == []


@pytest.mark.parametrize(
    "attribute",
    ['"unsafe-fp-math"="true"', '"no-nans-fp-math"="true"', '"denormal-fp-math"="preserve-sign,preserve-sign"'],
)
def test_attributes_of_functions_are_found(attribute):
    llvm, _ = compiled(compile_program(rules.find("sgd").program, "float32"))
    assert list(broken_in_llvm(llvm)) == []
    assert any(attribute in said for said in broken_in_llvm(f"{llvm}\nattributes #9 = {{ {attribute} }}\n"))


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="the instructions are of x86")
def test_approximate_roots_are_found():
    """LLVM takes 1/sqrt(a) by vrsqrtps where it is allowed to approximate."""

    @numba.njit("void(float32[::1])", fastmath=True, error_model="numpy")
    def inverse_roots(a):
        one = numba.float32(1.0)
        for i in range(a.size):
            a[i] = one / a[i] ** numba.float32(0.5)

    (asm,) = inverse_roots.inspect_asm().values()
    assert any("rsqrt" in said for said in broken_in_assembly(asm))
    for line in (
        "\tvrcpps\t%ymm0, %ymm1",
        "\trsqrtss\t%xmm0, %xmm0",
        "\tvrsqrt14ps\t%zmm0, %zmm1",
        "\tfrsqrte\ts0, s1",
    ):
        assert list(broken_in_assembly(f"label:\n{line}\n"))
    assert list(broken_in_assembly("label:\n\tvsqrtps\t%ymm0, %ymm1\n\tvdivps\t%ymm0, %ymm1, %ymm2\n")) == []


ZERO_RESULTS, ZERO_INPUTS = 1 << 15, 1 << 6  # flush-to-zero and denormals-are-zero, Intel's manual, volume 1, 10.2.3


@contextmanager
def flushing(bits):
    """Set bits of this thread's MXCSR, which is the last of the eight words of glibc's environment."""
    library = ctypes.CDLL(ctypes.util.find_library("m"))
    before, after = (ctypes.c_uint32 * 8)(), (ctypes.c_uint32 * 8)()
    library.fegetenv(before)
    library.fegetenv(after)
    after[7] |= bits
    library.fesetenv(after)
    try:
        yield
    finally:
        library.fesetenv(before)


glibc = pytest.mark.skipif(
    not (sys.platform == "linux" and platform.machine() == "x86_64" and platform.libc_ver()[0] == "glibc"),
    reason="the processor's state is set by glibc's fesetenv on x86-64",
)


@glibc
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("bits", [ZERO_RESULTS, ZERO_INPUTS, ZERO_RESULTS | ZERO_INPUTS], ids=["FTZ", "DAZ", "both"])
def test_flushing_is_found(bits, dtype):
    compile_program(rules.find("sgd").program, dtype)
    assert list(flushed(dtype)) == []
    with flushing(bits):
        said = list(flushed(dtype))
    assert any("flushed to zero" in line for line in said)
    assert list(flushed(dtype)) == []


@glibc
def test_verify_fails_in_a_thread_that_flushes():
    rule = rules.find("sgd")
    assert verify_rule(rule).ok
    with flushing(ZERO_RESULTS):
        row = verify_rule(rule)
    assert "machine" in {failure.stage for failure in row.failures}
