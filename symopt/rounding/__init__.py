"""Sound bounds on the rounding error of a lowered step: tolerances that are derived."""

from .bound import ENGINES, Enclosed, enclose, error_bound
from .enclosure import Enclosure
from .formats import FORMATS, Format
from .trajectory import trajectory

__all__ = ["ENGINES", "FORMATS", "Enclosed", "Enclosure", "Format", "enclose", "error_bound", "trajectory"]
