"""Random terms, terms that equal them, terms changed at one node, and points."""

from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

from symopt.proof import Statement

from .meaning import Meaning, UndefinedError, UntoldError

F = Fraction
ZERO, ONE, TWO, MINUS = F(0), F(1), F(2), F(-1)
NUMBERS = (*map(F, (1, 2, 3, -1, -2, 5)), F(1, 2), F(-2, 3))
#: What is known of each variable; of those that no one names here, nothing is.
RANGES = {
    "x": (("<", ZERO, "x"),),
    "w": (("<=", ZERO, "w"),),
    "y": (("<=", MINUS, "y"), ("<=", "y", TWO)),
    "b": (("<=", ZERO, "b"), ("<", "b", ONE)),
    "t": (("<=", ZERO, "t"),),
    "n": (("<=", ONE, "n"),),
}
INTEGERS = ("n", "t")
REALS = ("x", "y", "z", "w")
COMMUTATIVE = ("+", "*", "max", "min")


# ---------------------------------------------------------------- terms
def plus(*args):
    return ("+", *args)


def times(*args):
    return ("*", *args)


def minus(term):
    return ("*", MINUS, term)


def square(term):
    return ("^", term, TWO)


def small(rng, leaves=REALS):
    """A number, a variable, or a polynomial of two or three of them."""
    kind = rng.choice(("leaf", "leaf", "+", "*", "^", "shift"))
    leaf = lambda: rng.choice(leaves) if rng.random() < 0.8 else rng.choice(NUMBERS)  # noqa: E731
    if kind == "leaf":
        return rng.choice(leaves)
    if kind == "^":
        return ("^", rng.choice(leaves), F(rng.choice((2, 2, 3))))
    if kind == "shift":
        return plus(times(rng.choice(NUMBERS), rng.choice(leaves)), rng.choice(NUMBERS))
    return (kind, rng.choice(leaves), *(leaf() for _ in range(rng.choice((1, 1, 2)))))


def positive(rng, leaves=REALS):
    """A term that is positive wherever it is defined."""
    own = [v for v in leaves if v == "x"] or [plus(ONE, square(rng.choice(leaves)))]
    return rng.choice(
        (*own, plus(ONE, square(small(rng, leaves))), plus(F(rng.randint(1, 4)), square(rng.choice(leaves))))
    )


def grown(rng, depth, leaves=("x", "y", "z", "t")):
    """A random term; divisors and radicands are mostly safe, so that much of it is defined."""
    if depth == 0 or rng.random() < 0.15:
        return rng.choice(leaves) if rng.random() < 0.75 else rng.choice(NUMBERS)
    op = rng.choice(("+", "+", "+", "*", "*", "*", "^", "^", "/", "sqrt", "abs", "max", "min", "if", "sum"))
    arg = lambda: grown(rng, depth - 1, leaves)  # noqa: E731
    safe = lambda: plus(ONE, square(arg())) if rng.random() < 0.8 else arg()  # noqa: E731
    if op in ("+", "*"):
        return (op, *(arg() for _ in range(rng.choice((2, 2, 3)))))
    if op == "^":
        return ("^", arg(), rng.choice((TWO, F(3), "t", plus("t", ONE))))
    if op == "/":
        return ("/", arg(), safe())
    if op == "sqrt":
        return ("sqrt", safe())
    if op in ("max", "min"):
        return (op, arg(), arg())
    if op == "if":
        return ("if", arg(), arg(), arg(), arg())
    if op == "sum":
        return ("sum", "i", ONE, "t", grown(rng, min(depth - 1, 1), (*leaves, "i"))) if "i" not in leaves else arg()
    return (op, arg())


def rearranged(rng, term):
    """A term of the same value wherever the first is defined, written another way."""
    if not isinstance(term, tuple):
        return term
    if term[0] == "at":
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
                return plus(*(times(part, *others) for part in arg[1:]))
    if op == "^" and args[1] == 2 and rng.random() < 0.5:
        return times(args[0], args[0])
    if op == "^" and args[1] == plus("t", ONE) and rng.random() < 0.5:
        return times(("^", args[0], "t"), args[0])
    if op == "/" and rng.random() < 0.5:
        return times(args[0], ("/", ONE, args[1]))
    if op == "abs" and rng.random() < 0.5:
        return ("max", args[0], minus(args[0]))
    if op == "max" and len(args) == 2 and rng.random() < 0.5:
        return ("if", args[0], args[1], args[1], args[0])
    if op == "min" and len(args) == 2 and rng.random() < 0.5:
        return minus(("max", *map(minus, args)))
    return term


# ---------------------------------------------------------------- statements
def names_in(data):
    """The variables, bound ones too, in a term, a relation or several."""
    if isinstance(data, str):
        return {data}
    if not isinstance(data, tuple) or not data:
        return set()
    start = 2 if data[0] == "at" else 1 if isinstance(data[0], str) else 0
    return set().union(*map(names_in, data[start:]))


def names_of(statement):
    """The free variables of a statement whose sums all go over i."""
    bodies = [part for s in statement.sequences for part in (s.initial, s.body)]
    return sorted(set().union(*map(names_in, (*statement.claim, *statement.given, *bodies))) - {"i", "#"})


def stated(op, left, right, given=(), sequences=()):
    """The statement, with what is known of its variables."""
    claim = ((op, left, right),)
    names = names_of(Statement(claim, tuple(given), (), tuple(sequences)))
    known = tuple(relation for name in names for relation in RANGES.get(name, ()))
    return Statement(claim, (*known, *given), tuple(n for n in names if n in INTEGERS), tuple(sequences))


# ---------------------------------------------------------------- neighbours
def places(term, path=()):
    """Every place in a term, as a path of positions."""
    yield path
    if isinstance(term, tuple):
        for k in range(2 if term[0] in ("sum", "at") else 1, len(term)):
            yield from places(term[k], (*path, k))


def put_at(term, path, change):
    if not path:
        return change(term)
    return (*term[: path[0]], put_at(term[path[0]], path[1:], change), *term[path[0] + 1 :])


def changed(rng, term, leaves=REALS):
    """The term with one node changed."""
    return put_at(term, rng.choice(list(places(term))), lambda node: changed_node(rng, node, leaves))


def changed_node(rng, node, leaves):
    if isinstance(node, Fraction):
        return rng.choice((node + 1, -node, 2 * node, node - 1))
    if isinstance(node, str):
        return rng.choice([v for v in (*leaves, ZERO, plus(node, ONE)) if v != node])
    swaps = {"+": "*", "*": "+", "max": "min", "min": "max"}
    if node[0] in swaps and rng.random() < 0.5:
        return (swaps[node[0]], *node[1:])
    if len(node) > 3 and node[0] in ("+", "*"):
        return (*node[:2], *node[3:])
    if node[0] == "/":
        return ("/", node[2], node[1])
    if node[0] == "if":
        return ("if", node[2], node[1], *node[3:])
    return rng.choice((minus(node), plus(node, ONE), times(TWO, node)))


def relation_changed(rng, relation, leaves):
    op, left, right = relation
    if rng.random() < 0.15:
        other = {"=": ("!=", "<"), "!=": ("=",), "<=": ("<", "<", "="), "<": ("!=", "=")}[op]
        return (rng.choice(other), left, right) if op != "<" or rng.random() < 0.3 else ("<", right, left)
    if rng.random() < 0.5:
        return (op, changed(rng, left, leaves), right)
    return (op, left, changed(rng, right, leaves))


def neighbour(rng, statement):
    """The statement with one node changed: in its claim mostly, in a hypothesis or in a recurrence."""
    leaves = tuple(sorted(names_in(statement.claim) - {"i"})) or ("z",)
    defined = [k for k, s in enumerate(statement.sequences) if s.body is not None]
    given, chance = statement.given, rng.random()
    if defined and chance < 0.25:
        k = rng.choice(defined)
        s = statement.sequences[k]
        if rng.random() < 0.3:
            s = replace(s, initial=changed(rng, s.initial, leaves))
        else:
            s = replace(s, body=body_changed(rng, s.body, leaves))
        return replace(statement, sequences=(*statement.sequences[:k], s, *statement.sequences[k + 1 :]))
    if given and chance > 0.85:
        k = rng.randrange(len(given))
        new = () if mentions(given[k], "#") else weaker(given[k]) or (relation_changed(rng, given[k], leaves),)
        new = new if rng.random() < 0.7 else ()
        return replace(statement, given=(*given[:k], *new, *given[k + 1 :]))
    return replace(statement, claim=tuple(relation_changed(rng, r, leaves) for r in statement.claim))


def weaker(relation):
    """The hypothesis with its boundary let in."""
    op, left, right = relation
    if op == "<":
        return (("<=", left, right),)
    return (("<=", left - 1, right),) if op == "<=" and isinstance(left, Fraction) and right in INTEGERS else ()


def body_changed(rng, body, leaves):
    """A recurrence with one node changed that is not inside the index of a sequence."""
    inside = [path for path in places(body) if not any(node_at(body, path[:k])[0] == "at" for k in range(len(path)))]
    return put_at(body, rng.choice(inside), lambda node: changed_node(rng, node, leaves))


def node_at(term, path):
    return term if not path else node_at(term[path[0]], path[1:])


def mentions(term, name):
    return term == name or (isinstance(term, tuple) and any(mentions(part, name) for part in term))


# ---------------------------------------------------------------- points
CORNERS = {
    "x": (ONE, TWO, F(1, 2)),
    "w": (ZERO, ONE, TWO),
    "y": (MINUS, ZERO, TWO),
    "b": (ZERO, F(1, 2), F(9, 10)),
    "t": (ZERO, ONE, TWO),
    "n": (ONE, TWO),
}


def number(rng, name):
    """A number that RANGES allows, at its corners often."""
    if rng.random() < 0.4:
        return rng.choice(CORNERS.get(name, (ZERO, ONE, MINUS)))
    if name in INTEGERS:
        return F(rng.randint(name == "n", 4))
    if name in ("y", "b"):
        return F(rng.randint(-7 if name == "y" else 0, 6), 7)
    return F(rng.randint(1 if name in ("x", "w") else -9, 9), rng.choice((1, 1, 2, 3)))


def point_of(rng, statement):
    """A point that is likely to satisfy the hypotheses; variables that one equates with a term are given its value."""
    point = {
        name: number(rng, name if name in INTEGERS or rng.random() < 0.85 else "z") for name in names_of(statement)
    }
    point |= {s.name: tuple(number(rng, "z") for _ in range(6)) for s in statement.sequences if s.body is None}
    for op, left, right in statement.given:
        if op == "=" and isinstance(left, str) and left in point:
            with suppress(UndefinedError, UntoldError, KeyError, TypeError):
                value = Meaning(statement, point).value(right)
                point[left] = value if isinstance(value, Fraction) else point[left]
    return point
