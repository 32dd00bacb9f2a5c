"""Reading implementations: run the real code on values that carry formulas, and write down the Program."""

from .errors import LiftError
from .function import LiftedStep, lift_step
from .source import lift_source

__all__ = ["LiftError", "LiftedStep", "lift_source", "lift_step"]
