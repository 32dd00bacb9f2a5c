"""The pytest plugin: what a project states of its optimizers holds or fails, in words; reports; a light start."""

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

from symopt.conform.conformance import Conformance, Nearest
from symopt.conform.stated import Statement, reach
from symopt.language import InputError

README = Path(__file__).parents[2] / "README.md"
HEAVY = {"numpy", "sympy", "numba", "scipy", "z3", "typer", "torch", "jax"}

TARGETS = """\
import time
import warnings
import numpy as np

def sgd(x, g, state, t, *, lr=0.1):
    print("stepped")
    warnings.warn("it is slow")
    return x - lr * g

def ascent(x, g, state, t, *, lr=0.1, turned=False):
    return x - lr * g if turned else x + lr * g

def doubled(x, g, state, t, *, lr=0.1):
    return x - 2 * lr * g

def inverted(x, g, state, t, *, lr=0.1):
    return x - 1 / (1 / (lr * g))

def noisy(x, g, state, t, *, lr=0.1):
    return x - lr * np.sort(g) * np.random.random()

def loops(x, g, state, t, *, lr=0.1):
    while True:
        time.sleep(0.1)
"""

WORDS = "in the line x: -lr*g*2 instead of -lr*g"
#: Of each statement its arguments, and what is said where it does not hold.
OBJECTS = {
    "conforms": ("targets.sgd, 'sgd'", ()),
    "differs": ("targets.ascent, 'sgd'", ("differs from sgd", "witness", "state differs='sgd[maximize=True]'")),
    "differs_as_stated": ("targets.ascent, 'sgd', differs='sgd[maximize=True]'", ()),
    "differs_in_words": (f"targets.doubled, 'sgd', differs='{WORDS}'", ()),
    "differs_otherwise": (
        "targets.ascent, 'sgd', differs='sgd[decay=coupled]'",
        ("differs from sgd: sgd[decay=coupled]; against sgd[decay=coupled] the answer is 'differs': no weight decay",),
    ),
    "differs_in_other_words": (
        "targets.doubled, 'sgd', differs='in the line x: nothing'",
        ("differs from sgd: in the line x: nothing", f"state differs='{WORDS}'"),
    ),
    "healed": (
        "targets.sgd, 'sgd', differs='sgd[maximize=True]'",
        ("conforms to sgd, all steps", "it conforms: leave differs out"),
    ),
    "set": ("targets.ascent, 'sgd', settings={'turned': True}", ()),
    "unknown": ("targets.noisy, 'sgd', scope='sampled'", ("unknown against sgd", "numpy.sort")),
    "unknown_if_different": (
        "targets.noisy, 'sgd', differs='sgd[maximize=True]'",
        ("not decided whether it differs",),
    ),
    "no_rule": ("targets.sgd, 'sdg'", ("conforms: unknown rule 'sdg'",)),
    "rule_object": ("'targets:sgd', symopt.rule('sgd')", ()),
    "no_object": (
        "'targets:nothing', symopt.rule('sgd')",
        ("conforms: target = 'targets:nothing': targets has no 'nothing'",),
    ),
    "no_target": ("3, 'sgd'", ("conforms: target = int",)),
    "no_scope": ("targets.sgd, 'sgd', scope='most steps'", ("conforms: scope = 'most steps': must be",)),
    "no_time": ("targets.sgd, 'sgd', timeout=5", ("conforms: timeout = 5: is for a target",)),
}
NAMES = {
    "printing": ("'targets.py:sgd', 'sgd'", ()),
    "too_little": (
        "'targets:inverted', 'sgd'",
        ("only this was shown: sampled (a divisor may be zero", "state scope='sampled'"),
    ),
    "looping": ("'targets:loops', 'sgd', timeout=3", ("unknown against sgd", "no answer within 3 seconds")),
    "no_time": ("'targets:sgd', 'sgd', timeout=0", ("conforms: timeout = 0: must be a number of seconds > 0",)),
}


def project(folder, cases):
    """A folder with the targets and a test for each case."""
    tests = (f"def test_{name}(conforms):\n    conforms({call})\n" for name, (call, _) in cases.items())
    (folder / "targets.py").write_text(TARGETS)
    (folder / "test_stated.py").write_text("\n".join(("import symopt\nimport targets\n", *tests)))
    return folder


def run_pytest(folder, *options):
    """Run pytest on the folder, as a project that knows its markers and lets no warning pass."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--strict-markers", "-W", "error", *options]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=kept)
    assert "INTERNALERROR" not in done.stdout + done.stderr
    return done


def outcomes(file):
    """Of each test in a JUnit XML file the text of its failure, or "", and its properties."""
    cases = xml.parse(file).iter("testcase")  # noqa: S314 - our own output
    return {
        case.get("name").removeprefix("test_"): (
            "\n".join(part.text for part in case if part.tag in ("failure", "error")),
            {part.get("name"): part.get("value") for part in case.iter("property")},
        )
        for case in cases
    }


@pytest.fixture(scope="module")
def objects(tmp_path_factory):
    """What is stated of objects, in one process."""
    folder = project(tmp_path_factory.mktemp("objects"), OBJECTS)
    done = run_pytest(folder, "-n0", "--junitxml=j.xml", "--symopt-json=out/a.json", "--symopt-sarif=out/a.sarif")
    assert done.returncode == 1
    return folder


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    """What is stated of targets by their names, each in a process of its own."""
    folder = project(tmp_path_factory.mktemp("names"), NAMES)
    done = run_pytest(folder, "--junitxml=j.xml", "--symopt-json=a.json", "--symopt-sarif=a.sarif")
    assert done.returncode == 1
    assert "stepped" not in done.stdout + done.stderr
    return folder


@pytest.mark.parametrize(
    ("run", "name", "parts"),
    [("objects", name, parts) for name, (_, parts) in OBJECTS.items()]
    + [("named", name, parts) for name, (_, parts) in NAMES.items()],
)
def test_a_statement_holds_or_fails_in_words(request, run, name, parts):
    said, _ = outcomes(request.getfixturevalue(run) / "j.xml")[name]
    assert bool(said) == bool(parts), said
    assert all(part in said for part in parts), said
    assert "Traceback" not in said
    assert not re.search(r"^(E |>|\S+\.py:\d)", said, re.MULTILINE), "nobody's code is shown, only the answer"


def test_the_answers_stand_in_the_junit_file(objects):
    _, said = outcomes(objects / "j.xml")["differs"]
    assert said == {
        "symopt_target": "targets:ascent",
        "symopt_rule": "sgd",
        "symopt_verdict": "differs",
        "symopt_scope": "",
        "symopt_nearest": "sgd[maximize=True]",
        "symopt_difference": "the sign of the gradient turned (maximize) (maximize = True) instead of the gradient "
        "descended",
    }
    assert outcomes(objects / "j.xml")["conforms"][1]["symopt_scope"] == "all steps"


def test_the_json_file_holds_every_answer_in_the_order_of_the_tests(objects):
    found = {answer["test"]["id"].partition("::test_")[2]: answer for answer in read(objects / "out" / "a.json")}
    assert list(found) == [name for name in OBJECTS if not name.startswith("no_")]
    assert all(bool(answer["failure"]) == bool(OBJECTS[name][1]) for name, answer in found.items())
    answer = found["differs_as_stated"]
    assert answer["stated"] == {"differs": "sgd[maximize=True]", "scope": "all steps"}
    assert (answer["verdict"], answer["instead"]["verdict"]) == ("differs", "conforms")
    assert (answer["test"]["file"], answer["location"]["file"]) == ("test_stated.py", "targets.py")


def read(file):
    return json.loads(file.read_text(encoding="utf-8"))


def test_the_sarif_file_has_a_result_for_all_that_is_not_as_stated(objects):
    log = read(objects / "out" / "a.sarif")
    assert (log["version"], log["$schema"]) == ("2.1.0", "https://json.schemastore.org/sarif-2.1.0.json")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"] == "symopt"
    for rule in rules:  # what GitHub requires of a rule
        assert all(rule[part]["text"] for part in ("shortDescription", "fullDescription", "help"))
    levels = {"differs": "error", "unknown": "warning", "conforms": "warning"}  # conforms, but not as it is stated
    assert {rule["id"] for rule in rules} == set(levels)
    broken = [answer for answer in read(objects / "out" / "a.json") if answer["failure"]]
    assert [result["ruleId"] for result in run["results"]] == [answer["verdict"] for answer in broken]
    lines = TARGETS.splitlines()
    for result, answer in zip(run["results"], broken, strict=True):
        assert result["level"] == levels[result["ruleId"]]
        assert answer["failure"] in result["message"]["text"]
        (location,) = (place["physicalLocation"] for place in result["locations"])
        assert location["artifactLocation"] == {"uri": "targets.py"}
        name = answer["target"].partition(":")[2]
        assert lines[location["region"]["startLine"] - 1].startswith(f"def {name}(")


def test_what_is_no_file_of_the_project_is_shown_at_the_test(named):
    results = read(named / "a.sarif")["runs"][0]["results"]
    assert [result["ruleId"] for result in results] == ["conforms", "unknown"]
    _, place = (result["locations"][0]["physicalLocation"] for result in results)
    line = (named / "test_stated.py").read_text().splitlines().index("def test_looping(conforms):") + 1
    assert place == {"artifactLocation": {"uri": "test_stated.py"}, "region": {"startLine": line}}


def test_a_sharded_run_writes_the_same_files(objects):
    done = run_pytest(objects, "-n2", "--symopt-json=out/b.json", "--symopt-sarif=out/b.sarif")
    assert done.returncode == 1
    assert "created: 2/2 workers" in done.stdout
    assert done.stdout.count(f"symopt: JSON in {objects / 'out' / 'b.json'}") == 1
    for form in ("json", "sarif"):
        assert (objects / "out" / f"b.{form}").read_bytes() == (objects / "out" / f"a.{form}").read_bytes()


def test_the_start_of_pytest_loads_only_the_plugin(tmp_path):
    (tmp_path / "test_light.py").write_text(
        "import sys\n\n"
        "def loaded():\n"
        "    return {name for name in sys.modules if name.partition('.')[0] == 'symopt'}, "
        f"{HEAVY} & set(sys.modules)\n\n"
        "def test_before():\n"
        "    assert loaded() == ({'symopt', 'symopt.integrations', 'symopt.integrations.pytest_plugin'}, set())\n\n"
        "def test_after(conforms):\n"
        "    conforms(loaded, 'sgd')\n\n"
        "def test_the_watch_sees_what_is_loaded():\n"
        "    assert 'symopt.conform.check' in loaded()[0] and 'sympy' in loaded()[1]\n"
    )
    done = run_pytest(tmp_path, "-p", "no:hypothesispytest")
    assert "1 failed, 2 passed" in done.stdout, done.stdout
    assert "conforms: target" in done.stdout


def test_a_file_that_cannot_be_written_is_refused_at_once(tmp_path):
    done = run_pytest(tmp_path, f"--symopt-sarif={tmp_path}")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--symopt-sarif: file = " in done.stderr
    assert "Traceback" not in done.stderr


def test_collecting_writes_nothing(tmp_path):
    (tmp_path / "test_none.py").write_text("def test_none():\n    pass\n")
    assert run_pytest(tmp_path, "--collect-only", "--symopt-json=a.json").returncode == 0
    assert not (tmp_path / "a.json").exists()


def conforming(scope):
    return Conformance("mine", "sgd", "conforms", scope, Nearest("sgd", "sgd", 0)).to_json()


@pytest.mark.parametrize(
    ("found", "demanded", "enough"),
    [
        ("all steps", "all steps", True),
        ("first 2 steps", "all steps", False),
        ("first 2 steps", "first 2 steps", True),
        ("first 2 steps", "first 10 steps", False),
        ("first 1 steps", "sampled", True),
        ("sampled", "first 1 step", False),
        ("sampled", "sampled", True),
    ],
)
def test_more_steps_are_enough_and_fewer_are_not(found, demanded, enough):
    assert (Statement("sgd", scope=demanded).failure([conforming(found)]) == "") == enough
    differing = conforming("all steps") | {"verdict": "differs"}
    instead = Statement("adam", differs="sgd", scope=demanded)
    assert (instead.failure([differing, conforming(found)]) == "") == enough


@pytest.mark.parametrize("scope", ["first 0 steps", "first steps", "all", "", None, 2])
def test_what_is_no_scope_is_refused(scope):
    with pytest.raises(InputError, match="scope = "):
        reach(scope)


@pytest.mark.parametrize(
    ("differs", "rules"),
    [
        ("", ("adam",)),
        ("lion", ("adam", "lion")),
        ("adam[eps_placement=hat, decay=coupled]", ("adam", "adam[eps_placement=hat, decay=coupled]")),
        ("rules/own.py:mine[a=b]", ("adam", "rules/own.py:mine[a=b]")),
        (WORDS, ("adam",)),
    ],
)
def test_a_difference_is_a_rule_or_words(differs, rules):
    assert Statement("adam", differs).rules == rules


def test_the_workflow_of_the_readme(tmp_path):
    """Ten lines; its command, but for the number of processes, run on the README's own test."""
    text = README.read_text(encoding="utf-8")
    (workflow,) = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = workflow.splitlines()
    assert len(lines) == 10
    for name, body in re.findall(r"^```python\n# ((?:test_)?mine\.py)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        (tmp_path / name).write_text(body)
    (options,) = (line.partition("&& pytest ")[2].split() for line in lines if "&& pytest " in line)
    done = run_pytest(tmp_path, *("0" if option == "auto" else option for option in options))
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout
    (uploaded,) = re.findall(r"sarif_file: ([\w.]+)", workflow)
    assert read(tmp_path / uploaded)["runs"][0]["results"] == []
