"""The commands as processes: exit codes, interrupts, readers that leave, and what a terminal shows."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from symopt.rules import names

ROOT = Path(__file__).parents[1]
ESCAPE = "\x1b"


def start(*arguments, **options):
    """A real process."""
    environment = {**os.environ, **options.pop("env", {})}
    return subprocess.Popen(
        [sys.executable, "-m", "symopt", *map(str, arguments)], cwd=ROOT, env=environment, **options
    )


def test_a_process_ends_with_the_exit_code():
    for arguments, code in (("--version",), 0), (("nonsense",), 2):
        process = start(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        out, err = process.communicate(timeout=60)
        assert process.returncode == code
        assert (out if code == 0 else err).startswith("symopt")
        assert "Traceback" not in err


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_leaves_early(unbuffered):
    process = start(
        "list", env={"PYTHONUNBUFFERED": unbuffered}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(timeout=60) == 141


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX")
def test_an_interrupt():
    process = start("verify", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.readline()  # at work
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err


def in_terminal(*arguments, **environment):
    """Everything that a command shows in a terminal of 60 columns, and its exit code."""
    import pty
    import struct
    from fcntl import ioctl
    from termios import TIOCSWINSZ

    controller, terminal = pty.openpty()
    ioctl(terminal, TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    streams = {"stdin": terminal, "stdout": terminal, "stderr": terminal}
    process = start(*arguments, env={"TERM": "xterm-256color", "NO_COLOR": "", "COLUMNS": "", **environment}, **streams)
    os.close(terminal)
    shown, deadline = b"", time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            part = os.read(controller, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(controller)
    return shown.decode(), process.wait(timeout=60)


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX")
@pytest.mark.parametrize("command", [("verify", "sgd"), ("prove", "weights_sum")])
def test_a_terminal_shows_a_progress_bar(command):
    shown, code = in_terminal(*command)
    assert code == 0
    assert ESCAPE in shown
    assert "━" in shown
    assert re.search(r"\d/\d", shown)
    assert "ok" in shown


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX")
def test_no_color_means_plain_lines_in_a_terminal():
    shown, code = in_terminal("prove", "weights_sum", NO_COLOR="1")
    assert code == 0
    assert ESCAPE not in shown
    assert "━" not in shown
    assert "1 theorem: 1 proved" in shown


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX")
def test_a_narrow_terminal_loses_nothing():
    shown, code = in_terminal("list")
    assert code == 0
    assert ESCAPE in shown or "\n" in shown
    squeezed = re.sub(r"\s|\x1b\[[\d;]*m", "", shown)
    for name in names():
        assert name in squeezed
    assert "…" not in shown
