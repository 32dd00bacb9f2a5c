"""Certificates on disk: found again without a search, and never trusted."""

import json
import sys

import pytest
import sympy as sp

from symopt.proof import prove
from symopt.proof.store import remember

x = sp.Symbol("x")
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


def test_a_disk_that_refuses_does_not_stop_a_proof(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    remember(blocked / "certificates")
    try:
        assert prove(TRUE).proved
    finally:
        remember(None)


def test_other_help_is_another_question(store):
    y = sp.Symbol("y")
    claim = x**2 + y**2 >= 2 * x * y
    assert prove(claim).proved
    assert prove(claim, hints=[x - y]).proved
    assert len(list(store.iterdir())) == 2
