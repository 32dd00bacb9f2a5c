"""The cache: one compilation for all processes to come, whatever happens to the files meanwhile."""

import json
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest

from symopt import rules
from symopt.api import compile
from symopt.codegen import CacheError, cache, compile_program, places
from symopt.language import SymoptError

SCRIPT = """
import json, os
import numpy as np
from symopt.api import compile
kernel = compile("momentum")
x = np.ones(3, "float32")
kernel(x, np.ones(3, "float32"), t=1, lr=0.5, **kernel.init(x))
assert x.tolist() == [0.5] * 3
stats = kernel.stats
found = [sum(stats.cache_hits.values()), sum(stats.cache_misses.values()), str(kernel.path)]
os.write(1, f"{json.dumps(found)}\\n".encode())  # whole, also when sixteen write at once
"""


def start(directory, **environment):
    env = {
        name: value for name, value in os.environ.items() if name not in ("NUMBA_CACHE_DIR", "PYTHONDONTWRITEBYTECODE")
    }
    env |= {"SYMOPT_CACHE_DIR": str(directory)} | environment
    return subprocess.Popen([sys.executable, "-c", SCRIPT], env=env, stdout=subprocess.PIPE, text=True)


def finish(process):
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    hits, misses, path = json.loads(output)
    return hits, misses, path


@pytest.mark.parametrize("bytecode", [{}, {"PYTHONDONTWRITEBYTECODE": "1"}])
@pytest.mark.parametrize("own", [False, True])
def test_a_second_process_loads_what_the_first_compiled(tmp_path, bytecode, own):
    environment = bytecode | ({"NUMBA_CACHE_DIR": str(tmp_path / "numba")} if own else {})
    first = finish(start(tmp_path / "cache", **environment))
    second = finish(start(tmp_path / "cache", **environment))
    assert first[:2] == (0, 1)
    assert second[:2] == (1, 0)
    assert first[2] == second[2]


def test_two_fresh_processes_at_once(tmp_path):
    found = [finish(process) for process in [start(tmp_path), start(tmp_path)]]
    assert sorted(entry[:2] for entry in found) == [(0, 1), (1, 0)]
    assert finish(start(tmp_path))[:2] == (1, 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_sixteen_processes_at_once(tmp_path):
    script = f"import os, symopt.api\nfor _ in range(4): os.fork()\n{SCRIPT}"
    env = os.environ | {"SYMOPT_CACHE_DIR": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, timeout=120, check=True
    )
    found = [json.loads(line)[:2] for line in run.stdout.splitlines()]
    assert sorted(found) == [[0, 1], *[[1, 0]] * 15]


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """Compile as a fresh process would, in a directory of the test's own; gives the kernel, checked to work."""
    monkeypatch.setenv("SYMOPT_CACHE_DIR", str(tmp_path))

    def run():
        monkeypatch.setattr(cache, "_loaded", {})
        kernel, x = compile("momentum"), np.ones(3, "float32")
        kernel(x, np.ones(3, "float32"), t=1, lr=0.5, **kernel.init(x))
        assert x.tolist() == [0.5] * 3
        return kernel

    return run


def counts(kernel):
    return sum(kernel.stats.cache_hits.values()), sum(kernel.stats.cache_misses.values())


DAMAGE = {
    "emptied": lambda content: b"",
    "cut short": lambda content: content[: len(content) // 2],
    "garbage": lambda content: bytes(255 - byte for byte in content),
    "garbage in its middle": lambda content: content[:2000] + b"\xcc" * (len(content) - 4000) + content[-2000:],
    "longer": lambda content: content + b"\n\x00junk",
    "gone": None,
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("suffix", [".nbi", ".nbc", ".py", ".sha256"])
def test_a_damaged_file_heals(fresh, tmp_path, suffix, damage):
    kernel = fresh()
    assert counts(kernel) == (0, 1)
    (file,) = (file for file in tmp_path.rglob(f"{kernel.path.stem}*") if file.suffix == suffix)
    before, alter = file.read_bytes(), DAMAGE[damage]
    file.unlink() if alter is None else file.write_bytes(alter(before))
    healed = counts(fresh())
    if suffix == ".py":  # of the same content again: versions of Numba differ on whether that is the same file
        assert file.read_bytes() == before
        assert healed in [(0, 1), (1, 0)]
    else:
        assert healed == (0, 1)
    assert counts(fresh()) == (1, 0)


def test_stored_code_that_cannot_be_loaded_is_made_again(fresh, tmp_path):
    """As written, but not what this Numba can read."""
    kernel = fresh()
    (index,) = tmp_path.rglob("*.nbi")
    index.write_bytes(index.read_bytes()[:-9])
    kernel.path.with_suffix(".sha256").write_text(json.dumps(cache._digests(kernel.path)))
    assert counts(fresh()) == (0, 1)
    assert counts(fresh()) == (1, 0)


def test_a_file_that_is_as_it_should_be_is_not_touched(fresh):
    path = fresh().path
    before = path.stat()
    assert fresh().path == path
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_nothing_is_left_over(fresh, tmp_path):
    kernel = fresh()
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == sorted(["__pycache__", *(kernel.path.stem + end for end in (".lock", ".py", ".sha256"))])
    assert kernel.path.read_text() == kernel.source


def test_the_name_says_rule_and_dtype_and_depends_on_all_that_matters(fresh, monkeypatch):
    kernel = fresh()
    assert kernel.path.name.startswith("momentum_float32_")
    key = cache._key(kernel.source)
    assert key in kernel.path.name
    assert cache._key(kernel.source.replace("numba ", "numba 9")) != key
    assert cache._key(kernel.source.replace("v_1", "v_2")) != key
    monkeypatch.setattr(cache.binding, "get_host_cpu_name", lambda: "another-cpu")
    assert cache._key(kernel.source) != key


def test_one_process_compiles_a_kernel_once():
    first, second = compile("sgd"), compile_program(rules.find("sgd").program)
    assert first == second
    assert first.function is second.function


def test_an_unusable_directory_that_was_asked_for_is_an_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    asked = str(tmp_path / "file" / "cache")
    monkeypatch.setenv("SYMOPT_CACHE_DIR", asked)
    with pytest.raises(
        CacheError, match=r"SYMOPT_CACHE_DIR = .*must be a directory that can be made and written to"
    ) as error:
        compile("sgd")
    assert asked in str(error.value)
    assert isinstance(error.value, SymoptError)


@pytest.fixture
def no_home(tmp_path, monkeypatch):
    """A home, and every other default, under a regular file; temporary files go to the test's own directory."""
    (tmp_path / "file").write_text("")
    for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "file" / "home"))
    monkeypatch.delenv("SYMOPT_CACHE_DIR")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    places._fallback.cache_clear()
    yield tmp_path
    places._fallback.cache_clear()


def test_a_home_that_cannot_be_written_falls_back_with_one_warning(no_home):
    with pytest.warns(UserWarning, match="cannot be written to; kernels are cached in") as caught:
        kernel = compile("sgd")
    assert len(caught) == 1
    assert kernel.path.parent.parent == no_home
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compile("sgd").path == kernel.path


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="POSIX permissions")
def test_a_fallback_that_others_can_write_to_is_not_used(no_home):
    shared = no_home / f"symopt-{os.getuid()}"
    shared.mkdir()
    shared.chmod(0o777)
    with pytest.warns(UserWarning, match="cannot be written to"):
        path = compile("sgd").path
    assert path.parent != shared
    assert path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({"XDG_CACHE_HOME": "{}/xdg"}, "xdg/symopt"), ({"HOME": "{}/home", "XDG_CACHE_HOME": ""}, "home/.cache/symopt")],
)
@pytest.mark.skipif(os.name == "nt", reason="POSIX locations")
def test_default_locations(environment, expected, tmp_path, monkeypatch):
    monkeypatch.delenv("SYMOPT_CACHE_DIR")
    for name, value in environment.items():
        monkeypatch.setenv(name, value.format(tmp_path))
    assert places.directory() == tmp_path / Path(expected)
