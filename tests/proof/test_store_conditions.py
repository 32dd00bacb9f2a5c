"""The side conditions that a search left open, kept on disk: found again, and believed only where they are its own."""

import json
import sys
from fractions import Fraction

import pytest

from symopt.proof import store
from symopt.proof.certificate import Statement
from symopt.proof.conditions import conditions_of, undefined
from symopt.proof.store import remember

conditions = sys.modules["symopt.proof.conditions"]
ROOT = ("sqrt", ("+", "v", ("^", "g", Fraction(2))))
STEP = ("/", "g", ("+", ROOT, "eps"))  # its divisor may be 0
QUESTION = Statement(claim=(("=", STEP, STEP),), given=(("<=", Fraction(0), "v"), ("<=", Fraction(0), "eps")))
DIVISOR = ("!=", ("+", ROOT, "eps"), 0)


@pytest.fixture
def kept(tmp_path):
    """The file that the answer to the question is kept in."""
    remember(tmp_path)
    assert undefined(QUESTION) == (DIVISOR,)
    yield next(tmp_path.iterdir())
    remember(None)


@pytest.fixture
def no_search(request, monkeypatch):
    if "kept" in request.fixturenames:
        request.getfixturevalue("kept")  # which takes a search
    monkeypatch.setattr(conditions, "_search_missing", lambda _: "searched")


def test_the_second_time_nothing_is_searched(kept, no_search):
    assert undefined(QUESTION) == (DIVISOR,)
    assert repr(undefined(QUESTION)) == repr((DIVISOR,))  # certificates are found by what is printed


@pytest.mark.usefixtures("no_search")
def test_without_a_store_everything_is_searched():
    assert undefined(QUESTION) == "searched"


def test_another_question_or_another_engine_is_searched(kept, no_search, monkeypatch):
    (hypothesis, _), (claim,) = QUESTION.given, QUESTION.claim
    assert undefined(Statement((claim,), (hypothesis,))) == "searched"
    monkeypatch.setattr(store, "_search", lambda: "another")
    assert undefined(QUESTION) == "searched"


@pytest.mark.parametrize(
    "planted",
    [
        ["!=", "g", {"q": "0"}],
        ["!=", {"q": "0"}, {"q": "0"}],
        ["<=", {"q": "1"}, "eps"],
        ["=", "g", {"q": "0"}],
        ["<=", {"q": "0"}, {"q": "2"}],
    ],
    ids=str,
)
def test_a_hypothesis_that_is_no_side_condition_is_not_taken(kept, planted, no_search):
    """What would make a theorem about less than it says: g not 0, a contradiction, a larger eps."""
    (true,) = json.loads(kept.read_text())
    for text in (json.dumps([planted]), json.dumps([true, planted])):
        kept.write_text(text)
        assert undefined(QUESTION) == "searched"


@pytest.mark.parametrize("text", ["", "{", "null", "7", '["x"]', '{"q": "1/0"}', "[" * 100_000, "[[[]]]"], ids=range(8))
def test_a_damaged_file_costs_a_search_and_no_more(kept, text):
    kept.write_text(text)
    assert undefined(QUESTION) == (DIVISOR,)
    assert undefined(QUESTION) == (DIVISOR,)


def test_side_conditions_of_terms():
    assert set(conditions_of(STEP)) == {DIVISOR, ("<=", 0, ROOT[1])}
    assert set(conditions_of(("^", "b", "t"), {"t"})) == {("<=", 0, "t")}
    assert set(conditions_of(("^", "b", "t"))) == set(conditions_of(("log", "b"))) == {("<", 0, "b")}
    assert set(conditions_of(("^", "b", Fraction(1, 3)))) == {("<=", 0, "b")}
    assert set(conditions_of(("^", "b", Fraction(-2)))) == {("!=", "b", 0)}
    assert not set(conditions_of(("*", "/", "sqrt")))  # variables of these names
