"""Proofs made to deceive: each is for a false or a meaningless statement, and each must be rejected."""

from fractions import Fraction as F

import pytest

from symopt.proof import Certificate, Rejected, Sequence, Statement, check

from .attack import COUNT, DIRECT, SQRT2, ZERO, T, certificate, constant, direct, fact, minus

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
    "a real power of a negative number": certificate(("=", ("^", -2, "x"), ("^", -2, "x")), DIRECT),
    "a real power of what may be negative": certificate(
        ("=", ("^", "x", F(1, 3)), ("^", "x", F(1, 3))), DIRECT, [("!=", "x", 0)], {"x": F(1)}
    ),
    "a power of zero with a real exponent": certificate(
        ("=", ("^", "y", "x"), ("^", "y", "x")), DIRECT, [("<=", 0, "y")], {"y": F(1)}
    ),
    "a real power below one taken to be above": certificate(
        ("<=", 1, ("^", "y", "x")),
        direct(fact(("+", ("^", "y", "x"), -1))),
        [("<", 0, "y"), ("<=", 0, "x")],
        {"y": F(1)},
    ),
    "a cube root taken for a square root": certificate(
        ("=", ("*", ("^", "y", F(1, 3)), ("^", "y", F(1, 3))), "y"), DIRECT, [("<", 0, "y")], {"y": F(1)}
    ),
    "a logarithm of what may be zero": certificate(
        ("=", ("log", "y"), ("log", "y")), DIRECT, [("<=", 0, "y")], {"y": F(1)}
    ),
    "a logarithm taken to be positive": certificate(
        ("<=", 0, ("log", "y")), direct(fact(("log", "y"))), [("<", 0, "y")], {"y": F(1)}
    ),
    "an exponential taken to grow": certificate(
        ("<=", 1, ("exp", "x")), direct(fact(("+", ("exp", "x"), -1))), [], {"x": F(0)}
    ),
    "two exponentials taken for one": certificate(("=", ("exp", "x"), ("exp", ("*", 2, "x"))), DIRECT, [], {"x": F(0)}),
    "a power with an exponent that may be negative": certificate(
        ("=", ("^", "x", "t"), ("^", "x", "t")), DIRECT, point=T, integers=["t"]
    ),
    "an irrational exponent taken for an integer": certificate(
        ("<=", ("^", F(1, 4), ("+", SQRT2, -1)), F(1, 4)),
        direct(fact(("+", F(1, 4), ("*", -1, ("^", F(1, 4), ("+", SQRT2, -1)))))),
        [("<", 1, SQRT2)],
    ),
    "a reciprocal taken for an integer": certificate(
        ("=", ("^", -2, ("/", 1, "t")), ("^", -2, ("/", 1, "t"))), DIRECT, [("<=", 1, "t")], {"t": F(2)}, ["t"]
    ),
    "a value of a sequence taken for an integer": certificate(
        ("=", ("at", "s", ("at", "g", 1)), 0), DIRECT, point={"g": (F(0),)}, sequences=[Sequence("g"), COUNT]
    ),
    "half an integer taken for one": certificate(
        ("=", ("^", -2, ("*", F(1, 2), "t")), ("^", -2, ("*", F(1, 2), "t"))),
        DIRECT,
        [("<=", 1, "t")],
        {"t": F(2)},
        ["t"],
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
    "an absurdity where nothing is absurd": certificate(
        ("=", 0, 1), ("absurd", (), fact("x", minus("x"))), [("<", 0, "x")], {"x": F(1)}
    ),
    "a hypothesis out of nowhere": certificate(("=", "x", 0), direct(((), (), ((1, "x"),)), steps=[("given", 0)])),
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
}


@pytest.mark.parametrize("name", FALSE)
def test_deception_is_rejected(name):
    with pytest.raises(Rejected):
        check(FALSE[name])
