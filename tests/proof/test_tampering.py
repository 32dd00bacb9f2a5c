"""Tampering with any field of any certificate of the library: caught by the checker, or nothing false comes of it."""

import random
from collections import Counter
from fractions import Fraction
from functools import lru_cache

import pytest

from symopt.proof import Certificate, Rejected, Sequence, Statement, check
from symopt.proof.witness import find_counterexample
from symopt.theorems import judge, load

from .meaning import judge as told
from .meaning import mentions_index

pytestmark = pytest.mark.usefixtures("certificates")

LIBRARY = {theorem.name: theorem for theorem in load()}
FIELDS = ("claim", "given", "integers", "sequences", "point", "proof")
CHANGES = 12  # of each field of each certificate, of a long one fewer
LONG = 2500  # nodes
POINTS = 10  # at which a statement that still passes is tried
NUMBERS = tuple(map(Fraction, ("0", "1", "-1", "2", "3", "-2", "1/2", "9/10", "1/10", "5")))
OPERATIONS = ("+", "*", "/", "^", "sqrt", "abs", "sign", "max", "min", "if", "=", "!=", "<", "<=")
TAGS = ("direct", "absurd", "cases", "induction", "shift", "lemma", "strengthen")
STEPS = ("show", "given", "assumed", "instance", "rewrite", "root", "within")


# ---------------------------------------------------------------- certificates as plain data, changed at one node
def plain(certificate):
    """The certificate's fields as nested tuples."""
    statement = certificate.statement
    return {
        "claim": statement.claim,
        "given": statement.given,
        "integers": statement.integers,
        "sequences": tuple((s.name, s.initial, s.body) for s in statement.sequences),
        "point": tuple(sorted(certificate.point.items())),
        "proof": certificate.proof,
    }


def rebuilt(data):
    sequences = tuple(Sequence(*parts) for parts in data["sequences"])
    statement = Statement(data["claim"], data["given"], data["integers"], sequences)
    return Certificate(statement, dict(data["point"]), data["proof"])


def nodes(data, path=()):
    """Every place in nested tuples, as a path of positions."""
    yield path
    if isinstance(data, tuple):
        for k, part in enumerate(data):
            yield from nodes(part, (*path, k))


def node_at(data, path):
    return node_at(data[path[0]], path[1:]) if path else data


def put_at(data, path, new):
    return (*data[: path[0]], put_at(data[path[0]], path[1:], new), *data[path[0] + 1 :]) if path else new


def changes(node, names):
    """What a node is changed to: another number, name or operation; parts dropped, doubled or swapped; another type."""
    if isinstance(node, (Fraction, int)):
        return (node + 1, node - 1, -node, Fraction(node) / 2, Fraction(0), float(node), str(node), None, (node,))
    if isinstance(node, str):
        kin = next((group for group in (OPERATIONS, TAGS, STEPS) if node in group), names)
        return (*(other for other in kin if other != node), f"{node}_", "#", "", None, (node,))
    if not isinstance(node, tuple):
        return (Fraction(0), "x", ())
    dropped = [(*node[:k], *node[k + 1 :]) for k in range(len(node))]
    doubled = [(*node[: k + 1], *node[k:]) for k in range(len(node))]
    swapped = [(*node[:k], node[k + 1], node[k], *node[k + 2 :]) for k in range(len(node) - 1)]
    return (*dropped, *doubled, *swapped, *node, (), list(node), str(node))


def tampered(rng, certificate, field):
    """The certificate with one node of a field changed; drawn again where it cannot even be built."""
    data, statement = plain(certificate), certificate.statement
    names = sorted({*certificate.point, *statement.integers, *(s.name for s in statement.sequences)})
    places = list(nodes(data[field]))
    while True:
        path = rng.choice(places)
        node = node_at(data[field], path)
        new = rng.choice([n for n in changes(node, names) if n != node or type(n) is not type(node)])
        try:
            return rebuilt(data | {field: put_at(data[field], path, new)})
        except (TypeError, ValueError):
            continue


# ---------------------------------------------------------------- what still passes says nothing false
def near(rng, point, integers):
    """A point that differs from another in some numbers."""
    plainly = sorted(
        name for name, value in point.items() if not (isinstance(value, tuple) and isinstance(value[0], str))
    )
    names = rng.sample(plainly, rng.randint(1, min(3, len(plainly)))) if plainly else []

    def moved(name, value):
        if isinstance(value, tuple):
            return tuple(rng.choice(NUMBERS) if rng.random() < 0.5 else number for number in value)
        return Fraction(rng.randint(-2, 4)) if name in integers else rng.choice(NUMBERS)

    return {name: moved(name, value) if name in names else value for name, value in point.items()}


@lru_cache
def against(theorem):
    """A point that refutes the theorem's mutant."""
    found = find_counterexample(theorem.mutant)
    return found.point if found else {}


def harmless(rng, theorem, old, new, field):
    """Is what the checker accepts after a change true, by the judge that shares no code with it?"""
    here = told(new.statement, new.point)
    if new.proof is None:
        return here == "false"
    if field == "proof":
        return new.statement == old.statement
    if field == "point":
        # of what holds at every index the judge cannot be sure; the statement is the same, and so is its proof
        return here in ("true", "untold") or any(map(mentions_index, new.statement.given))
    points = [
        new.point,
        new.point | against(theorem),
        *(near(rng, new.point, new.statement.integers) for _ in range(POINTS)),
    ]
    return not {"false", "undefined"} & {told(new.statement, point) for point in points}


@pytest.mark.parametrize("name", LIBRARY)
def test_tampering_is_caught_or_harmless(name):
    rng, caught = random.Random(name), Counter()  # noqa: S311 - a fixed seed
    certificate = judge(LIBRARY[name]).certificate
    count = CHANGES if sum(1 for _ in nodes(tuple(plain(certificate).values()))) < LONG else CHANGES // 2
    for field in FIELDS:
        for _ in range(count):
            changed = tampered(rng, certificate, field)
            try:
                check(changed)
            except Rejected:
                caught[field] += 1
                continue
            assert harmless(rng, LIBRARY[name], certificate, changed, field), (
                f"{field} changed to {plain(changed)[field]}"
            )
    if certificate.proof is not None:
        assert caught["claim"] >= count / 3, "the proof shows other claims as well"
        # What is shown on the way may be more than is needed, and cases be told apart elsewhere.
        assert caught["proof"] >= count / 4, "the proof's parts hardly matter"


def one_more(data):
    """Nested tuples with their last number raised by one."""
    path = [p for p in nodes(data) if isinstance(node_at(data, p), Fraction)][-1]
    return put_at(data, path, node_at(data, path) + 1)


FORGED = {
    "claim": one_more,
    "given": lambda given: given[1:],
    "integers": lambda integers: (),
    "point": lambda point: tuple((name, Fraction(-1, 2)) for name, _ in point),
}


@pytest.mark.parametrize("field", FORGED)
def test_without_a_checker_the_harm_is_seen(field):
    theorem = LIBRARY["weights_sum"]  # 1 - beta^t, for 0 <= t and 0 <= beta < 1
    certificate = judge(theorem).certificate
    data = plain(certificate)
    forged = rebuilt(data | {field: FORGED[field](data[field])})
    seeds = [random.Random(seed) for seed in range(8)]  # noqa: S311 - fixed seeds
    assert all(harmless(rng, theorem, certificate, certificate, field) for rng in seeds)
    assert not all(harmless(rng, theorem, certificate, forged, field) for rng in seeds)
    with pytest.raises(Rejected):
        check(forged)


@pytest.mark.parametrize("name", LIBRARY)
def test_a_judgement_carries_the_certificate_of_the_statement_that_it_shows(name):
    theorem, judgement = LIBRARY[name], judge(LIBRARY[name])
    assert judgement.certificate.statement == theorem.statement
    assert judgement.statement == str(theorem.statement)
    data = judgement.to_json()
    assert data["certificate"] == Certificate(theorem.statement, *parts_of(judgement.certificate)).to_json()
    assert data["statement"] == str(theorem.statement)


def parts_of(certificate):
    return certificate.point, certificate.proof
