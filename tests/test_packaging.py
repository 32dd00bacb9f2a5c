"""What is installed: the version, the wheel's content, the dependencies, and nothing heavy on import."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import symopt

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
FRAMEWORKS = {"torch", "jax", "jaxlib", "optax", "keras", "tensorflow", "pytorch-optimizer"}


def packages(requirements):
    """The names of the packages that are required."""
    return {re.match(r"[\w.-]+", requirement)[0].lower() for requirement in requirements}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this source tree, built without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (file,) = folder.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        yield archive


def test_the_version_is_stated_once():
    assert re.fullmatch(r"\d+\.\d+\.\d+", symopt.__version__)
    assert PROJECT["dynamic"] == ["version"]
    assert f"## {symopt.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "symopt").rglob("*") if path.is_file()}
    expected = {file for file in files if "__pycache__" not in file}
    info = f"symopt-{symopt.__version__}.dist-info"
    assert {name for name in wheel.namelist() if not name.startswith(f"{info}/")} == expected
    assert "symopt/py.typed" in expected
    entries = wheel.read(f"{info}/entry_points.txt").decode()
    assert "symopt = symopt.cli:main" in entries
    assert "[pytest11]\nsymopt = symopt.integrations.pytest_plugin" in entries
    assert f"{info}/licenses/LICENSE" in wheel.namelist()


def test_the_wheel_says_what_the_project_says(wheel):
    info = f"symopt-{symopt.__version__}.dist-info"
    metadata = importlib.metadata.PathDistribution(zipfile.Path(wheel, f"{info}/")).metadata
    assert metadata["Version"] == symopt.__version__
    assert metadata["License-Expression"] == "MIT"
    assert set(metadata.get_all("Provides-Extra")) == {"test", "frameworks", "oracle", "dev"}


def test_the_base_and_the_tests_need_no_framework():
    extras = PROJECT["optional-dependencies"]
    assert not packages(PROJECT["dependencies"]) & FRAMEWORKS
    assert not packages(extras["test"]) & FRAMEWORKS
    assert {"torch", "jax", "optax", "keras", "pytorch-optimizer"} <= packages(extras["frameworks"])
    assert "torch==2.13.*" in extras["frameworks"]


def imported_packages():
    """The packages outside the standard library that symopt's own files import."""
    nodes = [node for file in (ROOT / "symopt").rglob("*.py") for node in ast.walk(ast.parse(file.read_text()))]
    named = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    named += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
    found = {name.partition(".")[0] for name in named}
    return found - set(sys.stdlib_module_names) - {"symopt"}


def test_what_is_declared_is_what_is_imported():
    modules = importlib.metadata.packages_distributions()
    # llvmlite is Numba's own, in the version that Numba pins; z3 is the extra "oracle", and the frameworks are one too:
    # imported where they are there. The plugin of pytest is imported by pytest alone.
    others = {"llvmlite", "z3", "pytest", *FRAMEWORKS}
    used = {name.lower() for module in imported_packages() - others for name in modules.get(module, [module])}
    assert used == packages(PROJECT["dependencies"])


def test_importing_symopt_loads_the_standard_library_alone():
    code = "import sys; before = set(sys.modules); import symopt; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "symopt" in loaded
    assert loaded - {"symopt"} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--help"], {"numba", "sympy", "scipy", "numpy"}),
        (["--version"], {"numba", "sympy", "scipy", "numpy"}),
        (["nonsense"], {"numba", "scipy"}),
        (["list"], {"numba", "scipy"}),
        (["show", "adam"], {"numba", "scipy"}),
    ],
)
def test_commands_load_only_what_they_need(arguments, unwanted):
    code = (
        "import sys\n"
        "from symopt.cli import main\n"
        "main(sys.argv[1:])\n"
        "print('LOADED', *{name.partition('.')[0] for name in sys.modules})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.partition("LOADED")[2].split())
    assert "typer" in loaded
    assert not loaded & unwanted
