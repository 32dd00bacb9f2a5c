"""The whole test run keeps its kernels in a directory of its own, and fails if it executes no test."""

import atexit
import os
import shutil
import tempfile

import pytest

# At import, so that workers and subprocesses inherit it; SYMOPT_TEST_CACHE tells a worker that it did.
if "SYMOPT_TEST_CACHE" not in os.environ:
    os.environ["SYMOPT_TEST_CACHE"] = tempfile.mkdtemp(prefix="symopt-tests-")
    atexit.register(shutil.rmtree, os.environ["SYMOPT_TEST_CACHE"], ignore_errors=True)
os.environ["SYMOPT_CACHE_DIR"] = os.environ["SYMOPT_TEST_CACHE"]


@pytest.fixture
def certificates():
    """Proofs are kept, as the commands keep them: what one test found is only checked in the others."""
    from symopt.cli import remember_certificates
    from symopt.proof.store import remember

    remember_certificates()
    yield
    remember(None)


def pytest_sessionfinish(session):
    """A run in which every test was skipped ends like one that found none, with exit code 5."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.exitstatus == 0 and reporter and not session.config.option.collectonly:
        executed = [kind for kind in ("passed", "xfailed", "xpassed") if reporter.stats.get(kind)]
        if not executed and not hasattr(session.config, "workerinput"):
            session.exitstatus = 5
