"""Proofs made to deceive about sums, recurrences and induction: each must be rejected."""

from fractions import Fraction as F

import pytest

from symopt.proof import Certificate, Rejected, Sequence, Statement, check
from symopt.proof.certificate import INDEX

from .attack import BEFORE, COUNT, DIRECT, ZERO, T, certificate, constant, direct, fact

FALSE = {
    "a hypothesis used at another index": certificate(
        ("=", "y", 0), direct(((), (), ((1, "y"),))), [("=", "x", 0)], {"x": F(0)}
    ),
    "a sum whose range may be reversed": certificate(
        ("=", ("sum", "i", 1, "t", 1), "t"), DIRECT, [("<=", -5, "t")], {"t": F(1)}, ["t"]
    ),
    "a sum from t that reaches below t - 1": certificate(
        ("=", ("sum", "i", "t", 0, 1), ("+", 1, ("*", -1, "t"))), DIRECT, [("<=", 0, "t")], T, ["t"]
    ),
    "a sum by Karr's convention": certificate(("=", ("sum", "i", 1, -1, 1), -1), DIRECT),
    "a sum to a real end": certificate(("=", ("sum", "i", 1, "x", 1), "x"), DIRECT, [("<=", 1, "x")], {"x": F(1)}),
    "a divisor that vanishes inside a sum": certificate(
        ("=", ("sum", "i", 0, "t", ("/", "i", "i")), ("+", "t", 1)), DIRECT, [("<=", 0, "t")], T, ["t"]
    ),
    "an index of a sum that is free elsewhere": certificate(
        ("=", ("sum", "i", 1, 2, "i"), ("*", 2, "i")), DIRECT, point={"i": F(1)}
    ),
    "an index of a sum that is an integer variable": certificate(
        ("=", ("sum", "i", 1, "i", 1), "i"), DIRECT, [("<=", 0, "i")], {"i": F(1)}, ["i"]
    ),
    "a reserved name": certificate(("=", "#1", "#1"), DIRECT),
    "a reserved name among the integers": certificate(("=", 1, 1), DIRECT, point={"#": F(0)}, integers=["#"]),
    "a reserved name hidden in a combination": certificate(("=", 0, 0), direct(((), (), (("#1", 0),)))),
    "a recurrence moved without its variable": certificate(
        ("=", ("at", "s", 0), ("+", "t", -5)),
        ("shift", "t", 5, DIRECT),
        (),
        T,
        ["t"],
        [Sequence("s", "t", ("at", "s", BEFORE))],
    ),
    "an induction over a variable of the recurrence": certificate(
        ("=", ("at", "s", 0), 0),
        ("induction", "t", 0, DIRECT, direct(((), (), ((1, ("at", "s", 0)),)), steps=[("assumed", 0)])),
        [("<=", 0, "t")],
        T,
        ["t"],
        [Sequence("s", "t", ("at", "s", BEFORE))],
    ),
    "an induction without a lower bound": certificate(
        ("<=", 0, "t"),
        ("induction", "t", 0, direct(constant(0)), direct(fact("t"), steps=[("assumed", 0)])),
        (),
        T,
        ["t"],
    ),
    "an induction that starts above the statement": certificate(
        ("<=", 0, ("+", "t", -3)),
        (
            "induction",
            "t",
            3,
            ("direct", (), (ZERO,)),
            direct(((), ((1, (("+", "t", -3),), 1), (1, (), 1)), ()), steps=[("assumed", 0)]),
        ),
        [("<=", 0, "t")],
        {"t": F(5)},
        ["t"],
    ),
    "an induction over a real": certificate(
        ("=", "x", 0), ("induction", "x", 0, DIRECT, DIRECT), [("<=", 0, "x")], {"x": F(0)}
    ),
    "an induction while another hypothesis mentions the variable": certificate(
        ("=", "y", "t"),
        ("induction", "t", 0, direct(((), (), ((1, ("+", "y", ("*", -1, "t"))),))), DIRECT),
        [("<=", 0, "t"), ("=", "y", "t")],
        {"t": F(0), "y": F(0)},
        ["t"],
    ),
    "an induction whose base assumes the claim": certificate(
        ("=", ("at", "s", "t"), 1),
        ("induction", "t", 0, direct(ZERO, steps=[("assumed", 0)]), direct(ZERO, steps=[("assumed", 0)])),
        [("<=", 0, "t")],
        T,
        ["t"],
        [COUNT],
    ),
    "an induction whose step forgets its increment": certificate(
        ("=", ("at", "s", "t"), 0),
        ("induction", "t", 0, DIRECT, direct(((), (), ((1, ("at", "s", "t")),)), steps=[("assumed", 0)])),
        [("<=", 0, "t")],
        T,
        ["t"],
        [COUNT],
    ),
    "a recurrence unfolded below its start": certificate(
        ("=", ("at", "s", "t"), ("+", ("at", "s", ("+", "t", -1)), 1)),
        DIRECT,
        [("<=", 0, "t")],
        {"t": F(1)},
        ["t"],
        [COUNT],
    ),
    "a recurrence unfolded where the index may be negative": certificate(
        ("=", ("at", "s", ("+", "t", 1)), ("+", ("at", "s", "t"), 1)),
        DIRECT,
        [("<=", -5, "t")],
        {"t": F(1)},
        ["t"],
        [COUNT],
    ),
    "an induction whose step uses what it moves": certificate(
        ("=", ("*", "t", "x"), 0),
        (
            "induction",
            "t",
            0,
            DIRECT,
            direct(((), (), ((-2, ("*", "t", "x")), ("x", ("+", "t", -1)))), steps=[("assumed", 0)]),
        ),
        [("<=", 0, "t"), ("=", "t", 1)],
        {"t": F(1)},
        ["t"],
    ),
    "an index inside a sum over the same name": certificate(
        ("=", ("sum", "i", 1, 2, ("sum", "i", 1, 3, "i")), 9), DIRECT
    ),
    "a recurrence at a negative index": certificate(("=", ("at", "s", -1), -1), DIRECT, sequences=[COUNT]),
    "a circular recurrence": certificate(
        ("=", 1, 1), DIRECT, sequences=[Sequence("s", F(0), ("+", ("at", "s", "#"), 1))]
    ),
    "recurrences that need each other": certificate(
        ("=", 1, 1), DIRECT, sequences=[Sequence("s", F(0), ("at", "r", "#")), Sequence("r", F(0), ("at", "s", "#"))]
    ),
    "a recurrence into the future": certificate(
        ("=", 1, 1), DIRECT, sequences=[Sequence("s", F(0), ("at", "s", ("+", "#", 1)))]
    ),
    "a start that reads the index": certificate(
        ("=", 1, 1), DIRECT, sequences=[Sequence("s", "#", ("at", "s", BEFORE))]
    ),
    "a sequence defined twice": certificate(("=", 1, 1), DIRECT, sequences=[COUNT, COUNT]),
    "a sequence with half a definition": certificate(("=", 1, 1), DIRECT, sequences=[Sequence("s", F(0), None)]),
    "a sequence that is not there": certificate(("=", ("at", "q", 1), ("at", "q", 1)), DIRECT),
    "an induction hypothesis out of nowhere": certificate(
        ("=", "x", 0), direct(((), (), ((1, "x"),)), steps=[("assumed", 0)])
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_deception_is_rejected(name):
    with pytest.raises(Rejected):
        check(FALSE[name])


EVERY = {
    "# itself": ("<=", INDEX, F(1)),
    "a power of #": ("<=", ("^", F(2), INDEX), F(2)),
    "a sum to #": ("<=", ("sum", "i", F(1), INDEX, F(1)), F(1)),
    "# beside a sequence": ("<=", ("*", INDEX, ("at", "g", INDEX)), F(1)),
}


@pytest.mark.parametrize("name", EVERY)
def test_a_hypothesis_that_fails_later_on_does_not_hold_for_every_index(name):
    statement = Statement((("<", F(0), F(0)),), (EVERY[name],), (), (Sequence("g"),))
    with pytest.raises(Rejected):
        check(Certificate(statement, {"g": (F(1),)}, None))
