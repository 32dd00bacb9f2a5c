"""Whatever stands in a certificate, the checker raises nothing but Rejected."""

from fractions import Fraction as F

import pytest

from symopt.proof import Certificate, Rejected, Sequence, Statement, check

from .attack import DIRECT, ZERO, certificate

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
    for number, forged in enumerate(made):
        if number in (1, 2) and junk in ({}, 10**400, True) and not isinstance(junk, (bool, float)):
            continue  # these do give x = x a point
        with pytest.raises(Rejected):
            check(forged)


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
