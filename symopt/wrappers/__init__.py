"""What is put around a rule by ``chain``: every module in this folder states one wrapper under the module's own name.

A wrapper is a Rule: before a rule it changes the gradient, after one it follows the parameters, and with a ``yield`` in
its body it is put around what follows it, whose step it sees from both sides.
"""

from __future__ import annotations

import importlib
import pkgutil

from symopt.language import InputError, Rule, RuleError


def names() -> list[str]:
    """The wrappers' names, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def find(name: str, **options: object) -> Rule:
    """The wrapper of that name, with options set; InputError names those there are."""
    if name not in names():
        raise InputError(f"unknown wrapper {name!r}; there are: {', '.join(names())}")
    found = getattr(importlib.import_module(f"{__name__}.{name}"), name)
    if not isinstance(found, Rule):
        raise RuleError(f"symopt/wrappers/{name}.py states no wrapper called {name}")
    return found.with_options(**options)
