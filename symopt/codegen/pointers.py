"""Addresses as pointers, and a counter that several threads take numbers from: what Numba has no functions for."""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic


def _pointer(kind: Any) -> Any:
    @intrinsic  # type: ignore[untyped-decorator]
    def pointer(context: Any, address: Any) -> Any:
        def build(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.inttoptr(arguments[0], target.get_value_type(signature.return_type))

        return types.CPointer(kind)(types.uint64), build

    return pointer


#: The address of numbers of a type, as a pointer to them.
float32_at, float64_at, uint64_at = _pointer(types.float32), _pointer(types.float64), _pointer(types.uint64)
bool_at = _pointer(types.boolean)


@intrinsic  # type: ignore[untyped-decorator]
def take(context: Any, counter: Any) -> Any:
    """The number at a pointer, which is one more for whoever asks next."""

    def build(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        one = arguments[0].type.pointee(1)
        return builder.atomic_rmw("add", arguments[0], one, "monotonic")

    return types.uint64(types.CPointer(types.uint64)), build
