"""The commands, thin: each imports what it needs, calls it, and prints.

Exit codes: 0 all holds, 1 something fails, 2 bad usage (one line on stderr), 130 interrupted.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

import symopt

from .arguments import (
    JsonFile,
    Points,
    RuleName,
    RuleNames,
    Settings,
    Targets,
    find_rule,
    own_code,
    points,
    variants_of,
)
from .commands import register

if TYPE_CHECKING:
    from symopt.conform.survey import Observation
    from symopt.terminal import Lines
    from symopt.theorems import Judgement

#: typer carries click inside itself in new versions and depends on it in old ones; the base of its errors is either's.
ClickException: Any = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")

app = typer.Typer(
    help="Update rules of optimizers: one statement each, from it the mathematics, the proofs and the kernels.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

register(app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a stream that cannot show a letter shows its number
            stream.reconfigure(errors="backslashreplace")
    command = typer.main.get_command(app)
    try:
        # Not command(): it would answer a broken pipe with 1, which here means that something fails.
        with command.make_context("symopt", list(sys.argv[1:] if arguments is None else arguments)) as context:
            code = command.invoke(context)
        sys.stdout.flush()
        return code or 0
    except typer.Exit as done:
        return done.exit_code
    except symopt.SymoptError as error:
        return _bad_usage(str(error))
    except ClickException as error:
        return _bad_usage(f"{error.format_message()} (see symopt --help)")
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        # Who read our output has gone. Python flushes stdout once more on exit: let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _bad_usage(message: str) -> int:
    print("symopt:", " ".join(message.split()), file=sys.stderr)
    return 2


def _version(asked: bool) -> None:
    if asked:
        print(f"symopt {symopt.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


@app.command("list")
def list_rules(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the catalog of rules."""
    from symopt.present import data
    from symopt.rules import find, names
    from symopt.terminal import print_table

    rules = [find(name) for name in names()]
    if as_json:
        sys.stdout.write(_json([data(rule) for rule in rules]))
        return
    print_table(("rule", "what it is", "source"), [(rule.name, rule.summary, rule.cites) for rule in rules])


@app.command()
def show(
    rule: RuleName,
    setting: Settings,
    format: Annotated[str, typer.Option(help="text, latex, markdown or json.")] = "text",
) -> None:
    """Write out one algorithm."""
    from symopt import present

    print(present.show(find_rule(rule, setting), format).rstrip("\n"))


@app.command()
def kernel(
    rule: RuleName,
    setting: Settings,
    dtype: Annotated[str, typer.Option(help="float32 or float64.")] = "float32",
    out: Annotated[str, typer.Option(metavar="FILE", help="Write there instead of to stdout; - is stdout.")] = "-",
) -> None:
    """Print a rule's generated kernel source.

    It is a module that runs alone, with NumPy and Numba.
    """
    from symopt.codegen import kernel_source

    _write(out, kernel_source(find_rule(rule, setting).program, dtype))


def remember_certificates() -> None:
    """What was proved once is only checked the next time."""
    from symopt.codegen.places import directory
    from symopt.proof.store import remember

    remember(directory() / "certificates")


@app.command()
def prove(
    targets: Targets,
    json_file: JsonFile = "",
    rocq: Annotated[bool, typer.Option("--rocq", help="Let Rocq check every certificate too; needs coqc.")] = False,
) -> int:
    """Decide theorems against expected verdicts.

    Without TARGET: all of the library's. A theorem fails if its verdict, or that of its mutant, is another. With
    --rocq it also fails if Rocq rejects its certificate, or if more than a tenth cannot be put to Rocq.
    """
    from symopt.parallel import in_processes
    from symopt.terminal import Lines
    from symopt.theorems import judge, load

    _require_writable(json_file)
    if rocq:
        from symopt.proof.rocq import find_coqc

        find_coqc()
    with own_code(*targets):
        theorems = load(targets)
    head = ("", "verdict", "expected", "certificate", "seconds", "theorem", "statement")
    judgements = []
    with Lines((4, 8, 8, 14, 7, max(len(theorem.name) for theorem in theorems), 0), quiet=json_file == "-") as lines:
        lines.row(head, "bold")
        judged = in_processes(judge, theorems, remember_certificates)
        for done, theorem in enumerate(theorems):
            lines.progress(theorem.name, done, len(theorems))
            judgement = next(judged)
            judgements.append(judgement)
            kind = judgement.certificate.kind if judgement.certificate else "-"
            lines.row(
                (
                    _mark(judgement.ok),
                    judgement.verdict,
                    judgement.expected,
                    kind,
                    f"{judgement.seconds:7.2f}",
                    judgement.name,
                    judgement.statement + "".join(f"  under the axiom: {name}" for name in judgement.axioms),
                ),
                "" if judgement.ok else "red",
            )
            for reason in _reasons(judgement):
                lines.line(f"      {reason}", "red")
        good = [judgement for judgement in judgements if judgement.ok]
        kinds = ", ".join(f"{sum(j.verdict == v for j in good)} {v}" for v in ("proved", "refuted"))
        lines.line(f"{_count(judgements, 'theorem')}: {kinds} as expected, {len(judgements) - len(good)} not")
        holds = len(good) == len(judgements)
        if rocq:
            judgements, enough = _checked_by_rocq(judgements, lines)
            holds = holds and enough
    if json_file:
        _write(json_file, _json([judgement.to_json() for judgement in judgements]))
    return 0 if holds else 1


def _checked_by_rocq(judgements: list[Judgement], lines: Lines) -> tuple[list[Judgement], bool]:
    """The judgements, those marked whose certificate Rocq accepts; and whether it rejects none and covers nine of ten.

    Every other certificate gets a line with the reason.
    """
    from dataclasses import replace

    from symopt.proof.rocq import judge_by_rocq

    marked, results = [], []
    lines.progress("Rocq", 0, len(judgements))
    for judgement, result in judge_by_rocq(judgements):
        if result is not None:
            results.append(result)
            if result.accepted:
                judgement = replace(judgement, checked_by=(*judgement.checked_by, "rocq"))
            else:
                mark, style = ("FAIL", "red") if result.rejected else ("open", "yellow")
                lines.line(f"{mark}  {judgement.name}: Rocq: {result.reason}", style)
        marked.append(judgement)
        lines.progress(f"Rocq: {judgement.name}", len(marked), len(judgements))
    accepted, rejected = sum(r.accepted for r in results), sum(r.rejected for r in results)
    unsupported = len(results) - accepted - rejected
    lines.line(f"Rocq: {_count(results, 'certificate')}: {accepted} accepted, {rejected} rejected, {unsupported} open")
    return marked, not rejected and 10 * unsupported <= len(results)


@app.command()
def verify(
    rules: RuleNames,
    json_file: JsonFile = "",
    deep: Annotated[
        bool, typer.Option("--deep", help="Also hold kernels to exact steps, in regimes of inputs.")
    ] = False,
) -> int:
    """The main job: prove, compile and check rules.

    For each rule and each of its options: prove its theorems, generate its kernels, prove each kernel's source equal
    to the rule, and run it against exact steps and against NumPy written by hand. Without RULE: the whole catalog.
    """
    from symopt.conform.verify import verify_variant
    from symopt.parallel import in_processes
    from symopt.rules import names
    from symopt.terminal import Lines

    _require_writable(json_file)
    rules = rules or names()
    named = [(name, variant) for name in rules for variant in variants_of(name)]
    tasks = [(name, dict(variant.chosen)) for name, variant in named]
    variants = [variant for _, variant in named]
    rows = []
    with Lines((4, max(len(v.label) for v in variants), 20, 6, 7, 64, 0), quiet=json_file == "-") as lines:
        lines.row(("", "rule", "theorems", "source", "seconds", "kernel against exact", "against NumPy"), "bold")
        verified = in_processes(verify_variant, tasks, remember_certificates)
        for done, variant in enumerate(variants):
            lines.progress(variant.label, done, len(variants))
            row = next(verified)
            rows.append(row)
            seconds = f"{row.seconds:7.2f}"
            cells = (_mark(row.ok), row.rule, row.theorems, row.source, seconds, row.error, row.difference)
            lines.row(cells, "" if row.ok else "red")
        failed = [row for row in rows if not row.ok]
        for row in failed:
            for failure in row.failures:
                lines.line(f"FAIL  {row.rule}: {failure.stage}: {failure.message}", "red")
        lines.line(f"{_count(rows, 'rule variant')}: {len(rows) - len(failed)} verified, {len(failed)} failed")
    seen = _in_regimes(rules, quiet=json_file == "-") if deep else []
    if json_file:
        regimes = {row.rule: [o.to_json() for o in seen if o.rule == row.rule] for row in rows}
        _write(json_file, _json([row.to_json() | ({"regimes": regimes[row.rule]} if deep else {}) for row in rows]))
    return 1 if failed or not all(observation.ok for observation in seen) else 0


def _in_regimes(rules: Sequence[str], *, quiet: bool) -> list[Observation]:
    """Every rule in every regime, a line each: how much of its bound the largest error uses up."""
    from symopt.conform.regimes import REGIMES
    from symopt.conform.survey import survey_named
    from symopt.parallel import in_processes
    from symopt.terminal import Lines

    cases = [(rule, regime) for rule in rules for regime in REGIMES]
    seen: list[Observation] = []
    with Lines((4, max(map(len, rules)), max(map(len, REGIMES)), 8, 7, 14, 0), quiet=quiet) as lines:
        lines.row(("", "rule", "regime", " samples", "bounded", "observed/bound", "worst"), "bold")
        surveyed = in_processes(survey_named, cases)
        for rule, regime in cases:
            lines.progress(f"{rule}: {regime}", len(seen), len(cases))
            seen.append(next(surveyed))
            lines.row((_mark(seen[-1].ok), *seen[-1].cells), "" if seen[-1].ok else "red")
        held = sum(observation.ok for observation in seen)
        lines.line(f"{_count(rules, 'rule')} in {len(REGIMES)} regimes: {held} hold, {len(seen) - held} broken")
    return seen


@app.command()
def bound(
    rule: RuleName,
    setting: Settings,
    at: Points,
    dtype: Annotated[str, typer.Option(help="float32 or float64.")] = "float32",
    json_file: JsonFile = "",
) -> None:
    """Write out the rounding error of one step.

    For every operation a formula, and a number that holds for x, g and the states anywhere in [1, 2] at step 1000, or
    where --at says; and which operations the bounds of x and of each state come from.
    """
    from symopt.rounding.explain import explain

    _require_writable(json_file)
    found = find_rule(rule, setting)
    explained = explain(found.program, points(found.program, at), dtype)
    if json_file != "-":
        print(explained.text(found.label))
    if json_file:
        _write(json_file, _json({**explained.to_json(), "rule": found.label}))


@app.command()
def derive(
    rules: RuleNames,
    out: Annotated[str, typer.Option(metavar="DIR", help="Write RULE.md and article.md into this folder.")] = "",
) -> None:
    """Write out what follows from rules, with proofs.

    Markdown, on stdout or in a folder. Without RULE: the whole catalog, and the audit of the article.
    """
    from pathlib import Path

    from symopt.present.documents import derivations
    from symopt.rules import names

    found = [find_rule(name) for name in rules or names()]
    if out and not Path(out).is_dir():
        from symopt.language import refuse

        raise refuse("--out", out, "must be an existing folder")
    with own_code(*rules):
        for name, text in derivations(found, audit=not rules):
            _write(str(Path(out) / name) if out else "-", text)


def _reasons(judgement: Judgement) -> Iterator[str]:
    if judgement.ok:
        return
    if judgement.reason:
        yield f"reason: {judgement.reason}"
    if judgement.witness:
        from symopt.proof import show_value

        yield "witness: " + ", ".join(f"{name} = {show_value(value)}" for name, value in judgement.witness.items())


def _mark(ok: bool) -> str:
    return "ok" if ok else "FAIL"


def _count(things: Sequence[object], name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def _json(value: object) -> str:
    return json.dumps(_finite(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _finite(value: Any) -> Any:
    """The same data with what JSON has no number for, infinities and NaN, as strings."""
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _require_writable(file: str) -> None:
    if file not in ("", "-"):
        from symopt.files import require_writable

        require_writable(file)


def _write(file: str, text: str) -> None:
    if file == "-":
        sys.stdout.write(text)
        return
    from symopt.files import write_atomically

    write_atomically(file, text)
