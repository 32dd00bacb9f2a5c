"""Random statements: what is proved is true and what is refuted is false, by a judge that shares no code with us."""

import random
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from itertools import islice

import pytest

from symopt.proof import Certificate, Rejected, Verdict, check, decide
from symopt.proof.certificate import Goal
from symopt.proof.explorer import Failed
from symopt.proof.search import find_proof

from .meaning import judge
from .random_statements import FAMILIES
from .random_terms import grown, neighbour, point_of, square, stated

SHARDS, TRUE, FALSE, UNDEFINED = 4, 50, 455, 1  # of each family
SEARCHED = 25  # false neighbours of each family at which the search for proofs is let loose
RELATIONS = 50  # between terms that have nothing to do with each other, in each shard
PROVED, REFUTED, TRANSPLANTED = 0.85, 0.95, 0.85  # the least shares: too many Unknowns would hide a defect


def rng_of(*name):
    return random.Random(" ".join(map(str, name)))  # noqa: S311 - a fixed seed


def judged(statement, *wrong):
    """The engine's verdict; a refutation must convince the judge, and no proof may stand against ``wrong``."""
    answer = decide(statement)
    assert not (answer.verdict == "proved" and wrong), (
        f"proved, but {judge(statement, wrong[0])} at {wrong[0]}: {statement}"
    )
    if answer.verdict == "refuted":
        # 80 digits cannot tell that two irrational numbers are equal, which the checker decides exactly
        said = judge(statement, answer.witness)
        assert said in ("false", "untold"), f"refuted by a witness at which it is {said}: {answer}"
    return answer


def truths(rng, family):
    """True statements, no two alike, with their verdicts."""
    found = {}
    while len(found) < TRUE:
        statement = FAMILIES[family](rng)
        if statement in found:
            continue
        points = [point_of(rng, statement) for _ in range(8)]
        judgements = [judge(statement, point) for point in points]
        assert "false" not in judgements, f"not true at {points[judgements.index('false')]}: {statement}"
        undefined = [point for point, word in zip(points, judgements, strict=True) if word == "undefined"]
        found[statement] = judged(statement, *undefined)
        assert found[statement].verdict != "refuted", f"true, but refuted: {found[statement]}"
    return found


def neighbours(rng, truths, seen):
    """Statements one node away from true ones, with that one's verdict and the points that speak against them."""
    origins = list(truths)
    while True:
        origin = rng.choice(origins)
        statement = neighbour(rng, origin)
        if statement in seen or statement in truths:
            continue
        tries = 40 if rng.random() < 0.1 else 8
        points = [point_of(rng, statement) for _ in range(tries)]
        judgements = [judge(statement, point) for point in points]
        for kind in ("false", "undefined"):
            if kind in judgements:
                seen.add(statement)
                yield kind, statement, points[judgements.index(kind)], truths[origin].certificate
                break


@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize("family", FAMILIES)
def test_true_statements_are_not_refuted_and_their_false_neighbours_are_not_proved(family, shard):
    rng, count = rng_of(family, shard), Counter()
    known = truths(rng, family)
    count.update(("true", answer.verdict) for answer in known.values())
    for kind, statement, point, certificate in neighbours(rng, known, set()):
        if certificate is not None and certificate.proof is not None:  # the proof of the true one, for this one
            with pytest.raises(Rejected):
                check(replace(certificate, statement=statement, point=point))
            count["transplanted"] += 1
        if kind == "false" or count["undefined", "unknown"] < UNDEFINED:
            count[kind, judged(statement, point).verdict] += 1
        if count["false", "refuted"] + count["false", "unknown"] == FALSE:
            break
    assert count["true", "proved"] >= PROVED * TRUE
    assert count["false", "refuted"] >= REFUTED * FALSE
    assert count["transplanted"] >= TRANSPLANTED * FALSE


def test_enough_cases_are_judged():
    assert len(FAMILIES) * SHARDS * (TRUE + FALSE) >= 20_000


@pytest.mark.parametrize("family", FAMILIES)
def test_no_search_proves_a_false_neighbour(family):
    """Without the quick look for refutations that ``decide`` takes first."""
    rng = rng_of(family, "searched")
    known = dict.fromkeys((FAMILIES[family](rng) for _ in range(TRUE)), Verdict("unknown", ""))
    for _, statement, point, _ in islice(neighbours(rng, known, set()), SEARCHED):
        goal = Goal(statement.claim, statement.given, statement.integers, statement.sequences)
        with suppress(Failed):
            proof = find_proof(goal)
            with pytest.raises(Rejected):
                check(Certificate(statement, point, proof))


@pytest.mark.parametrize("shard", range(SHARDS))
def test_terms_that_have_nothing_to_do_with_each_other_are_related_as_they_are(shard):
    rng, count = rng_of("relations", shard), Counter()
    for _ in range(RELATIONS):
        left, right = grown(rng, 2), grown(rng, 2)
        if rng.random() < 0.5:  # true for want of a sign: a square, a modulus
            right = ("+", left, rng.choice((square(right), ("abs", right), ("*", "x", "x"))))
        statement = stated(rng.choice(("<=", "<", "!=")), left, right)
        points = [point_of(rng, statement) for _ in range(40)]
        wrong = [point for point in points if judge(statement, point) in ("false", "undefined")]
        count[judged(statement, *wrong).verdict, bool(wrong)] += 1
    assert count["proved", False] >= 0.2 * RELATIONS
    assert count["refuted", True] >= 0.2 * RELATIONS


def test_the_judge_tells_true_from_false():
    point = {"x": Fraction(2), "y": Fraction(0), "z": Fraction(3), "t": Fraction(2), "n": Fraction(2)}
    told = {
        stated("=", ("sqrt", "x"), Fraction(1)): "false",
        stated("=", square(("sqrt", "z")), "z"): "untold",
        stated("<", ("sqrt", "x"), ("sqrt", "z")): "true",
        stated("=", ("sum", "i", Fraction(1), "t", "i"), Fraction(4)): "false",
        stated("=", ("sum", "i", Fraction(1), "t", "i"), Fraction(3)): "true",
        stated("=", ("sum", "i", "n", Fraction(0), ("/", "i", Fraction(0))), Fraction(0)): "true",
        stated("=", ("/", "x", "y"), "x"): "undefined",
        stated("=", ("*", Fraction(0), ("/", "x", "y")), Fraction(0)): "undefined",
        stated("=", ("^", ("/", "x", "y"), Fraction(0)), Fraction(1)): "undefined",
        stated("=", ("^", "y", Fraction(0)), Fraction(1)): "true",
        stated("=", ("^", "y", Fraction(-1)), Fraction(0)): "undefined",
        stated("=", ("sqrt", ("+", "y", ("*", Fraction(-1), "x"))), "z"): "undefined",
        stated("=", ("if", "y", "x", "z", ("/", "x", "y")), "z"): "true",
        stated("=", "x", "z", [("<", "x", Fraction(1))]): "outside",
        stated("=", "x", "z", [("=", ("/", "x", "y"), ("/", "x", "y"))]): "outside",
    }
    assert {statement: judge(statement, point) for statement in told} == told
