"""The derivations are what the proofs say: each document equals what is generated, and its code blocks run."""

import contextlib
import io
import re
from functools import lru_cache
from pathlib import Path

import pytest

from symopt.cli import main
from symopt.present.article import answers_to, article, decide_article
from symopt.present.claims import CLAIMS
from symopt.present.derivation import decide_about, derivation, topic_of
from symopt.present.statement import latex_statement
from symopt.present.steps import steps
from symopt.present.verdicts import verdict_counts
from symopt.proof import check
from symopt.rules import find, names
from symopt.theorems import judge, load

pytestmark = pytest.mark.usefixtures("certificates")

FOLDER = Path(__file__).parents[2] / "derivations"
OUTDATED = "is out of date: symopt derive --out derivations writes it anew"
FENCE = re.compile(r"^```python\n(.*?)^```\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DOCUMENTS = [*names(), "article"]


@lru_cache
def generated(name):
    return article(decide_article()) if name == "article" else derivation(find(name), decide_about(find(name)))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_document_is_what_the_proofs_say(name):
    committed = FOLDER / f"{name}.md"
    assert committed.is_file(), f"derivations/{name}.md is missing: symopt derive --out derivations writes it"
    same = committed.read_text(encoding="utf-8") == generated(name)
    assert same, f"derivations/{name}.md {OUTDATED}"


def test_no_document_is_left_over():
    assert {path.stem for path in FOLDER.glob("*.md")} == set(DOCUMENTS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_code_block_prints_what_is_shown(name):
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    blocks = FENCE.findall(text)
    assert blocks or name in names()  # a rule of which nothing is known in a closed form has none
    assert text.count("```python\n") == len(blocks), "a block without its output"
    for source, shown in blocks:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(source, f"{name}.md", "exec"), {"__name__": name})  # noqa: S102 - our own document
        assert printed.getvalue() == shown


def test_every_claim_of_the_article_has_its_chapter():
    assert [claim.number for claim in CLAIMS] == list(range(1, 26))
    assert re.findall(r"^## (\d+)\.", generated("article"), re.MULTILINE) == [str(n) for n in range(1, 26)]


def test_a_claim_that_no_theorem_answers_has_no_verdict():
    decided = [pair for pair in decide_article() if 20 not in pair[0].article]
    assert answers_to(CLAIMS[19], decided) == []
    chapter = article(decided).partition("## 20.")[2].partition("## 21.")[0]
    assert "Verdict: no verdict yet." in chapter
    assert "proved" not in chapter


def test_an_unknown_verdict_is_shown_as_unknown():
    from dataclasses import replace

    (theorem,) = load(["overwriting_is_adam"])
    unknown = replace(judge(theorem), verdict="unknown", reason="no reason", certificate=None, witness=None)
    assert verdict_counts([(theorem, unknown)]) == "1 unknown (1 not as expected)"
    chapter = article([(theorem, unknown)]).partition("## 20.")[2].partition("## 21.")[0]
    assert "**unknown**, **expected refuted**: no reason." in chapter
    assert "Witness" not in chapter


@pytest.mark.parametrize("theorem", load(), ids=lambda theorem: theorem.name)
def test_every_statement_and_proof_is_written_out(theorem):
    judgement = judge(theorem)
    assert judgement.ok, judgement.reason
    certificate = judgement.certificate
    tex = latex_statement(theorem.statement)
    assert "'#'" not in tex
    for opening, closing in (("{", "}"), (r"\left", r"\right"), (r"\begin", r"\end")):
        left = re.findall(re.escape(opening) + r"(?![a-z])" if opening == r"\left" else re.escape(opening), tex)
        assert len(left) == tex.count(closing), f"{opening} and {closing} in {tex}"
    if certificate:
        check(certificate)
        lines = steps(certificate)
        assert lines
        assert all(re.match(r" *\d+\. \S", line) for line in lines)
        assert not any(re.search(r"Fraction|\('|<\w", line) for line in lines)


def test_theorems_stand_in_the_chapter_of_their_kind():
    chapters = {theorem.name: topic_of(theorem) for theorem in load()}
    assert chapters["closed_form[adam.m]"] == "Closed forms"
    assert chapters["weights_sum"] == "Closed forms"
    assert chapters["corrected_weights_sum"] == "Bias correction"
    assert chapters["accumulator_nonnegative"] == "Signs"
    assert chapters["rmsprop_step_bound"] == "Bounds"
    assert chapters["adam_is_rmsprop[inside]"] == "Relations to other rules and forms"
    assert chapters["overwriting_is_adam"] == "What does not hold"


def test_derive_writes_the_document(capsys, tmp_path):
    assert main(["derive", "sgd"]) == 0
    assert capsys.readouterr().out == generated("sgd")
    assert main(["derive", "sgd", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "sgd.md").read_text(encoding="utf-8") == generated("sgd")
    assert [path.name for path in tmp_path.iterdir()] == ["sgd.md"]


def test_derive_names_a_folder_that_is_not_there(capsys, tmp_path):
    assert main(["derive", "sgd", "--out", str(tmp_path / "missing")]) == 2
    assert "--out" in capsys.readouterr().err
