"""The conformance matrix and the findings that are known: what is as expected, what is not, and that each shows."""

import json
import re
from dataclasses import replace

import pytest

from symopt import commands
from symopt.cli import main
from symopt.conform import known as known_module
from symopt.conform.conformance import Conformance, Nearest
from symopt.conform.frameworks import LISTS, Case
from symopt.conform.known import Finding, gone, known, surprise
from symopt.conform.matrix import OUTCOMES, Entry, counts, matrix
from symopt.conform.namesakes import namesakes
from symopt.present.matrix import markdown

NEAR = Nearest("rmsprop", "rmsprop[eps_placement=outside]", 1, "all steps")
DIFFERS = Entry(
    "torch",
    Case("torch.optim:RMSprop", {"foreach": False}),
    "differs",
    Conformance("torch.optim:RMSprop", "rmsprop", "differs", nearest=NEAR, difference="eps added outside the root"),
)
FINDING = Finding(("torch.optim:RMSprop(*",), "differs", "eps", "https://x.org", "rmsprop[eps_placement=outside*]")


@pytest.fixture
def findings(monkeypatch):
    """Puts findings in the place of torch's."""

    def put(*found):
        monkeypatch.setattr(known_module, "known", lambda framework: ("2.13", found))
        monkeypatch.setattr(known_module, "version_of", lambda framework: "2.13.0")

    return put


@pytest.mark.parametrize("framework", LISTS)
def test_every_known_finding_says_what_where_and_why(framework):
    version, found = known(framework)
    assert version
    for finding in found:
        assert finding.outcome in OUTCOMES
        assert all(pattern.startswith(framework.split("_")[0]) for pattern in finding.cases)
        assert len(finding.reason) > 20
        assert finding.link.startswith("https://")


def test_a_difference_that_is_known_is_expected(findings):
    findings(FINDING)
    assert surprise(DIFFERS) == ""
    assert not list(gone("torch", [DIFFERS]))


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        (None, "not expected: differs"),
        (replace(FINDING, nearest="rmsprop[centered=True]"), r"expected: differs, rmsprop\[centered=True\]; came out"),
        (replace(FINDING, outcome="not lifted"), "expected: not lifted"),
    ],
)
def test_a_difference_that_is_not_known_so_is_none(findings, finding, said):
    findings(*([finding] if finding else []))
    assert re.search(said, surprise(DIFFERS))


def test_a_finding_whose_cases_are_gone_fails_and_is_in_every_report(findings, monkeypatch, tmp_path, capsys):
    findings(replace(FINDING, cases=("torch.optim:RMSprop(*", "torch.optim:Gone(*")))
    monkeypatch.setattr(commands, "_matrix", lambda frameworks, quiet: [DIFFERS])
    files = {option: tmp_path / option for option in ("json", "junit", "sarif")}
    options = [part for option, file in files.items() for part in (f"--{option}", str(file))]
    assert main(["check", "--all", "torch", *options]) == 1
    assert "FAIL  torch.optim:Gone(*: expected in torch 2.13" in capsys.readouterr().out
    said = "not there in 2.13.0"
    assert [row["surprise"][-len(said) :] for row in json.loads(files["json"].read_text())] == ["", said]
    assert said in files["junit"].read_text()
    (result,) = json.loads(files["sarif"].read_text())["runs"][0]["results"]
    assert said in result["message"]["text"]


def test_a_healed_difference_is_told(findings):
    findings(FINDING)
    healed = replace(DIFFERS, outcome="all steps", answer=replace(DIFFERS.answer, verdict="conforms", nearest=None))
    assert "as its source says by now" in surprise(healed)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_without_a_finding_proofs_and_unnamed_rules_alone_are_expected(findings, outcome):
    findings()
    assert bool(surprise(replace(DIFFERS, outcome=outcome))) == (outcome not in ("all steps", "unnamed"))


@pytest.mark.parametrize(
    ("case", "labels"),
    [
        (Case("torch.optim:Adam", {"foreach": False}), ["adam"]),
        (Case("torch.optim:Adam", {"amsgrad": True}), ["amsgrad"]),
        (Case("torch.optim:Adam", {"weight_decay": 0.01}), ["adam[decay=coupled]", "adamw"]),
        (
            Case("torch.optim:SGD", {"momentum": 0.9, "dampening": 0.25}),
            ["momentum[velocity=damped]", "classical_momentum"],
        ),
        (Case("optax:scale_by_rms"), ["rmsprop"]),
        (Case("keras.optimizers:Nadam"), ["nadam"]),
        (Case("pytorch_optimizer:Fromage"), []),
    ],
)  # fmt: skip
def test_a_case_names_the_rules_that_its_settings_ask_for(case, labels):
    assert [rule.label for rule in namesakes(case)] == labels


def test_the_document_has_counts_findings_and_every_case():
    rows = [{**DIFFERS.to_json(), "finding": {"reason": "As documented.", "link": "https://x.org/1"}, "surprise": ""}]
    text = markdown(rows, {"torch": "2.13.0"})
    assert counts([DIFFERS])["differs"] == 1
    assert "| differs | 1 |" in text
    assert "As documented. [x.org/1](https://x.org/1)" in text
    assert "rmsprop[eps_placement=outside] (all steps)" in text
    assert "surprise" not in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check"], "TARGET"),
        (["check", "torch.optim:Adam", "--all", "torch"], "TARGET"),
        (["check", "--all", "tensorflow"], "framework"),
        (["conform", "--out", "DIR"], "FRAMEWORK"),
        (["conform", "--all", "torch", "--out", "DIR"], "FRAMEWORK"),
        (["conform", "tensorflow", "--out", "DIR"], "framework"),
    ],
)
def test_a_wrong_question_is_refused(tmp_path, capsys, arguments, said):
    arguments = [str(tmp_path / "out") if a == "DIR" else a for a in arguments]
    assert main(arguments) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.frameworks
@pytest.mark.filterwarnings("ignore")
def test_real_optimizers_come_out_as_known(monkeypatch):
    pytest.importorskip("torch")
    from symopt.conform import matrix as module

    wanted = ("torch.optim:Adam", "torch.optim:ASGD", "torch.optim:NAdam", "torch.optim:RMSprop")
    found = [case for case in module.cases("torch") if case.target in wanted and not case.settings.get("foreach")]
    monkeypatch.setattr(module, "cases", lambda framework: [c for c in found if len(c.settings) == 1])
    entries = list(matrix(["torch"]))
    assert {e.case.target.rpartition(":")[2]: e.outcome for e in entries} == {
        "Adam": "all steps", "ASGD": "all steps", "NAdam": "differs", "RMSprop": "differs",
    }  # fmt: skip
    assert not any(map(surprise, entries))
    assert {e.answer.nearest.scope for e in entries if e.outcome == "differs"} == {"all steps"}
    assert json.loads(json.dumps([e.to_json() for e in entries]))[0]["verdict"] == "conforms"
