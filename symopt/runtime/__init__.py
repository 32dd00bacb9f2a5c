"""Rules on real arrays: one call steps many tensors, in place."""

from .optimizer import Optimizer

__all__ = ["Optimizer"]
