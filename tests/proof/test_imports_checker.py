"""The trusted checker runs on the standard library alone, and stays short."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

PROOF = Path(__file__).parents[2] / "symopt" / "proof"
TRUSTED = {
    "certificate": 230, "polynomial": 60, "facts": 140, "normal": 350, "elementary": 100, "algebraic": 180,
    "evaluation": 170, "checker": 300,
}  # fmt: skip

#: Loads the trusted files under a bare package of their own, checks a true and a false certificate given as JSON.
ALONE = """
import json, sys, types
from fractions import Fraction
from importlib import import_module

package = types.ModuleType("trusted")
package.__path__ = [sys.argv[1]]
sys.modules["trusted"] = package
checker, data = import_module("trusted.checker"), import_module("trusted.certificate")

def plain(value):
    if isinstance(value, list):
        return tuple(map(plain, value))
    return Fraction(value) if isinstance(value, int) else value

def verdict(claim, proof):
    try:
        checker.check(data.Certificate(data.Statement(plain(claim)), {}, plain(proof)))
    except checker.Rejected:
        return "rejected"
    return "accepted"

print(json.dumps({"verdicts": [verdict(*c) for c in json.loads(sys.argv[2])], "modules": sorted(sys.modules)}))
"""

SQUARE = ["^", ["+", "x", "y"], 2]
PROOF_OF_IT = ["direct", [], [[[], [], []]]]
TRUE = [[["=", SQUARE, ["+", ["*", "x", "x"], ["*", 2, "x", "y"], ["*", "y", "y"]]]], PROOF_OF_IT]
FALSE = [[["=", SQUARE, ["+", ["*", "x", "x"], ["*", "y", "y"]]]], PROOF_OF_IT]


def test_it_decides_with_the_standard_library_alone():
    run = subprocess.run(
        [sys.executable, "-S", "-c", ALONE, PROOF, json.dumps([TRUE, FALSE])],
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(run.stdout)
    assert answer["verdicts"] == ["accepted", "rejected"]
    tops = {name.split(".")[0] for name in answer["modules"]}
    assert {f"trusted.{name}" for name in TRUSTED} == {m for m in answer["modules"] if m.startswith("trusted.")}
    assert tops - set(sys.stdlib_module_names) <= {"trusted", "__main__", "__mp_main__"}
    assert not tops & {"sympy", "numpy", "z3", "scipy", "symopt"}


def imported(source):
    """Every module that the source imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(f".{node.module}" if node.level else node.module.split(".")[0])
    return found


@pytest.mark.parametrize("name", TRUSTED)
def test_a_trusted_file_imports_the_standard_library_and_trusted_files(name):
    allowed = set(sys.stdlib_module_names) | {f".{trusted}" for trusted in TRUSTED}
    assert imported((PROOF / f"{name}.py").read_text()) <= allowed


def test_a_planted_import_is_seen():
    assert imported("def f():\n    import sympy\n    from .search import find_proof\n") == {"sympy", ".search"}


@pytest.mark.parametrize("name", TRUSTED)
def test_a_trusted_file_is_read_in_one_sitting(name):
    assert len((PROOF / f"{name}.py").read_text().splitlines()) <= TRUSTED[name]
