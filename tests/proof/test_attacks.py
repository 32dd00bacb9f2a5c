"""Certificates made to deceive: each is for a false or a meaningless statement, and each must be rejected."""

from fractions import Fraction as F

import pytest

from symopt.proof import Certificate, Rejected, Sequence, Statement, check
from symopt.proof.certificate import INDEX

ZERO = ((), (), ())  # shows what normalises to 0 = 0
DIRECT = ("direct", (), (ZERO,))
BEFORE = ("+", "#", F(-1))


def constant(c):
    """The combination that shows a positive number to be positive."""
    return ((), ((c, (), 1),), ())


def fact(*terms):
    """The combination that names known terms."""
    return ((), ((1, terms, 1),), ())


def direct(*combinations, steps=()):
    return ("direct", tuple(steps), tuple(combinations))


def certificate(claim, proof, given=(), point=None, integers=(), sequences=()):
    return Certificate(Statement((claim,), tuple(given), tuple(integers), tuple(sequences)), dict(point or {}), proof)


SQRT2 = ("sqrt", 2)
COUNT = Sequence("s", F(0), ("+", ("at", "s", BEFORE), 1))
T = {"t": F(0)}

FALSE = {
    "nothing is claimed": Certificate(Statement(()), {}, direct()),
    "a plain falsehood": certificate(("=", 0, 1), DIRECT),
    "a positive float too small for the arithmetic": certificate(
        ("<", 0, 0), direct(((), ((5e-324, (F(1, 8),), 1),), ()))
    ),
    "a float that rounds": certificate(("<=", 0, ("*", "x", 0)), direct(((), ((1e-400, ("x",), 1),), ()))),
    "a relation that the checker does not know": certificate((">", 0, 1), direct(constant(1))),
    "a strict claim from a weak combination": certificate(
        ("<", 0, "x"), direct(fact("x")), [("<=", 0, "x")], {"x": F(0)}
    ),
    "a square taken for positive": certificate(
        ("<", 0, ("^", "x", 2)), direct(((), ((1, (), "x"),), ())), point={"x": F(0)}
    ),
    "a zero coefficient taken for positive": certificate(("<", 0, 0), direct(((), ((0, (), 1),), ()))),
    "a negative coefficient": certificate(("<=", 1, 0), direct(((), ((-1, (), 1),), ()))),
    "a claim scaled by zero": certificate(("=", 1, 2), direct(((0,), (), ()))),
    "a claim scaled by what may be zero": certificate(
        ("<=", "y", 0), direct((("x",), (), (("y", "x"),))), [("=", "x", 0)], {"x": F(0)}
    ),
    "an equality by a term that is not zero": certificate(
        ("=", "x", 1), direct(((), (), ((1, ("+", 1, ("*", -1, "x"))),)))
    ),
    "an equality by a term that is not zero, turned": certificate(
        ("=", 1, "x"), direct(((), (), ((1, ("+", "x", -1)),)))
    ),
    "a hypothesis used at another index": certificate(
        ("=", "y", 0), direct(((), (), ((1, "y"),))), [("=", "x", 0)], {"x": F(0)}
    ),
    "contradictory hypotheses": certificate(
        ("=", 0, 1), direct(((), (), ((1, 1),))), [("=", "x", 0), ("=", "x", 1)], {"x": F(0)}
    ),
    "a point that breaks a hypothesis": certificate(("<", 0, "x"), direct(fact("x")), [("<", 0, "x")], {"x": F(0)}),
    "a hypothesis that divides by zero at the point": certificate(
        ("=", 1, 1), DIRECT, [("=", ("/", 1, "x"), ("/", 1, "x"))], {"x": F(0)}
    ),
    "x/x": certificate(("=", ("/", "x", "x"), 1), DIRECT),
    "0 * (1/x)": certificate(("=", ("*", 0, ("/", 1, "x")), 0), DIRECT),
    "1/0": certificate(("=", ("/", 1, 0), ("/", 1, 0)), DIRECT),
    "the root's square of what may be negative": certificate(("=", ("^", ("sqrt", "x"), 2), "x"), DIRECT),
    "the root of a negative number": certificate(("=", ("sqrt", -1), ("sqrt", -1)), DIRECT),
    "a root said to be a negative number": certificate(
        ("=", ("sqrt", ("*", "x", "x")), "x"), direct(ZERO, steps=[("root", ("*", "x", "x"), "x")])
    ),
    "a negative power of what may be zero": certificate(("=", ("^", "x", -1), ("^", "x", -1)), DIRECT),
    "0^-1": certificate(("=", ("^", 0, -1), 0), DIRECT),
    "0^0 = 0": certificate(("=", ("^", "x", 0), 0), DIRECT),
    "a power with a real exponent": certificate(("=", ("^", 2, "x"), ("^", 2, "x")), DIRECT),
    "a power with an exponent that may be negative": certificate(
        ("=", ("^", "x", "t"), ("^", "x", "t")), DIRECT, point=T, integers=["t"]
    ),
    "an irrational exponent taken for an integer": certificate(
        ("<=", ("^", F(1, 4), ("+", SQRT2, -1)), F(1, 4)),
        direct(fact(("+", F(1, 4), ("*", -1, ("^", F(1, 4), ("+", SQRT2, -1)))))),
        [("<", 1, SQRT2)],
    ),
    "a reciprocal taken for an integer": certificate(
        ("=", ("^", 2, ("/", 1, "t")), ("^", 2, ("/", 1, "t"))), DIRECT, [("<=", 1, "t")], {"t": F(2)}, ["t"]
    ),
    "a value of a sequence taken for an integer": certificate(
        ("=", ("at", "s", ("at", "g", 1)), 0), DIRECT, point={"g": (F(0),)}, sequences=[Sequence("g"), COUNT]
    ),
    "half an integer taken for one": certificate(
        ("=", ("^", 2, ("*", F(1, 2), "t")), ("^", 2, ("*", F(1, 2), "t"))),
        DIRECT,
        [("<=", 1, "t")],
        {"t": F(2)},
        ["t"],
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
    "a power of a negative number taken to shrink": certificate(
        ("<=", ("^", -2, "t"), 1), direct(fact(("+", 1, ("*", -1, ("^", -2, "t"))))), [("<=", 0, "t")], T, ["t"]
    ),
    "a power taken to shrink from its zeroth on": certificate(
        ("<=", ("^", F(1, 2), "t"), F(1, 2)),
        direct(fact(("+", F(1, 2), ("*", -1, ("^", F(1, 2), "t"))))),
        [("<=", 0, "t")],
        T,
        ["t"],
    ),
    "a hypothesis that holds to a hundred digits": certificate(
        ("=", 0, 1), None, [("=", ("*", SQRT2, SQRT2), 2 + F(1, 10**200))]
    ),
    "a counterexample that divides by what may be zero": certificate(
        ("=", ("/", 1, ("+", ("*", SQRT2, SQRT2), -2)), 1), None
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
    "cases that leave a gap": certificate(
        ("=", ("abs", "x"), "x"), ("cases", (), 0, "x", DIRECT, ("direct", (), (fact("x"),)))
    ),
    "facts of one case used in the other": certificate(
        ("<=", 0, "x"), ("cases", (), 0, "x", direct(fact("x")), direct(fact("x")))
    ),
    "roots of one case used in the other": certificate(
        ("=", ("^", ("sqrt", "x"), 2), "x"), ("cases", (), 0, "x", DIRECT, DIRECT)
    ),
    "cases on what may be undefined": certificate(("=", 1, 1), ("cases", (), 0, ("/", 1, "x"), DIRECT, DIRECT)),
    "a rewriting that is not known": certificate(("=", "x", 1), direct(ZERO, steps=[("rewrite", "x", 1)])),
    "a rewriting of a sum of atoms": certificate(
        ("=", "x", 0),
        direct(ZERO, steps=[("rewrite", ("+", "x", "y"), 0)]),
        [("=", ("+", "x", "y"), 0)],
        {"x": F(0), "y": F(0)},
    ),
    "a rewriting of twice an atom": certificate(
        ("=", "x", 2), direct(ZERO, steps=[("rewrite", ("*", 2, "x"), 2)]), [("=", ("*", 2, "x"), 2)], {"x": F(1)}
    ),
    "a rewriting of a square": certificate(
        ("=", "x", 1), direct(ZERO, steps=[("rewrite", ("*", "x", "x"), 1)]), [("=", ("*", "x", "x"), 1)], {"x": F(1)}
    ),
    "a step that shows what is not": certificate(("=", 1, 1), direct(ZERO, steps=[("show", ("=", "x", 0), ZERO)])),
    "a hypothesis out of nowhere": certificate(("=", "x", 0), direct(((), (), ((1, "x"),)), steps=[("given", 0)])),
    "an induction hypothesis out of nowhere": certificate(
        ("=", "x", 0), direct(((), (), ((1, "x"),)), steps=[("assumed", 0)])
    ),
    "an unknown step": certificate(("=", 1, 1), direct(ZERO, steps=[("believe", ("=", "x", 0))])),
    "a strengthening that drops the claim": certificate(("=", 0, 1), ("strengthen", (("=", 0, 0),), DIRECT)),
    "a strengthening with an unknown relation": certificate(
        ("=", 1, 1), ("strengthen", ((">", 0, 1),), direct(constant(1), ZERO))
    ),
    "fewer combinations than claims": Certificate(Statement((("=", 1, 1), ("=", 0, 1))), {}, DIRECT),
    "!= by a factor that may vanish": certificate(
        ("!=", 0, ("*", "x", "y")), direct(fact("x", "y")), [("!=", "x", 0)], {"x": F(1)}
    ),
    "!= times a square that may vanish": certificate(
        ("!=", 0, ("*", "x", "y", "y")), direct(((), ((1, ("x",), "y"),), ())), [("!=", "x", 0)], {"x": F(1)}
    ),
    "!= by a sum of nonzeros": certificate(
        ("!=", 0, ("+", "x", "y")),
        direct(((), ((1, ("x",), 1), (1, ("y",), 1)), ())),
        [("!=", "x", 0), ("!=", "y", 0)],
        {"x": F(1), "y": F(1)},
    ),
    "an integer variable without an integer": certificate(("=", 1, 1), DIRECT, point={"t": F(1, 2)}, integers=["t"]),
    "an integer variable without a value": certificate(("=", 1, 1), DIRECT, integers=["t"]),
    "a counterexample where the claim holds": certificate(("=", "x", 0), None, point={"x": F(0)}),
    "a counterexample outside the hypotheses": certificate(("<", 0, "x"), None, [("<", 0, "x")], {"x": F(-1)}),
    "a counterexample that divides by zero": certificate(("=", ("/", 1, "x"), 1), None, point={"x": F(0)}),
    "a counterexample under a negative root": certificate(("=", ("sqrt", "x"), 1), None, point={"x": F(-1)}),
    "a counterexample at a half index": certificate(("=", ("^", 2, "x"), 1), None, point={"x": F(1, 2)}),
    "a counterexample beyond the sequence": certificate(
        ("=", ("at", "g", 2), 1), None, point={"g": (F(0),)}, sequences=[Sequence("g")]
    ),
    "a counterexample by two close roots": certificate(("=", ("*", SQRT2, SQRT2), 2), None),
    "a counterexample that confuses an inner index": certificate(
        ("=", ("sum", "i", 1, 2, ("sum", "i", 1, "i", 1)), 3), None, point={"i": F(5)}
    ),
    "a counterexample to a relation unknown": certificate((">", 2, 1), None),
    "a counterexample to an operation unknown": certificate(("=", ("-", 5, 3), 2), None),
    "a counterexample to a root of two arguments": certificate(("=", ("sqrt", 4, 3), 2), None),
    "a counterexample by a truth value": certificate(("=", "x", 0), None, point={"x": True}),
    "a counterexample by a float": certificate(("=", "x", 0), None, point={"x": 0.1}),
    "a counterexample by a text": certificate(
        ("=", ("at", "g", 1), 2), None, point={"g": "1"}, sequences=[Sequence("g")]
    ),
    "an exponent without end": certificate(("=", ("^", 2, 10**12), 0), None),
    "a sum without end": certificate(("=", ("sum", "i", 1, 10**12, 1), 0), None),
    "an exponent without end in a proof": certificate(("=", ("^", "x", 10**12), ("^", "x", 10**12)), DIRECT),
    "a sum without end in a proof": certificate(("=", ("sum", "i", 1, 10**12, "x"), 0), DIRECT),
    "a sum that splits without end": certificate(
        ("=", ("sum", "i", 1, ("+", "t", 10**12), "x"), 0), DIRECT, [("<=", 0, "t")], T, ["t"]
    ),
    "a recurrence without end": certificate(("=", ("at", "s", 10**9), 0), DIRECT, sequences=[COUNT]),
    "a counterexample down a recurrence without end": certificate(
        ("=", ("at", "s", 10**9), 0), None, sequences=[COUNT]
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_deception_is_rejected(name):
    with pytest.raises(Rejected):
        check(FALSE[name])


ILL_FORMED = [
    None,
    True,
    0.5,
    float("nan"),
    float("inf"),
    [],
    {},
    set(),
    b"x",
    object(),
    ...,
    (),
    ("x",),
    ((),),
    10**400,
    "",
    "#",
    "nope",
    ("+",),
    ("sum", "i"),
    ("at",),
    ["=", 1, 1],
]


@pytest.mark.parametrize("junk", ILL_FORMED, ids=lambda junk: type(junk).__name__)
def test_whatever_stands_in_a_certificate_only_rejected_is_raised(junk):
    statement = Statement((("=", "x", "x"),), (("<", 0, "x"),))
    point = {"x": F(1)}
    made = [
        Certificate(junk, point, DIRECT),
        Certificate(statement, junk, DIRECT),
        Certificate(statement, {"x": junk}, DIRECT),
        Certificate(Statement(junk), {}, DIRECT),
        Certificate(Statement((junk,)), {}, DIRECT),
        Certificate(Statement((("=", junk, 1),)), {}, DIRECT),
        Certificate(Statement((("=", ("+", junk, 1), 1),)), {}, DIRECT),
        Certificate(Statement(((junk, 1, 1),)), {}, DIRECT),
        Certificate(Statement((("<", 0, 0),), junk), {}, DIRECT),
        Certificate(Statement((("<", 0, 0),), (junk,)), {}, DIRECT),
        Certificate(Statement((("<", 0, 0),), (), junk), {}, DIRECT),
        Certificate(Statement((("<", 0, 0),), (), (), junk), {}, DIRECT),
        Certificate(Statement((("<", 0, 0),), (), (), (junk,)), {}, DIRECT),
        Certificate(Statement((("<", 0, 0),), (), (), (Sequence(junk),)), {}, DIRECT),
        Certificate(Statement((("<", 0, 0),), (), (), (Sequence("s", junk, junk),)), {}, DIRECT),
        *(Certificate(Statement((("<", 0, 0),)), {}, proof) for proof in _proofs_with(junk) if proof is not None),
    ]
    for number, certificate in enumerate(made):
        if number in (1, 2) and junk in ({}, 10**400, True) and not isinstance(junk, (bool, float)):
            continue  # these do give x = x a point
        with pytest.raises(Rejected):
            check(certificate)


def _proofs_with(junk):
    yield junk
    yield (junk,)
    yield ("direct", junk, (ZERO,))
    yield ("direct", (junk,), (ZERO,))
    yield ("direct", (), junk)
    yield ("direct", (), (junk,))
    yield ("direct", (), ((junk, (), ()),))
    yield ("direct", (), (((), junk, ()),))
    yield ("direct", (), (((), (junk,), ()),))
    yield ("direct", (), (((), ((junk, (), 1),), ()),))
    yield ("direct", (), (((), ((1, junk, 1),), ()),)) if junk not in ((),) else None
    yield ("direct", (), (((), (), (junk,)),))
    yield ("cases", junk, junk, junk, junk, junk)
    yield ("lemma", junk, junk, junk, junk)
    yield ("absurd", junk, junk)
    yield ("shift", junk, junk, junk)
    yield ("strengthen", junk, junk)
    yield ("induction", junk, junk, junk, junk)
    for kind in ("show", "assumed", "given", "rewrite", "root"):
        yield ("direct", ((kind, junk, junk),), (ZERO,))
        yield ("direct", ((kind,),), (ZERO,))


def test_terms_nested_without_end_are_rejected():
    term = "x"
    for _ in range(100_000):
        term = ("+", term, 1)
    with pytest.raises(Rejected):
        check(certificate(("=", term, 0), DIRECT))


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
