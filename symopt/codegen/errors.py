"""What can go wrong between a Program and its kernel."""

from symopt.language import SymoptError


class LoweringError(SymoptError):
    """A Program that says something no kernel can compute; the message names rule, line and operation."""


class CacheError(SymoptError):
    """A kernel cache directory that was asked for and cannot be used."""
