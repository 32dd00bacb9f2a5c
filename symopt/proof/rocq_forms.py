"""The normal forms of the checker, each with a Rocq proof that it equals the term it was read from."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from .certificate import INDEX, Term
from .normal import CASES, put
from .polynomial import ONE, Poly, constant, key, plus, scaled
from .rocq_facts import Lemmas, Reason
from .rocq_terms import Unsupported, add, linear, name_of, natural, number

OPERATION = {"+": "Rplus", "*": "Rmult", "/": "Rdiv"}


class Recorder(Lemmas):
    """Lemmas, and a proof that each term read equals its form."""

    def normal(self, term: Term) -> Poly:
        """The term's form; the first time, with its lemma."""
        if isinstance(term, (str, Fraction, int)) or term in self.seen:
            return super().normal(term)
        result = super().normal(term)
        proof = self._reading(term, result)
        self.equal[term] = self.lemma(f"{self.out.real(term)} = {self.poly(result)}", proof, "n")
        return result

    def _reading(self, term: Term, result: Poly) -> str:
        op, *args = term
        if op in ("+", "*", "/"):
            polys = [self.normal(arg) for arg in args]
            proof = self.reads(args[0])
            for arg in args[1:]:
                proof = f"(f_equal2 {OPERATION[op]} {proof} {self.reads(arg)})"
            middle = f" {op} ".join(map(self.poly, polys))
            under = [self.inverse(args[1])] if op == "/" else []  # 0/x is 0 for x other than 0
            return f"transitivity ({middle}); [exact {proof}|]. {self.algebra(*polys, *under, result)}"
        if op in CASES:
            lemma = {"abs": "abs_ite", "max": "max_ite", "min": "min_ite"}.get(op)
            inner = self.reads(CASES[op](*args))
            return f"exact (eq_trans ({lemma} {'_ ' * len(args)}) {inner})." if lemma else f"exact {inner}."
        if op == "if":
            a, b, then, otherwise = args
            if self.known(self.gap(a, b), ">="):
                return f"exact (eq_trans (ite_le _ _ _ _ {self.derive(('<=', a, b), real=True)}) {self.reads(then)})."
            return f"exact (eq_trans (ite_gt _ _ _ _ {self.derive(('<', b, a), real=True)}) {self.reads(otherwise)})."
        reading: dict[str, Callable[..., str]] = {
            "sqrt": self._root,
            "^": self._power,
            "at": self._value,
            "sum": self._sum,
            "exp": self._exponential,
            "log": self._logarithm,
        }
        return reading[op](*args, result)

    def _exponential(self, argument: Term, result: Poly) -> str:
        read = f"(f_equal exp {self.reads(argument)})"
        return f"exact {read}." if self.normal(argument) else f"exact (eq_trans {read} exp_0)."

    def _logarithm(self, argument: Term, result: Poly) -> str:
        read = f"(f_equal ln {self.reads(argument)})"
        return f"exact {read}." if self.normal(argument) != ONE else f"exact (eq_trans {read} ln_1)."

    def exponential(self, argument: Term) -> Poly:
        """The exponential's form, with the lemma of its sign."""
        return self._because(lambda *_: "apply exp_pos.", lambda: super(Recorder, self).exponential(argument))

    def _root(self, radicand: Term, result: Poly) -> str:
        p = self.normal(radicand)
        if ("sqrt", key(p)) in self.values:
            root = self.replaced["sqrt", key(p)]
        elif constant(result) is not None:
            root = f"(root_is {self.poly(p)} {self.poly(result)} ltac:(lra) ltac:(lra))"
        else:
            return f"exact (f_equal sqrt {self.reads(radicand)})."
        return f"exact (eq_trans (f_equal sqrt {self.reads(radicand)}) {root})."

    def root(self, radicand: Term) -> Poly:
        """The root's form, with the lemmas of its square and its sign."""
        p = self.normal(radicand)
        k = key(p)
        if ("sqrt", k) not in self.values and k not in self.rooted and not self.clear(p)[1] and self.known(p, ">="):
            known, text = self.sign(p, ">="), self.poly(p)
            self.rooted[k] = self.lemma(f"sqrt {text} * sqrt {text} = {text}", f"exact (sqrt_sqrt _ {known}).", "q")

        def reason(_: Poly, what: str) -> str:
            return "apply sqrt_lt_R0; " + f"exact {self.sign(p, '>')}." if what == ">" else "apply sqrt_pos."

        return self._because(reason, lambda: super(Recorder, self).root(radicand))

    def _because(self, reason: Reason, read: Callable[[], Poly]) -> Poly:
        before, self.reason = self.reason, reason
        try:
            return read()
        finally:
            self.reason = before

    def inverse(self, term: Term) -> Poly:
        """The inverse's form, with the lemma that what it inverts is not zero."""
        p, _ = self.clear(self.normal(term))
        if p and constant(p) is None:
            unit = dict(scaled(p))
            if key(unit) not in self.nonzero:
                self._not_zero(term, p, unit)
            z = self.nonzero.get(key(unit))

            def reason(_: Poly, what: str) -> str:
                if what == "!=":
                    return f"exact (Rinv_neq_0_compat _ {z})."
                return f"exact (Rinv_0_lt_compat _ {self.sign(unit, '>')})."

            return self._because(reason, lambda: super(Recorder, self).inverse(term))
        return super().inverse(term)

    def _not_zero(self, term: Term, p: Poly, unit: Poly) -> None:
        goal = f"{self.poly(unit)} <> 0"
        single: list[Poly] = [{((x, 1),): Fraction(1)} for x, _ in next(iter(p))]
        if self.known(p, "!="):
            proof = f"clear - {self.sign(p, '!=')}; fact."
        elif self.known(self.gap(0, term), "!="):
            whole = self.normal(term)
            known = self.sign_of(whole, "!=")
            proof = f"intro E; apply {known}. "
            top = self.clear(whole)[1]
            under = " * ".join(f"{self.poly(self.inverses[x])} ^ {k}" for x, k in top.items())
            lead = p[max(p)] / unit[max(p)]
            units = [self.inverses[x] for x in top]
            same = self.lemma(
                f"{self.poly(whole)} = {number(lead)} * {self.poly(unit)} / ({under})",
                self.algebra(whole, unit, *units),
            )
            proof += f"rewrite {same}, E. unfold Rdiv. ring."
        elif len(p) == 1 and all(self.known(x, "!=") for x in single):
            keep = " ".join(self.sign(x, "!=") for x in single)
            proof = f"clear - {keep}; products."
        else:
            return
        self.nonzero[key(unit)] = self.lemma(goal, proof, "d")

    def decide(self, a: Term, b: Term, then: Term, otherwise: Term) -> Poly:
        """As in Context where the facts decide it."""
        try:
            return super().decide(a, b, then, otherwise)
        except KeyError as error:
            raise Unsupported("a case distinction inside a sum") from error

    def power(self, base: Term, exponent: Term) -> Poly:
        """The power's form, with the lemmas of its sign and bounds."""
        form, offset = self.integer(exponent)
        if not form:
            return super().power(base, exponent)
        b = self.normal(base)
        rest = plus(form, {(): Fraction(min(offset, 0))})

        def reason(p: Poly, what: str) -> str | None:
            x, result = self.atom(("power", key(b), key(rest)), frozenset())
            text, n = self.poly(b), natural(self.form(rest))
            rewritten = self.replaced.get(x, "")
            if key(p) == key(result):
                lemma = {"!=": "pow_nonzero", ">=": "pow_le", ">": "pow_lt"}[what]
                known = self.lemma(self.signed(f"{text} ^ {n}", what), f"apply {lemma}; exact {self.sign(b, what)}.")
                return f"clear - {known} {rewritten}; fact."
            low, high = self.sign(b, ">="), self.sign(plus(ONE, b, -1), ">=")
            lemma = "pow_base" if self.at_least(rest, 1) else "pow_one"
            last = " ltac:(lia)" if lemma == "pow_base" else ""
            bound = self.lemma(f"{text} <= 1", f"clear - {high}; lra.")
            below = self.lemma(
                f"{text} ^ {n} <= {text if last else '1'}", f"exact ({lemma} {text} {n} {low} {bound}{last})."
            )
            return f"clear - {below} {rewritten}; lra."

        return self._because(reason, lambda: super(Recorder, self).power(base, exponent))

    def _power(self, base: Term, exponent: Term, result: Poly) -> str:
        form, offset = self.integer(exponent)
        b, e = self.normal(base), linear(exponent)
        text = self.poly(b)
        same = f"(fun x => x ^ {natural(e) if e[0] else abs(e[1])})"
        if not form:
            return self._fixed_power(base, exponent, offset, result)
        rest = self.form(plus(form, {(): Fraction(min(offset, 0))}))
        more = max(offset, 0)
        split = f"{text} ^ {natural(rest)} * {text} ^ {more}"
        x, atom = self.atom(("power", key(b), key(plus(form, {(): Fraction(min(offset, 0))}))), frozenset())
        rewrite = f"rewrite {self.replaced[x]}. " if x in self.replaced else ""
        tail = rewrite + self.algebra(b, result, atom)
        return (
            f"transitivity ({text} ^ {natural(e)}); [exact (f_equal {same} {self.reads(base)})|]. "
            f"transitivity ({split}); [rewrite <- pow_add; f_equal; lia|]. {tail}"
        )

    def _fixed_power(self, base: Term, exponent: Term, n: int, result: Poly) -> str:
        """A power whose exponent is the number n, by itself or by what the facts say of its integers."""
        b = self.normal(base)
        text, fixed = self.poly(b), ""
        if linear(exponent)[0]:
            if n < 0:
                raise Unsupported("an exponent that the facts make negative")
            fixed = f"transitivity ({self.out.real(base)} ^ {n}); [f_equal; lia|]. "
        same = f"(fun x => x ^ {n})" if n >= 0 else f"(fun x => / x ^ {-n})"
        shape = f"{text} ^ {n}" if n >= 0 else f"/ ({text} ^ {-n})"
        return f"{fixed}transitivity ({shape}); [exact (f_equal {same} {self.reads(base)})|]. {self.algebra(b, result)}"

    def _value(self, name: str, index: Term, result: Poly) -> str:
        form, offset = self.integer(index)
        sequence, s = self.sequences[name], self.numbers[name]
        if sequence.body is not None and not form and offset == 0:
            return f"exact (eq_trans z_{s} {self.reads(sequence.initial)})."
        if sequence.body is not None and offset >= 1 and self.at_least(form, 1 - offset):
            body = put(sequence.body, {INDEX: index})
            before = natural(add((linear(index), 1), (({}, 1), -1)))
            text = self.out.real(body)
            return (
                f"transitivity ({name_of(name)} (S {before})); [nats|]. "
                f"transitivity ({text}); [rewrite s_{s}; nats|exact {self.reads(body)}]."
            )
        where = plus(form, {(): Fraction(offset)})
        x = self.atoms["at", name, key(where)]
        return f"exact {self.replaced.get(x, 'eq_refl')}."

    # ------------------------------------------------------------ sums
    def sum(self, name: str, low: Term, high: Term, body: Term) -> Poly:
        """The sum's form, with the lemma of its sign."""
        own = self

        def reason(p: Poly, what: str) -> str | None:
            inner = own.inner
            if inner is None or len(p) != 1 or p[max(p)] != 1 or own.atom_name(max(p)[0][0])[0] != "sum":
                return None
            bound = own.atom_name(max(p)[0][0])[1]
            j = own.bound_name(bound)
            parts = []
            for x, n in bound:
                one: Poly = {((x, 1),): Fraction(1)}
                if n % 2 == 0:
                    text = inner.poly(one)
                    parts.append(
                        inner.lemma(
                            f"0 <= {text} ^ {n}",
                            f"replace ({text} ^ {n}) with (({text} ^ {n // 2}) ^ 2) by ring; apply pow2_ge_0.",
                        )
                    )
                else:
                    parts.append(
                        inner.lemma(
                            f"0 <= {inner.poly({((x, n),): Fraction(1)})}",
                            f"apply pow_le; exact {inner.sign(one, '>=')}."
                            if n > 1
                            else f"exact {inner.sign(one, '>=')}.",
                        )
                    )
            proof = parts[0]
            for part in parts[1:]:
                proof = f"(Rmult_le_pos _ _ {proof} {part})"
            lines = "\n".join(inner.script)
            return f"apply sum_ge; intros {name_of(j)} ? ?.\n{lines}\nexact {proof}."

        return self._because(reason, lambda: super(Recorder, self).sum(name, low, high, body))

    def _sum(self, name: str, low: Term, high: Term, body: Term, result: Poly) -> str:
        j = f"{INDEX}{self.depth + 1}"
        body = put(body, {name: j})
        (bottom, first), (top, last) = self.integer(low), self.integer(high)
        if bottom == top:
            n = last - first + 1
            unfolded: Term = ("+", 0, *(put(body, {j: ("+", low, k)}) for k in range(n)))
            return f"transitivity ({self.out.real(unfolded)}); [cbn [sum_of]; nats|exact {self.reads(unfolded)}]."
        if last > 0:
            less = ("+", high, -last)
            ends = (put(body, {j: ("+", less, k)}) for k in range(1, last + 1))
            split = ("+", ("sum", j, low, less, body), *ends)
            now, then = (natural(add((linear(h), 1), (linear(low), -1), (({}, 1), 1))) for h in (high, less))
            longer = "S (" * last + then + ")" * last
            return (
                f"replace {now} with ({longer}) by lia. cbn [sum_of]. "
                f"transitivity ({self.out.real(split)}); [nats|exact {self.reads(split)}]."
            )
        return self._sum_of_parts(j, low, high, body, result)

    def _sum_of_parts(self, j: str, low: Term, high: Term, body: Term, result: Poly) -> str:
        inner = self.enter(j, low, high)
        form, x = inner.normal(body), name_of(j)
        where = f"{natural(linear(low))} {natural(add((linear(high), 1), (linear(low), -1), (({}, 1), 1)))}"
        lines = [*inner.script, f"exact {inner.reads(body)}."]
        nl = "\n"
        proof = (
            f"transitivity (sum_of (fun {x} => {inner.poly(form)}) {where}).\n"
            f"{{ apply sum_ext; intros {x} ? ?.\n{nl.join(lines)} }}\n"
        )
        parts, whole, steps, polys, replaced = [], [], [], [result], list[str]()
        for monomial, c in sorted(form.items()):
            bound = tuple(y for y in monomial if j in self.names[y[0]] or not self.defined(y[0]))
            free: Poly = {tuple(y for y in monomial if y not in bound): c}
            text = inner.poly({bound: Fraction(1)})
            parts.append(f"{self.poly(free)} * {text}")
            whole.append(f"{self.poly(free)} * sum_of (fun {x} => {text}) {where}")
            steps.append(f"(sum_scale {self.poly(free)} (fun {x} => {text}) {where})")
            polys += [free]
            if bound:
                atom = self.atoms["sum", bound, key(self.normal(low)), key(self.normal(high))]
                polys.append({((atom, 1),): Fraction(1)} if atom not in self.replaced else self.values[atom])
                replaced += [self.replaced[atom]] if atom in self.replaced else []
        if not parts:
            return proof + f"rewrite sum_zero. {self.algebra(result)}"
        split, total, equal = parts[-1], whole[-1], steps[-1]
        for part, sum_, step in reversed(list(zip(parts[:-1], whole[:-1], steps[:-1], strict=True))):
            apart = f"(sum_plus (fun {x} => {part}) (fun {x} => {split}) {where})"
            equal = f"(eq_trans {apart} (f_equal2 Rplus {step} {equal}))"
            split, total = f"{part} + ({split})", f"{sum_} + ({total})"
        proof += f"transitivity (sum_of (fun {x} => {split}) {where}).\n{{ apply sum_ext; intros {x} ? ?; ring. }}\n"
        proof += f"transitivity ({total}).\n{{ exact {equal}. }}\n"
        proof += "".join(f"rewrite {name}. " for name in dict.fromkeys(replaced))
        if any(all(j not in self.names[y[0]] for y in monomial) for monomial in form):
            count = plus(plus(self.normal(high), self.normal(low), -1), ONE)
            size = natural(add((linear(high), 1), (linear(low), -1), (({}, 1), 1)))
            proof += f"rewrite ?sum_one. replace (INR {size}) with {self.poly(count)} by (symmetry; inr).\n"
            polys.append(count)
        return proof + self.algebra(*polys)
