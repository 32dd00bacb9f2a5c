"""Sound bounds on the rounding error of a lowered step: tolerances that are derived."""

from .bound import ENGINES, Enclosed, enclose, error_bound
from .formats import FORMATS, Format

__all__ = ["ENGINES", "FORMATS", "Enclosed", "Format", "enclose", "error_bound"]
