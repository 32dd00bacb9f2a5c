"""``symopt prove --rocq``: what it marks, lists and fails on."""

import json
import re
import shutil

import pytest

from symopt.cli import main

rocq = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc (Debian's package coq) is not installed")
INTEGER_OF_ANY_SIGN = '''
from sympy import Symbol
from symopt.theorems import Claim, theorem

n = Symbol("n", integer=True)


@theorem(cites="a test")
def square():
    """A square is not negative."""
    yield Claim(n**2 >= 0, mutant=n**2 > 0)
'''


@rocq
def test_the_command_marks_what_rocq_accepts(tmp_path, capsys):
    file = tmp_path / "out.json"
    assert main(["prove", "weights_sum", "--rocq", "--json", str(file)]) == 0
    assert capsys.readouterr().out.endswith("Rocq: 1 certificate: 1 accepted, 0 rejected, 0 open\n")
    (entry,) = json.loads(file.read_text())
    assert entry["checked_by"] == ["internal", "rocq"]


@rocq
def test_the_command_fails_on_what_rocq_rejects(tmp_path, capsys, monkeypatch):
    import symopt.proof.rocq as module

    less = module.prelude().replace("Lemma sum_ext ", "Lemma sum_other ")
    monkeypatch.setattr(module, "prelude", lambda: less)
    file = tmp_path / "out.json"
    assert main(["prove", "weights_sum", "--rocq", "--json", str(file)]) == 1
    assert "FAIL  weights_sum: Rocq: coqc rejects the proof\n" in capsys.readouterr().out
    (entry,) = json.loads(file.read_text())
    assert entry["checked_by"] == ["internal"]


@rocq
def test_the_command_fails_where_too_much_is_not_covered(tmp_path, capsys):
    file = tmp_path / "square.py"
    file.write_text(INTEGER_OF_ANY_SIGN)
    assert main(["prove", str(file), "--rocq"]) == 1
    assert "open  square: Rocq: not supported: the integer n may be negative" in capsys.readouterr().out


def test_the_command_without_coqc_is_bad_usage(capsys, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert main(["prove", "weights_sum", "--rocq"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert re.fullmatch("symopt: coqc is not on the PATH; .*\n", printed.err)
