"""The parts that certificates made to deceive are put together from."""

from fractions import Fraction as F

from symopt.proof import Certificate, Sequence, Statement

ZERO = ((), (), ())  # shows what normalises to 0 = 0
DIRECT = ("direct", (), (ZERO,))
BEFORE = ("+", "#", F(-1))
SQRT2 = ("sqrt", 2)
COUNT = Sequence("s", F(0), ("+", ("at", "s", BEFORE), 1))
T = {"t": F(0)}


def constant(c):
    """The combination that shows a positive number to be positive."""
    return ((), ((c, (), 1),), ())


def fact(*terms):
    """The combination that names known terms."""
    return ((), ((1, terms, 1),), ())


def zero(*terms):
    """The combination that adds up terms known to be zero."""
    return ((), (), tuple((1, term) for term in terms))


def direct(*combinations, steps=()):
    return ("direct", tuple(steps), tuple(combinations))


def certificate(claim, proof, given=(), point=None, integers=(), sequences=()):
    return Certificate(Statement((claim,), tuple(given), tuple(integers), tuple(sequences)), dict(point or {}), proof)


def minus(term):
    return ("*", -1, term)
