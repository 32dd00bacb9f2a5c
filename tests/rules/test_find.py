"""Rules by name and from a user's own file; what cannot be found is refused in one clear message."""

import pytest

from symopt import rules
from symopt.language import InputError, RuleError

MINE = '''
from symopt.language import rate, rule


@rule(cites="me 2024", lr=rate(0.5))
def mine(s):
    """My own."""
    s.x = s.x - s.lr * s.g
'''


@pytest.fixture
def write(tmp_path):
    def to_file(text, name="my_rules.py"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return to_file


def test_by_name_with_options():
    assert rules.find("sgd", maximize="true").setting["maximize"] is True
    assert rules.find(rules.find("sgd")) == rules.find("sgd")


def test_from_a_users_file(write):
    found = rules.find(f"{write(MINE)}:mine")
    assert (found.name, found.cites) == ("mine", "me 2024")
    assert found.program.inputs == ("x", "g", "t", "lr")


@pytest.mark.parametrize("name", ["nothing", "", "adam ", "../adam", "__init__", "adam.py"])
def test_an_unknown_name_lists_the_catalog(name):
    with pytest.raises(InputError, match=r"unknown rule .*adadelta, adafactor, adagrad, adam"):
        rules.find(name)


@pytest.mark.parametrize("value", [None, 3, object])
def test_what_is_no_rule_at_all(value):
    with pytest.raises(InputError, match="must be a catalog name"):
        rules.find(value)


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match=r"must be an existing \.py file"):
        rules.find(f"{tmp_path}/nowhere.py:mine")


def test_a_file_that_is_not_python(write):
    with pytest.raises(InputError, match=r"must be an existing \.py file"):
        rules.find(f"{write(MINE, 'my_rules.txt')}:mine")


@pytest.mark.parametrize("attribute", ["other", "", "rate"])
def test_a_file_without_such_a_rule(write, attribute):
    with pytest.raises(InputError, match=f"states no rule called '{attribute}'"):
        rules.find(f"{write(MINE)}:{attribute}")


def test_a_file_that_raises_says_where(write):
    path = write(MINE + "\n\nfirst = 1\nbroken = first / 0\n")
    line = path.read_text().split("\n").index("broken = first / 0") + 1
    with pytest.raises(InputError, match=rf"ZeroDivisionError: division by zero \(line {line}\)"):
        rules.find(f"{path}:mine")


@pytest.mark.parametrize("text", ["def mine(:\n", "raise SystemExit(3)\n", "import nowhere_at_all\n"])
def test_a_file_that_cannot_be_imported(write, text):
    with pytest.raises(InputError, match="importing it raised"):
        rules.find(f"{write(text)}:mine")


def test_a_users_rule_that_states_no_rule(write):
    path = write(MINE.replace("s.x - s.lr", "s.x - s.rate"))
    with pytest.raises(RuleError, match="rule mine reads 'rate' before"):
        _ = rules.find(f"{path}:mine").program
