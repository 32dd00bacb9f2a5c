"""Points made to deceive: none satisfies its hypotheses, or none refutes its claim; each must be rejected."""

from fractions import Fraction as F

import pytest

from symopt.proof import Rejected, Sequence, check

from .attack import COUNT, DIRECT, SQRT2, T, certificate, direct, fact, minus

FALSE = {
    "contradictory hypotheses": certificate(
        ("=", 0, 1), direct(((), (), ((1, 1),))), [("=", "x", 0), ("=", "x", 1)], {"x": F(0)}
    ),
    "a point that breaks a hypothesis": certificate(("<", 0, "x"), direct(fact("x")), [("<", 0, "x")], {"x": F(0)}),
    "a hypothesis that divides by zero at the point": certificate(
        ("=", 1, 1), DIRECT, [("=", ("/", 1, "x"), ("/", 1, "x"))], {"x": F(0)}
    ),
    "a hypothesis that holds to a hundred digits": certificate(
        ("=", 0, 1), None, [("=", ("*", SQRT2, SQRT2), 2 + F(1, 10**200))]
    ),
    "a counterexample that divides by what may be zero": certificate(
        ("=", ("/", 1, ("+", ("*", SQRT2, SQRT2), -2)), 1), None
    ),
    "an integer variable without an integer": certificate(("=", 1, 1), DIRECT, point={"t": F(1, 2)}, integers=["t"]),
    "an integer variable without a value": certificate(("=", 1, 1), DIRECT, integers=["t"]),
    "a counterexample where the claim holds": certificate(("=", "x", 0), None, point={"x": F(0)}),
    "a counterexample outside the hypotheses": certificate(("<", 0, "x"), None, [("<", 0, "x")], {"x": F(-1)}),
    "a counterexample that divides by zero": certificate(("=", ("/", 1, "x"), 1), None, point={"x": F(0)}),
    "a counterexample whose base divides by zero": certificate(
        ("=", ("^", ("/", 1, "x"), 0), ("^", ("sign", "x"), 2)), None, point={"x": F(0)}
    ),
    "a hypothesis whose base divides by zero at the point": certificate(
        ("=", "x", 0),
        direct(((), (), ((1, minus("x")),))),
        [("=", ("^", ("/", 1, "x"), 0), 1), ("=", "x", 0)],
        T | {"x": F(0)},
    ),
    "a counterexample under a negative root": certificate(("=", ("sqrt", "x"), 1), None, point={"x": F(-1)}),
    "a counterexample at a half index": certificate(("=", ("^", -2, "x"), 1), None, point={"x": F(1, 2)}),
    "a counterexample beyond the sequence": certificate(
        ("=", ("at", "g", 2), 1), None, point={"g": (F(0),)}, sequences=[Sequence("g")]
    ),
    "a divisor enclosed from both sides of zero, far above": certificate(
        ("<", F(2) ** 500, ("/", 1, ("+", ("*", SQRT2, SQRT2), -2))), None
    ),
    "a divisor enclosed from both sides of zero, far below": certificate(
        ("<", ("/", 1, ("+", ("*", SQRT2, SQRT2), -2)), -(F(2) ** 500)), None
    ),
    "a hypothesis that divides by what may be zero": certificate(
        ("=", 0, 1), None, [("<", ("/", 1, ("+", ("*", SQRT2, SQRT2), -2)), F(2) ** 500)]
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
