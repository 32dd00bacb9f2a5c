"""Keras 3 on its torch backend: an optimizer as one of torch, whose step is Keras' own ``apply``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from operator import index
from typing import Any

import torch

from symopt.language import InputError

from .carrying import Carrying
from .errors import LiftError
from .keras import base_name, is_rate


def on_torch(make: Callable[..., Any], hypers: Mapping[str, float], arguments: Mapping[str, Any]) -> type:
    """What Keras makes of these arguments as an optimizer of torch; ``hypers``: its hyperparameters' values."""

    class Stepped(_Stepped):
        """The optimizer of some parameters."""

        def __init__(self, parameters: Any) -> None:
            super().__init__(parameters, make, arguments, hypers)

    Stepped.__name__ = getattr(make, "__name__", "keras")
    return Stepped


class _Stepped(torch.optim.Optimizer):  # type: ignore[misc]  # torch is not always there
    """An optimizer of Keras that reads its hyperparameters from the first group, and whose variables are its state."""

    def __init__(
        self, parameters: Any, make: Callable[..., Any], arguments: Mapping[str, Any], hypers: Mapping[str, float]
    ) -> None:
        import keras

        super().__init__(parameters, dict(hypers))
        self.parameters = [p for group in self.param_groups for p in group["params"]]
        try:
            self.made = make(**arguments)
        except Exception as error:
            raise InputError(f"target {make!r}: raised {type(error).__name__}: {error}") from error
        self.variables = [keras.Variable(p, dtype=_kind(p), name="x") for p in self.parameters]

    def _keep(self) -> None:
        """Each variable of Keras in the state: of the parameter that it is for, where there is one for each."""
        named: dict[str, list[Any]] = {}
        for variable in self.made.variables:
            if not is_rate(variable):
                named.setdefault(base_name(variable), []).append(variable.value)
        count = len(self.parameters)
        for name, values in named.items():
            each = len(values) // count
            if each * count != len(values):
                self.state[name] = values[0]
                continue
            for place, value in enumerate(values):
                own = name if each == 1 else f"{name}{place % each + 1}"
                self.state[self.parameters[place // each]][own] = value

    def step(self, closure: Any = None) -> None:
        """A step of Keras' own."""
        if any(p.dtype == torch.float64 for p in self.parameters):
            raise LiftError("Keras keeps learning rates in float32, whatever the parameters are")
        with torch.no_grad(), _carrying():
            if not self.made.built:  # in the first step, as states may begin at the parameters
                self.made.build(self.variables)
                self._keep()
            for variable, parameter in zip(self.variables, self.parameters, strict=True):
                variable._shape = parameter.shape  # of a lifted tensor, one that carries formulas
            for name, value in self.param_groups[0].items():
                if name == "learning_rate":
                    self.made._learning_rate._value = torch.tensor(value, dtype=torch.float32)
                elif name != "params":
                    setattr(self.made, name, value)
            self.made.apply([p.grad for p in self.parameters], self.variables)


@contextmanager
def _carrying() -> Iterator[None]:
    """Inside, numbers and lengths that Keras asks of tensors keep their formulas."""
    from keras.src.backend.common import variables
    from keras.src.backend.torch import core

    convert, equal = core.convert_to_numpy, variables.shape_equal

    def number(x: Any) -> Any:
        value = x.item() if torch.is_tensor(x) and not x.ndim else None
        return value if isinstance(value, Carrying) else convert(x)

    core.convert_to_numpy = number
    variables.shape_equal = lambda a, b: equal(_lengths(a), _lengths(b))
    try:
        yield
    finally:
        core.convert_to_numpy, variables.shape_equal = convert, equal


def _lengths(shape: Any) -> list[int | None]:
    return [None if n is None else index(n) for n in shape]


def _kind(parameter: Any) -> str:
    return str(parameter.dtype).removeprefix("torch.")
