"""The commands that compare: rules with each other, and other people's optimizers with rules."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import Annotated, Any

import typer

from .arguments import (
    JsonFile,
    RuleName,
    RuleNames,
    Target,
    TargetSettings,
    Timeout,
    find_rule,
    require_timeout,
    target_settings,
)

OTHER = Annotated[str, typer.Argument(metavar="RULE", help="The rule to compare with.")]
FirstSettings = Annotated[
    list[str],
    typer.Option("--set", metavar="NAME=VALUE", default_factory=list, show_default=False, help="Of the first rule."),
]
OtherSettings = Annotated[
    list[str],
    typer.Option(
        "--other-set", metavar="NAME=VALUE", default_factory=list, show_default=False, help="Of the second rule."
    ),
]


def register(app: typer.Typer) -> None:
    """Add them to the program."""
    app.command()(relations)
    app.command()(diff)
    app.command()(lift)
    app.command()(check)


def relations(
    rules: RuleNames,
    format: Annotated[str, typer.Option(help="markdown, dot or svg.")] = "markdown",
    out: Annotated[str, typer.Option(metavar="FILE", help="Write there instead of to stdout; - is stdout.")] = "-",
    json_file: JsonFile = "",
) -> int:
    """Show which rule becomes which, every arrow proved.

    At what values of its hyperparameters a rule is another one for all steps and gradients. Without RULE: the whole
    catalog.
    """
    from symopt.cli import remember_certificates
    from symopt.conform.relations import relations as find_relations
    from symopt.files import require_writable, write_atomically
    from symopt.parallel import in_processes
    from symopt.present.relations import FORMATS, show_relations
    from symopt.rules import names
    from symopt.terminal import Lines

    if format not in FORMATS:
        from symopt.language import refuse

        raise refuse("format", format, f"must be one of {', '.join(FORMATS)}")
    for file in (out, json_file):
        if file not in ("", "-"):
            require_writable(file)
    rules = rules or names()
    for name in rules:
        find_rule(name)
    share = partial(in_processes, start=remember_certificates)
    with Lines((0,), quiet=True) as lines:
        arrows = list(find_relations(rules, lines.progress, share))
    if json_file:
        text = json.dumps([arrow.to_json() for arrow in arrows], indent=2, ensure_ascii=False) + "\n"
        sys.stdout.write(text) if json_file == "-" else write_atomically(json_file, text)
    if json_file != "-":
        text = show_relations(arrows, format)
        sys.stdout.write(text) if out == "-" else write_atomically(out, text)
    return 0


def diff(rule: RuleName, other: OTHER, setting: FirstSettings, other_setting: OtherSettings) -> None:
    """Set two algorithms side by side, with a mark where their lines differ."""
    from symopt.present.diff import side_by_side

    sys.stdout.write(side_by_side(find_rule(rule, setting), find_rule(other, other_setting)))


def lift(
    target: Target,
    setting: TargetSettings,
    format: Annotated[str, typer.Option(help="text, latex, markdown or json.")] = "text",
    timeout: Timeout = 60.0,
) -> int:
    """What does this code compute? Write out the algorithm found in an optimizer.

    TARGET: a torch.optim.Optimizer subclass, an optax factory, a Keras optimizer class, or a NumPy step function
    step(x, g, state, t, *, hyperparameters). Exits 1 if it cannot be lifted.
    """
    from symopt.conform.isolated import TargetError, isolated
    from symopt.lifting import LiftError
    from symopt.present import FORMATS

    if format not in FORMATS:
        from symopt.language import refuse

        raise refuse("format", format, f"must be one of {', '.join(FORMATS)}")
    require_timeout(timeout)
    try:
        text = isolated(lifted_text, target, target_settings(setting), format, timeout=timeout)
    except (LiftError, TargetError) as error:
        print(f"symopt: {target}: cannot be lifted: {error}", file=sys.stderr)
        return 1
    print(text.rstrip("\n"))
    return 0


def lifted_text(target: str, settings: dict[str, Any], format: str) -> str:
    """The algorithm of a target, written out."""
    from symopt.conform.target import lift as lift_target
    from symopt.present import show

    return show(lift_target(target, **settings), format)


def check(
    target: Target,
    setting: TargetSettings,
    rule: Annotated[
        str, typer.Option(metavar="RULE", help="A name, NAME[option=value,...] or path/to/file.py:rule.")
    ] = "",
    timeout: Timeout = 60.0,
    json_file: JsonFile = "",
    junit_file: Annotated[str, typer.Option("--junit", metavar="FILE", help="Also write JUnit XML there.")] = "",
    sarif_file: Annotated[str, typer.Option("--sarif", metavar="FILE", help="Also write SARIF there.")] = "",
) -> int:
    """Does an optimizer conform to a rule, for all steps? If not: what differs, with a witness.

    Without --rule: which rule or variant is it? Exits 0 if it conforms, 1 if it differs, 3 if that is unknown.
    """
    from symopt.conform.check import find_variant
    from symopt.conform.isolated import TargetError, isolated
    from symopt.files import require_writable, write_atomically
    from symopt.present import conformance

    require_timeout(timeout)
    for file in (json_file, junit_file, sarif_file):
        if file not in ("", "-"):
            require_writable(file)
    if rule:
        find_variant(rule)
    try:
        answer = isolated(checked, target, rule or None, target_settings(setting), timeout=timeout)
    except TargetError as error:
        answer = unanswered(target, rule or None, str(error))
    if json_file != "-":
        print(conformance.text(answer))
    for file, text in (
        (json_file, json.dumps(answer, indent=2, ensure_ascii=False) + "\n"),
        (junit_file, conformance.junit([answer])),
        (sarif_file, conformance.sarif([answer])),
    ):
        if file:
            sys.stdout.write(text) if file == "-" else write_atomically(file, text)
    return {"conforms": 0, "differs": 1}.get(answer["verdict"], 3)


def checked(target: str, rule: str | None, settings: dict[str, Any]) -> dict[str, Any]:
    """The answer of ``symopt.check`` as data."""
    from symopt.cli import remember_certificates
    from symopt.conform.check import check as check_target

    remember_certificates()
    return check_target(target, rule, **settings).to_json()


def unanswered(target: str, rule: str | None, reason: str) -> dict[str, Any]:
    """The answer about a target that gave none."""
    from symopt.conform.check import Conformance

    return Conformance(target, rule, "unknown", reason=reason).to_json()
