"""What CI relies on: a run that executes no test fails, and CI runs the README's own command."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROOT = TESTS.parent


@pytest.mark.parametrize(
    ("body", "options", "code"),
    [
        ("pass", [], 0),
        ("pass", ["-n", "2"], 0),
        ("pass", ["--collect-only"], 0),
        ("pytest.skip('not installed')", [], 5),
        ("pytest.skip('not installed')", ["-n", "2"], 5),
        ("pass", ["-k", "nothing_of_this_name"], 5),
        ("pytest.fail('no')", [], 1),
    ],
)
def test_a_run_that_executes_nothing_fails(tmp_path, body, options, code):
    (tmp_path / "test_it.py").write_text(f"import pytest\n\ndef test_it():\n    {body}\n")
    command = [sys.executable, "-m", "pytest", "-p", "conftest", "-p", "no:cacheprovider", *options, tmp_path]
    environment = {**os.environ, "PYTHONPATH": f"{TESTS}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr


def test_ci_finds_the_readmes_test_command():
    script = (ROOT / ".ci" / "run").read_text()
    pattern = re.search(r'grep -E "(.*)" README', script)[1]
    found = subprocess.run(["grep", "-E", pattern, ROOT / "README.md"], capture_output=True, text=True, check=False)
    assert found.stdout.count("\n") == 1
    assert found.stdout.endswith("pytest -n auto\n")
