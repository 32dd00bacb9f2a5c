"""Reading implementations: run the real code on values that carry formulas, and write down the Program."""

from .blocks import join_blocks
from .errors import LiftError
from .function import LiftedStep, lift_step
from .source import lift_source

__all__ = [
    "LiftError",
    "LiftedStep",
    "join_blocks",
    "lift_source",
    "lift_step",
]
