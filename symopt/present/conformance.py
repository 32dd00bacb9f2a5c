"""The answers of ``check`` for people, for test reports (JUnit XML) and for code scanning (SARIF)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from symopt import __version__

#: What Conformance.to_json gives; where a test states something of the target, also "failure", what is not as stated
#: ("" if all is), and "test", where it stands.
Answer = Mapping[str, Any]

HOME = "https://pypi.org/project/symopt/"
LEVELS = {"conforms": "warning", "differs": "error", "unknown": "warning"}
FINDINGS = {
    "differs": "An optimizer computes another function than its update rule.",
    "unknown": "It was not decided whether an optimizer is its update rule.",
    "conforms": "An optimizer is its update rule, but not as a test states it.",
}
HELP = "symopt check TARGET --rule RULE repeats the answer: the nearest variant, what differs, and a witness."


def text(answer: Answer) -> str:
    """The answer in a few lines of plain text."""
    lines = [headline(answer)]
    for title, key in (("hyperparameters", "hyper_map"), ("states", "state_map"), ("fixed", "fixed")):
        if answer[key]:
            sign = " = " if key == "fixed" else " is "
            lines.append(f"  {title}: " + ", ".join(f"{a}{sign}{b}" for a, b in answer[key].items()))
    if answer["equal"]:
        lines.append(f"  the same function: {', '.join(answer['equal'])}")
    if answer["given"]:
        lines.append(f"  where: {', '.join(answer['given'])}")
    if answer["difference"]:
        lines.append(f"  difference: {answer['difference']}")
    if answer["witness"]:
        lines.append(f"  witness: {witness(answer['witness'])}")
    if answer["reason"]:
        lines.append(f"  reason: {answer['reason']}")
    if answer.get("failure"):
        lines.append(f"  stated: {answer['failure']}")
    return "\n".join(lines)


def headline(answer: Answer) -> str:
    """The verdict in one line."""
    near = answer["nearest"]
    if answer["verdict"] == "conforms":
        return f"{answer['target']}: conforms to {near['variant']}, {answer['scope']}"
    asked = f" {'from' if answer['verdict'] == 'differs' else 'against'} {answer['rule']}" if answer["rule"] else ""
    nearest = f"; nearest: {near['variant']}" if near and near["variant"] != answer["rule"] else ""
    nearest += f", which it is ({near['scope']})" if nearest and near["scope"] else ""
    return f"{answer['target']}: {answer['verdict']}{asked}{nearest}"


def witness(found: Mapping[str, Any]) -> str:
    """The inputs and both results in one sentence."""
    hypers = ", ".join(f"{name} = {value}" for name, value in found["hypers"].items())
    steps = "; ".join(", ".join(g) for g in found["gradients"])
    return (
        f"from x = {', '.join(found['x'])} on the gradients {steps}{f' with {hypers}' if hypers else ''} "
        f"the rule gives x = {', '.join(found['rule'])}, the target x = {', '.join(found['target'])}"
    )


def junit(answers: Sequence[Answer]) -> str:
    """JUnit XML: a test case for each answer; what differs failed, what is unknown is skipped."""
    counts = {verdict: str(sum(a["verdict"] == verdict for a in answers)) for verdict in LEVELS}
    attributes = {
        "name": "symopt",
        "tests": str(len(answers)),
        "failures": counts["differs"],
        "skipped": counts["unknown"],
    }
    suite = ElementTree.Element("testsuite", {**attributes, "errors": "0"})
    for answer in answers:
        name = f"{answer['target']} against {answer['rule'] or 'the catalog'}"
        case = ElementTree.SubElement(suite, "testcase", {"classname": "symopt.check", "name": name})
        if answer["verdict"] != "conforms":
            kind = "failure" if answer["verdict"] == "differs" else "skipped"
            part = ElementTree.SubElement(case, kind, {"message": answer["difference"] or answer["reason"]})
            part.text = text(answer)
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def sarif(answers: Sequence[Answer]) -> str:
    """SARIF 2.1.0: a result for each answer that is not as stated, or is not "conforms" where nothing is stated."""
    results = [_result(answer) for answer in answers if answer.get("failure", answer["verdict"] != "conforms")]
    rules = [
        {"id": verdict, "shortDescription": {"text": said}, "fullDescription": {"text": said}, "help": {"text": HELP}}
        for verdict, said in FINDINGS.items()
    ]
    driver = {"name": "symopt", "version": __version__, "informationUri": HOME, "rules": rules}
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _result(answer: Answer) -> dict[str, Any]:
    place = _place(answer)
    physical = {
        "artifactLocation": {"uri": _uri(place["file"])},
        "region": {"startLine": place["line"]},
    }
    return {
        "ruleId": answer["verdict"],
        "level": LEVELS[answer["verdict"]],
        "message": {"text": text(answer)},
        "locations": [{"physicalLocation": physical}],
    }


def _place(answer: Answer) -> Mapping[str, Any]:
    """The target's line, or the test's where the target is no file of the project, which is all that a reader sees."""
    found: Mapping[str, Any] = answer["location"]
    if "test" in answer and (not found or Path(found["file"]).is_absolute()):
        found = answer["test"]
    return found or {"file": answer["target"].rpartition(":")[0], "line": 1}


def _uri(file: str) -> str:
    """A relative reference within the project; outside of it an absolute URI."""
    return Path(file).as_uri() if Path(file).is_absolute() else quote(file)
