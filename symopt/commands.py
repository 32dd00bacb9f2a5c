"""The commands that compare the catalog's rules with each other."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import Annotated

import typer

from .arguments import JsonFile, RuleName, RuleNames, find_rule

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
