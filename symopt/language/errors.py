"""Errors shown to a user: one message naming the argument, its value and what is allowed."""

from __future__ import annotations


class SymoptError(Exception):
    """Base of every error that symopt raises on purpose; commands turn it into exit code 2."""


class InputError(SymoptError, ValueError):
    """A value outside what is allowed."""


class RuleError(SymoptError):
    """A rule file that does not state an update rule."""


def refuse(argument: str, value: object, allowed: str) -> InputError:
    """The error for ``argument`` having ``value`` where only ``allowed`` is."""
    shown = repr(value)
    if len(shown) > 80:
        shown = shown[:77] + "..."
    return InputError(f"{argument} = {shown}: {allowed}")
