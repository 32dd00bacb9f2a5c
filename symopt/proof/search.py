"""Search for a proof: side conditions, roots, rewriting, case splits, shift and induction (untrusted)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from .certificate import Proof, Relation, Statement, Term, show
from .checker import _variables as free_variables
from .normal import MEANS, Context, Poly, Rejected, Undecided, Undischarged, constant, plus, put
from .positivity import Steps, show_sign
from .readback import factors, term_of
from .structure import show_term

MAX_STEPS, MAX_SPLITS = 200, 8


class Unresolved(Rejected):
    """A radicand that the search has not yet looked at."""

    def __init__(self, radicand: Term) -> None:
        super().__init__("an unresolved root")
        self.radicand = radicand


class Explorer(Context):
    """The checker's context, stopping at each new radicand so that the search can factor it."""

    def __init__(self, statement: Statement) -> None:
        self.resolved: set[Any] = set()
        super().__init__(replace(statement, given=()))
        self.given = statement.given
        self.pending: list[int] = []  # hypotheses whose own side conditions are not facts yet

    def branch(self, *relations: Relation) -> Explorer:
        """As in Context; resolved radicands are kept apart too."""
        new = super().branch()
        assert isinstance(new, Explorer)
        new.resolved, new.pending = set(self.resolved), list(self.pending)
        for relation in relations:
            new.assume(relation)
        return new

    def root(self, radicand: Term) -> Poly:
        """As in Context, once the radicand is resolved."""
        name = tuple(sorted(self.normal(radicand).items()))
        if name not in self.resolved and ("sqrt", name) not in self.values:
            raise Unresolved(radicand)
        return super().root(radicand)


class Failed(Exception):
    """The search found no proof; the message says where it stopped, at a side condition if there is one."""

    def __init__(self, why: str, relation: Relation | None = None) -> None:
        super().__init__(why)
        self.relation = relation


def find_proof(statement: Statement) -> Proof:
    """A proof of the statement, for the checker to judge; Failed where none is found."""
    try:
        return _direct(statement)
    except Failed as failure:
        reason = failure
    for t in statement.integers:
        try:
            first = _lower_bound(statement, t)
        except Failed:
            continue
        for attempt in (_induction, _strengthened, _shifted):
            try:
                return attempt(statement, t, first)
            except Failed as failure:
                reason = failure if attempt is _strengthened else reason
    raise reason


def _direct(statement: Statement) -> Proof:
    return _prove_in(_explorer(statement), statement.claim, (), 0)


def _explorer(statement: Statement, without: str = "") -> Explorer:
    """The facts that the checker's context starts from."""
    context = Explorer(statement)
    if without:
        context.given = tuple(r for r in statement.given if without not in free_variables(r))
    for number, relation in enumerate(context.given):
        before = set(context.resolved)
        context.resolved |= _radicands(context, relation)
        if not context.accept(relation):
            context.pending.append(number)
            context.resolved = before
    return context


def _radicands(context: Explorer, relation: Relation) -> set[Any]:
    """Hypotheses are read by the plain context, so their roots stay as they stand."""
    plain = Context.branch(context)
    plain.__class__ = Context
    found: set[Any] = set()

    def walk(term: Any) -> None:
        if isinstance(term, tuple):
            for part in term[1:]:
                walk(part)
            if term[0] == "sqrt":
                found.add(tuple(sorted(plain.normal(term[1]).items())))

    try:
        walk(relation)
    except Rejected:
        return set()
    return found


def _lower_bound(statement: Statement, t: str) -> int:
    """The greatest n for which n <= t stands among the hypotheses, and no other hypothesis mentions t."""
    bounds = [r[1] for r in statement.given if r[0] == "<=" and r[2] == t and isinstance(r[1], Fraction)]
    others = [r for r in statement.given if t in free_variables(r) and not (r[0] == "<=" and r[2] == t and r[1] in bounds)]
    if not bounds or others:
        raise Failed(f"no lower bound for the integer {t} alone")
    return int(max(bounds))


def _shifted(statement: Statement, t: str, first: int) -> Proof:
    """Prove it at t + first for t >= 0, so that recurrences unfold."""
    if first <= 0:
        raise Failed(f"nothing to shift in {t}")
    moved = {t: ("+", t, Fraction(first))}
    claim = tuple(put(r, moved) for r in statement.claim)
    given = tuple(put(r, moved) for r in statement.given)
    return ("shift", t, Fraction(first), _direct(replace(statement, claim=claim, given=given)))


def _induction(statement: Statement, t: str, first: int) -> Proof:
    start = Fraction(first)
    base = _prove_in(_explorer(statement, without=t), tuple(put(r, {t: start}) for r in statement.claim), (), 0)
    later = tuple(put(r, {t: ("+", t, Fraction(1))}) for r in statement.claim)
    step = _prove_in(_explorer(statement), later, statement.claim, 0)
    return ("induction", t, start, base, step)


def _strengthened(statement: Statement, t: str, first: int) -> Proof:
    """Induction together with the signs that the recurrences keep."""
    signs = _kept_signs(statement, t, first)
    if not signs:
        raise Failed("no certificate was found by induction")
    return ("strengthen", signs, _induction(replace(statement, claim=(*signs, *statement.claim)), t, first))


def _kept_signs(statement: Statement, t: str, first: int) -> tuple[Relation, ...]:
    """The relations 0 <= s(t), for defined sequences s, that induction proves."""
    kept: tuple[Relation, ...] = ()
    for sequence in statement.sequences:
        if sequence.body is None or not isinstance(sequence.initial, Fraction) or sequence.initial < 0:
            continue
        sign: Relation = ("<=", Fraction(0), ("at", sequence.name, t))
        try:
            _induction(replace(statement, claim=(*kept, sign)), t, first)
        except Failed:
            continue
        kept = (*kept, sign)
    return kept


# ---------------------------------------------------------------- one claim in one context
def _prove_in(context: Explorer, claim: tuple[Relation, ...], assumed: tuple[Relation, ...], splits: int) -> Proof:
    before = context.branch()
    steps: Steps = []
    try:
        for number, relation in enumerate(assumed):
            _settle(context, steps, relation)
            step = ("assumed", Fraction(number))
            context.assume(relation)
            steps.append(step)
        _rewrite(context, steps)
        combinations = [_establish(context, steps, relation) for relation in claim]
    except Undecided as undecided:
        if splits >= MAX_SPLITS:
            raise Failed("too many case distinctions") from undecided
        a, b = undecided.split
        below = _prove_in(before.branch(("<=", a, b)), claim, assumed, splits + 1)
        above = _prove_in(before.branch(("<", b, a)), claim, assumed, splits + 1)
        return ("cases", a, b, below, above)
    except Rejected as error:
        raise Failed(str(error)) from error
    return ("direct", tuple(steps), tuple(combinations))


def _establish(context: Explorer, steps: Steps, relation: Relation) -> Any:
    op, a, b = relation
    p = _settle(context, steps, relation)
    found = None
    if op in ("<", "<="):
        difference = b if a == 0 else ("+", b, ("*", Fraction(-1), a))
        found = show_term(context, difference, op == "<")
    found = found or show_sign(context, p, op)
    if found is None:
        raise Failed(f"no certificate was found for {MEANS[op]} of {len(p)} terms")
    extra, combination = found
    _take(context, steps, extra)
    return combination


def _take(context: Explorer, steps: Steps, extra: Steps) -> None:
    for step in extra:
        steps.append(step)
        context.assume(step[1])


def _settle(context: Explorer, steps: Steps, relation: Relation) -> Poly:
    """Add steps until the relation's gap has a normal form; the gap."""
    for _ in range(MAX_STEPS):
        try:
            return context.gap(relation[1], relation[2])
        except Unresolved as unresolved:
            _resolve(context, steps, unresolved.radicand)
        except Undischarged as missing:
            _discharge(context, steps, missing)
    raise Failed("too many side conditions")


def _discharge(context: Explorer, steps: Steps, missing: Undischarged) -> None:
    op, a, b = missing.relation
    p = context.gap(a, b)
    for number in list(context.pending):
        if context.accept(context.given[number]):
            context.pending.remove(number)
            context.seen.clear()
            steps.append(("given", Fraction(number)))
    if op == "!=":
        p = context.gap(b, a)
        if context.known(p, "!=") or _show_sign(context, steps, a, p, strictly=True):
            return
        found = show_sign(context, context.gap(a, b), op)
        if found is not None:
            _take(context, steps, [*found[0], ("show", missing.relation, found[1])])
            return
    elif _show_sign(context, steps, b, p):
        return
    raise Failed(str(missing), missing.relation) from missing


def _resolve(context: Explorer, steps: Steps, radicand: Term) -> None:
    """Write sqrt(n/d) as squares out of the root times roots of distinct irreducible polynomials."""
    p = context.normal(radicand)
    name = tuple(sorted(p.items()))
    n, top = context.clear(p)
    divisors = [(context.inverses[x], power) for x, power in top.items()]
    content, whole = _factored([(n, 1), *((d, -power) for d, power in divisors)])
    simple = not divisors and len(whole) <= 1 and all(power == 1 for _, power in whole)
    if simple and (content == 1 or not whole):
        context.resolved.add(name)
        if constant(p) is None and not _show_sign(context, steps, radicand, p):
            raise Failed(f"a radicand may be negative: {show(radicand)}", ("<=", Fraction(0), radicand))
        return
    _show_sign(context, steps, radicand, context.gap(Fraction(0), radicand), by_shape=True)
    outside: list[Term] = []
    inside: list[Term] = []
    for factor, power in whole:
        signed, content = _signed(context, steps, factor, power, content)
        term = term_of(context, signed)
        half = power // 2
        outside += [("^", term, Fraction(half))] if half > 0 else [("/", Fraction(1), ("^", term, Fraction(-half)))] if half else []
        if power % 2:
            context.resolved.add(tuple(sorted(signed.items())))
            inside.append(("sqrt", term))
    if content < 0:
        raise Failed("a radicand may be negative")
    if content != 1:
        context.resolved.add(((((), content)),))
        inside.append(("sqrt", content))
    value = ("*", Fraction(1), *outside, *inside)
    if not _show_sign(context, steps, value, _settle(context, steps, ("<=", Fraction(0), value))):
        raise Failed(f"the sign of a root's factors is not known: {show(value)}")
    steps.append(("root", radicand, value))
    context.values["sqrt", name] = context.normal(value)
    context.seen.clear()


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
        if _show_sign(context, steps, term_of(context, signed), signed):
            return signed, content * sign**power
    term = term_of(context, factor)
    raise Undecided(Fraction(0), term) if power % 2 == 0 else Failed(f"a radicand's factor may be negative: {show(term)}")


def _show_sign(
    context: Explorer, steps: Steps, term: Term, p: Poly, *, strictly: bool = False, by_shape: bool = False
) -> bool:
    """Add the steps that show 0 < term, or else (unless strictly) 0 <= term; p is the gap from 0 to the term.

    The cheap look at the term's shape comes first, for both signs, then the search among products of facts.
    """
    ways = [lambda op: show_term(context, term, op == "<")]
    if not by_shape:
        ways.append(lambda op: show_sign(context, p, op))
    for way in ways:
        for op in ("<",) if strictly else ("<", "<="):
            if context.known(p, MEANS[op]) and constant(p) is None:
                return True
            found = way(op)
            if found:
                _take(context, steps, [*found[0], ("show", (op, Fraction(0), term), found[1])])
                return True
    return False


def undefined(statement: Statement) -> tuple[Relation, ...]:
    """The side conditions of the claim's left sides that its hypotheses do not give: where it may be undefined."""
    missing: list[Relation] = []
    branches: list[tuple[Relation, ...]] = [()]
    for _ in range(MAX_STEPS):
        if not branches:
            break
        context = _explorer(replace(statement, given=(*statement.given, *missing))).branch(*branches[-1])
        try:
            steps: Steps = []
            for _, left, _ in statement.claim:
                _settle(context, steps, ("=", left, left))
        except Failed as failure:
            if failure.relation is not None and failure.relation not in missing:
                missing.append(failure.relation)
                continue
        except Undecided as undecided:
            a, b = undecided.split
            cases = branches.pop()
            branches += [(*cases, ("<=", a, b)), (*cases, ("<", b, a))]
            continue
        branches.pop()
    return tuple(missing)


# ---------------------------------------------------------------- known equalities
def _rewrite(context: Explorer, steps: Steps) -> None:
    """Solve every known equality for one atom and replace it from now on."""
    equalities = [dict(fact) for fact, known in context.facts.items() if "=" in known]
    for e in equalities:
        e = _settle(context, steps, ("<=", Fraction(0), term_of(context, e)))
        target = _solvable(context, e)
        if target is None:
            continue
        atom, c = target
        rest = {m: k for m, k in e.items() if ((atom, 1)) not in m}
        value = ("/", ("*", Fraction(-1), term_of(context, rest)), term_of(context, c)) if constant(c) is None else term_of(
            context, {m: -k / c[()] for m, k in rest.items()}
        )
        name = term_of(context, {((atom, 1),): Fraction(1)})
        gap = _settle(context, steps, ("=", name, value))
        if not context.known(gap, "="):
            factor = _quotient(context, gap, e)
            relation = ("=", name, value)
            steps.append(("show", relation, ((), (), ((term_of(context, factor), term_of(context, e)),))))
            context.assume(relation)
        steps.append(("rewrite", name, value))
        context.values[atom] = context.normal(value)
        context.seen.clear()


def _solvable(context: Explorer, e: Poly) -> tuple[int, Poly] | None:
    """An atom that e contains linearly, with its coefficient; recurrent ones and constant coefficients first."""
    rank = {"at": 0, "sum": 1, "variable": 2}
    names = {index: name for name, index in context.atoms.items()}
    best = None
    for x in sorted({x for m in e for x, _ in m}):
        kind = names[x][0]
        if kind not in rank or any(n != 1 for m in e for y, n in m if y == x):
            continue
        if any(x in _support(context, y) for m in e for y, _ in m if y != x):
            continue
        c = {tuple(y for y in m if y[0] != x): k for m, k in e.items() if (x, 1) in m}
        score = (constant(c) is None, rank[kind], len(c), -x)
        if best is None or score < best[0]:
            best = (score, x, c)
    return None if best is None else (best[1], best[2])


def _support(context: Explorer, index: int) -> set[int]:
    """The atoms inside a compound atom: those that its polynomial names."""
    found: set[int] = set()
    for p in (context.squares.get(index), context.inverses.get(index)):
        if p:
            found |= {x for m in p for x, _ in m}
    return found


def _quotient(context: Explorer, p: Poly, e: Poly) -> Poly:
    """p / e where e divides p up to the relations between roots; the search only guesses, the checker decides."""
    import sympy as sp

    from .readback import from_sympy, to_sympy

    quotient, remainder = sp.div(to_sympy(p), to_sympy(e))
    if remainder != 0 or plus(context.times(from_sympy(sp.expand(quotient)), e), p, -1):
        raise Failed("a known equality could not be solved")
    return from_sympy(sp.expand(quotient))
