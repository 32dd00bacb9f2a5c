"""What the commands read: a rule with options and hyperparameters set by ``--set``, and the user's own files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symopt.language import Rule


def find_rule(name: str, settings: Sequence[str] = ()) -> Rule:
    """The rule of that name under ``--set name=value``, traced, so that a fault in a user's body shows here."""
    from symopt.rules import find

    with own_code(name):
        rule = _apply(find(name), _pairs(settings))
        _ = rule.program
    return rule


def variants_of(name: str) -> list[Rule]:
    """The rule at its defaults, then with one option at a time set to each other value."""
    variants = list(find_rule(name).variants())
    with own_code(name):
        _ = [variant.program for variant in variants]
    return variants


def _pairs(settings: Sequence[str]) -> dict[str, str]:
    from symopt.language import InputError, refuse

    pairs: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not (name and equals):
            raise refuse("--set", setting, "must be NAME=VALUE")
        if name in pairs:
            raise InputError(f"--set gives {name} twice: {pairs[name]!r} and {value!r}")
        pairs[name] = value
    return pairs


def _apply(rule: Rule, settings: Mapping[str, str]) -> Rule:
    """The rule with options chosen and hyperparameters' defaults replaced."""
    from dataclasses import replace

    from symopt.language import InputError

    options = {option.name for option in rule.options}
    hypers = {hyper.name: hyper for hyper in rule.hypers}
    for name in settings:
        if name not in options and name not in hypers:
            known = f"options: {', '.join(sorted(options)) or 'none'}; hyperparameters: {', '.join(hypers) or 'none'}"
            raise InputError(f"{rule.name} has no {name!r} to set; {known}")
    rule = rule.with_options(**{name: value for name, value in settings.items() if name in options})
    for name, value in settings.items():
        if name in options:
            continue
        if name not in {hyper.name for hyper in rule.program.hypers}:
            raise InputError(f"{name} = {value!r}: {rule.label} does not read {name}; choose the option that does")
        hypers[name] = replace(hypers[name], default=_number(hypers[name], value))
    return replace(rule, hypers=tuple(hypers.values()))


def _number(hyper: Any, text: str) -> Any:
    """The decimal as an exact number, inside the hyperparameter's domain as it stands and as a float64."""
    from decimal import Decimal, InvalidOperation

    from symopt.language import exact, refuse

    error = refuse(
        hyper.name, text, f"must be a decimal number in the range of float64, {hyper.domain.describe(hyper.name)}"
    )
    try:
        number = Decimal(text)
        rounded = float(number)
    except (InvalidOperation, ValueError):
        raise error from None
    # A rounded value that is finite, and 0 only for 0, bounds the exponent: the exact one is of a decent size.
    if rounded not in hyper.domain or (rounded == 0 and number != 0) or exact(number) not in hyper.domain:
        raise error
    return exact(number)


@contextmanager
def own_code(*targets: str) -> Iterator[None]:
    """Whatever a user's own file raises is bad input; what the library raises is a defect and stays one."""
    from symopt.language import InputError, SymoptError

    try:
        yield
    except SymoptError:
        raise
    except Exception as error:
        if not any(":" in target or os.path.exists(target) for target in targets):  # noqa: PTH110 - a mere string
            raise
        raise InputError(f"{', '.join(targets)}: raised {type(error).__name__}: {error}") from error
