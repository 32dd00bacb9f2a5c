"""The whole test run keeps its kernels in a directory of its own, shared with every process it starts."""

import atexit
import os
import shutil
import tempfile

# At import, so that workers and subprocesses inherit it; SYMOPT_TEST_CACHE tells a worker that it did.
if "SYMOPT_TEST_CACHE" not in os.environ:
    os.environ["SYMOPT_TEST_CACHE"] = tempfile.mkdtemp(prefix="symopt-tests-")
    atexit.register(shutil.rmtree, os.environ["SYMOPT_TEST_CACHE"], ignore_errors=True)
os.environ["SYMOPT_CACHE_DIR"] = os.environ["SYMOPT_TEST_CACHE"]
