"""The commands: what they print, what they write, how they end; no bad input ends in a traceback."""

import errno
import inspect
import json
import math
import os
import re
from pathlib import Path

import pytest

from symopt.cli import _json, main
from symopt.language import InputError
from symopt.present import FORMATS
from symopt.rules import find, names

ESCAPE = "\x1b"

SIGN_DESCENT = '''\
from symopt.language import rate, rule, sign, switch

@rule(cites="a user", lr=rate(0.1))
def sign_descent(s, *, broken=switch()):
    """A step of fixed size."""
    s.x = s.x - s.lr * (sign(s.g) if not broken else s.g.no_such_attribute)

@rule(cites="a user", lr=rate(0.1))
def plain(s):
    """A step."""
    s.x = s.x - s.lr * s.g

not_a_rule = 3
'''

THEOREMS = '''\
from sympy import Symbol
from symopt.theorems import Claim, theorem

x, y = Symbol("x"), Symbol("y")

@theorem(cites="a user")
def {name}():
    """A user's theorem."""
    yield Claim({claim}, mutant={mutant})
'''


@pytest.fixture
def call(capsys):
    """Run one command in this process: exit code, stdout, stderr."""

    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        assert ESCAPE not in printed.out + printed.err
        assert "Traceback" not in printed.err
        return code, printed.out, printed.err

    return run


@pytest.fixture
def user_file(tmp_path):
    """Write a user's file; its path."""

    def write(source, name="mine.py"):
        (tmp_path / name).write_text(source)
        return tmp_path / name

    return write


def theorem_file(user_file, name, claim, mutant):
    return user_file(THEOREMS.format(name=name, claim=claim, mutant=mutant), f"{name}.py")


# What comes out


def test_list_names_every_rule(call):
    code, out, _ = call("list")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[1:]] == names()
    assert all(find(name).cites in out for name in names())


def test_list_in_json(call):
    code, out, _ = call("list", "--json")
    assert code == 0
    assert [entry["name"] for entry in json.loads(out)] == names()


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", names())
def test_show(call, name, format):
    code, out, _ = call("show", name, "--format", format)
    assert code == 0
    assert out == FORMATS[format](find(name)).rstrip("\n") + "\n"


@pytest.mark.parametrize("variant", [v for name in names() for v in find(name).variants()], ids=lambda v: v.label)
def test_show_sets_every_option(call, variant):
    settings = [part for name, value in variant.setting.items() for part in ("--set", f"{name}={value}")]
    code, out, _ = call("show", variant.name, *settings)
    assert code == 0
    assert out == FORMATS["text"](variant) + "\n"


@pytest.mark.parametrize(
    ("given", "exact"),
    [
        ("0.1", "1/10"),
        ("1e-300", f"1/{10**300}"),
        ("1_0", "10"),
        ("0.1000000000000000000001", f"{10**21 + 1}/{10**22}"),
    ],
)
def test_a_default_is_set_exactly(call, given, exact):
    code, out, _ = call("show", "adam", "--set", f"lr={given}", "--format", "json")
    assert code == 0
    (lr,) = (hyper for hyper in json.loads(out)["hyperparameters"] if hyper["name"] == "lr")
    assert lr["default_exact"] == exact


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_kernel_prints_and_writes_the_same_source(call, tmp_path, dtype):
    from symopt.codegen import kernel_source

    source = kernel_source(find("adam", eps_placement="hat").program, dtype)
    file = tmp_path / "kernel.py"
    arguments = ("kernel", "adam", "--dtype", dtype, "--set", "eps_placement=hat")
    assert call(*arguments) == (0, source, "")
    assert call(*arguments, "--out", file) == (0, "", "")
    assert file.read_text() == source
    assert [path.name for path in tmp_path.iterdir()] == ["kernel.py"]


def test_a_users_rule(call, user_file):
    code, out, _ = call("show", f"{user_file(SIGN_DESCENT)}:sign_descent")
    assert code == 0
    assert "x - lr*sign(g)" in out


# Theorems


def test_prove_prints_a_line_for_each(call, tmp_path):
    code, out, _ = call("prove", "weights_sum", "--json", tmp_path / "out.json")
    assert code == 0
    head, line, summary = out.splitlines()
    assert head.split() == ["verdict", "expected", "certificate", "seconds", "theorem", "statement"]
    assert re.match(r"ok +proved +proved +\w+ +\d+\.\d\d +weights_sum +Sum\(", line)
    assert summary == "1 theorem: 1 proved, 0 refuted as expected, 0 not"
    (entry,) = json.loads((tmp_path / "out.json").read_text())
    assert {"name", "statement", "verdict", "expected", "certificate", "checked_by", "seconds"} <= set(entry)
    assert (entry["verdict"], entry["checked_by"]) == ("proved", ["internal"])


def test_prove_to_stdout_is_json_alone(call):
    code, out, _ = call("prove", "weights_sum", "--json", "-")
    assert code == 0
    assert [entry["name"] for entry in json.loads(out)] == ["weights_sum"]


def test_a_failing_line_is_marked(call, user_file):
    file = theorem_file(user_file, "wrong", "x**2 > 0", "x**2 <= 0")
    code, out, _ = call("prove", file, "--json", "-")
    assert code == 1
    assert [entry["verdict"] for entry in json.loads(out)] == ["refuted"]
    code, out, _ = call("prove", file)
    assert code == 1
    assert re.search(r"^FAIL +refuted +proved +counterexample .* wrong ", out, re.MULTILINE)
    assert "witness: x = 0" in out
    assert out.endswith("0 proved, 0 refuted as expected, 1 not\n")


def test_a_true_mutant_fails(call, user_file):
    code, out, _ = call("prove", theorem_file(user_file, "weak", "x**2 >= 0", "x**2 >= -1"))
    assert code == 1
    assert re.search(r"^FAIL +proved +proved ", out, re.MULTILINE)
    assert "mutant" in out


# Verification


def test_verify_prints_a_row_for_each_variant(call, tmp_path):
    code, out, _ = call("verify", "sgd", "--json", tmp_path / "out.json")
    assert code == 0
    rows = out.splitlines()
    labels = [variant.label for variant in find("sgd").variants()]
    assert [row.split()[:2] for row in rows[1:-1]] == [["ok", label] for label in labels]
    assert rows[-1] == f"{len(labels)} rule variants: {len(labels)} verified, 0 failed"
    entries = json.loads((tmp_path / "out.json").read_text())
    assert [(entry["rule"], entry["ok"]) for entry in entries] == [(label, True) for label in labels]


def test_verify_names_rule_and_stage_of_what_fails(call, monkeypatch):
    """A twin that steps the wrong way: the rule and the stage are named, in the text and in the JSON."""
    import symopt.reference.sgd as twin

    right = twin.sgd

    def wrong(x, g, state, t, **named):
        return right(x, -g, state, t, **named)

    wrong.__signature__ = inspect.signature(right)
    monkeypatch.setattr(twin, "sgd", wrong)
    code, out, _ = call("verify", "sgd")
    assert code == 1
    assert re.search(r"^FAIL  sgd +", out, re.MULTILINE)
    assert re.search(r"^FAIL  sgd: reference: .*not the rule", out, re.MULTILINE)
    code, out, _ = call("verify", "sgd", "--json", "-")
    assert code == 1
    assert {failure["stage"] for failure in json.loads(out)[0]["failures"]} >= {"reference"}


def test_json_has_no_number_for_infinity():
    assert json.loads(_json({"ratio": math.inf, "all": [math.nan, 1.5]})) == {"ratio": "inf", "all": ["nan", 1.5]}


# Bad usage: one line that names what is wrong and what is allowed, and nothing on stdout

BAD = [
    ((), "Missing command"),
    (("nonsense",), "No such command 'nonsense'"),
    (("--nonsense",), "No such option: --nonsense"),
    (("show",), "Missing argument 'RULE'"),
    (("show", "adam", "sgd"), "unexpected extra argument"),
    (("show", "adma"), "unknown rule 'adma'; the catalog has: adabelief, adabound, adadelta, adafactor, adagrad, adam"),
    (("show", "adam", "--format", "html"), "format = 'html': must be one of text, latex, markdown, json"),
    (("show", "adam", "--set", "lr"), "--set = 'lr': must be NAME=VALUE"),
    (("show", "adam", "--set", "=1"), "--set = '=1': must be NAME=VALUE"),
    (("show", "adam", "--set", "lr=1", "--set", "lr=2"), "--set gives lr twice: '1' and '2'"),
    (("show", "adam", "--set", "nu=1"), "adam has no 'nu' to set; options: bias_correction, decay, eps_placement"),
    (
        ("show", "adam", "--set", "eps_placement=left"),
        "eps_placement = 'left': must be one of outside, inside, hat, both",
    ),
    (("show", "adam", "--set", "weight_decay=0.1"), "weight_decay = '0.1': adam does not read weight_decay"),
    (("kernel", "adam", "--dtype", "int8"), "dtype = 'int8': must be one of float32, float64"),
    (("kernel", "adam", "--out", "/no/such/folder/k.py"), "'/no/such/folder/k.py': must be a file that can be written"),
    (("kernel", "adam", "--out", "."), "file = '.': must be a file that can be written (Is a directory)"),
    (("prove", "no_such_theorem"), "theorem = 'no_such_theorem': must be"),
    (("prove", "missing.py"), "file = 'missing.py': must be an existing .py file"),
    (("prove", "weights_sum", "--json", "/no/such/folder/o.json"), "must be a file that can be written"),
    (("verify", "adma"), "unknown rule 'adma'"),
    (("verify", "sgd", "adma"), "unknown rule 'adma'"),
    (("verify", "sgd", "--json", "/no/such/folder/o.json"), "must be a file that can be written"),
    (("show", "missing.py:mine"), "file = 'missing.py': must be an existing .py file"),
    (("show", "__import__('os').system('touch hacked')"), "unknown rule"),
]


@pytest.mark.parametrize(
    ("arguments", "message"), BAD, ids=lambda value: " ".join(value) if type(value) is tuple else ""
)
def test_bad_usage(call, arguments, message):
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("symopt: ")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "value",
    ["1", "-0.1", "nan", "NaN", "sNaN", "inf", "-inf", "", " ", "half", "1/2", "0x1", "1e9999999999", "0.9; import os"],
)
def test_a_hyperparameter_outside_its_domain(call, value):
    code, out, err = call("show", "adam", "--set", f"beta1={value}")
    assert (code, out) == (2, "")
    assert err == f"symopt: beta1 = {value!r}: must be a decimal number in the range of float64, 0 <= beta1 < 1\n"


@pytest.mark.parametrize("setting", ["lr=1e-400", "lr=1e400", "lr=0", "eps=1e-400", "eps=1e-999999999", "eps=-1e-400"])
def test_a_hyperparameter_that_no_float64_can_hold(call, setting):
    code, out, err = call("kernel", "adam", "--set", setting)
    assert (code, out) == (2, "")
    assert "must be a decimal number in the range of float64, 0 <" in err


@pytest.mark.parametrize("command", ["show", "kernel", "verify"])
@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("raise ValueError('two\\nlines')", "ValueError: two lines (line 1)"),
        ("raise SystemExit(0)", "SystemExit: 0 (line 1)"),
        ("def mine(:", "SyntaxError"),
        ("mine = 3", "states no rule called 'mine'"),
        ("other = 3", "states no rule called 'mine'"),
    ],
)
def test_a_users_file_that_states_no_rule(call, user_file, command, source, message):
    code, out, err = call(command, f"{user_file(source)}:mine")
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("arguments", [("show", "--set", "broken=true"), ("verify",)])
def test_a_users_rule_that_raises(call, user_file, arguments):
    command, *rest = arguments
    code, out, err = call(command, f"{user_file(SIGN_DESCENT)}:sign_descent", *rest)
    assert (code, out) == (2, "")
    assert "no_such_attribute" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("raise ValueError('no')", "ValueError: no (line 1)"),
        ("x = 1", "states no theorem"),
        (THEOREMS.format(name="mine", claim="x / None > 0", mutant="x > 0"), "TypeError"),
        (THEOREMS.format(name="mine", claim="x > 0", mutant="None"), "mine carries no mutant"),
    ],
)
def test_a_users_file_that_states_no_theorem(call, user_file, source, message):
    code, out, err = call("prove", user_file(source))
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_a_defect_of_the_library_is_not_dressed_as_bad_usage(monkeypatch):
    monkeypatch.setattr("symopt.rules.find", lambda name: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["show", "adam"])


# Files


def test_an_existing_file_is_replaced_whole(call, tmp_path):
    file = tmp_path / "kernel.py"
    file.write_text("old")
    file.chmod(0o640)
    assert call("kernel", "sgd", "--out", file)[0] == 0
    assert "old" not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(call, tmp_path):
    (tmp_path / "real.py").write_text("old")
    (tmp_path / "link.py").symlink_to(tmp_path / "real.py")
    assert call("kernel", "sgd", "--out", tmp_path / "link.py")[0] == 0
    assert (tmp_path / "link.py").is_symlink()
    assert "def step" in (tmp_path / "real.py").read_text()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs POSIX")
def test_a_device_is_written_to_and_not_replaced(call):
    assert call("kernel", "sgd", "--out", os.devnull)[0] == 0
    assert not Path(os.devnull).is_file()


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    from symopt.files import write_atomically

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    file = tmp_path / "out.json"
    file.write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left"):
        write_atomically(file, "new")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]
