"""Random statements: what is proved is true and what is refuted is false, by a judge that shares no code with us."""

import random
from collections import Counter
from fractions import Fraction

import pytest

from symopt.proof import Statement, decide

IDENTITIES, NEIGHBOURS, INEQUALITIES = 120, 1500, 250
NUMBERS = (*map(Fraction, (1, 2, 3, -1, -2, 5)), Fraction(1, 2), Fraction(-2, 3))
REALS = ("x", "y", "z")
COMMUTATIVE = ("+", "*", "max", "min")


# ---------------------------------------------------------------- random terms, and terms that equal them
def grown(rng, depth, leaves=(*REALS, "n")):
    """A random term; divisors and radicands are mostly safe, so that much of it is defined."""
    if depth == 0 or rng.random() < 0.15:
        return rng.choice(leaves) if rng.random() < 0.75 else rng.choice(NUMBERS)
    op = rng.choice(("+", "+", "+", "*", "*", "*", "^", "^", "/", "sqrt", "abs", "max", "min", "if", "sum"))
    arg = lambda: grown(rng, depth - 1, leaves)  # noqa: E731
    if op in ("+", "*"):
        return (op, *(arg() for _ in range(rng.choice((2, 2, 3)))))
    if op == "^":
        exponent = rng.choice((Fraction(2), Fraction(3), "n", ("+", "n", Fraction(1))))
        return ("^", arg(), exponent)
    if op == "/":
        return ("/", arg(), positive(rng, depth - 1, leaves) if rng.random() < 0.8 else arg())
    if op == "sqrt":
        return ("sqrt", positive(rng, depth - 1, leaves) if rng.random() < 0.8 else arg())
    if op in ("max", "min"):
        return (op, arg(), arg())
    if op == "if":
        return ("if", arg(), arg(), arg(), arg())
    if op == "sum":
        return (
            ("sum", "i", Fraction(1), "n", grown(rng, min(depth - 1, 1), (*leaves, "i")))
            if "i" not in leaves
            else arg()
        )
    return (op, arg())


def positive(rng, depth, leaves):
    return ("+", Fraction(1), ("^", grown(rng, max(depth - 1, 0), leaves), Fraction(2)))


def rearranged(rng, term):
    """A term of the same value wherever the first is defined, written another way."""
    if not isinstance(term, tuple):
        return term
    if term[0] == "sum":
        return (*term[:4], rearranged(rng, term[4]))
    op, *args = term[0], *(rearranged(rng, arg) for arg in term[1:])
    if op in COMMUTATIVE:
        rng.shuffle(args)
    term = (op, *args)
    if op == "*" and rng.random() < 0.6:
        for k, arg in enumerate(args):
            if isinstance(arg, tuple) and arg[0] == "+":
                others = (*args[:k], *args[k + 1 :])
                return ("+", *(("*", part, *others) for part in arg[1:]))
    if op == "^" and args[1] == 2 and rng.random() < 0.5:
        return ("*", args[0], args[0])
    if op == "^" and args[1] == ("+", "n", 1) and rng.random() < 0.5:
        return ("*", ("^", args[0], "n"), args[0])
    if op == "/" and rng.random() < 0.5:
        return ("*", args[0], ("/", Fraction(1), args[1]))
    if op == "abs" and rng.random() < 0.5:
        return ("max", args[0], ("*", Fraction(-1), args[0]))
    if op == "max" and rng.random() < 0.5:
        return ("if", args[0], args[1], args[1], args[0])
    if op == "min" and rng.random() < 0.5:
        return ("*", Fraction(-1), ("max", *(("*", Fraction(-1), arg) for arg in args)))
    if op == "sqrt" and rng.random() < 0.3:
        return ("/", args[0], ("sqrt", args[0])) if isinstance(args[0], tuple) and args[0][:2] == ("+", 1) else term
    return term


def places(term, path=()):
    """Every place in a term, as a path of positions."""
    yield path
    if isinstance(term, tuple):
        for k in range(2 if term[0] in ("sum", "at") else 1, len(term)):
            yield from places(term[k], (*path, k))


def changed(rng, term):
    """The term with one node changed."""
    path = rng.choice(list(places(term)))
    return put_at(term, path, lambda node: changed_node(rng, node))


def put_at(term, path, change):
    if not path:
        return change(term)
    return (*term[: path[0]], put_at(term[path[0]], path[1:], change), *term[path[0] + 1 :])


def changed_node(rng, node):
    if isinstance(node, Fraction):
        return rng.choice((node + 1, -node, 2 * node))
    if isinstance(node, str):
        return rng.choice([v for v in (*REALS, "n", Fraction(0)) if v != node])
    swaps = {"+": "*", "*": "+", "max": "min", "min": "max"}
    if node[0] in swaps and rng.random() < 0.5:
        return (swaps[node[0]], *node[1:])
    if len(node) > 3 and node[0] in ("+", "*"):
        return (*node[:2], *node[3:])
    if node[0] == "/":
        return ("/", node[2], node[1])
    return rng.choice((("*", Fraction(-1), node), ("+", node, Fraction(1)), ("*", Fraction(2), node)))


def point_of(rng):
    """A point of the hypotheses 0 < x, -1 <= y <= 1, 0 <= n."""
    y = Fraction(rng.randint(-7, 7), 7)
    return {
        "x": Fraction(rng.randint(1, 30), rng.randint(1, 9)),
        "y": y,
        "z": Fraction(rng.randint(-30, 30), rng.randint(1, 9)),
        "n": Fraction(rng.randint(0, 4)),
    }


GIVEN = (("<", Fraction(0), "x"), ("<=", Fraction(-1), "y"), ("<=", "y", Fraction(1)), ("<=", Fraction(0), "n"))


def stated(op, left, right):
    return Statement(((op, left, right),), GIVEN, ("n",))


def broken_at(refutes, statement, rng, tries=40):
    """A point that breaks the statement, if one is met."""
    return next((p for p in (point_of(rng) for _ in range(tries)) if refutes(statement, p)), None)


def judged(statement, refutes, broken):
    """The verdict, held against the judge's: never proved if broken, never refuted without a witness that breaks."""
    answer = decide(statement)
    assert not (answer.verdict == "proved" and broken), f"proved, but false at {broken}: {statement}"
    if answer.verdict == "refuted":
        assert refutes(statement, answer.witness), f"refuted by a witness that does not refute: {answer}"
    return answer.verdict


# ---------------------------------------------------------------- the tests
def test_the_judge_tells_true_from_false(refutes):
    point = {"x": Fraction(2), "y": Fraction(0), "z": Fraction(3), "n": Fraction(2)}
    assert refutes(stated("=", ("sqrt", "x"), Fraction(1)), point)
    assert not refutes(stated("=", ("^", ("sqrt", "x"), Fraction(2)), "x"), point)
    assert refutes(stated("=", ("sum", "i", Fraction(1), "n", "i"), Fraction(4)), point)
    assert not refutes(stated("=", ("/", "x", "y"), "x"), point), "undefined is not false"
    assert not refutes(stated("=", "x", "z"), point | {"x": Fraction(-1)}), "outside the hypotheses"


@pytest.fixture(scope="module")
def identities():
    rng = random.Random(1)  # noqa: S311 - a fixed seed
    made = ((term, rearranged(rng, term)) for term in (grown(rng, rng.choice((2, 2, 2, 3))) for _ in range(100_000)))
    return [pair for pair, _ in zip((p for p in made if p[0] != p[1]), range(IDENTITIES), strict=False)]


def test_identities_are_never_refuted_and_mostly_proved(identities, refutes):
    rng, seen = random.Random(2), Counter()  # noqa: S311 - a fixed seed
    for left, right in identities:
        statement = stated("=", left, right)
        assert broken_at(refutes, statement, rng, 10) is None, f"not an identity: {statement}"
        seen[judged(statement, refutes, None)] += 1
    print(f"identities: {dict(seen)}")
    assert seen["refuted"] == 0
    assert seen["proved"] >= 0.5 * IDENTITIES


def test_false_neighbours_are_never_proved(identities, refutes):
    rng, seen = random.Random(3), Counter()  # noqa: S311 - a fixed seed
    while sum(seen.values()) < NEIGHBOURS:
        left, right = rng.choice(identities)
        statement = stated("=", left, changed(rng, right))
        broken = broken_at(refutes, statement, rng)
        if broken:
            seen[judged(statement, refutes, broken)] += 1
    print(f"false neighbours: {dict(seen)}")
    assert seen["refuted"] >= 0.9 * NEIGHBOURS


def test_inequalities_are_judged_as_they_are(refutes):
    rng, seen = random.Random(4), Counter()  # noqa: S311 - a fixed seed
    for _ in range(INEQUALITIES):
        left, right = grown(rng, 2), grown(rng, 2)
        if rng.random() < 0.5:  # true for want of a sign: a square, a modulus
            right = ("+", left, rng.choice((("^", right, Fraction(2)), ("abs", right), ("*", "x", "x"))))
        statement = stated(rng.choice(("<=", "<", "!=")), left, right)
        broken = broken_at(refutes, statement, rng)
        seen[judged(statement, refutes, broken), "false" if broken else "unbroken"] += 1
    print(f"inequalities: {dict(seen)}")
    assert seen["proved", "unbroken"] >= 50
    assert seen["refuted", "false"] >= 50
