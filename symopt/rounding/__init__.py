"""Sound bounds on the rounding error of a lowered step: tolerances that are derived."""

from .bound import enclose, error_bound
from .enclosure import Enclosed

__all__ = ["Enclosed", "enclose", "error_bound"]
