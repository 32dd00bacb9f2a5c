"""The conformance matrix as Markdown: counts, findings, and every case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]  # what an entry's to_json gives, with "finding" and "surprise"

WORDS = {
    "all steps": "proved for all steps",
    "first steps": "proved for the first steps",
    "sampled": "equal where tried",
    "differs": "differs",
    "unnamed": "lifted; no rule of that name",
    "undecided": "undecided",
    "not lifted": "not lifted",
}


def markdown(rows: Sequence[Row], versions: Mapping[str, str]) -> str:
    """The matrix of frameworks, whose versions are given."""
    parts = ["# Conformance matrix", "", _introduction(versions), "", *_counts(rows, versions)]
    parts += ["", "## Where they differ from the rules they name", "", *_findings(rows)]
    for framework in versions:
        own = [row for row in rows if row["framework"] == framework]
        parts += ["", f"## {framework} {versions[framework]}", "", *_table(own)]
    return "\n".join(parts) + "\n"


def _introduction(versions: Mapping[str, str]) -> str:
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"Made by `symopt conform` of {named}. Every optimizer, at its defaults and with each option switched on, is "
        "read as an update rule and held against the rule of the catalog that it names: proved equal for all steps, "
        "inputs and hyperparameters, or told apart with a witness, of which the JSON has the numbers."
    )


def _counts(rows: Sequence[Row], versions: Mapping[str, str]) -> list[str]:
    lines = [_line("", *versions), _line("---", *("--:" for _ in versions))]
    for outcome, words in WORDS.items():
        found = [sum(r["framework"] == name and r["outcome"] == outcome for r in rows) for name in versions]
        lines.append(_line(words, *found))
    lines.append(_line("**cases**", *(sum(r["framework"] == name for r in rows) for name in versions)))
    return lines


def _findings(rows: Sequence[Row]) -> list[str]:
    """Cases that differ, those of one finding together."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        if row["outcome"] == "differs":
            known = row["finding"] or {"reason": "", "link": ""}
            key = (known["reason"], known["link"]) if row["finding"] else (row["case"], "")
            groups.setdefault(key, []).append(row)
    lines = []
    for (reason, link), members in groups.items():
        cases = ", ".join(f"`{row['case']}`" for row in members)
        first = members[0]
        said = first["difference"] + (f" (nearest: {first['nearest']['variant']})" if first["nearest"] else "")
        public = f" [{link.removeprefix('https://')}]({link})" if link else ""
        why = f" {reason}{public}" if first["finding"] else " Not among the known findings."
        lines.append(f"- {cases}: {_plain(said)}.{why}")
    return lines or ["None."]


def _table(rows: Sequence[Row]) -> list[str]:
    lines = [_line("case", "outcome", "variant", "remark"), _line("---", "---", "---", "---")]
    for row in rows:
        near = row["nearest"]
        proof = f" ({near['scope']})" if near and near["scope"] else ""
        variant = f"{near['variant']}{proof}" if near else ""
        remark = row["difference"] or row["reason"]
        if row["surprise"]:
            remark = f"**{row['surprise']}** {remark}"
        lines.append(_line(f"`{row['case']}`", WORDS[row["outcome"]], variant, remark))
    return lines


def _line(*cells: object) -> str:
    return f"| {' | '.join(_plain(str(cell)) for cell in cells)} |"


def _plain(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
