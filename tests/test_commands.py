"""The commands that compare rules: what they print and write, and how bad input ends."""

import json
import xml.etree.ElementTree as xml

import pytest

from symopt.cli import main


def test_relations_prints_a_table(capsys):
    assert main(["relations", "sgd", "momentum"]) == 0
    shown = capsys.readouterr()
    assert "| momentum | momentum = 0 | sgd |" in shown.out
    assert "Traceback" not in shown.err


def test_relations_writes_a_drawing_and_json(tmp_path, capsys):
    drawing, data = tmp_path / "relations.svg", tmp_path / "relations.json"
    arguments = ["relations", "sgd", "momentum", "--format", "svg", "--out", str(drawing), "--json", str(data)]
    assert main(arguments) == 0
    assert capsys.readouterr().out == ""
    assert xml.parse(drawing).getroot().tag.endswith("svg")  # noqa: S314 - our own output
    arrows = json.loads(data.read_text())
    assert all(arrow["verdict"] == "proved" and arrow["certificate"] for arrow in arrows)


def test_json_on_stdout_is_json_alone(capsys):
    assert main(["relations", "sgd", "momentum", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)


def test_diff_marks_the_line_that_differs(capsys):
    assert main(["diff", "adam", "adam", "--other-set", "eps_placement=inside"]) == 0
    marked = [line for line in capsys.readouterr().out.splitlines() if " | " in line]
    assert len(marked) == 1
    assert "sqrt(v_hat + eps)" in marked[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["relations", "--format", "png"], "markdown, dot, svg"),
        (["relations", "nothing"], "nothing"),
        (["relations", "sgd", "--out", "/no/such/folder/file"], "/no/such/folder"),
        (["diff", "adam"], "RULE"),
        (["diff", "adam", "nothing"], "nothing"),
        (["diff", "adam", "sgd", "--set", "speed=1"], "speed"),
    ],
)
def test_bad_input_is_one_line_and_code_2(arguments, said, capsys):
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err
    assert len(shown.err.strip().splitlines()) == 1
