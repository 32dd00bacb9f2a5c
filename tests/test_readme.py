"""The README: what it shows is run, and what it lists is generated. Run as a script, this writes both into it."""

import ast
import contextlib
import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PROOF = ROOT / "symopt" / "proof"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def rules_table():
    """The table of the catalog."""
    from symopt.present import catalog_table
    from symopt.rules import find, names

    return catalog_table(map(find, names()))


def trusted_files(name="checker", found=()):
    """The checker's file and all that it imports of ours."""
    if name in found:
        return found
    found = (*found, name)
    for node in ast.walk(ast.parse((PROOF / f"{name}.py").read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            found = trusted_files(node.module, found)
    return found


def trusted_lines():
    """The size of the trusted checker."""
    names = trusted_files()
    lines = sum(len((PROOF / f"{name}.py").read_text().splitlines()) for name in names)
    files = ", ".join(f"`{name}.py`" for name in names)
    return f"The checker is {lines} lines of Python in `symopt/proof` ({files}) that import the standard library alone."


def run_blocks(text, folder):
    """Run the README's blocks in order; each that is followed by a text block, as (block, shown, real output).

    A python block that starts with a file's name is that file. The two installations are left to CI.
    """
    shown, output, block = [], None, ""
    for language, body in FENCE.findall(text):
        if language == "text":
            shown.append((block, body, output))
            output = None
            continue
        block, output = body, None
        if language == "sh" and not body.startswith("python3 -m venv"):
            output = run_shell(body, folder)
        elif language == "python" and (name := re.match(r"# (\w+\.py)\n", body)):
            (folder / name[1]).write_text(body)
        elif language == "python":
            with contextlib.chdir(folder):
                output = run_python(body)
    return shown


def run_shell(line, folder):
    """What a ``symopt`` command prints; it must succeed."""
    program, *arguments = shlex.split(line)
    assert program == "symopt", f"the README shows a command that is not run by the tests: {line}"
    command = [sys.executable, "-m", "symopt", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_python(source):
    """What the code prints."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(source, "README.md", "exec"), {"__name__": "readme"})  # noqa: S102 - our own README
    return printed.getvalue()


def with_tables(text):
    """The text with what stands between its markers generated anew."""
    for marker, content in (("rules", rules_table()), ("trusted", trusted_lines())):
        pattern = re.compile(rf"(<!-- {marker} -->\n).*?(<!-- end -->)", re.DOTALL)
        text, count = pattern.subn(lambda match, content=content: f"{match[1]}{content}\n{match[2]}", text)
        assert count == 1, f"README.md needs <!-- {marker} --> ... <!-- end -->, once"
    return text


def with_outputs(text, folder):
    """The text with every text block holding what the block before it prints."""
    for block, shown, output in run_blocks(text, folder):
        assert output is not None, f"no output belongs to the text block after:\n{block}"
        text = text.replace(f"{block}```\n```text\n{shown}```", f"{block}```\n```text\n{output}```")
    return text


OUTDATED = "README.md is out of date: python tests/test_readme.py writes it anew"


def test_what_is_generated_is_up_to_date():
    text = README.read_text(encoding="utf-8")
    assert text == with_tables(text), OUTDATED


def test_what_is_shown_is_what_comes_out(tmp_path):
    text = README.read_text(encoding="utf-8")
    assert text == with_outputs(text, tmp_path), OUTDATED


def test_the_trusted_files_import_the_standard_library_alone():
    names = trusted_files()
    assert {"checker", "certificate"} <= set(names)
    for name in names:
        for node in ast.walk(ast.parse((PROOF / f"{name}.py").read_text())):
            if isinstance(node, ast.Import):
                assert all(alias.name.partition(".")[0] in sys.stdlib_module_names for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                assert node.module.partition(".")[0] in sys.stdlib_module_names


def test_every_block_is_of_a_kind_that_is_run():
    text = README.read_text(encoding="utf-8")
    kinds = [language for language, _ in FENCE.findall(text)]
    assert set(kinds) == {"sh", "python", "text", "yaml"}  # yaml: tests/integrations
    assert text.count("```") == 2 * len(kinds)


def test_the_first_screen_has_exactly_two_commands():
    before, _, _ = README.read_text(encoding="utf-8").partition("\n## ")
    blocks = FENCE.findall(before)
    assert [language for language, _ in blocks] == ["sh", "sh"]
    main, tests = (body.strip() for _, body in blocks)
    assert main.endswith("pip install . && symopt verify")
    assert "pip install -e '.[test]' && pytest" in tests
    assert len(before.splitlines()) <= 24


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<!-- rules -->\n", "<!-- rules -->\n| `nadam` |\n"),
        ("<!-- trusted -->\n", "<!-- trusted -->\nThe checker is 3 lines.\n"),
    ],
)
def test_a_planted_table_is_seen(old, new):
    right = with_tables(README.read_text(encoding="utf-8"))
    planted = right.replace(old, new)
    assert planted != with_tables(planted) == right


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("```text\nproved\n", "```text\nunknown\n"),
        ("(1 - beta1) * mean", "(2 - beta1) * mean"),
        ("s.x - s.lr * sign", "s.x + s.lr * sign"),
    ],
)
def test_a_planted_falsehood_is_seen(old, new, tmp_path):
    (section,) = (part for part in README.read_text(encoding="utf-8").split("\n## ") if old in part)
    section = re.sub(r"^```sh\nsymopt verify .*\n```$", "", section, flags=re.MULTILINE)
    planted = section.replace(old, new)
    assert planted != with_outputs(planted, tmp_path)


def test_a_failing_command_is_seen(tmp_path):
    with pytest.raises(AssertionError, match="unknown rule 'adma'"):
        run_blocks("```sh\nsymopt show adma\n```\n", tmp_path)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        made = with_outputs(with_tables(README.read_text(encoding="utf-8")), Path(scratch))
    README.write_text(made, encoding="utf-8")
