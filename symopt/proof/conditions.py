"""Side conditions: divisors, radicands and exponents, each shown from the facts before it is used (untrusted)."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from .certificate import INDEX, Relation, Statement, Term, show
from .checker import free_variables, renamed, take_step
from .explorer import Explorer, Failed, Unresolved, explorer
from .normal import MEANS, Context, Undecided, Undischarged, is_universal, put
from .polynomial import Poly, constant
from .positivity import Steps, show_sign
from .readback import factors, term_of
from .store import keep_missing, recall_missing
from .structure import show_term

MAX_STEPS, MAX_FACTORED = 200, 12


def take(context: Explorer, steps: Steps, extra: Steps) -> None:
    """Add steps that show facts, and the facts."""
    for step in extra:
        steps.append(step)
        context.assume(step[1])


def settle(context: Explorer, steps: Steps, relation: Relation) -> Poly:
    """Add steps until the relation's gap has a normal form; the gap."""
    for _ in range(MAX_STEPS):
        try:
            return context.gap(relation[1], relation[2])
        except (Unresolved, Undischarged, Undecided) as stop:
            _attend(context, steps, stop)
    raise Failed("too many side conditions")


def _attend(context: Explorer, steps: Steps, stop: Unresolved | Undischarged | Undecided) -> None:
    """Show what a reading stopped at; inside a sum where it is about the sum's index."""
    about = (
        stop.radicand
        if isinstance(stop, Unresolved)
        else stop.relation
        if isinstance(stop, Undischarged)
        else (Fraction(0), *stop.split)
    )
    bound = {name for name in free_variables(about) if name.startswith(INDEX)} - context.integers
    if not bound:
        if isinstance(stop, Unresolved):
            _resolve(context, steps, stop.radicand)
        elif isinstance(stop, Undischarged):
            _discharge(context, steps, stop)
        else:
            _decide(context, steps, stop)
        return
    if context.entered is None or context.entered[1] not in bound:
        raise Failed(str(stop))
    inner, j, low, high = context.entered
    own: Steps = []
    instantiate(inner, own)
    _attend(inner, own, stop)
    if own:
        _keep_inside(context, steps, j, low, high, own)
    else:
        context.seen.clear()


def _keep_inside(context: Explorer, steps: Steps, j: str, low: Term, high: Term, own: Steps) -> None:
    """Add a step that takes these steps at every index of the sums with these ends, which is called j in them."""
    if _has_sum(tuple(own), low, high):
        raise Failed("a side condition inside a sum speaks of a sum with the same ends")  # and so would inside that
    index = j.replace(INDEX, "i_")
    steps.append(("within", index, low, high, renamed(tuple(own), j, index)))

    def show(deeper: Context, name: str) -> None:
        for step in renamed(tuple(own), j, name):
            take_step(deeper, (), *step)

    context.show_inside(low, high, show)


def _has_sum(data: Any, low: Term, high: Term) -> bool:
    """Whether there is a sum with these ends in steps or terms."""
    if not isinstance(data, tuple):
        return False
    return (len(data) == 5 and data[0] == "sum" and data[2:4] == (low, high)) or any(
        _has_sum(part, low, high) for part in data
    )


def _decide(context: Explorer, steps: Steps, undecided: Undecided) -> None:
    """Show which case holds, if the facts tell; otherwise the proof must split."""
    a, b = undecided.split
    for op, low, high in (("<=", a, b), ("<", b, a)):
        found = show_sign(context, context.gap(low, high), op, deep=context.depth > 0)
        if found is not None:
            take(context, steps, [*found[0], ("show", (op, low, high), found[1])])
            return
    if not context.depth:
        raise undecided
    context.chosen.add((a, b))


def _discharge(context: Explorer, steps: Steps, missing: Undischarged) -> None:
    op, a, b = missing.relation
    p = context.gap(a, b)
    accept_pending(context, steps)
    if op == "!=":
        p = settle(context, steps, ("<=", b, a))  # what was just accepted may have cleared how its roots were read
        if context.known(p, "!=") or show_sign_of(context, steps, a, p, strictly=True):
            return
        found = show_sign(context, context.gap(a, b), op)
        if found is not None:
            take(context, steps, [*found[0], ("show", missing.relation, found[1])])
            return
    elif show_sign_of(context, steps, b, p, strictly=op == "<"):
        return
    raise Failed(str(missing), missing.relation) from missing


def strip_facts(context: Explorer, steps: Steps) -> None:
    """From facts about products, facts about what is left without the factors known to be positive."""
    for fact, known in list(context.facts.items()):
        p = dict(fact)
        if not known & {">", ">="} or len(p) > MAX_FACTORED:
            continue
        _, parts = factors(p)
        units = [f if context.known(f, ">") else {m: -c for m, c in f.items()} for f, _ in parts]
        positive = [context.known(unit, ">") for unit in units]
        rest = [f for (f, n), sure in zip(parts, positive, strict=True) for _ in range(n) if not sure]
        scale = [u for u, (_, n), sure in zip(units, parts, positive, strict=True) for _ in range(n) if sure]
        if not scale or len(rest) == 0:
            continue
        left = context.product({(): Fraction(1)}, *rest)
        product = context.product(left, *scale)
        c = product[max(product)] / p[max(p)]
        left = {m: k / c for m, k in left.items()}
        op = "<" if ">" in known else "<="
        if not context.known(left, MEANS[op]):
            own = ((Fraction(1), (term_of(context, p),), Fraction(1)),)
            step = (
                "show",
                (op, Fraction(0), term_of(context, left)),
                (tuple(term_of(context, u) for u in scale), own, ()),
            )
            take(context, steps, [step])


def instantiate(context: Explorer, steps: Steps) -> None:
    """Bring in the hypotheses about every index at the indices of the free sequences met so far."""
    universal = [n for n, relation in enumerate(context.given) if is_universal(relation)]
    met = [kind for kind in list(context.kinds) if kind[0] == "at" and context.sequences[kind[1]].body is None]
    indices = dict.fromkeys(term_of(context, dict(kind[2])) for kind in met) if universal else ()
    for index in indices:
        if any(name.startswith(INDEX) for name in free_variables(index) - context.integers):
            continue  # inside a sum
        form, offset = context.integer(index)
        for number in universal:
            if (number, index) in context.instances or not context.at_least(form, 1 - offset):
                continue
            relation = put(context.given[number], {INDEX: index})
            gap = settle(context, steps, relation)
            context.instances.add((number, index))
            if not context.known(gap, MEANS[relation[0]]):
                context.assume(relation)
                steps.append(("instance", Fraction(number), index))


def accept_pending(context: Explorer, steps: Steps) -> None:
    """Take up hypotheses whose own side conditions have become facts."""
    for number in list(context.pending):
        if context.accept(context.given[number]):
            context.pending.remove(number)
            context.seen.clear()
            steps.append(("given", Fraction(number)))


def _resolve(context: Explorer, steps: Steps, radicand: Term) -> None:
    """Write sqrt(n/d) as squares out of the root times roots of distinct irreducible polynomials."""
    p = context.normal(radicand)
    name = tuple(sorted(p.items()))
    if not context.known(p, ">="):
        _show_summands(context, steps, radicand)
        context.normal(radicand)
    n, top = context.clear(p)
    divisors = [(context.inverses[x], power) for x, power in top.items()]
    content, whole = _factored([(n, 1), *((d, -power) for d, power in divisors)])
    simple = not divisors and len(whole) <= 1 and all(power == 1 for _, power in whole)
    if simple and (content == 1 or not whole):
        context.resolved.add(name)
        if constant(p) is None and not show_sign_of(context, steps, radicand, p):
            raise Failed(f"a radicand may be negative: {show(radicand)}", ("<=", Fraction(0), radicand))
        return
    shown = show_sign_of(context, steps, radicand, context.gap(Fraction(0), radicand), by_shape=True)
    if shown:
        _show_last_factor(context, steps, radicand, content, whole)
    outside: list[Term] = []
    inside: list[Term] = []
    for factor, power in whole:
        signed, content = _signed(context, steps, factor, power, content)
        term = term_of(context, signed)
        half = power // 2
        outside += (
            [("^", term, Fraction(half))]
            if half > 0
            else [("/", Fraction(1), ("^", term, Fraction(-half)))]
            if half
            else []
        )
        if power % 2:
            context.resolved.add(tuple(sorted(signed.items())))
            inside.append(("sqrt", term))
    if content < 0:
        raise Failed("a radicand may be negative")
    if content != 1:
        context.resolved.add(((((), content)),))
        inside.append(("sqrt", content))
    value = ("*", Fraction(1), *outside, *inside)
    if not show_sign_of(context, steps, value, settle(context, steps, ("<=", Fraction(0), value))):
        raise Failed(f"the sign of a root's factors is not known: {show(value)}")
    steps.append(("root", radicand, value))
    context.values["sqrt", name] = context.normal(value)
    context.seen.clear()


def _show_summands(context: Explorer, steps: Steps, term: Term) -> None:
    """Show of the sums in a term that no summand is negative, where the summand's shape says so."""
    if not isinstance(term, tuple):
        return
    if term[0] == "sum":
        _, name, low, high, body = term
        j = f"{INDEX}{context.depth + 1}"
        inner, summand = context.enter(j, low, high), put(body, {name: j})
        own: Steps = []
        if show_sign_of(inner, own, summand, inner.gap(Fraction(0), summand), by_shape=True) and own:
            _keep_inside(context, steps, j, low, high, own)
        return
    for part in term[1:]:
        _show_summands(context, steps, part)


def _show_last_factor(
    context: Explorer, steps: Steps, radicand: Term, content: Fraction, whole: list[tuple[Poly, int]]
) -> None:
    """Where radicand >= 0 and all its factors but one have a strict sign, show that one's sign."""
    rest: list[Term] = []
    unsigned = []
    for factor, power in whole:
        negative = {m: -c for m, c in factor.items()}
        positive = next((f for f in (factor, negative) if context.known(f, ">")), None)
        if positive is None:
            unsigned.append((factor, power))
            continue
        content = -content if positive is negative and power % 2 else content
        term = term_of(context, positive)
        rest += [term if power < 0 else ("/", Fraction(1), term)] * abs(power)
    if len(unsigned) == 1 and unsigned[0][1] == 1:
        term = term_of(context, {m: c if content > 0 else -c for m, c in unsigned[0][0].items()})
        combination = ((), ((1 / abs(content), (radicand, *rest), Fraction(1)),), ())
        take(context, steps, [("show", ("<=", Fraction(0), term), combination)])


def _factored(parts: list[tuple[Poly, int]]) -> tuple[Fraction, list[tuple[Poly, int]]]:
    """A product of powers of polynomials as a rational times powers of distinct irreducible ones."""
    content, powers = Fraction(1), dict[Any, int]()
    for poly, power in parts:
        c, irreducible = factors(poly) if constant(poly) is None else (poly.get((), Fraction(0)), [])
        for factor, n in irreducible:
            lead = factor[max(factor)]
            name = tuple(sorted((m, k / lead) for m, k in factor.items()))
            powers[name] = powers.get(name, 0) + power * n
            c *= lead**n
        if c == 0 and power < 0:
            raise Failed("a divisor is zero")
        content *= c**power
    return content, [(dict(name), power) for name, power in powers.items() if power]


def _signed(context: Explorer, steps: Steps, factor: Poly, power: int, content: Fraction) -> tuple[Poly, Fraction]:
    """The factor or its negative, whichever is shown to be >= 0."""
    for sign in (1, -1):
        signed = {m: c * sign for m, c in factor.items()}
        if show_sign_of(context, steps, term_of(context, signed), signed):
            return signed, content * sign ** abs(power)  # a negative power of 1 would be a float
    term = term_of(context, factor)
    raise (
        Undecided(Fraction(0), term) if power % 2 == 0 else Failed(f"a radicand's factor may be negative: {show(term)}")
    )


def show_sign_of(
    context: Explorer, steps: Steps, term: Term, p: Poly, *, strictly: bool = False, by_shape: bool = False
) -> bool:
    """Add the steps that show 0 < term, or else (unless strictly) 0 <= term; p is the gap from 0 to the term.

    The cheap look at the term's shape comes first, for both signs, then the search among products of facts.
    """
    for shape in (True,) if by_shape else (True, False):
        for op in ("<",) if strictly else ("<", "<="):
            if context.known(p, MEANS[op]) and constant(p) is None:
                return True
            found = show_term(context, term, op == "<") if shape else show_sign(context, p, op)
            if found:
                take(context, steps, [*found[0], ("show", (op, Fraction(0), term), found[1])])
                return True
    return False


def _of_every_index(relation: Relation | None) -> Relation | None:
    """A side condition met inside a sum, as one about every index; None where it is about several."""
    bound = {name for name in free_variables(relation) if name.startswith(INDEX)}
    return None if len(bound) > 1 else put(relation, dict.fromkeys(bound, INDEX))


def undefined(statement: Statement) -> tuple[Relation, ...]:
    """The side conditions of the claim's left sides that its hypotheses do not give: where it may be undefined."""
    missing = recall_missing(
        statement, conditions_of(tuple(left for _, left, _ in statement.claim), statement.integers)
    )
    if missing is None:
        missing = _search_missing(statement)
        keep_missing(statement, missing)
    return missing


def conditions_of(data: Any, integers: Collection[str] = ()) -> Iterator[Relation]:
    """That each divisor of terms is not 0, no radicand and no exponent that is not a number negative, and the base of a
    real power and a logarithm's argument positive.
    """
    if not isinstance(data, tuple):
        return
    if data[:1] == ("/",):
        yield ("!=", data[2], 0)
    elif data[:1] == ("sqrt",):
        yield ("<=", 0, data[1])
    elif data[:1] == ("log",):
        yield ("<", 0, data[1])
    elif data[:1] == ("^",) and _is_real(data[2], integers):
        yield ("<" if not isinstance(data[2], Fraction) or data[2] < 0 else "<=", 0, data[1])
    elif data[:1] == ("^",) and not isinstance(data[2], (int, Fraction)):
        yield ("<=", 0, data[2])
    elif data[:1] == ("^",) and data[2] < 0:
        yield ("!=", data[1], 0)
    inside = {*integers, data[1]} if data[:1] == ("sum",) else integers
    for part in data:
        yield from conditions_of(part, inside)


def _is_real(exponent: Term, integers: Container[str]) -> bool:
    """Whether an exponent is of a real power: a fraction, or with variables that are no integers."""
    if isinstance(exponent, (int, Fraction)):
        return Fraction(exponent).denominator > 1
    return any(name not in integers and not name.startswith(INDEX) for name in free_variables(exponent))


def _search_missing(statement: Statement) -> tuple[Relation, ...]:
    missing: list[Relation] = []
    branches: list[tuple[Relation, ...]] = [()]
    for _ in range(MAX_STEPS):
        if not branches:
            break
        context = explorer(replace(statement, given=(*statement.given, *missing)))
        try:
            steps: Steps = []
            for case in branches[-1]:
                settle(context, steps, case)
                context.assume(case)
            accept_pending(context, steps)
            for _, left, _ in statement.claim:
                settle(context, steps, ("=", left, left))
        except Failed as failure:
            relation = _of_every_index(failure.relation)
            if relation is not None and relation not in missing:
                missing.append(relation)
                continue
        except Undecided as undecided:
            a, b = undecided.split
            cases = branches.pop()
            if not any(name.startswith(INDEX) for name in free_variables((a, b))):  # no case is one for a sum's index
                branches += [(*cases, ("<=", a, b)), (*cases, ("<", b, a))]
            continue
        branches.pop()
    return tuple(missing)
