"""The commands that compare: rules with each other, and other people's optimizers with rules."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

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

if TYPE_CHECKING:
    from symopt.conform.matrix import Entry

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
    app.command()(conform)


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
    setting: TargetSettings,
    target: Annotated[
        str, typer.Argument(metavar="[TARGET]", show_default=False, help="As for lift; left out with --all.")
    ] = "",
    rule: Annotated[
        str, typer.Option(metavar="RULE", help="A name, NAME[option=value,...] or path/to/file.py:rule.")
    ] = "",
    framework: Annotated[
        str, typer.Option("--all", metavar="FRAMEWORK", help="Every optimizer of torch, optax, keras, ... instead.")
    ] = "",
    timeout: Timeout = 60.0,
    json_file: JsonFile = "",
    junit_file: Annotated[str, typer.Option("--junit", metavar="FILE", help="Also write JUnit XML there.")] = "",
    sarif_file: Annotated[str, typer.Option("--sarif", metavar="FILE", help="Also write SARIF there.")] = "",
) -> int:
    """Does an optimizer conform to a rule, for all steps? If not: what differs, with a witness.

    Without --rule: which rule or variant is it? Exits 0 if it conforms, 1 if it differs, 3 if that is unknown.
    With --all: every optimizer of a framework against the rule that it names; exits 0 if all comes out as the known
    findings say, 1 if anything is other than expected, healed findings included.
    """
    from symopt.conform.variants import find_variant
    from symopt.files import require_writable

    require_timeout(timeout)
    if bool(framework) == bool(target) or (framework and (rule or setting)):
        from symopt.language import refuse

        raise refuse("TARGET", target, "must be given, or --all FRAMEWORK instead and without --rule and --set")
    for file in (json_file, junit_file, sarif_file):
        if file not in ("", "-"):
            require_writable(file)
    if framework:
        return _check_all(framework, json_file, junit_file, sarif_file)
    if rule:
        find_variant(rule)
    (answer,) = answers(target, [rule or None], target_settings(setting), timeout)
    if json_file != "-":
        from symopt.present import conformance

        print(conformance.text(answer))
    _report([answer], answer, json_file, junit_file, sarif_file)
    return {"conforms": 0, "differs": 1}.get(answer["verdict"], 3)


def _report(found: Sequence[dict[str, Any]], data: Any, json_file: str, junit_file: str, sarif_file: str) -> None:
    from symopt.files import write_atomically
    from symopt.present import conformance

    for file, text in (
        (json_file, json.dumps(data, indent=2, ensure_ascii=False) + "\n"),
        (junit_file, conformance.junit(found)),
        (sarif_file, conformance.sarif(found)),
    ):
        if file:
            sys.stdout.write(text) if file == "-" else write_atomically(file, text)


def _check_all(framework: str, json_file: str, junit_file: str, sarif_file: str) -> int:
    from symopt.conform.conformance import Conformance
    from symopt.conform.known import gone

    out = sys.stderr if json_file == "-" else sys.stdout
    entries = _matrix([framework], quiet=json_file == "-")
    rows = [_row(entry) for entry in entries]
    for pattern, said in gone(framework, entries):
        nothing = Conformance(pattern, None, "unknown").to_json()
        rows.append({**nothing, "framework": framework, "case": pattern, "outcome": "gone", "surprise": said})
    surprising = [row for row in rows if row["surprise"]]
    for row in surprising:
        print(f"FAIL  {row['case']}: {row['surprise']}", file=out)
    print(f"{len(entries)} cases of {framework}: {len(surprising) or 'none'} other than expected", file=out)
    _report([_as_expected(row) for row in rows], rows, json_file, junit_file, sarif_file)
    return 1 if surprising else 0


def _as_expected(row: dict[str, Any]) -> dict[str, Any]:
    """The row as an answer to whether it is as expected, for reports in which what is expected is no failure."""
    verdict = "differs" if row["surprise"] else "conforms"
    return {**row, "target": row["case"], "verdict": verdict, "difference": row["surprise"]}


def _matrix(frameworks: Sequence[str], *, quiet: bool) -> list[Entry]:
    """The entries of frameworks; each is shown as it becomes known."""
    from symopt.conform.matrix import begin, matrix
    from symopt.parallel import in_processes
    from symopt.terminal import Lines

    begin()
    rows = []
    with Lines((11, 60, 0), quiet=quiet) as lines:
        for entry in matrix(frameworks, lines.progress, partial(in_processes, start=begin, worth=1)):
            near = entry.answer.nearest
            lines.row((entry.outcome, entry.case.label, near.variant if near else ""))
            rows.append(entry)
    return rows


def _row(entry: Entry) -> dict[str, Any]:
    from dataclasses import asdict

    from symopt.conform.known import finding_of, surprise

    finding = finding_of(entry)
    return {**entry.to_json(), "finding": asdict(finding) if finding else None, "surprise": surprise(entry)}


def conform(
    out: Annotated[str, typer.Option(metavar="DIR", help="Write matrix.md and matrix.json there.")],
    frameworks: Annotated[
        list[str],
        typer.Argument(
            metavar="FRAMEWORK",
            default_factory=list,
            show_default=False,
            help="torch, optax, keras, pytorch_optimizer.",
        ),
    ],
    everything: Annotated[bool, typer.Option("--all", help="Every framework that is installed.")] = False,
) -> int:
    """The conformance matrix: every optimizer of frameworks against the update rule that it names.

    At its defaults and with each option on; what is found is written as Markdown and JSON.
    """
    from pathlib import Path

    from symopt.conform.matrix import installed, version_of
    from symopt.files import write_atomically
    from symopt.language import refuse
    from symopt.present.matrix import markdown

    if everything == bool(frameworks):
        raise refuse("FRAMEWORK", " ".join(frameworks), "must be named, or --all given")
    chosen = list(dict.fromkeys(frameworks)) or installed()
    if not chosen:
        raise refuse("--all", "", "needs a framework: none is installed (pip install 'symopt[frameworks]')")
    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        raise refuse("--out", out, "must be a folder")
    rows = [_row(entry) for entry in _matrix(chosen, quiet=False)]
    folder.mkdir(parents=True, exist_ok=True)
    versions = {name: version_of(name) for name in chosen}
    data = {"versions": versions, "entries": rows}
    write_atomically(folder / "matrix.json", json.dumps(data, indent=2, ensure_ascii=False) + "\n")
    write_atomically(folder / "matrix.md", markdown(rows, versions))
    return 0


def answers(target: str, rules: Sequence[str | None], settings: dict[str, Any], timeout: float) -> list[dict[str, Any]]:
    """The answers of ``check`` against each rule, as data, from a process of its own; "unknown" where it gives none."""
    from symopt.conform.isolated import TargetError, isolated

    try:
        found: list[dict[str, Any]] = isolated(checked, target, rules, settings, timeout=timeout)
        return found
    except TargetError as error:
        from symopt.conform.conformance import Conformance

        return [Conformance(target, rule, "unknown", reason=str(error)).to_json() for rule in rules]


def checked(target: str, rules: Sequence[str | None], settings: dict[str, Any]) -> list[dict[str, Any]]:
    """The answers in the process that asks; what was proved once is kept."""
    from symopt.cli import remember_certificates
    from symopt.conform.check import check as check_target

    remember_certificates()
    return [check_target(target, rule, **settings).to_json() for rule in rules]
