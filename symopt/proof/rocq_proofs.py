"""Rocq proof scripts from the steps of certificates; what a script fails to prove, coqc rejects."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from .certificate import INDEX, Certificate, Proof, Relation, Statement
from .checker import free_variables, renamed
from .normal import put
from .polynomial import Poly, plus
from .rocq_forms import Recorder
from .rocq_short import short_proof
from .rocq_terms import Printer, Unsupported, binders, hypotheses, linear, name_of, natural
from .rocq_witness import refutation_script

Lines = list[str]
Sources = dict[Relation, str]


def proof_script(certificate: Certificate) -> str:
    """The tactics that prove the certificate's statement, or that it fails at its point."""
    statement = certificate.statement
    if certificate.proof is None:
        return refutation_script(certificate)
    names = [n for group in binders(statement).values() for n in group]
    intro = f"intros {' '.join([*names, *(name for name, _ in hypotheses(statement))])}."
    sources = {r: f"g_{n}" for n, r in enumerate(statement.given)}
    short = short_proof(statement, _printer(statement))
    return "\n".join([intro, *(short or _prove(statement, sources, certificate.proof))])


def _prove(statement: Statement, sources: Sources, proof: Proof) -> Lines:
    """The claim, where ``sources`` names every hypothesis in scope."""
    if proof[0] == "shift":
        return _shift(statement, sources, *proof[1:])
    if proof[0] == "lemma":
        return _lemma(statement, sources, *proof[1:])
    if proof[0] == "strengthen":
        more, rest = proof[1:]
        whole = replace(statement, claim=(*more, *statement.claim))
        names = [f"w_{n}" for n in range(len(whole.claim))]
        return [
            f"assert (w_all : {_printer(statement).all_of(whole.claim)}).",
            "{",
            *_prove(whole, sources, rest),
            "}",
            _split("w_all", names),
            f"exact {_conjunction(names[len(more) :])}.",
        ]
    if proof[0] == "induction":
        return _induction(statement, sources, *proof[1:])
    return _prove_in(Recorder(statement, sources), statement.claim, proof, ())


def _printer(statement: Statement) -> Printer:
    """Unlike ``rocq_terms.printer``, without a condition on indices: what comes out wrong is not provable."""
    return Printer(frozenset(statement.integers))


def _lemma(
    statement: Statement, sources: Sources, relations: tuple[Relation, ...], numbers: Any, own: Proof, rest: Proof
) -> Lines:
    """A lemma from some of the hypotheses, and the claim with it as further ones."""
    needed = tuple(statement.given[int(n)] for n in numbers)
    others = sorted({name for r, name in sources.items() if r not in needed})
    unused = (n for n in range(len(statement.given) + len(relations) + 1) if f"l_{n}" not in sources.values())
    names = [f"l_{next(unused)}" for _ in relations]
    alone = replace(statement, claim=relations, given=needed)
    more = replace(statement, given=(*statement.given, *relations))
    return [
        f"assert (l_all : {_printer(statement).all_of(relations)}).",
        "{",
        *([f"clear {' '.join(others)}."] if others else []),
        *_prove(alone, {r: sources[r] for r in needed}, own),
        "}",
        _split("l_all", names),
        *_prove(more, dict(zip(relations, names, strict=True)) | sources, rest),
    ]


def _split(name: str, parts: list[str]) -> str:
    """Name the parts of a conjunction."""
    pattern = parts[-1]
    for part in reversed(parts[:-1]):
        pattern = f"[{part} {pattern}]"
    return f"destruct {name} as {pattern}." if len(parts) > 1 else f"rename {name} into {pattern}."


def _conjunction(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"(conj {names[0]} {_conjunction(names[1:])})"


def _shift(statement: Statement, sources: Sources, t: str, n: Any, rest: Proof) -> Lines:
    """t is S (S ... t) where the hypotheses give n <= t."""
    if int(n) < 0:
        raise Unsupported("a shift to smaller numbers")
    moved = {t: ("+", t, n)}
    claim, given = (tuple(put(r, moved) for r in part) for part in (statement.claim, statement.given))
    out, names = _printer(statement), [sources[r] for r in statement.given]
    lines = [f"destruct {name_of(t)} as [|{name_of(t)}]; [exfalso; lia|]."] * int(n)
    for before, after, name in zip(statement.given, given, names, strict=True):
        if before != after:
            lines.append(f"assert (u_0 : {out.hypothesis(after)}) by same {name}.")
            lines.append(f"clear {name}; rename u_0 into {name}.")
    shifted = replace(statement, claim=claim, given=given)
    proof = _prove(shifted, dict(zip(given, names, strict=True)), rest)
    return [*lines, f"printed ({out.all_of(claim)}).", *proof]


def _induction(statement: Statement, sources: Sources, t: str, first: Any, base: Proof, step: Proof) -> Lines:
    out, name, start = _printer(statement), name_of(t), int(first)
    mine = sorted({source for r, source in sources.items() if t in free_variables(r)})
    bound = f"(ltac:(lia) : ({start} <= {name})%nat)"
    fixed = replace(statement, given=tuple(r for r in statement.given if t not in free_variables(r)))
    at_start = tuple(put(r, {t: Fraction(start)}) for r in statement.claim)
    later = tuple(put(r, {t: ("+", t, Fraction(1))}) for r in statement.claim)
    assumed = [f"i_{n}" for n in range(len(statement.claim))]
    before = Recorder(statement, dict(zip(statement.claim, assumed, strict=True)) | sources)
    again = [
        f"assert ({source} : {out.relation(r)}) by lia." for r, source in sources.items() if t in free_variables(r)
    ]
    return [
        f"refine (from_here {start} (fun {name} : nat => {out.all_of(statement.claim)}) _ _ {name} {bound}).",
        f"all: clear {name} {' '.join(mine)}.",
        "{",
        f"printed ({out.all_of(at_start)}).",
        *_prove_in(Recorder(fixed, {r: sources[r] for r in fixed.given}), at_start, base, ()),
        "}",
        "{",
        f"intros {name} g_here g_before.",
        *again,
        _split("g_before", assumed),
        f"printed ({out.all_of(later)}).",
        *_prove_in(before, later, step, statement.claim),
        "}",
    ]


def _prove_in(context: Recorder, claim: tuple[Relation, ...], proof: Proof, assumed: tuple[Relation, ...]) -> Lines:
    """The claim in the context; its script becomes part of the lines."""
    if proof[0] == "cases":
        _, steps, a, b, below, above = proof
        for step in steps:
            _step(context, assumed, *step)
        name, either = context.fresh("c"), (("<=", a, b), ("<", b, a))
        said = " \\/ ".join(map(context.out.relation, either))
        how = "lia" if context.out.discrete(either[0]) else "apply Rle_or_lt"
        lines = [*context.script, f"assert ({name} : {said}) by {how}.", f"destruct {name} as [{name}|{name}]."]
        for relation, part in zip(either, (below, above), strict=True):
            branch = context.branch()
            branch.sources[relation] = name
            branch.assume(relation)
            lines += ["{", *_prove_in(branch, claim, part, assumed), "}"]
        return lines
    tag, steps, combinations = proof
    for step in steps:
        _step(context, assumed, *step)
    if tag == "absurd":
        nothing = _show(context, ("<", Fraction(0), Fraction(0)), combinations)
        return [*context.script, f"exfalso; exact (Rlt_irrefl _ {nothing})."]
    shown = [_show(context, r, c) for r, c in zip(claim, combinations, strict=True)]
    return [*context.script, f"exact {_conjunction(shown)}."]


def _step(context: Recorder, assumed: tuple[Relation, ...], kind: str, *args: Any) -> None:
    if kind == "show":
        context.sources[args[0]] = _show(context, *args)
        context.assume(args[0])
    elif kind == "assumed":
        context.assume(assumed[int(args[0])])
    elif kind == "given":
        context.assume(context.given[int(args[0])])
        context.seen.clear()
    elif kind == "instance":
        relation = put(context.given[int(args[0])], {INDEX: args[1]})
        source = f"({context.sources[context.given[int(args[0])]]} {natural(linear(args[1]))} ltac:(lia))"
        context.sources[relation] = context.lemma(context.out.relation(relation), f"same {source}.")
        context.assume(relation)
    elif kind == "within":
        index, low, high, steps = args

        def add_facts(inner: Any, j: str) -> None:
            for step in renamed(steps, index, j):
                _step(inner, assumed, *step)

        context.show_inside(low, high, add_facts)
    elif kind == "rewrite":
        atom, value = context.normal(args[0]), context.normal(args[1])
        x = next(iter(atom))[0][0]
        zero = context.sign_of(plus(value, atom, -1), "=")
        context.replaced[x] = context.lemma(
            f"{context.poly(atom)} = {context.poly(value)}", f"clear - {zero}; lra.", "r"
        )
        context.rewrite(x, value)
    elif kind == "root":
        p, q = context.normal(args[0]), context.normal(args[1])
        k = tuple(sorted(p.items()))
        positive = context.sign_of(q, ">=")
        square = context.lemma(f"{context.poly(p)} = {context.poly(q)} * {context.poly(q)}", context.algebra(p, q))
        context.replaced["sqrt", k] = context.lemma(
            f"sqrt {context.poly(p)} = {context.poly(q)}", f"exact (root_is _ _ {positive} {square}).", "r"
        )
        context.values["sqrt", k] = q
        context.seen.clear()
    else:
        raise Unsupported(f"the step {kind!r}")


def _show(context: Recorder, relation: Relation, combination: Any) -> str:
    """The lemma that states the relation, from a combination of what is known."""
    op, a, b = relation
    scale, terms, zeros = combination
    difference = plus(context.normal(b), context.normal(a), -1)
    what = {"=": "=", "!=": "!=", "<": ">", "<=": ">="}[op]
    if context.out.discrete(relation):
        return context.derive(relation)
    polys = [difference]
    parts, facts, total = [], [], dict[Any, Fraction]()
    for c, factors, q in terms:
        square, values = context.normal(q), [context.normal(h) for h in factors]
        text = _term(context, c, values, square)
        signs = [context.gap(0, h) for h in factors]
        strict = op in ("<", "!=") and context.known(context.gap(0, q), "!=")
        strict = strict and all(context.known(h, ">") for h in signs)
        product = op == "!=" and not strict and len(terms) == 1 and all(context.known(h, "!=") for h in signs)
        facts.append(_term_sign(context, text, c, values, square, "!=" if product else ">" if strict else ">="))
        parts.append(text)
        polys += [*values, square]
        total = plus(total, context.product(square, square, *values), c)
    for factor, e in zeros:
        left, right = context.normal(factor), context.normal(e)
        zero = context.sign_of(right, "=")
        text = f"{context.poly(left)} * {context.poly(right)}"
        facts.append(context.lemma(f"{text} = 0", f"exact (times_zero _ _ {zero})."))
        parts.append(text)
        polys += [left, right]
        total = plus(total, context.times(left, right))
    positive = [context.normal(h) for h in scale]
    known = _scaled_sign(context, positive)
    stem = " * ".join(context.poly(h) for h in positive) or "1"
    whole = " + ".join(parts) or "0"
    kept = f" - {' '.join(facts)}" if facts else ""
    sign = context.lemma(context.signed(f"({whole})", what), f"clear{kept}; fact.")
    direct = not context.clear(plus(context.product(difference, *positive), total, -1))[0]
    form = difference if direct else context.gap(a, b)
    same = context.lemma(
        f"{context.poly(form)} * ({stem}) = ({whole})", context.algebra(form, *polys[1:], *positive, difference)
    )
    short = {"=": "eq", "!=": "ne", ">=": "ge", ">": "gt"}[what]
    shown = context.lemma(
        context.signed(context.poly(form), what), f"exact (unscale_{short} _ _ _ {same} {known} {sign})."
    )
    if not direct and context.cleared(difference)[1] is not None:
        g, cleared, positive_ = context.cleared(difference)
        level = context.lemma(context.signed(context.poly(g), what), f"clear - {shown}; fact.")
        shown = context.lemma(
            context.signed(context.poly(difference), what),
            f"exact (unscale_{short} _ _ _ {cleared} {positive_} {level}).",
        )
    return context.derive(relation, shown)


def _term(context: Recorder, c: Fraction, factors: list[Poly], square: Poly) -> str:
    text = [context.poly({(): Fraction(c)}), *map(context.poly, factors)]
    return " * ".join([*text, f"{context.poly(square)} ^ 2"])


def _term_sign(context: Recorder, text: str, c: Fraction, factors: list[Poly], square: Poly, what: str) -> str:
    """The lemma that c * h1 * h2 ... * q^2 is >= 0, > 0 or != 0."""
    combine = {">=": "Rmult_le_pos _ _", ">": "Rmult_lt_0_compat _ _", "!=": "product_nonzero _ _"}[what]
    number = context.lemma(context.signed(context.poly({(): Fraction(c)}), what), "clear; lra.")
    last = f"(pow2_ge_0 {context.poly(square)})"
    if what != ">=":
        last = f"(square_pos _ {context.sign_of(square, '!=')})"
        last = f"(Rgt_not_eq _ _ {last})" if what == "!=" else last
    proof = number
    for known in (*(context.sign_of(h, what) for h in factors), last):
        proof = f"({combine} {proof} {known})"
    return context.lemma(context.signed(text, what), f"exact {proof}.")


def _scaled_sign(context: Recorder, factors: list[Poly]) -> str:
    """The lemma that a product of positive factors is positive."""
    if not factors:
        return "Rlt_0_1"
    proof = context.sign_of(factors[0], ">")
    for h in factors[1:]:
        proof = f"(Rmult_lt_0_compat _ _ {proof} {context.sign_of(h, '>')})"
    text = " * ".join(map(context.poly, factors))
    return context.lemma(f"0 < {text}", f"exact {proof}.")
