"""Imports run one way, as ARROWS says; and importing symopt loads nothing heavy."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "symopt"

#: Each room and the rooms it may import from. What is not a room (the package itself, the commands) may import all.
ARROWS = {
    "language": set(),
    "rules": {"language"},
    "wrappers": {"language"},
    "proof": {"language"},
    "theorems": {"language", "proof", "rules"},
    "codegen": {"language"},
    # an optimizer takes a rule by its name; parallel counts the processors
    "runtime": {"codegen", "language", "rules", "parallel"},
    "rounding": {"language", "codegen"},
    "lifting": {"language"},
    # verify holds each kernel against its hand-written twin, so conform reads reference too
    "conform": {"language", "rules", "proof", "theorems", "codegen", "rounding", "lifting", "reference"},
    "reference": set(),
    # the pytest plugin is a front end, as the commands are: it asks as ``symopt check`` does
    "integrations": {"language", "proof", "conform", "present", "files", "commands"},
    # the derivations and the audit of the article are written from the theorems and their proofs
    "present": {"language", "proof", "theorems"},
}
TOP = {
    "__init__.py",
    "__main__.py",
    "api.py",
    "arguments.py",
    "cli.py",
    "commands.py",
    "files.py",
    "parallel.py",
    "terminal.py",
}

#: Rooms and files that may import only these packages beside the standard library.
ONLY = {"reference": {"numpy"}, "proof/checker.py": set()}

LAZY = {"sympy", "numba", "z3", "scipy"}
FRAMEWORKS = {"torch", "jax", "optax", "keras"}


def imported(source, package):
    """Every module that the source imports, absolute: ``from a import b`` gives a.b, which a module or a name is."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = parts[: len(parts) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def violations(path, source):
    """The imports of a file (its path from symopt/) that go against the arrows, each with the reason."""
    room = path.parts[0]
    if len(path.parts) == 1:
        return [] if room in TOP else [f"symopt/{path}: only {', '.join(sorted(TOP))} stand beside the rooms"]
    if room not in ARROWS:
        return [f"symopt/{path}: the room {room!r} has no arrows"]
    found = []
    only = ONLY.get(room, ONLY.get(path.as_posix()))
    for name in imported(source, ".".join(["symopt", *path.parts[:-1]])):
        top, _, rest = name.partition(".")
        target = rest.split(".")[0]
        if top == "symopt" and rest != "__version__" and target not in ARROWS[room] | {room}:
            found.append(f"symopt/{path} imports {name}; {room} may import {sorted(ARROWS[room]) or 'nothing of ours'}")
        if top != "symopt" and only is not None and top not in only | set(sys.stdlib_module_names):
            found.append(f"symopt/{path} imports {name}; it may import only {sorted(only) or 'the standard library'}")
    return found


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_run_one_way(path):
    assert not violations(path.relative_to(PACKAGE), path.read_text())


@pytest.mark.parametrize(
    ("path", "planted"),
    [
        ("language/domain.py", "from symopt.rules import find"),
        ("language/domain.py", "from symopt import rules"),
        ("language/domain.py", "from .. import proof"),
        ("language/domain.py", "import symopt.codegen.kernel"),
        ("language/domain.py", "import symopt"),
        ("rules/adam.py", "from symopt.proof import prove"),
        ("proof/search.py", "def f():\n    from ..theorems import all_of_them"),
        ("proof/checker.py", "import sympy as sp"),
        ("proof/checker.py", "from numpy import array"),
        ("codegen/lowering.py", "if TYPE_CHECKING:\n    from symopt.lifting import lift"),
        ("lifting/numpy.py", "from symopt.codegen import kernel"),
        ("conform/verify.py", "from symopt.runtime import Optimizer"),
        ("reference/adam.py", "from symopt.language import sqrt"),
        ("reference/adam.py", "import scipy.special"),
        ("present/text.py", "from symopt.cli import main"),
        ("elsewhere/new.py", "import ast"),
        ("loose.py", "import ast"),
    ],
)
def test_a_planted_import_is_named(path, planted):
    (message,) = violations(Path(path), f"import math\n{planted}\n")
    assert message.startswith(f"symopt/{path}")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("rules/__init__.py", "from symopt.language import Rule"),
        ("language/stating.py", "from .domain import Hyper"),
        ("theorems/ema.py", "from symopt import rules"),
        ("proof/checker.py", "from fractions import Fraction"),
        ("reference/adam.py", "import numpy as np"),
        ("codegen/printing.py", "from symopt import __version__"),
        ("cli.py", "from symopt.runtime import Optimizer"),
    ],
)
def test_an_allowed_import_is_let_through(path, allowed):
    assert not violations(Path(path), allowed)


def loaded_by(code):
    """The top-level modules that were loaded, or only asked for, while a fresh interpreter ran the code."""
    watch = (
        "import sys\n"
        "asked = set()\n"
        "class Watch:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        asked.add(name.split('.')[0])\n"
        "sys.meta_path.insert(0, Watch())\n"
    )
    show = "\nprint('\\n'.join(sorted(asked)))"
    run = subprocess.run(
        [sys.executable, "-c", watch + code + show], cwd=PACKAGE.parent, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


def test_importing_symopt_is_light():
    loaded = loaded_by("import symopt; dir(symopt)")
    assert "symopt" in loaded
    assert not loaded & (LAZY | FRAMEWORKS)


def test_no_module_imports_a_framework_but_that_which_is_named_after_it():
    walk = (
        "import importlib, pkgutil, symopt\n"
        "for module in pkgutil.walk_packages(symopt.__path__, 'symopt.'):\n"
        f"    own = module.name.split('.')[-1]\n"
        f"    if own.split('_')[0] not in {FRAMEWORKS} and own != '__main__': importlib.import_module(module.name)\n"
    )
    loaded = loaded_by(walk)
    assert "sympy" in loaded, "the rooms were really imported"
    assert not loaded & FRAMEWORKS


@pytest.mark.parametrize("name", sorted(LAZY | FRAMEWORKS))
def test_the_watch_sees_what_is_imported(name):
    assert name in loaded_by(f"try:\n    import {name}\nexcept ImportError:\n    pass\n")
