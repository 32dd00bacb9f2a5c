"""Work shared out among processes: in order, with its errors, and in this process where that is enough."""

import math
import os

import pytest

from symopt import parallel
from symopt.parallel import WORTH, in_processes, processors

MANY = list(range(3 * WORTH))


@pytest.fixture(params=[1, 2])
def shared(request, monkeypatch):
    """On one processor, and on two."""
    monkeypatch.setattr(parallel, "processors", lambda: request.param)
    return request.param


def test_results_are_in_the_order_of_the_items(shared):
    assert list(in_processes(math.factorial, MANY)) == [math.factorial(n) for n in MANY]


@pytest.mark.skipif(not os.path.lexists("/proc/self"), reason="only Linux tells a process its number by a link")
def test_one_processor_needs_no_other_process(shared):
    numbers = set(in_processes(os.readlink, ["/proc/self"] * len(MANY)))
    assert (str(os.getpid()) in numbers) == (shared == 1)
    assert len(numbers) <= shared


def test_few_items_stay_here(monkeypatch):
    monkeypatch.setattr(parallel, "ProcessPoolExecutor", None)
    assert list(in_processes(abs, [-1] * (2 * WORTH - 1))) == [1] * (2 * WORTH - 1)


def test_what_work_raises_is_raised_at_its_turn(shared):
    found = in_processes(math.sqrt, [4.0] * (len(MANY) - 1) + [-1.0])
    assert [next(found) for _ in MANY[1:]] == [2.0] * (len(MANY) - 1)
    with pytest.raises(ValueError, match=r"math domain|nonnegative"):
        next(found)


def test_the_start_comes_before_the_work(shared):
    assert list(in_processes(abs, MANY, os.getpid)) == MANY


def test_processors():
    assert 1 <= processors() <= (os.cpu_count() or 1)
