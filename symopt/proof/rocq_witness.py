"""Rocq proofs that a statement fails at a point: every term enclosed between rationals, with its lemma."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import Any

from .certificate import INDEX, Certificate, Relation, Sequence, Term
from .evaluation import is_term, uses
from .normal import CASES, is_universal, put
from .rocq_algebraic import radicands_behind
from .rocq_terms import (
    Printer,
    Unsupported,
    add,
    binders,
    hypotheses,
    linear,
    name_of,
    natural,
    number,
    printer,
    statement_to_rocq,
    variables_of,
)
from .witness import show_value

Interval = tuple[Fraction, Fraction]
GRID = 2**48  # bounds of irrational values are multiples of one part of this


def refutation_script(certificate: Certificate) -> str:
    """The tactics that prove the negation of the certificate's statement, by its point."""
    statement, point = certificate.statement, certificate.point
    statement_to_rocq(statement)  # what it refuses is not supported
    if "root of" in ", ".join(map(show_value, point.values())):
        raise Unsupported("a witness with the root of a polynomial that is no square root")
    out = printer(statement)
    enclosure = Enclosure(certificate)
    reals = [(n, point.get(n, Fraction(0))) for n in variables_of(statement)]
    naturals = [(n, int(point[n])) for n in statement.integers]
    free = {s.name: point.get(s.name, ()) for s in statement.sequences if s.body is None}
    values = [out.real(v) for _, v in reals] + [f"{v}%nat" for _, v in naturals]
    equations = [(f"e_{k}", f"{name_of(n)} = {v}") for k, (n, v) in enumerate(zip_names(reals, naturals, values))]
    equations += [
        (f"f_{k}_{n}", f"{name_of(name)} {n}%nat = {out.real(v)}")
        for k, (name, terms) in enumerate(free.items())
        for n, v in enumerate(terms, 1)
    ]
    equations += [
        (f"t_{k}", f"(forall n : nat, ({len(terms)} <= n)%nat -> {name_of(name)} n = {name_of(name)} {len(terms)}%nat)")
        for k, (name, terms) in enumerate(free.items())
        if terms
    ]
    recurrences = [(n, text) for n, text in hypotheses(statement) if not n.startswith("g_")]
    given = [enclosure.shows_always(r) if is_universal(r) else enclosure.shows(r) for r in statement.given]
    false = next((k for k, r in enumerate(statement.claim) if not enclosure.holds(r)), None)
    if false is None:
        raise Unsupported("the values are too close to tell apart")
    refuted = enclosure.refutes(statement.claim[false], f"c_{false}")
    groups = [f"({' '.join(names)} : {kind})" for kind, names in binders(statement).items() if names]
    all_names = " ".join(n for names in binders(statement).values() for n in names)
    facts = " /\\ ".join([*(f"({out.hypothesis(r)})" for r in statement.given), f"~ ({out.all_of(statement.claim)})"])
    states, functions = _functions(statement.sequences, free, dict(reals), out)
    claims = [f"c_{k}" for k in range(len(statement.claim))]
    pattern = claims[-1]
    for name in reversed(claims[:-1]):
        pattern = f"[{name} {pattern}]"
    goal = "\n".join(
        [
            f"forall {' '.join(groups)}," if groups else "",
            *(f"  {t} ->" for _, t in equations),
            *(f"  ({t}) ->" for _, t in recurrences),
            f"  {facts}",
        ]
    )
    places = " ".join([*values, *functions])
    tails = {
        f"t_{k}": f"ltac:(intros n g_n; {'destruct n as [|n]; [lia|]; ' * len(terms)}reflexivity)"
        for k, terms in enumerate(free.values())
    }
    proofs = {"e": "eq_refl", "f": "eq_refl", "z": "eq_refl", "s": "(fun _ => eq_refl)"}
    same = " ".join(tails.get(n) or proofs[n[0]] for n, _ in (*equations, *recurrences))
    laws = " ".join(proofs[n[0]] for n, _ in recurrences)
    whole = "g_false"
    for name in reversed([f"g_{k}" for k in range(len(given))]):
        whole = f"[{name} {whole}]"
    return "\n".join(
        [
            "intro g_all.",
            f"assert (g_no : {goal}).",
            "{",
            f"intros {all_names} {' '.join(n for n, _ in (*equations, *recurrences))}.",
            *enclosure.script,
            *(f"refine (conj {name} _)." for name in given),
            f"intros {pattern}.",
            refuted,
            "}",
            *states,
            f"pose proof (g_no {places} {same}) as g_found.",
            f"{'destruct g_found as' if given else 'rename g_found into'} {whole}.",
            f"exact (g_false (g_all {places} {laws} {' '.join(f'g_{k}' for k in range(len(given)))})).",
        ]
    )


def zip_names(reals: list[Any], naturals: list[Any], values: list[str]) -> list[tuple[str, str]]:
    """The variables with their values' text."""
    return [(n, v) for (n, _), v in zip([*reals, *naturals], values, strict=True)]


def _functions(
    sequences: tuple[Sequence, ...], free: Any, reals: dict[str, Term], out: Printer
) -> tuple[list[str], list[str]]:
    """Sequences that satisfy the recurrences: projections of one recursion on all of them at once."""
    defined = [s for s in sequences if s.body is not None]

    def projection(k: int, of: str) -> str:
        text = of
        for _ in range(len(defined) - 1 - k):
            text = f"(fst {text})"
        return f"(snd {text})" if k else text

    def at_free(name: str) -> str:
        *first, last = free[name] or (0,)  # for ever after, as in the checker's reading of the point
        cases = "".join(f" | {n}%nat => {out.real(v)}" for n, v in enumerate(first, 1))
        return f"(fun n : nat => match n with{cases} | _ => {out.real(last)} end)"

    if not defined:
        return [], [at_free(s.name) for s in sequences]
    lines = [f"pose ({name_of(n)} := {out.real(v)})." for n, v in reals.items()]
    lines += [f"pose ({name_of(s.name)} := {at_free(s.name)})." for s in sequences if s.body is None]
    start = ", ".join(out.real(s.initial) for s in defined)
    kind = " * ".join("R" for _ in defined)
    step = Printer(out.integers | {f"{INDEX}n"})
    lets = [f"let {name_of(s.name)}'b := {projection(k, '(states n)')} in" for k, s in enumerate(defined)]
    names = {s.name for s in defined}
    for s in defined:
        body = step.real(put(_plain(s.body, names), {INDEX: ("+", f"{INDEX}n", Fraction(1))}))
        lets.append(f"let {name_of(s.name)}'n := {body} in")
    end = ", ".join(f"{name_of(s.name)}'n" for s in defined)
    fix = (
        f"fix states (n : nat) : {kind if len(defined) > 1 else 'R'} := match n with O => ({start}) | S n =>\n"
        + "\n".join(lets)
        + f"\n({end}) end"
    )
    functions = []
    for s in sequences:
        k = next((k for k, d in enumerate(defined) if d is s), None)
        functions.append(name_of(s.name) if k is None else f"(fun n : nat => {projection(k, '(states n)')})")
    return [*lines, f"pose (states := {fix})."], functions


def _plain(term: Any, names: set[str]) -> Any:
    """The recurrence with defined sequences' values now and before as plain variables."""
    if not isinstance(term, tuple):
        return term
    if term[0] == "at" and term[1] in names:
        return name_of(term[1]) + ("'n" if term[2] == INDEX else "'b")
    return tuple(_plain(part, names) for part in term)


class Enclosure:
    """Bounds of terms at a point, each with the lemma that states them; ``script`` holds the lemmas."""

    def __init__(self, certificate: Certificate) -> None:
        self.statement, self.point = certificate.statement, certificate.point
        self.out = printer(self.statement)
        self.script: list[str] = []
        self.found: dict[Term, tuple[str, Interval]] = {}
        self.equations = {n: f"e_{k}" for k, n in enumerate([*variables_of(self.statement), *self.statement.integers])}
        self.free = [s.name for s in self.statement.sequences if s.body is None]

    def lemma(self, goal: str, proof: str) -> str:
        """Write an assertion; its name."""
        name = f"b_{len(self.script)}"
        self.script.append(f"assert ({name} : {goal}).\n{{ {proof} }}")
        return name

    def integer(self, term: Term) -> int:
        """An integer form's value."""
        variables, constant = linear(term)
        return constant + sum(c * int(self.point[n]) for n, c in variables.items())

    def bounds(self, term: Term) -> tuple[str, Interval]:
        """The lemma lo <= term <= hi, and (lo, hi)."""
        if term not in self.found:
            proof, (low, high) = self._bounds(term)
            name = self.lemma(f"{number(low)} <= {self.out.real(term)} <= {number(high)}", proof)
            self.found[term] = (name, (low, high))
        return self.found[term]

    def _bounds(self, term: Term) -> tuple[str, Interval]:
        if isinstance(term, (Fraction, int)):
            return "lra.", (Fraction(term), Fraction(term))
        if isinstance(term, str):
            value, change = self.point.get(term, Fraction(0)), " cbn [INR]." if term in self.out.integers else ""
            if is_term(value):
                return self._same(value, f"rewrite {self.equations[term]}. exact {{}}.")
            return f"rewrite {self.equations[term]}.{change} lra.", (Fraction(value), Fraction(value))
        op, *args = term
        if op in CASES:
            inner, ends = self.bounds(CASES[op](*args))
            lemma = {"abs": "abs_ite", "max": "max_ite", "min": "min_ite"}.get(op)
            return (f"rewrite {lemma}. " if lemma else "") + f"exact {inner}.", ends
        if op in ("+", "*") and len(args) > 2:
            return self._same((op, (op, *args[:-1]), args[-1]), "exact {}.")
        if op in ("+", "*") and len(args) == 1:
            return self._same(args[0], "exact {}.")
        if op == "/":
            return self._quotient(*args)
        if op == "^":
            return self._power(args[0], args[1])
        if op == "at":
            return self._value(args[0], args[1])
        if op == "sum":
            first, last = self.integer(args[1]), self.integer(args[2])
            unfolded = ("+", 0, *(put(args[3], {args[0]: Fraction(k)}) for k in range(first, last + 1)))
            count = natural(add((linear(args[2]), 1), (linear(args[1]), -1), (({}, 1), 1)))
            start = f"replace {count} with {max(last - first + 1, 0)}%nat by lia. cbn [sum_of]. "
            return self._same(unfolded, start + "replace_by {}.")
        if op == "if":
            return self._decide(*args)
        if op == "sqrt":
            inner, (low, high) = self.bounds(args[0])
            if low < 0:
                raise Unsupported("a radicand is negative at the point")
            ends = (_root(low), _root(high, up=True))
            return (
                f"destruct {inner} as [b_low b_high]. split; [apply root_ge; [lra|lra]|apply root_le; [lra|lra]].",
                ends,
            )
        (left, (al, ah)), (right, (bl, bh)) = self.bounds(args[0]), self.bounds(args[1])
        if op == "+":
            ends = _outward(al + bl, ah + bh)
            return f"clear - {left} {right}; destruct {left}, {right}; split; lra.", ends
        if op == "*":
            products = [x * y for x in (al, ah) for y in (bl, bh)]
            ends = _outward(min(products), max(products))
            return f"apply (product_bounds _ _ _ _ _ _ _ _ {left} {right}); clear; repeat split; lra.", ends
        raise Unsupported(f"{op!r} in a counterexample")

    def _same(self, term: Term, proof: str) -> tuple[str, Interval]:
        inner, ends = self.bounds(term)
        if "replace_by" in proof:
            proof = proof.replace(
                "replace_by {}",
                f"printed ({number(ends[0])} <= {self.out.real(term)} <= {number(ends[1])}). exact {{}}",
            )
        return proof.format(inner), ends

    def _quotient(self, a: Term, b: Term) -> tuple[str, Interval]:
        left, (al, ah) = self.bounds(a)
        right, (bl, bh) = self.bounds(b)
        if bl <= 0 <= bh:
            raise Unsupported("a divisor is too close to zero")
        low, high = _outward(1 / bh, 1 / bl)
        inverse = self.lemma(
            f"{number(low)} <= / {self.out.real(b)} <= {number(high)}",
            f"apply (inverse_{'pos' if bl > 0 else 'neg'} _ _ _ _ _ {right}); clear; repeat split; lra.",
        )
        products = [x * y for x in (al, ah) for y in (low, high)]
        return f"apply (product_bounds _ _ _ _ _ _ _ _ {left} {inverse}); clear; repeat split; lra.", _outward(
            min(products), max(products)
        )

    def _power(self, base: Term, exponent: Term) -> tuple[str, Interval]:
        n, symbolic = self.integer(exponent), bool(linear(exponent)[0])
        if n < 0:
            return self._same(("/", 1, ("^", base, Fraction(-n))), "rewrite <- Rmult_1_l. exact {}.")
        change = f"replace {natural(linear(exponent))} with {n}%nat by lia. " if symbolic else ""
        if n == 0:
            return f"{change}cbn [pow]. lra.", (Fraction(1), Fraction(1))
        return self._same(("*", base, ("^", base, Fraction(n - 1))), change + "exact {}.")

    def _value(self, name: str, index: Term) -> tuple[str, Interval]:
        n, symbolic = self.integer(index), bool(linear(index)[0])
        k, s = next((k, s) for k, s in enumerate(self.statement.sequences) if s.name == name)
        if symbolic:
            return self._same(
                ("at", name, Fraction(n)), f"replace {natural(linear(index))} with {n}%nat by lia. exact {{}}."
            )
        if s.body is None:
            value, equation = self.point[name][n - 1], f"f_{self.free.index(name)}_{n}"
            if is_term(value):
                return self._same(value, f"rewrite {equation}. exact {{}}.")
            return f"rewrite {equation}. lra.", (Fraction(value), Fraction(value))
        if n == 0:
            return self._same(s.initial, f"rewrite z_{k}. exact {{}}.")
        return self._same(put(s.body, {INDEX: Fraction(n)}), f"rewrite s_{k}. replace_by {{}}.")

    def _decide(self, a: Term, b: Term, then: Term, otherwise: Term) -> tuple[str, Interval]:
        if self.holds(("<=", a, b)):
            return self._same(then, f"rewrite (ite_le _ _ _ _ {self.shows(('<=', a, b))}). exact {{}}.")
        return self._same(otherwise, f"rewrite (ite_gt _ _ _ _ {self.shows(('<', b, a))}). exact {{}}.")

    def holds(self, relation: Relation) -> bool:
        """Whether the bounds show the relation."""
        op, a, b = relation
        (_, (al, ah)), (_, (bl, bh)) = self.bounds(a), self.bounds(b)
        return {"<=": ah <= bl, "<": ah < bl, "=": al == ah == bl == bh, "!=": ah < bl or bh < al}[op]

    def shows(self, relation: Relation) -> str:
        """The lemma that states a relation."""
        op, a, b = relation
        if self.out.discrete(relation):
            return self.lemma(self.out.relation(relation), "lia.")
        if not self.holds(relation):
            if op not in ("=", "<="):
                raise Unsupported("the values are too close to tell apart")
            equal = self.equality(a, b)
            return equal if op == "=" else self.lemma(self.out.relation(relation), f"exact (Req_le _ _ {equal}).")
        both = f"{self.bounds(a)[0]} {self.bounds(b)[0]}"
        proof = {
            "<=": f"exact (bounds_ge _ _ _ _ _ _ {both} ltac:(lra)).",
            "<": f"exact (bounds_gt _ _ _ _ _ _ {both} ltac:(lra)).",
            "=": f"exact (bounds_eq _ _ _ {both}).",
            "!=": f"exact (bounds_ne _ _ _ _ _ _ {both} ltac:(lra)).",
        }
        return self.lemma(self.out.relation(relation), proof[op])

    def equality(self, a: Term, b: Term) -> str:
        """The lemma a = b: after the point's numbers are put in, it follows from the squares of the square roots."""
        numbers: dict[Term, Term] = {n: self.point.get(n, Fraction(0)) for n in self.equations}
        equations = list(self.equations.values())
        for k, name in enumerate(self.free):
            numbers |= {("at", name, Fraction(n)): v for n, v in enumerate(self.point.get(name, ()), 1)}
            equations += [f"f_{k}_{n}" for n in range(1, len(self.point.get(name, ())) + 1)]
        squares = []
        for radicand in radicands_behind(a, b, numbers):
            inner, text = self.bounds(radicand)[0], self.out.real(radicand)
            root = f"apply sqrt_sqrt. destruct {inner} as [b_low b_high]. clear - b_low. lra."
            squares.append(self.lemma(f"sqrt {text} * sqrt {text} = {text}", root))
        rewriting = f"rewrite {', '.join(f'?{equation}' for equation in equations)}. " if equations else ""
        using = f" [{' '.join(squares)}]" if squares else ""
        return self.lemma(f"{self.out.real(a)} = {self.out.real(b)}", f"{rewriting}field{using}.")

    def shows_always(self, relation: Relation) -> str:
        """The lemma that a relation holds for every # >= 1; free sequences stay at their last number for ever."""
        read = sorted({name for side in relation[1:] for name, _ in uses(side)})
        length = max((len(self.point[name]) for name in read), default=1)
        *before, last = [self.shows(put(relation, {INDEX: Fraction(n)})) for n in range(1, length + 1)]
        tails = "".join(f"rewrite (t_{self.free.index(name)} n b_high). " for name in read)
        cases = "".join(f"destruct (Nat.eq_dec n {n}) as [->|]; [exact {one}|]. " for n, one in enumerate(before, 1))
        return self.lemma(
            self.out.hypothesis(relation),
            f"intros n b_low. destruct (le_lt_dec {length} n) as [b_high|b_high]; [{tails.replace('. ', '; ')}"
            f"exact {last}|]. {cases}exfalso; lia.",
        )

    def refutes(self, relation: Relation, name: str) -> str:
        """The tactic that contradicts a relation, the hypothesis ``name``."""
        op, a, b = relation
        if self.out.discrete(relation):
            return "lia."
        opposite = {"<=": ("<", b, a), "<": ("<=", b, a), "=": ("!=", a, b), "!=": ("=", a, b)}[op]
        shown = self.shows(opposite)
        return {
            "<=": f"exact (Rlt_not_le _ _ {shown} {name}).",
            "<": f"exact (Rle_not_lt _ _ {shown} {name}).",
            "=": f"exact ({shown} {name}).",
            "!=": f"exact ({name} {shown}).",
        }[op]


def _outward(low: Fraction, high: Fraction) -> Interval:
    """Short bounds around irrational values; a point stays as it is."""
    if low == high:
        return low, high
    return Fraction(low * GRID // 1, GRID), Fraction(-(-high * GRID // 1), GRID)


def _root(value: Fraction, up: bool = False) -> Fraction:
    exact = Fraction(isqrt(value.numerator), isqrt(value.denominator))
    if exact * exact == value:
        return exact
    return Fraction(isqrt(int(value * GRID**2)) + up, GRID)
