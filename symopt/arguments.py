"""What the commands read: their arguments, a rule with options and hyperparameters set, and the user's own files."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from symopt.language import Program, Rule


RuleName = Annotated[str, typer.Argument(metavar="RULE", help="A catalog name, or path/to/file.py:rule.")]
RuleNames = Annotated[
    list[str],
    typer.Argument(
        metavar="RULE", default_factory=list, show_default=False, help="Catalog names, or path/to/file.py:rule."
    ),
]
Targets = Annotated[
    list[str],
    typer.Argument(
        metavar="TARGET",
        default_factory=list,
        show_default=False,
        help="A theorem's name or its beginning, FILE.py or a folder.",
    ),
]
Settings = Annotated[
    list[str],
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        default_factory=list,
        show_default=False,
        help="An option, or a hyperparameter's default; repeatable.",
    ),
]
Points = Annotated[
    list[str],
    typer.Option(
        "--at",
        metavar="NAME=VALUE",
        default_factory=list,
        show_default=False,
        help="x, g, t or a state: a number, or LOW:HIGH; repeatable.",
    ),
]
JsonFile = Annotated[str, typer.Option("--json", metavar="FILE", help="Also write JSON there; - is stdout alone.")]


Target = Annotated[
    str,
    typer.Argument(
        metavar="TARGET", help="package.module:object, or path/to/file.py:object: what makes the optimizer."
    ),
]
TargetSettings = Annotated[
    list[str],
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        default_factory=list,
        show_default=False,
        help="An argument of the target; a number is a hyperparameter's default; repeatable.",
    ),
]
Timeout = Annotated[float, typer.Option(metavar="SECONDS", help="How long the target may take.")]


def target_settings(settings: Sequence[str]) -> dict[str, Any]:
    """Arguments for a target: numbers, true, false, none, tuples of them (a,b), and words as they are."""
    return {name: _plain_value(text) for name, text in _pairs(settings).items()}


def _plain_value(text: str) -> Any:
    words = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    if "," in text:
        return tuple(_plain_value(part.strip()) for part in text.split(",") if part.strip())
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def require_timeout(timeout: float) -> None:
    """InputError unless it is a positive, finite number of seconds."""
    from symopt.language import refuse

    if not (math.isfinite(timeout) and timeout > 0):
        raise refuse("--timeout", timeout, "must be a number of seconds > 0")


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


def _pairs(settings: Sequence[str], option: str = "--set") -> dict[str, str]:
    from symopt.language import InputError, refuse

    pairs: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not (name and equals):
            raise refuse(option, setting, "must be NAME=VALUE")
        if name in pairs:
            raise InputError(f"{option} gives {name} twice: {pairs[name]!r} and {value!r}")
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


def points(program: Program, settings: Sequence[str]) -> dict[str, Any]:
    """x, g and the states anywhere in [1, 2], at step 1000; other numbers and ranges where ``--at`` gives them."""
    from symopt.language import GRADIENT, PARAMETER, STEP, InputError, refuse, shape_of

    arrays = (PARAMETER, GRADIENT, *(state.name for state in program.states))
    single = {s.name for s in program.states if shape_of(s.scope, ()) == (1,)}  # arrays of one
    box: dict[str, Any] = {name: ([1.0], [2.0]) if name in single else (1.0, 2.0) for name in arrays} | {STEP: 1000}
    for name, text in _pairs(settings, "--at").items():
        if name not in box:
            raise InputError(f"--at gives {name}; {program.name} can be at {', '.join(box)} (hyperparameters: --set)")
        low, colon, high = text.partition(":")
        try:
            ends = (float(low), float(high if colon else low))
        except ValueError:
            ends = (math.nan, math.nan)
        if not (all(map(math.isfinite, ends)) and ends[0] <= ends[1]):
            raise refuse(name, text, "must be a number" + (", or LOW:HIGH with LOW <= HIGH" if name != STEP else ""))
        if name == STEP and colon:
            raise refuse(name, text, "must be one whole number")
        if name == STEP:
            box[name] = int(ends[0]) if ends[0].is_integer() else ends[0]
        else:
            box[name] = ([ends[0]], [ends[1]]) if name in single else ends
    return box


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
