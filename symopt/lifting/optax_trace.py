"""Optax' transformations as jaxprs: of hyperparameters and a tensor, for tensors of some sizes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from symopt.language import GRADIENT, PARAMETER, STEP, InputError, SymoptError

from .elements import ELEMENTS
from .errors import LiftError
from .jaxpr_sizes import OtherProgramError, with_sizes
from .size_conditions import ALIKE, SOME, conditions_of
from .together import LENGTH, other

Shape = tuple[int, ...]
Shapes = tuple[Shape, ...]
#: What x and the other tensor are called in a tree of both, in this order.
KEYS = ("a: x", "b: another tensor")


@dataclass(frozen=True)
class Trace:
    """The jaxprs of init and of a step for x, and another tensor if there is one, and the state's leaves."""

    init: Any
    step: Any
    names: tuple[str, ...]
    leaves: tuple[Any, ...]
    shapes: Shapes


@dataclass(frozen=True)
class Transformation:
    """What a factory makes of arguments; those of some names are traced as hyperparameters."""

    make: Callable[..., Any]
    names: tuple[str, ...]
    fixed: Mapping[str, Any]
    traces: dict[Shapes, Trace] = field(default_factory=dict, init=False)

    def trace(self, ndim: int) -> tuple[Trace, tuple[Any, ...], bool]:
        """What is done with the smallest tensors, in terms of their size; for which sizes it is; whether for any axes.

        BranchedError where the factory asks for a hyperparameter's value.
        """
        if ndim == 1:
            with suppress(OtherProgramError):
                return self._for(((ELEMENTS,),), *((shape,) for shape in ALIKE)), (), True
        least = ((ELEMENTS,) * ndim,)
        try:
            return self._for(least, *((shape,) for shape in SOME[ndim])), (), False
        except OtherProgramError as other:

            def same(shape: Shape) -> bool:
                with suppress(OtherProgramError):
                    return bool(self._for(least, (shape,)))
                return False

            try:
                conditions = conditions_of(same, ndim)
            except LiftError as error:
                raise LiftError(f"{error}: {other}") from None
            return self._for(least, *((shape,) for shape in SOME[ndim] if same(shape))), conditions, False

    def trace_two(self) -> Trace:
        """What is done with x beside another tensor, as vectors; with matrices of all sizes one and the same is done.

        OtherProgramError where that is not so.
        """
        least, vectors = ((ELEMENTS,), (LENGTH,)), ((1031,), (7,))
        matrices = (((3, 5), (7, 4)), ((1999, 1031), (5, 3)))
        with suppress(OtherProgramError):
            return self._for(least, vectors, *matrices)
        self._for(*matrices)
        return self._for(least, ((5,), (9,)), vectors)

    def _for(self, *shapes: Shapes) -> Trace:
        """The first of traces, which are the same but for sizes."""
        traces = [self._at(each) for each in shapes]
        states = {(t.names, tuple(leaf.shape in t.shapes or leaf.ndim for leaf in t.leaves)) for t in traces}
        if len(states) > 1:
            raise OtherProgramError
        return replace(
            traces[0],
            init=with_sizes([trace.init for trace in traces], shapes),
            step=with_sizes([trace.step for trace in traces], shapes),
        )

    def _at(self, shapes: Shapes) -> Trace:
        if shapes not in self.traces:
            self.traces[shapes] = self._traced(shapes)
        return self.traces[shapes]

    def _traced(self, shapes: Shapes) -> Trace:
        import jax
        import jax.numpy as jnp

        trees = jax.tree_util
        xs = [jax.ShapeDtypeStruct(shape, jnp.float32) for shape in shapes]
        x = xs[0] if len(xs) == 1 else dict(zip(KEYS, xs, strict=True))
        values = tuple(jnp.float32(0.5) for _ in self.names)

        def init(values: tuple[Any, ...], params: Any) -> Any:
            return self._made(values).init(params)

        def update(values: tuple[Any, ...], params: Any, grads: Any, leaves: list[Any]) -> Any:
            state = trees.tree_unflatten(structure, leaves)
            params, state = step(self._made(values), grads, state, params)
            return [*trees.tree_leaves(params), *trees.tree_leaves(state)]

        try:
            first, state = jax.make_jaxpr(init, return_shape=True)(values, x)
            paths, structure = trees.tree_flatten_with_path(state)
            leaves = [leaf for _, leaf in paths]
            later = jax.make_jaxpr(update)(values, x, x, leaves)
        except jax.errors.TracerBoolConversionError:
            raise BranchedError(self._asked(shapes[0])) from None
        except SymoptError:
            raise
        except Exception as error:
            reason = str(error).partition("\n")[0]
            raise LiftError(f"tracing it raised {type(error).__name__}: {reason}") from error
        return Trace(first, later, _names([trees.keystr(path) for path, _ in paths], self.names), tuple(leaves), shapes)

    def _made(self, values: Sequence[Any]) -> Any:
        found = self.make(**dict(zip(self.names, values, strict=True)), **self.fixed)
        if not hasattr(found, "init") or not hasattr(found, "update"):
            raise InputError(f"target {self.make!r}: must make what has init and update")
        return found

    def _asked(self, shape: Shape) -> str:
        """The first hyperparameter whose value the factory branches on."""
        import jax
        import jax.numpy as jnp

        x = jnp.ones(shape, jnp.float32)
        for place, name in enumerate(self.names):

            def init(value: Any, place: int = place) -> Any:
                made = self._made([value if n == place else 0.5 for n in range(len(self.names))])
                return step(made, x, made.init(x), x)[0]

            try:
                jax.make_jaxpr(init)(0.5)
            except jax.errors.TracerBoolConversionError:
                return name
        raise LiftError("the factory branches on several hyperparameters together")


class BranchedError(Exception):
    """The factory asked for a hyperparameter's value."""

    def __init__(self, name: str) -> None:
        self.name = name


def step(transformation: Any, grads: Any, state: Any, params: Any) -> tuple[Any, Any]:
    """New parameters and state: by its ``step`` where it has one, else what it adds is added."""
    import jax

    if hasattr(transformation, "step"):
        new, state = transformation.step(grads, state, params)
        return new, state
    updates, state = transformation.update(grads, state, params)
    return jax.tree_util.tree_map(lambda x, update: x + update, params, updates), state


def _names(paths: Sequence[str], hypers: Sequence[str]) -> tuple[str, ...]:
    """A name for each leaf: the last of its path that is a word, with a number where it is taken.

    What belongs to the other tensor is called as what belongs to x in the same place.
    """
    mine, theirs = (f"['{key}']" for key in KEYS)
    known: dict[str, str] = {}
    for path in (path for path in paths if theirs not in path):
        words = re.findall(r"[A-Za-z_]\w*", path.replace(mine, ""))
        base = words[-1] if words else "state"
        name, count = base, 2
        while name in (*known.values(), *hypers, PARAMETER, GRADIENT, STEP):
            name, count = f"{base}{count}", count + 1
        known[path] = name
    return tuple(known[path] if path in known else other(known[path.replace(theirs, mine)]) for path in paths)
