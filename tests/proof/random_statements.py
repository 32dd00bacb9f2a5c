"""Families of statements that are true by construction, each drawn at random."""

from fractions import Fraction

from symopt.proof import Sequence

from .random_terms import (
    MINUS,
    NUMBERS,
    ONE,
    REALS,
    TWO,
    ZERO,
    grown,
    minus,
    plus,
    positive,
    rearranged,
    small,
    square,
    stated,
    times,
)

F = Fraction
BEFORE = ("+", "#", MINUS)


def at(name, index):
    return ("at", name, index)


def two(rng, leaves=REALS):
    return small(rng, leaves), small(rng, leaves)


def identities(rng):
    while True:
        term = grown(rng, rng.choice((1, 2, 2, 2)))
        other = rearranged(rng, term)
        if other != term:
            return stated("=", term, other)


def polynomials(rng):
    a, c = two(rng)
    k, m = rng.choice(NUMBERS), rng.choice(NUMBERS)
    op, left, right = rng.choice(
        (
            ("=", square(plus(a, c)), plus(square(a), times(TWO, a, c), square(c))),
            ("=", times(plus(a, c), plus(a, minus(c))), plus(square(a), minus(square(c)))),
            ("=", times(plus(a, k), plus(c, m)), plus(times(a, c), times(m, a), times(k, c), k * m)),
            ("=", ("^", plus(a, k), F(3)), plus(("^", a, F(3)), times(3 * k, square(a)), times(3 * k * k, a), k**3)),
            ("<=", times(TWO, a, c), plus(square(a), square(c))),
            ("<=", times(F(4), a, c), square(plus(a, c))),
            ("<", times(2 * k, a), plus(square(a), k * k, ONE)),
            ("<=", minus(square(plus(a, k))), ZERO),
            ("<=", square(plus(a, c)), plus(times(TWO, square(a)), times(TWO, square(c)))),
        )
    )
    return stated(op, rearranged(rng, left), rearranged(rng, right))


def inequalities(rng):
    a, c = two(rng)
    up = rng.choice((square(c), ("abs", c), "x", "w", times("x", "w"), plus(ONE, "y"), times("w", square(c))))
    op, left, right = rng.choice(
        (
            ("<=", a, plus(a, up)),
            ("<", a, plus(a, up, rng.choice((ONE, "x", F(1, 7))))),
            ("<=", ZERO, times("x", "w", plus(TWO, minus("y")))),
            ("<=", times("b", "w"), "w"),
            ("<=", times("w", "y"), times(TWO, "w")),
            ("<", ("/", "x", plus("x", positive(rng))), ONE),
            ("<", ZERO, ("/", "x", positive(rng))),
            ("<=", ("/", ONE, plus(ONE, up)), ONE),
            ("<=", ("/", "w", plus(ONE, "w")), "w"),
            ("!=", plus("x", "w"), ZERO),
            ("!=", times("x", plus(ONE, square(c))), ZERO),
            ("<=", TWO, plus("x", ("/", ONE, "x"))),
        )
    )
    if rng.random() < 0.4:
        left, right = plus(left, a), plus(a, right)
    return stated(op, left, right)


def quotients(rng):
    a, c = two(rng)
    p, q = positive(rng), positive(rng)
    e = "e"
    op, left, right, *given = rng.choice(
        (
            ("=", plus(("/", a, p), ("/", c, q)), ("/", plus(times(a, q), times(c, p)), times(p, q))),
            ("=", ("/", ("/", a, p), ("/", ONE, q)), ("/", times(a, q), p)),
            ("=", ("/", ONE, ("/", ONE, p)), p),
            ("=", ("/", ONE, ("/", e, p)), ("/", p, e), ("!=", e, ZERO)),
            ("=", ("/", plus(square(e), minus(square(c))), plus(e, minus(c))), plus(e, c), ("!=", e, c)),
            ("=", plus(("/", a, p), minus(("/", c, p))), ("/", plus(a, minus(c)), p)),
            ("<=", a, times(e, p), ("<=", ("/", a, p), e)),
            ("<=", ONE, times(e, "x"), ("<=", ("/", ONE, "x"), e)),
            ("<", ZERO, ("/", ONE, e), ("<", ZERO, e)),
            ("=", ("/", e, e), ONE, ("<", e, ZERO)),
            ("=", times(e, p), a, ("=", e, ("/", a, p))),
            ("<", times(c, p), a, ("<", c, ("/", a, p))),
        )
    )
    return stated(op, left, right, given)


def roots(rng):
    a, c = two(rng)
    p = positive(rng)
    k = F(rng.randint(1, 5))
    op, left, right, *given = rng.choice(
        (
            ("=", ("sqrt", square(a)), ("abs", a)),
            ("=", square(("sqrt", p)), p),
            ("=", ("sqrt", times("x", "w")), times(("sqrt", "x"), ("sqrt", "w"))),
            ("=", ("sqrt", ("/", "w", p)), ("/", ("sqrt", "w"), ("sqrt", p))),
            ("=", ("/", ONE, ("sqrt", p)), ("/", ("sqrt", p), p)),
            ("=", ("sqrt", times(k * k, p)), times(k, ("sqrt", p))),
            ("=", ("sqrt", times(square(c), p)), times(("abs", c), ("sqrt", p))),
            ("=", times(plus(("sqrt", p), c), plus(("sqrt", p), minus(c))), plus(p, minus(square(c)))),
            ("<=", ("sqrt", "w"), ("sqrt", plus("w", "x"))),
            ("<=", ZERO, plus(("sqrt", "w"), square(a))),
            ("<", ZERO, ("sqrt", p)),
            ("<=", times(TWO, ("sqrt", "x"), ("sqrt", "w")), plus("x", "w")),
            ("=", ("^", ("sqrt", "e"), F(4)), square("e"), ("<=", ZERO, "e")),
            ("=", ("sqrt", "e"), "x", ("=", "e", square("x"))),
            ("<=", ("/", "w", ("sqrt", plus(square("w"), p))), ONE),
        )
    )
    return stated(op, left, right, given)


def cases(rng):
    a, c = rng.choice(REALS), small(rng)
    k = F(rng.randint(1, 4))
    clip = ("min", ("max", a, -k), k)
    op, left, right = rng.choice(
        (
            ("=", ("abs", a), ("max", a, minus(a))),
            ("=", plus(("max", a, c), ("min", a, c)), plus(c, a)),
            ("=", times(("sign", a), ("abs", a)), a),
            ("=", square(("abs", c)), square(c)),
            ("=", ("max", a, c), ("if", a, c, c, a)),
            ("=", ("if", a, c, ("max", a, c), ("min", a, c)), c),
            ("<=", clip, k),
            ("<=", -k, clip),
            ("<=", square(("sign", c)), ONE),
            ("<=", ("min", a, c), ("max", a, c)),
            ("<=", ("min", a, c), a),
            ("<=", c, ("max", a, c)),
            ("<=", c, ("abs", c)),
            ("<=", ("abs", plus(a, "y")), plus(("abs", a), ("abs", "y"))),
            ("=", ("abs", times("x", a)), times("x", ("abs", a))),
            ("=", ("if", a, k, plus(a, c), plus(a, c)), plus(c, a)),
        )
    )
    return stated(op, left, right)


def sums(rng):
    n = rng.choice(("t", "n"))
    a, c = rng.choice(("x", "y", "b", "z")), small(rng, ("x", "z", "y"))
    f = rng.choice((at("g", "i"), "i", ("^", a, "i"), times("i", at("g", "i")), square("i")))
    total = lambda body, low=ONE, high=n: ("sum", "i", low, high, body)  # noqa: E731
    geometric = total(times(plus(ONE, minus("b")), ("^", "b", plus(n, minus("i")))))
    op, left, right = rng.choice(
        (
            ("=", total(times(c, f)), times(c, total(f))),
            ("=", total(plus(f, c)), plus(total(f), times(n, c))),
            ("=", total(f, ONE, plus(n, ONE)), plus(total(f), _put(f, plus(n, ONE)))),
            ("=", total(f, plus(n, ONE), n), ZERO),
            ("=", total(c, ZERO), times(plus(n, ONE), c)),
            ("=", total(times(TWO, "i")), times(n, plus(n, ONE))),
            ("=", total(plus(times(TWO, "i"), MINUS)), square(n)),
            ("=", geometric, plus(ONE, minus(("^", "b", n)))),
            (
                "=",
                times(plus(ONE, minus("b")), total(("^", "b", "i"), ZERO)),
                plus(ONE, minus(("^", "b", plus(n, ONE)))),
            ),
            ("<=", ZERO, total(square(at("g", "i")))),
            ("<=", total(plus(f, minus(square(at("g", "i"))))), total(f)),
            ("=", ("sum", "i", ONE, F(3), times("i", c)), times(F(6), c)),
            ("=", ("sum", "i", F(3), ONE, c), ZERO),
        )
    )
    return stated(op, left, right, sequences=_free(left, right))


def powers(rng):
    a, n = rng.choice(("x", "b", "y", "w")), rng.choice(("t", "n"))
    k, m = F(rng.randint(1, 3)), F(rng.randint(1, 3))
    to = lambda base, more=ZERO: ("^", base, plus(n, more) if more else n)  # noqa: E731
    op, left, right, *given = rng.choice(
        (
            ("=", to(a, k), times(to(a), ("^", a, k))),
            ("=", times(to(a, k), to(a, m)), times(to(a, k + m), to(a))),
            ("=", ("/", to("x", k), to("x")), ("^", "x", k)),
            ("=", plus(to(a, ONE), to(a)), times(to(a), plus(a, ONE))),
            ("=", to(a, k), times(a, to(a, k - 1))),
            ("<=", to("b"), ONE),
            ("<=", to("b", ONE), to("b")),
            ("<", ZERO, to("x")),
            ("<=", ZERO, to("w", k)),
            ("<=", times("w", to("b")), "w"),
            ("<=", ("^", "b", "n"), "b"),
            ("<", ("^", "b", "n"), ONE),
            ("!=", to("x"), ZERO),
            ("=", to("e"), ONE, ("=", "e", ONE)),
            ("<", ZERO, plus(ONE, minus(to("b", ONE)))),
            ("=", to(F(2), k), times(F(2) ** k, to(F(2)))),
        )
    )
    return stated(op, left, right, given)


def recurrences(rng):
    n = rng.choice(("t", "n"))
    start, slope, k = (rng.choice(NUMBERS) for _ in range(3))
    before, mixed = at("s", BEFORE), lambda now: plus(times("b", at("s", BEFORE)), times(plus(ONE, minus("b")), now))
    fixed = slope / (1 - k) if k != 1 else None  # of s -> k s + slope
    p = lambda m: plus(times(k, square(m)), times(slope, m))  # noqa: E731
    made = [
        (Sequence("s", start, plus(before, slope)), "=", plus(start, times(slope, n))),
        (Sequence("s", start, times(k, before)), "=", times(start, ("^", k, n))),
        (Sequence("s", "z", plus(before, "y")), "=", plus("z", times("y", n))),
        (Sequence("s", "z", times("x", before)), "=", times("z", ("^", "x", n))),
        (Sequence("s", ZERO, plus(before, p("#"), minus(p(plus("#", MINUS))))), "=", p(n)),
        (Sequence("s", ZERO, mixed("z")), "=", times("z", plus(ONE, minus(("^", "b", n))))),
        (Sequence("s", "z", mixed("z")), "=", "z"),
        (Sequence("s", "z", mixed(ZERO)), "=", times("z", ("^", "b", n))),
        (Sequence("s", start, plus(before, at("g", "#"))), "=", plus(start, ("sum", "i", ONE, n, at("g", "i")))),
        (
            Sequence("s", ZERO, mixed(at("g", "#"))),
            "=",
            ("sum", "i", ONE, n, times(plus(ONE, minus("b")), ("^", "b", plus(n, minus("i"))), at("g", "i"))),
        ),
        (Sequence("s", ZERO, mixed(square(at("g", "#")))), ">=", ZERO),
        (Sequence("s", "w", plus(before, "x")), ">=", "w"),
        (Sequence("s", "w", ("max", before, at("g", "#"))), ">=", "w"),
        (Sequence("s", "w", times("b", before)), ">=", ZERO),
    ]
    if fixed is not None:
        closed = plus(times(start - fixed, ("^", k, n)), fixed)
        made.append((Sequence("s", start, plus(times(k, before), slope)), "=", closed))
    sequence, op, value = rng.choice(made)
    left, right = (value, at("s", n)) if op == ">=" else (at("s", n), value)
    return stated(op.replace(">", "<"), left, right, sequences=(*_free(sequence.body, value), sequence))


def hypotheses(rng):
    a, c = two(rng, ("x", "y", "z"))
    every = ("<=", ("abs", at("g", "#")), "w")
    left, op, right, *given = rng.choice(
        (
            (square("e"), "=", square(a), ("=", "e", a)),
            (times("e", c), "=", times(a, c), ("=", "e", a)),
            (plus("e", "d"), "=", plus(a, c), ("=", "e", a), ("=", "d", c)),
            (plus("e", c), "=", plus(a, TWO), ("=", "e", plus(a, TWO, minus(c)))),
            (times("e", "d"), "=", ZERO, ("=", "e", ZERO)),
            (a, "<=", "e", ("<=", a, "d"), ("<=", "d", "e")),
            (plus(a, c), "<", plus("e", "d"), ("<=", a, "d"), ("<", c, "e")),
            (times("x", "d"), "<=", times("x", "e"), ("<=", "d", "e")),
            (ZERO, "<", times("d", "e"), ("<", ZERO, "d"), ("<", ZERO, "e")),
            (ZERO, "<", times("d", "e"), ("<", "d", ZERO), ("<", "e", ZERO)),
            (a, "!=", "e", ("<", a, "e")),
            (("*", "d", "e"), "!=", ZERO, ("!=", "d", ZERO), ("!=", "e", ZERO)),
            ("e", "<=", ("abs", "d"), ("<=", "e", "d")),
            ("d", "<=", "e", ("<=", ("abs", "d"), "e")),
            (at("g", "n"), "<=", "w", every),
            (minus("w"), "<=", at("g", "n"), every),
            (plus(at("g", "n"), ("abs", at("g", plus("n", ONE)))), "<=", times(TWO, "w"), every),
        )
    )
    return stated(op, left, right, given, _free(left, right))


FAMILIES = {
    family.__name__: family
    for family in (
        identities,
        polynomials,
        inequalities,
        quotients,
        roots,
        cases,
        sums,
        powers,
        recurrences,
        hypotheses,
    )
}


def _put(term, index):
    """The term with its index i replaced."""
    if isinstance(term, tuple):
        return tuple(_put(part, index) for part in term)
    return index if term == "i" else term


def _free(*terms):
    return (Sequence("g"),) if any(_reads(term) for term in terms) else ()


def _reads(term):
    return isinstance(term, tuple) and (term[:2] == ("at", "g") or any(map(_reads, term)))
