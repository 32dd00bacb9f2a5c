"""The commands that compare rules and write out bounds: what they print and write, and how bad input ends."""

import json
import re
import sys
import xml.etree.ElementTree as xml

import pytest

import symopt
from symopt.cli import main
from symopt.conform.regimes import REGIMES
from symopt.conform.survey import survey


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


def test_bound_writes_out_every_operation(capsys):
    assert main(["bound", "sgd", "--at", "g=-1:1", "--at", "t=3"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(
        "sgd in float32: how far one step is from the exact step\nat x in [1, 2], g in [-1, 1], t = 3"
    )
    assert re.search(r"^r1 = lr_f32 \* g_i +E\(lr_f32\)\*\|g_i\| \+ h\(r1\) +\d", shown, re.MULTILINE)
    assert re.search(r"^x: at most [\d.e-]+ = [\d.]+ ulp, from\n +\d+\.\d%  x_1 = x_i - r1", shown, re.MULTILINE)
    assert "A sum of" not in shown


def test_bound_is_the_bound_of_the_box(capsys):
    """The number printed is error_bound's, rounded up to three digits; half of it would not do."""
    box = {"x": (1.0, 2.0), "g": (-1.0, 1.0), "t": 1000}
    bound = symopt.error_bound("sgd", box, engine="intervals")["x"].item()
    assert main(["bound", "sgd", "--at", "g=-1:1", "--json", "-"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["bounds"]
    assert found["name"] == "x"
    assert bound <= found["error"] <= float(bound) * (1 + 2.0**-50)
    assert sum(part["share"] for part in found["from"]) == pytest.approx(1, abs=2.0**-40)  # float64 quotients


def test_bound_promises_nothing_where_a_divisor_may_be_0(capsys):
    arguments = ["bound", "adam", "--at", "v=0", "--at", "g=0:1", "--set", "eps=0"]
    assert main(arguments) == 0
    assert "x: nothing is promised" in capsys.readouterr().out
    assert main([*arguments, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["bounds"][0]["error"] == "inf"


def test_bound_of_a_rule_that_sums(tmp_path, capsys):
    file = tmp_path / "own.py"
    file.write_text(
        "from symopt.language import norm, rate, rule, state\n\n\n"
        '@rule(cites="here", lr=rate(0.1), n=state(scope="tensor"))\n'
        "def normed(s):\n"
        '    """A step of length lr."""\n'
        "    s.n = norm(s.g)\n"
        "    s.x = s.x - s.lr * s.g / s.n\n"
    )
    assert main(["bound", f"{file}:normed", "--at", "n=0"]) == 0
    shown = capsys.readouterr().out
    assert "A sum of n + 1 elements is rounded n times" in shown
    assert "n*u*sum(|r2|)" in shown


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("y=1", "--at gives y; sgd can be at x, g, t (hyperparameters: --set)"),
        ("x=one", "x = 'one': must be a number, or LOW:HIGH with LOW <= HIGH"),
        ("x=2:1", "x = '2:1': must be a number, or LOW:HIGH with LOW <= HIGH"),
        ("x=nan", "x = 'nan': must be a number"),
        ("x=1e400", "x = '1e400': must be a number"),
        ("t=1:2", "t = '1:2': must be one whole number"),
        ("t=1.5", "t = 1.5: must be a whole number"),
        ("x", "--at = 'x': must be NAME=VALUE"),
    ],
)
def test_bound_refuses(at, said, capsys):
    assert main(["bound", "sgd", "--at", at]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err
    assert shown.err.count("\n") == 1


@pytest.fixture
def few(monkeypatch):
    """Few elements in each regime, all in this process."""
    monkeypatch.setattr("symopt.parallel.WORTH", 10**6)
    monkeypatch.setattr(survey, "__defaults__", (500, None))


def test_verify_deep_prints_a_line_for_every_regime(few, tmp_path, capsys):
    file = tmp_path / "deep.json"
    assert main(["verify", "--deep", "sgd", "--json", str(file)]) == 0
    shown = capsys.readouterr().out
    for regime in REGIMES:
        assert re.search(rf"^ok +sgd +{re.escape(regime)} +\d+ +[\d.]+% +[\d.]+", shown, re.MULTILINE)
    assert f"1 rule in {len(REGIMES)} regimes: {len(REGIMES)} hold, 0 broken" in shown
    seen = json.loads(file.read_text())[0]["regimes"]
    assert [one["regime"] for one in seen] == list(REGIMES)
    assert all(one["samples"] >= 500 and one["observed/bound"] <= 1 for one in seen)


def test_verify_deep_fails_where_a_bound_does_not_hold(few, monkeypatch, capsys):
    """A bound of three quarters of what is derived."""
    module = sys.modules["symopt.conform.survey"]
    derived = module.error_bound
    monkeypatch.setattr(
        module, "error_bound", lambda *args: {name: 0.75 * bound for name, bound in derived(*args).items()}
    )
    assert main(["verify", "--deep", "sgd"]) == 1
    shown = capsys.readouterr().out
    assert re.search(r"^FAIL +sgd +default ", shown, re.MULTILINE)
    assert re.search(r"[1-9]\d* broken$", shown, re.MULTILINE)
