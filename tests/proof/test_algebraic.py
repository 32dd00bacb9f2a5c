"""Numbers that are not rational, in the trusted base: what they are is checked, and every sign is told rightly."""

from fractions import Fraction as F
from functools import cache
from math import comb, prod

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symopt.proof import Certificate, Rejected, Sequence, Statement, check
from symopt.proof.algebraic import Reals, Root, TooClose
from symopt.proof.evaluation import Evaluation

CUBE2 = ("root", (F(-2), F(0), F(0), F(1)), F(1), F(2))
SQRT2, SQRT3, SQRT6 = (("sqrt", F(n)) for n in (2, 3, 6))


def minus(term):
    return ("*", F(-1), term)


def accepted(claim, point, given_=(), sequences=()):
    """Does the checker take the point for a counterexample?"""
    try:
        check(Certificate(Statement((claim,), tuple(given_), (), tuple(sequences)), point, None))
    except Rejected:
        return False
    return True


def holds(relation, point=None):
    return Evaluation(Statement(()), point or {}).holds(relation)


# ---------------------------------------------------------------- isolated roots
def product(*factors):
    total = (F(1),)
    for p in factors:
        size = len(total) + len(p) - 1
        total = tuple(
            sum((total[i] * p[k - i] for i in range(len(total)) if 0 <= k - i < len(p)), F(0)) for k in range(size)
        )
    return total


TWO, THREE = (F(-2), F(0), F(1)), (F(-3), F(0), F(1))  # x^2 - 2, x^2 - 3
NO_ROOT = {
    "two roots": (TWO, -2, 2),
    "three roots": ((F(0), F(-1), F(0), F(1)), -2, 2),
    "three roots, the sign changing": (product(TWO, (F(-1), F(1))), -2, 2),
    "none": ((F(1), F(0), F(1)), 0, 1),
    "none in the interval": (TWO, 2, 3),
    "a double root": (product(TWO, TWO), 1, 2),
    "a triple root": (product(TWO, TWO, TWO), 1, 2),
    "a low end that is a root": ((F(-1), F(0), F(1)), 1, 2),
    "a high end that is a root": ((F(-4), F(0), F(1)), 1, 2),
    "both ends": (product((F(-1), F(1)), (F(-2), F(1))), 1, 2),
    "no polynomial": ((), 1, 2),
    "the polynomial 0": ((F(0),), 1, 2),
    "a constant": ((F(1),), 1, 2),
    "a leading coefficient that is 0": ((F(-2), F(0), F(1), F(0)), 1, 2),
    "ends in the wrong order": (TWO, 2, 1),
    "equal ends": (TWO, 1, 1),
    "a slope that may vanish": ((F(1, 100), F(-1), F(0), F(1)), 0, 2),
}


@pytest.mark.parametrize("name", NO_ROOT)
def test_what_isolates_no_root_is_refused(name):
    p, low, high = NO_ROOT[name]
    with pytest.raises(ValueError, match="no root of"):
        Root(p, F(low), F(high))
    value = ("root", p, F(low), F(high))
    assert not accepted(("=", F(0), F(1)), {"x": value}), "though nothing reads it"
    assert not accepted(("!=", ("^", "x", F(2)), F(2)), {"x": value})


@pytest.mark.parametrize(
    ("p", "low", "high", "number"),
    [
        (TWO, 1, 2, SQRT2),
        (TWO, -2, -1, minus(SQRT2)),
        (product(TWO, THREE), F(13, 10), F(15, 10), SQRT2),
        (product(TWO, THREE), F(16, 10), F(18, 10), SQRT3),
        (product(TWO, (F(-7, 5), F(1))), F(1411, 1000), F(1415, 1000), SQRT2),
        (product(TWO, (F(-7, 5), F(1))), F(139, 100), F(1405, 1000), F(7, 5)),
        (product(TWO, THREE, THREE), F(141, 100), F(1415, 1000), SQRT2),
        ((F(-7), F(5)), 1, 2, F(7, 5)),
        ((F(-1, 3), F(1, 7)), 2, 3, F(7, 3)),
        (tuple(2 * c for c in TWO), 1, 2, SQRT2),
        ((F(1), F(0), F(-10), F(0), F(1)), 3, 4, ("+", SQRT2, SQRT3)),
        ((F(-1), F(-1), F(1)), 1, 2, ("/", ("+", F(1), ("sqrt", F(5))), F(2))),
    ],
)
def test_a_root_is_the_number_that_it_is(p, low, high, number):
    root = ("root", p, F(low), F(high))
    assert holds(("=", root, number))
    assert not holds(("!=", root, number))
    assert not holds(("=", root, ("+", number, F(1, 10**130))))
    assert holds(("<", root, ("+", number, F(1, 10**130))))


def test_a_root_of_another_polynomial_is_another_number():
    root3 = ("root", THREE, F(1), F(2))
    squared = ("!=", ("^", "x", F(2)), F(2))
    assert accepted(squared, {"x": ("root", TWO, F(1), F(2))})
    assert not accepted(squared, {"x": root3})
    both = product(TWO, THREE)
    assert accepted(squared, {"x": ("root", both, F(13, 10), F(3, 2))})
    assert not accepted(squared, {"x": ("root", both, F(16, 10), F(18, 10))})


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.integers(-30, 30), min_size=2, max_size=6).filter(lambda c: c[-1]))
def test_the_size_of_a_root_bounds_its_conjugates(coefficients):
    with mpmath.workdps(60):
        zeros = mpmath.polyroots(coefficients[::-1], maxsteps=500, extraprec=2000)
    real = sorted(z.real for z in zeros if abs(z.imag) < mpmath.mpf(10) ** -12)
    for zero in real:
        near = F(int(zero * 10**9), 10**9)
        try:
            root = Root(tuple(map(F, coefficients)), near - F(1, 10**6), near + F(1, 10**6))
        except ValueError:
            continue
        n, d = root.size
        assert all(abs(coefficients[-1] * z) <= 2**n * (1 + mpmath.mpf(10) ** -9) for z in zeros)
        assert abs(coefficients[-1]) <= 2**d
        low, high = root.enclosure(100)
        assert root.low <= low <= high <= root.high
        assert high - low <= F(1, 2**100)
        assert abs(mpmath.mpf(low.numerator) / low.denominator - zero) < mpmath.mpf(10) ** -9


# ---------------------------------------------------------------- what a point may say
ILL_FORMED = {
    "a float": 1.5,
    "a truth value": True,
    "a text": "y",
    "nothing": None,
    "a list": ["sqrt", F(2)],
    "a float under a root": ("sqrt", 2.0),
    "a truth value under a root": ("sqrt", True),
    "a variable": ("+", "y", F(1)),
    "itself": ("+", "x", F(1)),
    "an operation without arguments": ("+",),
    "a root of two numbers": ("sqrt", F(2), F(3)),
    "a quotient of three": ("/", F(1), F(2), F(3)),
    "an unknown operation": ("cbrt", F(2)),
    "a case distinction": ("if", F(0), F(1), F(2), F(3)),
    "a modulus": ("abs", F(-1)),
    "a sum": ("sum", "i", F(1), F(2), "i"),
    "a value of a sequence": ("at", "g", F(1)),
    "a division by zero": ("/", F(1), F(0)),
    "a division by a hidden zero": ("/", F(1), ("+", ("*", SQRT2, SQRT3), minus(SQRT6))),
    "the root of a negative number": ("sqrt", F(-1)),
    "a broken exponent": ("^", F(2), F(1, 2)),
    "an irrational exponent": ("^", F(2), SQRT2),
    "a root without its ends": ("root", TWO),
    "a root with one end": ("root", TWO, F(1)),
    "a root with three ends": ("root", TWO, F(1), F(2), F(3)),
    "a root of a float": ("root", (-2.0, F(0), F(1)), F(1), F(2)),
    "a root between floats": ("root", TWO, 1.0, 2.0),
    "a root between terms": ("root", TWO, F(1), ("+", F(1), F(1))),
    "a root of a list": ("root", [F(-2), F(0), F(1)], F(1), F(2)),
    "a root of a number": ("root", F(2), F(1), F(2)),
    "a root of truth values": ("root", (F(-2), F(0), True), F(1), F(2)),
    "a root of a variable": ("root", (F(-2), "y", F(1)), F(1), F(2)),
    "a root of roots": ("root", (minus(SQRT2), F(0), F(1)), F(1), F(2)),
}


class Text(str):
    """A text that is more than a text."""

    __slots__ = ()


@pytest.mark.parametrize("value", [*ILL_FORMED.values(), (Text("sqrt"), F(2))], ids=[*ILL_FORMED, "a false text"])
def test_what_is_no_number_is_refused(value):
    false = ("=", F(0), F(1))
    assert accepted(false, {"y": F(1)})
    assert not accepted(false, {"x": value, "y": F(1)})
    assert not accepted(false, {"g": (F(1), value), "y": F(1)}, sequences=[Sequence("g")])


@pytest.mark.parametrize("value", [(F(1), F(2)), (), (SQRT2,)], ids=str)
def test_a_sequence_is_no_number(value):
    assert not accepted(("=", "x", F(0)), {"x": value})


def test_a_number_is_no_sequence():
    for n in (1, 2):
        assert not accepted(("=", ("at", "g", F(n)), F(5)), {"g": SQRT2, "sqrt": F(1)}, sequences=[Sequence("g")])
    assert accepted(("=", ("at", "g", F(1)), F(5)), {"g": (SQRT2,)}, sequences=[Sequence("g")])


def test_an_integer_variable_is_no_root():
    statement = Statement((("<", "n", F(0)),), (), ("n",))
    check(Certificate(statement, {"n": F(2)}, None))
    for value in (SQRT2, ("sqrt", F(4)), ("root", (F(-2), F(1)), F(1), F(3))):
        with pytest.raises(Rejected):
            check(Certificate(statement, {"n": value}, None))


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


# ---------------------------------------------------------------- against mpmath
def number(term):
    """The value in mpmath's arithmetic."""
    if isinstance(term, (int, F)):
        return mpmath.mpf(F(term).numerator) / F(term).denominator
    op, *args = term
    if op == "root":
        return zero_of(term, mpmath.mp.dps)
    a, *rest = map(number, args)
    for b in rest:
        a = a + b if op == "+" else a * b if op == "*" else a / b if op == "/" else a ** int(b)
    return mpmath.sqrt(a) if op == "sqrt" else a


@cache
def zero_of(term, digits):
    """By Newton's method from the middle of the interval."""
    _, p, low, high = term
    with mpmath.workdps(digits + 10):
        c, x = [number(n) for n in reversed(p)], number((low + high) / 2)
        for _ in range(60):
            value, slope = mpmath.polyval(c, x, derivative=True)
            x -= value / slope
        assert number(low) < x < number(high)
        return x


SMALL = st.fractions(-5, 5, max_denominator=6)
POSITIVE = st.fractions(F(1, 6), 7, max_denominator=6)
ATOMS = st.one_of(
    SMALL,
    POSITIVE.map(lambda n: ("sqrt", n)),
    st.sampled_from([CUBE2, SQRT2, ("root", (F(-1), F(-1), F(0), F(1)), F(1), F(2)), ("root", TWO, F(1), F(2))]),
)


def grown(inner):
    squared = inner.map(lambda t: ("*", t, t))
    return st.one_of(
        st.tuples(st.just("+"), inner, inner),
        st.tuples(st.just("*"), inner, inner),
        st.tuples(st.just("/"), inner, squared.map(lambda t: ("+", F(1), t))),
        squared.map(lambda t: ("sqrt", t)),
        st.tuples(st.just("sqrt"), st.tuples(st.just("+"), POSITIVE, squared)),
        st.tuples(st.just("^"), inner, st.sampled_from([F(2), F(3), F(0)])),
    )


TERMS = st.recursive(ATOMS, grown, max_leaves=5)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(TERMS, TERMS)
def test_signs_agree_with_mpmath(a, b):
    try:
        told = [holds((op, a, b)) for op in ("<", "=", "<=", "!=")]
    except TooClose:
        assert degree_of(("+", a, b)) > 8
        return
    with mpmath.workdps(300):
        gap = number(b) - number(a)
        sign = 0 if abs(gap) < mpmath.mpf(10) ** -200 else gap
        assert told == [sign > 0, sign == 0, sign >= 0, sign != 0]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(TERMS, TERMS)
def test_identities_are_told(a, b):
    """(a + b)^2 = a^2 + 2 a b + b^2, unless the degree is too high."""
    left, right = ("^", ("+", a, b), F(2)), ("+", ("*", a, a), ("*", F(2), a, b), ("*", b, b))
    try:
        assert holds(("=", left, right))
    except TooClose:
        assert degree_of(left) > 8


def degree_of(term):
    evaluation = Evaluation(Statement(()), {})
    evaluation.value(term)
    return prod(degree for _, degree in evaluation.reals.roots.values())


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
