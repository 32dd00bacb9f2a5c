"""Two algorithms side by side: what is the same is not marked, what differs is."""

import pytest

from symopt.present.diff import side_by_side
from symopt.rules import find, names


@pytest.mark.parametrize("name", names())
def test_a_rule_does_not_differ_from_itself(name):
    for line in side_by_side(find(name), find(name)).splitlines():
        half = line.rstrip()
        assert not half.endswith("<")
        assert " | " not in half
        assert not half.lstrip().startswith(">")


def test_what_differs_is_marked():
    text = side_by_side(find("adam"), find("adam", eps_placement="inside"))
    lines = [line for line in text.splitlines() if " | " in line]
    assert len(lines) == 1
    assert "sqrt(v_hat) + eps" in lines[0]
    assert "sqrt(v_hat + eps)" in lines[0]


def test_a_line_of_one_alone_stands_alone():
    text = side_by_side(find("momentum"), find("sgd"))
    assert any(line.endswith("<") and "momentum" in line for line in text.splitlines())
    back = side_by_side(find("sgd"), find("momentum"))
    assert any(" > " in line and "momentum" in line for line in back.splitlines())
