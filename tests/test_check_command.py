"""lift and check on the command line: what they print and write, how they end, whatever the target does."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as xml

import pytest

TARGETS = """\
import os, sys, time
import numpy as np

print("imported")

def good(x, g, state, t, *, lr=0.1, mu=0.9):
    print("stepped")
    b = mu * state.get("b", np.zeros_like(x)) + g
    return x - lr * b, {"b": b}

def nesterov(x, g, state, t, *, lr=0.1, mu=0.9):
    b = mu * state.get("b", np.zeros_like(x)) + g
    return x - lr * (g + mu * b), {"b": b}

def sorting(x, g, state, t, *, lr=0.1):
    return x - lr * np.sort(g)

def loops(x, g, state, t, *, lr=0.1):
    while True:
        time.sleep(0.1)

def leaves(x, g, state, t, *, lr=0.1):
    os._exit(7)

def raises(x, g, state, t, *, lr=0.1):
    raise ValueError("no")

def nothing(x):
    return x

number = 3
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run one command in a folder with the targets; nothing ends in a traceback."""
    folder = tmp_path_factory.mktemp("targets")
    (folder / "targets.py").write_text(TARGETS)

    def call(*arguments, without=()):
        kept = {name: value for name, value in os.environ.items() if name not in without}
        command = [sys.executable, "-m", "symopt", *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=kept)
        assert "Traceback" not in done.stderr
        return done

    call.folder = folder
    return call


def test_it_conforms_and_what_the_target_prints_does_not_matter(run):
    done = run("check", "targets.py:good", "--rule", "classical_momentum", "--json", "-")
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    assert (answer["verdict"], answer["scope"], answer["hyper_map"]["mu"]) == ("conforms", "all steps", "momentum")
    assert answer["location"] == {"file": "targets.py", "line": 6}


def test_it_differs_and_reports_are_written(run):
    files = {name: run.folder / f"answer.{name}" for name in ("json", "junit", "sarif")}
    options = [part for name, file in files.items() for part in (f"--{name}", str(file))]
    done = run("check", "targets.py:nesterov", "--rule", "classical_momentum", *options)
    assert done.returncode == 1
    assert "differs from classical_momentum; nearest: classical_momentum[nesterov=True]" in done.stdout
    assert "witness" in done.stdout
    suite = xml.fromstring(files["junit"].read_text()).find("testsuite")  # noqa: S314 - our own output
    assert suite.get("failures") == "1"
    assert "Nesterov" in suite.find("testcase/failure").get("message")
    (result,) = json.loads(files["sarif"].read_text())["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("targets.py", 11)
    assert json.loads(files["json"].read_text())["verdict"] == "differs"


def test_lift_writes_the_algorithm_out(run):
    done = run("lift", "targets.py:nesterov")
    assert done.returncode == 0
    assert "b'  = b*mu + g" in done.stdout or "b' = mu*b + g" in done.stdout or "= mu*b + g" in done.stdout
    assert "stepped" not in done.stdout


def test_what_cannot_be_lifted_is_sampled_and_says_why(run):
    done = run("check", "targets.py:sorting", "--rule", "sgd")
    assert done.returncode == 1
    assert "cannot be lifted: numpy.sort (at " in done.stdout
    assert "; sampled" in done.stdout


@pytest.mark.parametrize(
    ("target", "code", "said"),
    [
        ("targets.py:loops", 3, "no answer within 4 seconds"),
        ("targets.py:leaves", 3, "exit code 7"),
        ("targets.py:raises", 3, "ValueError: no"),
        ("targets.py:absent", 2, "has no 'absent'"),
        ("targets.py:number", 2, "int"),
        ("targets.py:nothing", 2, "no optimizer"),
        ("targets.py", 2, "package.module:object"),
        ("no_such_module_at_all:adam", 2, "no_such_module_at_all"),
    ],
)
def test_what_a_target_does_ends_in_one_clear_answer(run, target, code, said):
    done = run("check", target, "--rule", "sgd", "--timeout", "4")
    assert done.returncode == code
    assert said in done.stdout + done.stderr
    if code == 2:
        assert len(done.stderr.strip().splitlines()[-1:]) == 1
        assert done.stdout == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [(("--rule", "nope"), "nope"), (("--timeout", "0"), "timeout"), (("--set", "lr"), "NAME=VALUE")],
)
def test_bad_usage_is_refused_before_the_target_is_imported(run, options, said):
    done = run("check", "targets.py:good", *options)
    assert done.returncode == 2
    assert said in done.stderr
    assert "imported" not in done.stdout + done.stderr


@pytest.mark.frameworks
def test_keras_needs_no_backend_in_the_environment(run):
    pytest.importorskip("jax")
    import importlib.util

    if importlib.util.find_spec("keras") is None:
        pytest.skip("keras is not installed")
    done = run("check", "keras.optimizers:Adam", "--rule", "adam", without=("KERAS_BACKEND",))
    assert done.returncode == 1
    assert "epsilon hat" in done.stdout
