"""Numbers that are not rational, in the trusted base: what they are is checked, and every sign is told rightly."""

from fractions import Fraction as F
from math import comb

import mpmath
import pytest

from symopt.proof import Sequence, Statement
from symopt.proof.algebraic import Reals, Root, TooClose
from symopt.proof.evaluation import Evaluation

from .algebraic_numbers import CUBE2, NO_ROOT, SQRT2, SQRT3, accepted, holds, minus, number

# ---------------------------------------------------------------- every operation
X = {"x": SQRT2, "y": CUBE2, "z": ("+", F(1), SQRT2), "g": (SQRT2, minus(SQRT2), F(1))}
TRUE = {
    "a square": ("=", ("^", "x", F(2)), F(2)),
    "a cube": ("=", ("^", "y", F(3)), F(2)),
    "a negative power": ("=", ("^", "x", F(-2)), F(1, 2)),
    "the power 0": ("=", ("^", "x", F(0)), F(1)),
    "a high power": ("=", ("^", "x", F(100)), F(2**50)),
    "a quotient": ("=", ("/", F(1), "x"), ("*", F(1, 2), "x")),
    "another field": ("=", ("^", ("*", "x", "y"), F(6)), F(32)),
    "a root outside the field": ("=", ("^", ("sqrt", "z"), F(4)), ("+", F(3), ("*", F(2), "x"))),
    "a root inside the field": ("=", ("sqrt", ("+", F(3), ("*", F(2), "x"))), "z"),
    "a root of a square": ("=", ("sqrt", ("*", "y", "y")), "y"),
    "a root of zero": ("=", ("sqrt", ("+", ("*", "x", "x"), F(-2))), F(0)),
    "a modulus": ("=", ("abs", ("+", "x", F(-2))), ("+", F(2), minus("x"))),
    "a modulus of zero": ("=", ("abs", ("+", ("*", "y", "y", "y"), F(-2))), F(0)),
    "the greater": ("=", ("max", "x", "y"), "x"),
    "the smaller": ("=", ("min", "x", "y"), "y"),
    "the greater of equals": ("=", ("max", ("*", "x", "x"), F(2)), F(2)),
    "a sign": ("=", ("sign", ("+", "y", minus("x"))), F(-1)),
    "the sign of zero": ("=", ("sign", ("+", ("*", "x", "x"), F(-2))), F(0)),
    "a choice between equals": ("=", ("if", ("*", "x", "x"), F(2), F(1), F(0)), F(1)),
    "a sum": ("=", ("sum", "i", F(1), F(4), ("^", "x", "i")), ("+", F(6), ("*", F(3), "x"))),
    "values of a sequence": ("=", ("+", ("at", "g", F(1)), ("at", "g", F(2))), F(0)),
    "an order": ("<", "y", "x"),
    "an order that is not strict": ("<=", ("*", "x", "x"), F(2)),
    "inequality": ("!=", "x", "y"),
    "an exponent that is an integer": ("=", ("^", "x", ("sqrt", F(4))), F(2)),
    "three roots": ("=", ("sqrt", F(6)), ("*", "x", ("sqrt", F(3)))),
    "a nested root": ("=", ("sqrt", ("+", F(5), ("*", F(2), ("sqrt", F(6))))), ("+", "x", ("sqrt", F(3)))),
}
CONTRARY = {"=": "!=", "!=": "=", "<": "<=", "<=": "<"}


def contrary(relation):
    op, a, b = relation
    return (CONTRARY[op], a, b) if op in ("=", "!=") else (CONTRARY[op], b, a)


@pytest.mark.parametrize("name", TRUE)
def test_every_operation_has_its_exact_value(name):
    point = {v: n for v, n in X.items() if v != "x" or "field" not in name}
    point |= {"x": X["x"]}
    assert accepted(contrary(TRUE[name]), point, sequences=[Sequence("g")])
    assert not accepted(TRUE[name], point, sequences=[Sequence("g")])


def test_a_hypothesis_about_every_index_reads_algebraic_values():
    every = ("=", ("^", ("at", "g", "#"), F(2)), F(2))
    assert accepted(("=", ("at", "g", F(1)), F(1)), {"g": (SQRT2, minus(SQRT2))}, [every], [Sequence("g")])
    assert not accepted(("=", ("at", "g", F(1)), F(1)), {"g": (SQRT2, SQRT3)}, [every], [Sequence("g")])


# ---------------------------------------------------------------- numbers that are all but zero
def convergent(bits):
    """p/q near the square root of 2, q of so many bits: they differ by less than 1/q^2."""
    p, q = 1, 1
    while q.bit_length() < bits:
        p, q = p + 2 * q, p + q
    return F(p, q)


def small_unit(k):
    """(2^(1/3) - 1)^k, about 4^-k, written out as a + b c + d c^2; its conjugates are as small as can be: 2^k."""
    totals = [F(0)] * 3
    for j in range(k + 1):
        totals[j % 3] += comb(k, j) * (-1) ** (k - j) * 2 ** (j // 3)
    return ("+", totals[0], ("*", totals[1], CUBE2), ("*", totals[2], CUBE2, CUBE2))


def smallest_unit(size):
    """A product of powers of sqrt 2 - 1, sqrt 3 - sqrt 2 and 2 - sqrt 3, written out: one conjugate is tiny."""
    one = {(0, 0): 1}

    def times(p, q):
        total = {}
        for (a, b), c in p.items():
            for (d, e), f in q.items():
                key = ((a + d) % 2, (b + e) % 2)
                total[key] = total.get(key, 0) + c * f * 2 ** ((a + d) // 2) * 3 ** ((b + e) // 2)
        return total

    units = (({(1, 0): 1, (0, 0): -1}, 1.2716), ({(0, 1): 1, (1, 0): -1}, 1.6535), ({(0, 0): 2, (0, 1): -1}, 1.9))
    for unit, bits in units:
        for _ in range(round(size / bits)):
            one = times(one, unit)
    parts = (("*", F(c), *[SQRT2] * a, *[SQRT3] * b) for (a, b), c in sorted(one.items()))
    return ("+", *parts)


ALMOST_ZERO = {
    **{f"sqrt 2 - p/q, {n} bits": ("+", SQRT2, -convergent(n)) for n in (40, 133, 190, 199, 205, 215, 230, 390, 900)},
    **{
        f"p - q sqrt 2, {n} bits": ("+", convergent(n).numerator, ("*", -convergent(n).denominator, SQRT2))
        for n in (133, 500)
    },
    **{f"the unit of degree 3 to the {k}": small_unit(k) for k in (50, 145, 160, 175, 190, 210, 400)},
    **{f"a unit of degree 4, 3 * {n} bits": smallest_unit(n) for n in (60, 110, 120, 130, 150, 190, 260)},
    **{f"(sqrt 2 - p/q)^2, {n} bits": ("*", *[("+", SQRT2, -convergent(n))] * 2) for n in (90, 120, 140)},
    "10^-1000": ("*", SQRT2, F(1, 10**1000)),
    "the square root of 10^-1000": ("sqrt", F(2, 10**1000)),
}


@pytest.mark.parametrize("name", ALMOST_ZERO)
def test_what_is_not_zero_is_told_from_zero(name):
    term = ALMOST_ZERO[name]
    with mpmath.workdps(2000):
        value = number(term)
        assert 0 != abs(value) < mpmath.mpf(10) ** -10
    assert holds(("!=", term, F(0)))
    assert not holds(("=", term, F(0)))
    assert holds(("<", term, F(0))) == (value < 0)
    assert holds(("<=", F(0), term)) == (value > 0)
    assert not accepted(("!=", "x", F(0)), {"x": term}), "a false counterexample"
    assert accepted(("=", "x", F(0)), {"x": term})


@pytest.mark.parametrize("name", [name for name in ALMOST_ZERO if "1000" not in name])
def test_what_is_zero_is_told(name):
    term = ALMOST_ZERO[name]
    twice = ("+", term, term, ("*", F(-2), term))
    assert holds(("=", twice, F(0)))
    assert accepted(("!=", "x", F(0)), {"x": twice})


@pytest.mark.parametrize("name", ALMOST_ZERO)
def test_the_root_of_what_is_hardly_negative_has_no_value(name):
    with mpmath.workdps(2000):
        positive = number(ALMOST_ZERO[name]) > 0
    point = {"x": ALMOST_ZERO[name]}
    assert accepted(("<", F(5), ("sqrt", "x")), point) == positive
    assert accepted(("<", F(5), ("sqrt", minus("x"))), point) != positive
    assert not accepted(("=", ("sqrt", ("*", "x", "x")), ("abs", "x")), point)


def test_what_is_too_close_for_the_finest_enclosures_is_not_decided():
    term = ("+", SQRT2, -convergent(6000))
    with pytest.raises(TooClose):
        holds(("=", term, F(0)))
    assert not accepted(("=", "x", F(0)), {"x": term})
    assert not accepted(("!=", "x", F(0)), {"x": term})


@pytest.mark.parametrize(
    ("term", "numerator", "denominator"),
    [
        (("*", SQRT2, F(3, 1024)), 3 * 2**0.5, 1024),
        (("/", SQRT2, F(3, 1024)), 1024 * 2**0.5, 3),
        (("/", F(3, 1024), SQRT2), 3, 1024 * 2**0.5),
        (("/", F(1), ("*", F(1024), SQRT2)), 1, 1024 * 2**0.5),
        (("+", SQRT2, F(3, 1024)), 1024 * 2**0.5 + 3, 1024),
        (("+", ("*", F(1, 7), SQRT2), ("*", F(1, 1024), SQRT3)), 1024 * 2**0.5 + 7 * 3**0.5, 7 * 1024),
        (("sqrt", F(3, 1024)), 3072**0.5, 1024),
        (("sqrt", F(3 * 2**40)), (3 * 2**40) ** 0.5, 1),
        (("root", (F(-5), F(0), F(0), F(1, 1024)), F(17), F(18)), 5120 ** (1 / 3), 1),
    ],
    ids=str,
)
def test_sizes_bound_numerators_and_denominators(term, numerator, denominator):
    n, d, _ = Evaluation(Statement(()), {}).value(term)[2]
    assert numerator <= 2**n
    assert denominator <= 2**d


# ---------------------------------------------------------------- planted defects
def without_degree(monkeypatch):
    """Forgets that there are several conjugates."""
    plain = Reals._bit
    monkeypatch.setattr(Reals, "_bit", lambda self, name, degree: plain(self, name, min(degree, 2)))


def one_root(monkeypatch):
    """Takes all roots for one."""
    monkeypatch.setattr(Reals, "_bit", lambda self, name, degree: self.roots.setdefault(0, (1, degree))[0])


def no_gap(monkeypatch):
    """Takes for zero what an enclosure cannot tell from zero."""

    def sign(self, value):
        low, high, _ = value
        return 0 if low <= 0 <= high else (low > 0) - (high < 0)

    monkeypatch.setattr(Reals, "sign", sign)


def small_sizes(monkeypatch):
    """Forgets the denominators of sums."""
    from symopt.proof import algebraic

    plain = algebraic._size
    monkeypatch.setattr(algebraic, "_size", lambda a: (plain(a)[0], 0, plain(a)[2]))


def any_interval(monkeypatch):
    """Believes that an interval isolates a root."""
    monkeypatch.setattr(Root, "__post_init__", lambda self: None)


def no_root_below(monkeypatch):
    """Rounds the lower end of a square root up."""
    plain = Reals.square_root

    def root(self, a, name):
        low, high, size = plain(self, a, name)
        return (low, high, size) if size is None else (high, high, size)

    monkeypatch.setattr(Reals, "square_root", root)


def no_outward(monkeypatch):
    """Rounds enclosures to their middle."""
    monkeypatch.setattr(Reals, "_outward", lambda self, low, high, size: ((low + high) / 2, (low + high) / 2, size))


def deceived():
    """Does the checker accept one of many false counterexamples?"""
    for term in ALMOST_ZERO.values():
        if accepted(("!=", "x", F(0)), {"x": term}):
            return True
    for relation in TRUE.values():
        if accepted(relation, dict(X), sequences=[Sequence("g")]):
            return True
    return any(accepted(("=", F(0), F(1)), {"x": ("root", p, F(low), F(high))}) for p, low, high in NO_ROOT.values())


def test_the_checker_is_not_deceived():
    assert not deceived()


@pytest.mark.parametrize(
    "plant", [without_degree, one_root, no_gap, small_sizes, any_interval, no_root_below, no_outward]
)
def test_a_planted_defect_is_seen(plant, monkeypatch):
    plant(monkeypatch)
    assert deceived()
