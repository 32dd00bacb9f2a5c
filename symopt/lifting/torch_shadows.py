"""Shadows of torch's tensors: every operation on tensors is done on arrays of formulas too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp
import torch
from sympy.logic.boolalg import Boolean
from torch.overrides import TorchFunctionMode

from . import torch_sizes
from .carrying import Carrying, expression, tidy
from .errors import cannot_lift
from .numpy import DuckArray, as_written, formula
from .torch_operations import OPERATIONS, VIEWS


class Shadows(TorchFunctionMode):  # type: ignore[misc]  # torch is not always there
    """Every operation on tensors is done on their shadows too."""

    def __init__(self) -> None:
        super().__init__()
        from torch.utils.weak import WeakTensorKeyDictionary

        self.shadow: Any = WeakTensorKeyDictionary()

    def of(self, value: Any) -> Any:
        """The shadow of a tensor, or the formula of a number."""
        if not torch.is_tensor(value):
            return DuckArray(expression(value), "float64", weak=True)
        if value not in self.shadow:
            self.shadow[value] = constant(value)
        return self.shadow[value]

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = function.__name__
        if name == "__get__":  # of an attribute
            return self._attribute(function, args)
        if name == "__set__":
            return self._set(function, *args)
        if name in CREATED:
            return self._created(function(*args, **kwargs), args, kwargs)
        if name == "__setitem__":
            return self._store(function, *args)
        if name in SIZES and args[0] in self.shadow:
            return self._size(name, function, *args, **kwargs)
        if name in ASKED or not any(map(torch.is_tensor, flat((args, kwargs)))):
            if (
                any(isinstance(value, (Carrying, torch_sizes.Size)) for value in flat((args, kwargs)))
                and name not in MADE
            ):
                raise cannot_lift(f"torch's {name} of a formula")
            return function(*args, **kwargs)
        if name in ("item", "__float__", "__int__", "__index__", "tolist"):
            return self._number(name, function(*args, **kwargs), tidy(self.of(args[0]).cells.reshape(-1)[0]))
        if name in ("__bool__", "is_nonzero"):
            return bool(self.of(args[0]))
        if name in ("equal",):
            return bool(OPERATIONS["all"](OPERATIONS["eq"](self.of(args[0]), self.of(args[1]))))
        if name.startswith("_foreach_"):
            return self._foreach(function, name.removeprefix("_foreach_"), args, kwargs)
        for value in filter(torch.is_tensor, flat((args, kwargs))):
            self.of(value)  # before the real operation changes it
        return self._apply(name, args, kwargs, function(*args, **kwargs))

    def _number(self, name: str, value: Any, expr: Any) -> Any:
        """``item()`` keeps the formula; Python's own numbers can not."""
        if expr.is_number or expr in (sp.true, sp.false):
            return value
        if name == "item":
            return Carrying(value, expr)
        raise cannot_lift(f"{name.strip('_')} of a tensor")

    def _size(self, name: str, function: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
        cells = self.of(value).cells
        if name in ("numel", "nelement"):
            return torch_sizes.number(cells)
        if name == "__len__":
            return function(value)  # Python keeps no formula of it
        found = torch_sizes.shape(cells)
        place = args[0] if args else kwargs.get("dim")
        return found if place is None else found[place]

    def _created(self, result: Any, args: Any, kwargs: Any) -> Any:
        """A tensor made of numbers."""
        given = [v for v in flat((args[:1], kwargs)) if isinstance(v, Carrying) or torch.is_tensor(v)]
        given += [v for v in args[1:2] if isinstance(v, Carrying)]
        if given:
            self._check_kept(result)
            data = args[0] if args and isinstance(args[0], (list, tuple)) and len(given) > 1 else given[0]
            parts = [self.of(v).cells.reshape(-1)[0] for v in flat(data)]
            whole = len(parts) > 1 or torch.is_tensor(data)
            cells = self.of(data).cells.copy() if torch.is_tensor(data) else np.array(parts, object)
            shape = tuple(result.shape)
            self.shadow[result] = DuckArray(cells.reshape(shape) if whole else np.full(shape, parts[0]), "float32")
        return result

    def _store(self, function: Any, target: Any, index: Any, value: Any) -> None:
        """``target[index] = value``, where a mask says or at a place."""
        whole, new = self.of(target), self._lifted(value)
        if torch.is_tensor(index) and index.dtype == torch.bool:
            whole.cells[...] = np.where(self.of(index), new, whole).cells
        elif any(map(torch.is_tensor, flat([index]))):
            raise cannot_lift("a store at places that are computed")
        else:
            whole.cells[index] = new.cells if isinstance(new, DuckArray) else expression(new)
        function(target, index, value)

    def _attribute(self, function: Any, args: Any) -> Any:
        attribute = getattr(getattr(function, "__self__", None), "__name__", "")
        if attribute == "shape" and args[0] in self.shadow:
            return torch_sizes.shape(self.of(args[0]).cells)
        value = function(*args)
        if torch.is_tensor(value) and value is not args[0] and value not in self.shadow:
            if attribute in ("data", "real"):
                self.shadow[value] = self.of(args[0])
            elif attribute in ("T", "mT", "H", "mH"):
                self.shadow[value] = self.of(args[0]).T
        return value

    def _set(self, function: Any, target: Any, value: Any) -> Any:
        """``p.data = value`` has the value's formulas from then on."""
        if getattr(getattr(function, "__self__", None), "__name__", "") == "data":
            new = self.of(value)
            result = function(target, value)
            self.shadow[target] = new
            return result
        return function(target, value)

    def _foreach(self, function: Any, base: str, args: Any, kwargs: Any) -> Any:
        """On lists of tensors: on each, with its own of other lists."""
        lists = [arg if isinstance(arg, (list, tuple)) else None for arg in args]
        named = {k: v if isinstance(v, (list, tuple)) else None for k, v in kwargs.items()}
        for value in filter(torch.is_tensor, flat((args, kwargs))):
            self.of(value)
        result = function(*args, **kwargs)
        for place in range(len(args[0])):
            own = [args[n] if items is None else items[place] for n, items in enumerate(lists)]
            chosen = {k: kwargs[k] if items is None else items[place] for k, items in named.items()}
            made = args[0][place] if base.endswith("_") else result[place]
            self._apply(base, own, chosen, made)
        return result

    def _apply(self, name: str, args: Any, kwargs: Any, result: Any) -> Any:
        plain = name.strip("_") if name.startswith("__") else name.rstrip("_")
        in_place = (name.endswith("_") and not name.startswith("__")) or plain in IN_PLACE
        plain = IN_PLACE.get(plain, plain)
        if plain not in OPERATIONS:
            raise cannot_lift(f"torch's {name}")
        first = next(filter(torch.is_tensor, flat((args, kwargs))))
        if torch.is_tensor(result) and first.is_floating_point():
            self._check_kept(result)
        options = {k: self._lifted(v) for k, v in kwargs.items() if k not in IGNORED and k != "out"}
        found = OPERATIONS[plain](*map(self._lifted, args), **options)
        target = first if in_place else kwargs.get("out")
        if isinstance(result, (tuple, list)):
            for own, part in zip(result, found, strict=True):
                self._keep(own, part, plain, first)
        elif target is not None:
            if in_place and plain in VIEWS:
                self.shadow[target] = found
            else:
                whole = self.of(target)
                whole.cells[...] = np.broadcast_to(_cells(found, target), whole.shape)
        elif torch.is_tensor(result):
            self._keep(result, found, plain, first)
        elif isinstance(result, bool):
            return bool(found)
        return result

    def _check_kept(self, result: Any) -> None:
        """That a result has no fewer digits than formulas stand for."""
        if not is_kept(result):
            raise cannot_lift("a conversion to whole numbers")
        if result.dtype in NARROW:
            raise cannot_lift(f"a rounding to {str(result.dtype).removeprefix('torch.')}")

    def _keep(self, result: Any, found: Any, name: str, first: Any) -> None:
        """The result's formulas; a view's are those of what it is a view of."""
        if found is None:  # places of largest values
            self.shadow[result] = DuckArray(np.full(tuple(result.shape), _UNKNOWN), "int64")
        elif result is not first or name not in SAME:
            shared = name in VIEWS and result.untyped_storage().data_ptr() == first.untyped_storage().data_ptr()
            cells = found.cells if shared else _cells(found, result)
            if cells.shape != tuple(result.shape):
                raise cannot_lift(f"torch's {name} of a shape that it was not followed to")
            self.shadow[result] = DuckArray(cells, str(result.dtype).removeprefix("torch."))

    def _lifted(self, value: Any) -> Any:
        if torch.is_tensor(value) or isinstance(value, Carrying):
            return self.of(value)
        if isinstance(value, torch_sizes.Size):
            return value
        return [self._lifted(part) for part in value] if type(value) in (list, tuple) else value


NARROW = (torch.float16, torch.bfloat16)
_UNKNOWN = sp.Symbol("the place of a largest value")


def constant(value: Any) -> DuckArray:
    """The shadow of a tensor of numbers."""
    with torch._C.DisableTorchFunction():
        numbers = value.detach().float().numpy() if value.dtype == torch.bfloat16 else value.detach().numpy()
    if numbers.dtype.kind == "c":
        raise cannot_lift("complex numbers")
    cell = np.frompyfunc(lambda v: sp.true if v is True else sp.false if v is False else _rational(v), 1, 1)
    return DuckArray(np.asarray(cell(as_written(numbers)), object), numbers.dtype)


def is_kept(result: Any) -> bool:
    """Whether a tensor is of numbers that formulas stand for."""
    return bool(result.is_floating_point() or result.dtype == torch.bool)


def flat(value: Any) -> list[Any]:
    """What is in nested lists, tuples and dicts."""
    if isinstance(value, Mapping):
        return flat(list(value.values()))
    if type(value) in (list, tuple):
        return [part for item in value for part in flat(item)]
    return [value]


def _rational(number: Any) -> sp.Rational:
    return formula(float(str(np.float32(number))) if isinstance(number, float) else int(number))


def _cells(found: Any, result: Any) -> Any:
    """The formulas of a result, in cells of its own; of truth values in a tensor of floats, 1 and 0."""
    cells = found.cells if isinstance(found, DuckArray) else np.asarray(expression(found), object)
    if result.is_floating_point() and any(isinstance(c, Boolean) and not c.is_Symbol for c in cells.reshape(-1)):
        cells = DuckArray(cells, np.bool_).astype(np.float32).cells
    return np.asarray(_TIDY(cells), object)


_TIDY = np.frompyfunc(lambda cell: tidy(cell) if isinstance(cell, sp.Expr) else cell, 1, 1)
IN_PLACE = {
    "iadd": "add", "isub": "sub", "imul": "mul", "itruediv": "div", "ipow": "pow", "idiv": "div", "iand": "and",
    "ior": "or",
}  # fmt: skip
#: What may return the tensor that it is given.
SAME = frozenset(VIEWS) | {"to", "float", "double", "type_as", "as_tensor"}
CREATED = frozenset({"tensor", "full", "scalar_tensor", "as_tensor"})
#: What may be given a size, as a shape.
MADE = frozenset({"zeros", "ones", "empty", "eye", "arange", "empty_strided"})
SIZES = frozenset({"size", "numel", "nelement", "__len__"})
IGNORED = ("memory_format", "requires_grad", "non_blocking", "device", "dtype", "copy", "layout", "pin_memory")
ASKED = frozenset({
    "size", "dim", "is_complex", "numel", "is_floating_point", "stride", "storage", "is_contiguous", "__len__",
    "data_ptr", "get_device", "is_sparse", "requires_grad_", "__hash__", "__repr__", "_foreach_none",
    "is_same_size", "nelement", "ndimension", "empty_like_", "is_inference", "__format__", "untyped_storage",
    "element_size", "is_shared", "_is_view", "retain_grad", "zero_grad", "result_type", "__deepcopy__", "is_set_to",
})  # fmt: skip
