"""What the checker knows of normal forms, each fact with its Rocq lemma."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Self

from .certificate import INDEX, Relation, Statement, Term
from .normal import MEANS, Context
from .polynomial import Monomial, Poly, constant, key, plus, scaled
from .rocq_terms import FUNCTION, Linear, Printer, Unsupported, add, name_of, natural, number

SHORT = {"=": "eq", "!=": "ne", ">=": "ge", ">": "gt"}
MOST_ROOTS = 6  # in an identity of fractions; field does not always decide it with more
Reason = Callable[[Poly, str], str | None]


class Lemmas(Context):
    """A Context that writes a Rocq proof of all that it learns: ``script`` holds its lines.

    Every term read gets a lemma "term = normal form" (``equal``), every fact a lemma about its form (``shown``),
    every inverse a lemma that what it inverts is not 0, every root that it squares to its radicand.
    """

    def __init__(self, statement: Statement, sources: dict[Relation, str]) -> None:
        self.script: list[str] = []
        self.count = [0]  # one counter for all branches
        self.equal: dict[Term, str] = {}
        self.shown: dict[tuple[Any, str], str] = {}
        self.nonzero: dict[Any, str] = {}
        self.rooted: dict[Any, str] = {}
        self.replaced: dict[Any, str] = {}
        self.sources = sources  # the hypotheses that state relations
        self.reason: Reason | None = None
        self.rewriting = ""  # the equality by which facts are being rewritten
        self.inner: Lemmas | None = None
        self.numbers = {s.name: n for n, s in enumerate(statement.sequences)}
        super().__init__(statement)

    def branch(self, *relations: Relation) -> Self:
        """The same with more facts; what it writes goes to a script of its own."""
        new = super().branch()
        new.script = []
        for table in ("equal", "shown", "nonzero", "rooted", "replaced", "sources"):
            setattr(new, table, dict(getattr(self, table)))
        new.reason, self.inner = None, new
        for relation in relations:
            new.assume(relation)
        return new

    # ------------------------------------------------------------ text
    def fresh(self, letter: str) -> str:
        """A new name."""
        self.count[0] += 1
        return f"{letter}_{self.count[0]}"

    def lemma(self, goal: str, proof: str, letter: str = "h") -> str:
        """Write an assertion; its name."""
        name = self.fresh(letter)
        self.script.append(f"assert ({name} : {goal}).\n{{ {proof} }}")
        return name

    @property
    def out(self) -> Printer:
        """The printer of terms, with the integers in scope here."""
        return Printer(frozenset(self.integers))

    def poly(self, p: Poly) -> str:
        """A form as Rocq text; equal forms give equal text."""
        parts = []
        for monomial, c in sorted(p.items()):
            factors = [self.atom_text(x) + (f" ^ {n}" if n > 1 else "") for x, n in monomial]
            parts.append(" * ".join(([number(c)] if c != 1 or not factors else []) + factors))
        return f"({' + '.join(parts)})" if parts else "0"

    def atom_name(self, x: int) -> Any:
        """What an atom stands for, as a tuple that starts with its kind."""
        return list(self.atoms)[x]

    def atom_text(self, x: int) -> str:
        """An atom as Rocq text."""
        kind, *args = self.atom_name(x)
        if kind == "variable":
            return f"(INR {name_of(args[0])})" if args[0] in self.integers else name_of(args[0])
        if kind == "inverse":
            return f"(/ {self.poly(dict(args[0]))})"
        if kind == "sqrt":
            return f"(sqrt {self.poly(dict(args[0]))})"
        if kind in ("exp", "log"):
            return f"({FUNCTION[kind]} {self.poly(dict(args[0]))})"
        if kind == "power":
            return f"({self.poly(dict(args[0]))} ^ {natural(self.form(args[1]))})"
        if kind == "at":
            return f"({name_of(args[0])} {natural(self.form(args[1]))})"
        if kind == "sum":
            bound, low, high = args
            j = self.bound_name(bound)
            body = self.within(j).poly({bound: Fraction(1)})
            return f"(sum_of (fun {name_of(j)} => {body}) {natural(self.form(low))} {natural(self.length(low, high))})"
        raise Unsupported(f"an atom {kind!r}")

    def within(self, j: str) -> Self:
        """The same printer with one more integer."""
        view = object.__new__(type(self))
        view.__dict__.update(self.__dict__)
        view.integers = self.integers | {j}
        return view

    def bound_name(self, bound: Monomial) -> str:
        """The deepest index that a sum's term depends on, which is the one it binds."""
        names = {n for x, _ in bound for n in self.names[x] if n.startswith(INDEX)}
        return max(names, key=lambda n: int(n[1:]))

    def form(self, p: Any) -> Linear:
        """A form in integers alone as an integer form."""
        coefficients: dict[str, int] = {}
        offset = 0
        for monomial, c in dict(p).items():
            if not monomial:
                offset = int(c)
            elif len(monomial) == 1 and monomial[0][1] == 1 and self.atom_name(monomial[0][0])[0] == "variable":
                coefficients[self.atom_name(monomial[0][0])[1]] = int(c)
            else:
                raise Unsupported("an index that is not linear")
        return coefficients, offset

    def length(self, low: Any, high: Any) -> Linear:
        """The number of a sum's terms."""
        return add((self.form(high), 1), (self.form(low), -1), (({}, 1), 1))

    def algebra(self, *polys: Poly) -> str:
        """A tactic for an identity between these forms, given the roots and the nonzero divisors in them."""
        roots, divisors = set[str](), set[str]()
        todo, done = [x for p in polys for m in p for x, _ in m], set[int]()
        while todo:
            x = todo.pop()
            if x in done:
                continue
            done.add(x)
            kind, *args = self.atom_name(x)
            if kind == "sqrt":
                if args[0] not in self.rooted:
                    raise Unsupported("a root whose radicand is not read here")
                roots.add(self.rooted[args[0]])
            if kind == "inverse":
                divisors.add(self.nonzero[args[0]])
            if kind in ("sqrt", "inverse"):
                todo += [y for m in dict(args[0]) for y, _ in m]
        if divisors and len(roots) > MOST_ROOTS:
            raise Unsupported(f"an identity of fractions in {len(roots)} roots")
        keep = " ".join(sorted(roots | divisors))
        given = f" [{' '.join(sorted(roots))}]" if roots else ""
        field = f"field{given}; nonzeros" + (" | nra" if roots and not divisors else "")
        solve = field if divisors else f"first [ring{given} | {field}]"  # ring cannot add fractions
        return f"clear{' - ' + keep if keep else ''}; {solve}."

    # ------------------------------------------------------------ facts
    def sign(self, p: Poly, what: str) -> str:
        """The lemma that a form without inverses is = 0, != 0, >= 0 or > 0, from the facts about it."""
        if not self.known(p, what):
            raise Unsupported(f"{what} of a form is not known")
        names = [n for s in (1, -1) if p for w in MEANS.values() if (n := self.shown.get((scaled(p, s), w)))]
        keep = " - " + " ".join(dict.fromkeys(names)) if names else ""
        return self.lemma(self.signed(self.poly(p), what), f"clear{keep}; fact.", "f")

    @staticmethod
    def signed(text: str, what: str) -> str:
        """The proposition that a real is = 0, != 0, >= 0 or > 0."""
        return {"=": f"{text} = 0", "!=": f"{text} <> 0", ">=": f"0 <= {text}", ">": f"0 < {text}"}[what]

    def cleared(self, p: Poly) -> tuple[Poly, str | None, str | None]:
        """(g, lemma p * s = g, lemma 0 < s), g having the sign of p and no inverse; lemmas None where g is p."""
        n, top = self.clear(p)
        if not top:
            return p, None, None
        g = self.product(n, *(self.inverses[x] for x, power in top.items() if power % 2))
        halves = [(dict(self.inverses[x]), (power + 1) // 2) for x, power in top.items()]
        root = " * ".join(f"{self.poly(u)} ^ {k}" for u, k in halves)
        keys = [self.nonzero[key(u)] for u, _ in halves]
        positive = self.lemma(f"0 < ({root}) ^ 2", f"apply square_pos. clear - {' '.join(keys)}; products.")
        units = [u for u, _ in halves]
        same = self.lemma(f"{self.poly(p)} * ({root}) ^ 2 = {self.poly(g)}", self.algebra(p, g, *units))
        return g, same, positive

    def sign_of(self, p: Poly, what: str) -> str:
        """Like ``sign``, for a form that may have inverses."""
        g, same, positive = self.cleared(p)
        known = self.sign(g, what)
        if same is None:
            return known
        return self.lemma(
            self.signed(self.poly(p), what), f"exact (unscale_{SHORT[what]} _ _ _ {same} {positive} {known})."
        )

    def derive(self, relation: Relation, known: str | None = None, *, real: bool = False) -> str:
        """The lemma that states a relation whose sign is known (``known``: the lemma about b - a, if at hand).

        ``real``: of the integers in it, as real numbers.
        """
        op, a, b = relation
        discrete = self.out.discrete(relation)
        if discrete and not real:
            return self.lemma(self.out.relation(relation), "lia.")
        p = plus(self.normal(b), self.normal(a), -1)
        known = known or self.sign_of(p, MEANS[op])
        (left, right), (low, high) = map(self.poly, (self.normal(a), self.normal(b))), (self.reads(a), self.reads(b))
        what = MEANS[op]
        gap = self.lemma(self.signed(f"{right} - {left}", what), f"clear - {known}; fact.")
        stated = f"{self.out.real(a)} {op} {self.out.real(b)}" if discrete else self.out.relation(relation)
        return self.lemma(stated, f"exact (back_{SHORT[what]} _ _ _ _ {gap} {low} {high}).")

    def assume(self, relation: Relation) -> None:
        """Learn a relation that a hypothesis or lemma states."""
        op, a, b = relation
        p, what = plus(self.normal(b), self.normal(a), -1), MEANS[op]
        left, right = self.poly(self.normal(a)), self.poly(self.normal(b))
        if self.out.discrete(relation):
            nat = self.lemma(self.out.relation(relation), "lia.")
            real = {"=": "apply (f_equal INR) in", "<": "apply lt_INR in", "<=": "apply le_INR in"}.get(op)
            if real is None:
                raise Unsupported("integers that differ")
            sums = "?S_INR, ?plus_INR, ?mult_INR, ?S_INR, ?plus_INR"
            proof = f"clear - {nat}; {real} {nat}; rewrite {sums} in {nat}; cbn [INR] in {nat}; lra."
            gap = self.lemma(self.signed(f"({right} - {left})", what), proof)
        else:
            source = self.sources[relation]
            proof = f"exact (to_{SHORT[what]} _ _ _ _ {source} {self.reads(a)} {self.reads(b)})."
            gap = self.lemma(self.signed(f"({right} - {left})", what), proof)
        self.learn_from(gap, p, what)

    def learn_from(self, gap: str, p: Poly, what: str) -> None:
        """Learn the sign of p, which the lemma ``gap`` states."""
        g, same, positive = self.cleared(p)
        if same is not None:
            form = self.lemma(self.signed(self.poly(p), what), f"clear - {gap}; fact.")
            gap = self.lemma(
                self.signed(self.poly(g), what), f"exact (scale_{SHORT[what]} _ _ _ {same} {positive} {form})."
            )
        self._learning(g, what, lambda *_: f"clear - {gap}; fact.")
        if same is not None:
            self._learn_numerator(form, p, what)

    def _learn_numerator(self, form: str, p: Poly, what: str) -> None:
        """Learn the sign of p's numerator from that of p, the lemma ``form``, where the denominator is positive."""
        n, top = self.clear(p)
        if not all(power % 2 == 0 or self.known(self.inverses[x], ">") for x, power in top.items()):
            return
        parts, proof = [], ""
        for x, power in top.items():
            unit = self.inverses[x]
            if power % 2:
                part, positive = f"{self.poly(unit)} ^ {power}", f"(pow_lt _ {power} {self.sign(unit, '>')})"
            else:
                part = f"({self.poly(unit)} ^ {power // 2}) ^ 2"
                positive = f"(square_pos _ (pow_nonzero _ {power // 2} {self.nonzero[key(unit)]}))"
            parts.append(part)
            proof = f"(Rmult_lt_0_compat _ _ {proof} {positive})" if proof else positive
        under = " * ".join(parts)
        units = [self.inverses[x] for x in top]
        same = self.lemma(f"{self.poly(p)} * ({under}) = {self.poly(n)}", self.algebra(p, n, *units))
        shown = self.lemma(self.signed(self.poly(n), what), f"exact (scale_{SHORT[what]} _ _ _ {same} {proof} {form}).")
        self._learning(n, what, lambda *_: f"clear - {shown}; fact.")

    def accept(self, relation: Relation) -> bool:
        """Also leave out a hypothesis that the translation does not cover: what needs it will say so."""
        try:
            return super().accept(relation)
        except Unsupported:
            return False

    def _learning(self, p: Poly, what: str, reason: Reason) -> None:
        before, self.reason = self.reason, reason
        self.learn(p, what)
        self.reason = before

    def rewrite(self, atom: int, value: Poly) -> None:
        """As in Context: the facts about the new forms follow from those about the old ones by the equality."""
        self.rewriting = equal = self.replaced[atom]
        values = dict(self.values)
        super().rewrite(atom, value)
        for name, old in values.items():
            new = self.values[name]
            if new != old and name != atom:
                left = self.atom_text(name) if isinstance(name, int) else f"sqrt {self.poly(dict(name[1]))}"
                then = f"rewrite {equal}; {self.algebra(new).rstrip('.')}"
                proof = f"transitivity {self.poly(old)}; [exact {self.replaced[name]}|{then}]."
                self.replaced[name] = self.lemma(f"{left} = {self.poly(new)}", proof, "r")

    def learn_again(self, fact: Any, p: Poly, what: str) -> None:
        """As in Context, by the equality that is being rewritten."""
        before = self.shown.get((fact, what))
        if before is None:
            return
        old = dict(fact)
        value = next(v for n, v in self.values.items() if self.replaced.get(n) == self.rewriting)
        proof = f"rewrite {self.rewriting}; {self.algebra(p, value, old)}"
        same = self.lemma(f"{self.poly(old)} = {self.poly(p)}", proof)
        use = f"intro E; apply {before}; " if what == "!=" else ""
        gap = self.lemma(self.signed(self.poly(p), what), f"clear - {same} {before}; {use}lra.")
        self.learn_from(gap, p, what)

    def learn(self, p: Poly, what: str) -> None:
        """Write the lemma of a new fact, for the reason that the reading in progress has."""
        if constant(p) is None and (scaled(p), what) not in self.shown and self.reason:
            proof = self.reason(p, what)
            if proof is None:
                return  # what has no lemma is not known here: what needs it will say so
            goal = self.signed(self.poly(dict(scaled(p))), what)
            self.shown[scaled(p), what] = self.lemma(goal, proof, "k")
        super().learn(p, what)

    def reads(self, term: Term) -> str:
        """The proof of term = its normal form."""
        self.normal(term)
        if isinstance(term, str) and ("variable", term) in self.atoms:
            return self.replaced.get(self.atoms["variable", term], "eq_refl")
        return self.equal.get(term, "eq_refl")
