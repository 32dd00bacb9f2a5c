"""Certificates on disk: found again without a search, and never trusted."""

import json
import random
import sys
from fractions import Fraction

import pytest
import sympy as sp

from symopt.proof import check, prove
from symopt.proof.certificate import Certificate, Statement
from symopt.proof.store import keep, recall, remember

from .meaning import refutes

x, y = sp.symbols("x y")
TRUE, FALSE = x**2 + 1 > 2 * x - 1, x**2 > 2 * x


@pytest.fixture
def store(tmp_path):
    remember(tmp_path / "certificates")
    yield tmp_path / "certificates"
    remember(None)


@pytest.fixture
def no_search(monkeypatch):
    def forbid():
        monkeypatch.setattr(sys.modules["symopt.proof.prove"], "_search", lambda *_: "searched")

    return forbid


@pytest.mark.parametrize(("claim", "verdict"), [(TRUE, "proved"), (FALSE, "refuted")])
def test_the_second_time_nothing_is_searched(store, no_search, claim, verdict):
    first = prove(claim)
    assert first.verdict == verdict
    assert len(list(store.iterdir())) == 1
    no_search()
    again = prove(claim)
    assert (again.verdict, again.certificate, again.witness) == (verdict, first.certificate, first.witness)


def test_a_witness_is_read_back_in_the_order_in_which_it_is_shown(store):
    question = Statement(claim=(("<=", "y", "x"),))
    keep(Certificate(question, {"y": Fraction(1), "x": Fraction(0)}, None))
    assert list(recall(question).point) == ["y", "x"]


def test_without_a_store_nothing_is_kept(tmp_path, no_search):
    assert prove(TRUE).proved
    no_search()
    assert prove(TRUE).reason == "searched"


def test_the_proof_of_another_statement_is_not_taken(store, no_search):
    assert prove(TRUE).proved
    (good,) = store.iterdir()
    assert prove(FALSE).verdict == "refuted"
    (bad,) = set(store.iterdir()) - {good}
    bad.write_bytes(good.read_bytes())
    no_search()
    assert prove(FALSE).reason == "searched"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '[[["x", {"q": "1/0"}]], null]', '[[["x", 0.5]], null]', "[[], [[]]]"]
)
def test_a_damaged_file_costs_a_search_and_no_more(store, no_search, text):
    assert prove(FALSE).verdict == "refuted"
    (file,) = store.iterdir()
    file.write_text(text)
    assert prove(FALSE).verdict == "refuted"
    assert json.loads(file.read_text())


def test_a_witness_that_does_not_refute_is_not_taken(store, no_search):
    assert prove(FALSE).verdict == "refuted"
    (file,) = store.iterdir()
    file.write_text(json.dumps([[["x", {"q": "5"}]], None]))
    no_search()
    assert prove(FALSE).reason == "searched"


def damages(text, rng):
    """The text with one character changed, dropped or doubled: each character in turn."""
    for k, character in enumerate(text):
        other = rng.choice([c for c in '0123456789-"{}[],:/ aqx#+*' if c != character])
        yield from (text[:k] + new + text[k + 1 :] for new in (other, "", character * 2))


@pytest.mark.parametrize("claim", [TRUE, FALSE, x**2 + y**2 >= 2 * x * y], ids=str)
def test_any_character_changed_is_checked_again(store, claim):
    answer = prove(claim)
    question, (file,) = answer.certificate.statement, store.iterdir()
    text, rng, kept = file.read_text(), random.Random(1), 0  # noqa: S311 - a fixed seed
    for damaged in damages(text, rng):
        file.write_text(damaged)
        found = recall(question, (), ())
        if found is None:
            continue
        kept += 1
        assert found.statement == question
        check(found)
        assert (found.proof is None) == (answer.verdict == "refuted")
        assert found.proof is not None or refutes(question, found.point)
    assert kept < len(text), "hardly any damage was noticed"
    file.write_text(damaged)
    assert prove(claim).verdict == answer.verdict


def test_no_statement_takes_the_certificate_of_another(store):
    claims = [TRUE, FALSE, x**2 >= 0, x**2 + 1 > 0, x**2 > 0, x**2 + y**2 >= 2 * x * y, x**2 + y**2 > 2 * x * y]
    answers, files = [], []
    for claim in claims:
        before = set(store.iterdir()) if store.exists() else set()
        answers.append(prove(claim))
        files += set(store.iterdir()) - before
    texts = [file.read_text() for file in files]
    for answer, file in zip(answers, files, strict=True):
        for text in texts:
            file.write_text(text)
            found = recall(answer.certificate.statement, (), ())
            if found is not None:
                assert found.statement == answer.certificate.statement
                assert (found.proof is None) == (answer.verdict == "refuted")
                assert found.proof is not None or refutes(found.statement, found.point)


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '[[["x", {"q": "1e999999999"}]], null]', '[[["x", {"q": "nan"}]], null]', "\x00", "9" * 10_000],
    ids=["too deep", "too large", "no number", "no text", "no end"],
)
def test_a_monstrous_file_costs_a_search_and_no_more(store, text):
    assert prove(FALSE).verdict == "refuted"
    (file,) = store.iterdir()
    file.write_text(text)
    assert prove(FALSE).verdict == "refuted"


def test_bytes_that_are_no_text_cost_a_search_and_no_more(store):
    assert prove(FALSE).verdict == "refuted"
    (file,) = store.iterdir()
    file.write_bytes(b"\xff\xfe[[]]")
    assert prove(FALSE).verdict == "refuted"


def test_a_disk_that_refuses_does_not_stop_a_proof(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    remember(blocked / "certificates")
    try:
        assert prove(TRUE).proved
    finally:
        remember(None)


def test_other_help_is_another_question(store):
    claim = x**2 + y**2 >= 2 * x * y
    assert prove(claim).proved
    assert prove(claim, hints=[x - y]).proved
    assert len(list(store.iterdir())) == 2
