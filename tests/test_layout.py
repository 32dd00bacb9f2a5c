"""The house stays small: lines per file, and what may stand at the top of the repository."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOP = {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "symopt", "tests", "derivations"}
DEBRIS = {"build", "dist", "__pycache__"}


def limit(path):
    """The number of lines that a file of the package (its path from the root) may have."""
    return 60 if path.parts[:2] == ("symopt", "rules") and path.name != "__init__.py" else 399


def too_long(lengths):
    """The files with more lines than they may have, from path to number of lines."""
    return [str(path) for path, length in lengths.items() if length > limit(path)]


def stray(entries):
    """The names that have no business at the top."""
    return sorted(name for name in entries if name not in TOP and not name.startswith("."))


def top_entries():
    """What git tracks at the top; in an unpacked archive, what lies there, but for what building leaves behind."""
    listed = subprocess.run(["git", "-C", ROOT, "ls-files"], capture_output=True, text=True, check=False)
    if (ROOT / ".git").exists() and listed.returncode == 0:
        return {line.split("/")[0] for line in listed.stdout.splitlines()}
    return {p.name for p in ROOT.iterdir() if p.name not in DEBRIS and p.suffix != ".egg-info"}


def test_files_are_short():
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in (ROOT / "symopt").rglob("*.py")}
    assert len(lengths) > 10
    assert not too_long(lengths)


def test_nothing_strays_at_the_top():
    entries = top_entries()
    assert {"pyproject.toml", "symopt"} <= entries
    assert not stray(entries)


@pytest.mark.parametrize(
    ("path", "length", "found"),
    [
        ("symopt/rules/adam.py", 60, False),
        ("symopt/rules/adam.py", 61, True),
        ("symopt/rules/__init__.py", 399, False),
        ("symopt/proof/search.py", 399, False),
        ("symopt/proof/search.py", 400, True),
    ],
)
def test_a_planted_long_file_is_named(path, length, found):
    assert too_long({Path(path): length}) == ([path] if found else [])


def test_a_planted_stray_file_is_named():
    assert stray({*TOP, ".github", "notes.txt", "setup.py"}) == ["notes.txt", "setup.py"]
