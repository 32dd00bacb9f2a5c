"""Rocq accepts the library's certificates, and nothing that was tampered with."""

import contextlib
import shutil
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import pytest
import sympy as sp

from symopt import rules, theorems
from symopt.codegen import kernel_source
from symopt.language import SymoptError
from symopt.lifting import lift_source
from symopt.proof import Certificate, Sequence, Statement, decide, prove
from symopt.proof.equality import same_step
from symopt.proof.rocq import ALLOWED, flaw, judge_by_rocq, run_rocq, run_text, theorem_text, to_rocq
from symopt.proof.rocq_terms import Unsupported, statement_to_rocq

rocq = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc (Debian's package coq) is not installed")

pytestmark = pytest.mark.usefixtures("certificates")

LIBRARY = {item.name: item for item in theorems.load()}
#: One theorem for each form of proof and step; ``symopt prove --rocq`` runs them all.
CHOSEN = [
    "accumulator_nonnegative",  # a lemma
    "adagrad_sum_of_squares",  # a sum, by induction
    "bounded_gradients_bound_the_mean",  # a hypothesis about every #
    "corrected_weights_without_division",  # a rewriting within a power
    "equal_rates_bound_the_moments",  # a stronger claim
    "mean_square_between",  # an instance of a hypothesis
    "momentum_zero_is_sgd[heavy ball]",
    "overwriting_is_adam",  # a counterexample with sequences
    "printed_sign_climbs",  # a contradiction
    "step_at_most_rate[outside]",  # steps before the cases
    "torch_order_of_operations",  # roots replaced
    "weights_sum",
]
A, B, X, Y = sp.symbols("a b x y", real=True)
T, I = sp.symbols("t i", integer=True)  # noqa: E741
V, W = sp.Function("v"), sp.Function("w")

SQUARES = 2 * X * Y <= X**2 + Y**2

#: Claims that together use every operation, every relation and every kind of proof: (claim, hypotheses, verdict).
CLAIMS = {
    "absolute value": (sp.Abs(X) >= X, [], "proved"),
    "triangle": (sp.Abs(X + Y) <= sp.Abs(X) + sp.Abs(Y), [], "proved"),
    "max and min": (sp.Eq(sp.Max(X, Y) + sp.Min(X, Y), X + Y, evaluate=False), [], "proved"),
    "root of a square": (sp.Eq(sp.sqrt(sp.Pow(X, 2)), sp.Abs(X), evaluate=False), [], "proved"),
    "arithmetic and geometric mean": (SQUARES, [], "proved"),
    "a product is nonzero": (sp.Ne(X * Y, 0), [sp.Ne(X, 0), sp.Ne(Y, 0)], "proved"),
    "a positive product is nonzero": (sp.Ne(X * Y, 0), [X > 0, Y > 0], "proved"),
    "a fraction below one": (X / (X + 1) < 1, [X > 0], "proved"),
    "the first integers": (sp.Eq(sp.Sum(I, (I, 1, T)), T * (T + 1) / 2), [T >= 0], "proved"),
    "a power below one": (A**T <= 1, [A >= 0, A < 1, T >= 1], "proved"),
    "a nonnegative sum": (sp.Sum(A ** (T - I), (I, 1, T)) >= 0, [A >= 0, T >= 1], "proved"),
    "sign": (sp.sign(X) * X >= 0, [], "proved"),
    "one step back": (
        sp.Eq(V(T), A * V(T - 1) + B),
        [sp.Eq(V(0), 0), sp.Eq(V(T), A * V(T - 1) + B), T >= 1],
        "proved",
    ),
    "a choice by an integer": (
        sp.Eq(sp.Piecewise((A, T < 2), (B, True)), sp.Piecewise((B, T >= 2), (A, True)), evaluate=False),
        [T >= 1],
        "proved",
    ),
    "a power whose exponent is fixed": (sp.Eq(A**T, A, evaluate=False), [T >= 1, T <= 1], "proved"),
    "no strict sign": (sp.sign(X) * X > 0, [], "refuted"),
    "no root above": (sp.sqrt(X) > X, [X > 0], "refuted"),
    "no mean of three": (X + 1 / X >= 3, [X > 0], "refuted"),
    "no equality of absolute values": (sp.Eq(sp.Abs(X + Y), sp.Abs(X) + sp.Abs(Y)), [], "refuted"),
    "an irrational value": (X * sp.sqrt(X**2 + 1) <= X + 1, [X > 0], "refuted"),
}


def certificate_of(name):
    return theorems.judge(LIBRARY[name]).certificate


@rocq
@pytest.mark.parametrize("name", CHOSEN)
def test_theorems_are_accepted(name):
    result = run_rocq(certificate_of(name))
    assert result.accepted, f"{result.reason}\n{result.output}"
    assert not result.rejected
    assert set(result.assumptions) <= ALLOWED


def test_the_chosen_theorems_use_every_form_of_proof_and_step():
    forms = set().union(*(words(certificate_of(name).proof) for name in CHOSEN))
    assert forms >= {"direct", "cases", "absurd", "lemma", "strengthen", "induction"}
    assert forms >= {"show", "assumed", "instance", "rewrite", "root"}


def words(proof):
    """The first words of all tuples in a proof."""
    parts = proof if isinstance(proof, tuple) else ()
    own = {parts[0]} if parts and isinstance(parts[0], str) else set()
    return own.union(*map(words, parts))


def test_theorems_can_be_put_to_rocq():
    """Nine of ten at least; what the translation does not cover is no rejection, and is listed by the command.

    Every fifth is tried here; ``symopt prove --rocq`` has Rocq judge all of them.
    """
    certificates = {name: certificate_of(name) for name in list(LIBRARY)[::5]}
    supported = []
    for name, certificate in certificates.items():
        if certificate is not None:
            with contextlib.suppress(Unsupported):
                to_rocq(certificate)
                supported.append(name)
    assert len(supported) >= 0.9 * len(certificates)


@rocq
@pytest.mark.parametrize("name", CHOSEN[::2])
def test_their_mutants_are_accepted(name):
    certificate = decide(LIBRARY[name].mutant).certificate
    assert certificate is not None
    result = run_rocq(certificate)
    assert result.accepted, f"{result.reason}\n{result.output}"


#: Real powers, and identities of fractions in many roots: not translated, which is said and is no rejection.
OPEN = {"adafactor": "decay_rate stands for", "madgrad": "index that is not"}


@rocq
@pytest.mark.parametrize("rule", sorted({*rules.names()[::5], "radam", *OPEN}))
def test_equality_of_rule_and_kernel_is_accepted(rule):
    program = rules.find(rule).program
    lifted = lift_source(kernel_source(program, "float64"), program, "float64")
    verdict = same_step(program, lifted.outputs)
    assert verdict.proved, verdict.reason
    result = run_rocq(verdict.certificate)
    if rule in OPEN:
        assert (result.accepted, result.rejected) == (False, False)
        assert OPEN[rule] in result.reason
    else:
        assert result.accepted, f"{result.reason}\n{result.output}"


@rocq
@pytest.mark.parametrize("name", CLAIMS)
def test_claims_of_every_kind_are_accepted(name):
    claim, given, expected = CLAIMS[name]
    verdict = prove(claim, given)
    assert verdict.verdict == expected, verdict.reason
    result = run_rocq(verdict.certificate)
    assert result.accepted, f"{result.reason}\n{result.output}"


@rocq
def test_a_shift_is_accepted():
    claim = ("=", ("at", "v", "t"), ("*", "a", ("at", "v", ("+", "t", Fraction(-1)))))
    body = ("*", "a", ("at", "v", ("+", "#", Fraction(-1))))
    statement = Statement((claim,), (("<=", Fraction(1), "t"),), ("t",), (Sequence("v", Fraction(2), body),))
    proof = ("shift", "t", Fraction(1), ("direct", (), (((), (), ()),)))
    result = run_rocq(Certificate(statement, {"t": Fraction(1), "a": Fraction(1)}, proof))
    assert result.accepted, f"{result.reason}\n{result.output}"


# ---------------------------------------------------------------- what is said
def test_the_statement_is_the_one_shown():
    i = ("^", "beta", ("+", "t", ("*", Fraction(-1), "i")))
    statement = Statement(
        claim=(
            ("<", ("sum", "i", Fraction(1), "t", ("*", i, ("at", "g", "i"))), ("/", ("abs", "x"), Fraction(2, 3))),
            ("!=", ("max", "x", Fraction(-1)), ("if", "x", "beta", ("sqrt", "x"), ("sign", "x"))),
        ),
        given=(("<=", Fraction(1), "t"), ("<", "beta", Fraction(1))),
        integers=("t",),
        sequences=(
            Sequence("g"),
            Sequence("m", "m0", ("+", ("*", "beta", ("at", "m", ("+", "#", Fraction(-1)))), ("at", "g", "#"))),
        ),
    )
    assert statement_to_rocq(statement) == (
        "forall (beta m0 x : R) (t : nat) (g m : nat -> R),\n"
        "  (m 0%nat = m0) ->\n"
        "  (forall n : nat, m (S n) = ((beta * (m n)) + (g (S n)%nat))) ->\n"
        "  ((1 <= t)%nat) ->\n"
        "  (beta < 1) ->\n"
        "  (sum_of (fun i => ((beta ^ (t - i)%nat) * (g i))) 1%nat t) < ((Rabs x) / (2 / 3))"
        " /\\ (Rmax x (-1)) <> (ite x beta (sqrt x) (sgn x))"
    )


def test_a_hypothesis_about_every_index_is_said_in_full():
    bounded = ("<=", ("abs", ("at", "g", "#")), ("at", "g", ("+", "#", Fraction(-1))))
    statement = Statement((("<=", Fraction(0), "x"),), (bounded,), (), (Sequence("g"),))
    assert statement_to_rocq(statement) == (
        "forall (x : R) (g : nat -> R),\n"
        "  (forall n : nat, (1 <= n)%nat -> (Rabs (g n)) <= (g (n - 1)%nat)) ->\n"
        "  0 <= x"
    )


@pytest.mark.parametrize(
    "statement",
    [
        Statement((("=", ("at", "g", "t"), "x"),), (), ("t",), (Sequence("g"),)),  # an integer of any sign
        Statement(  # an index that may lie below 0
            (("=", ("at", "g", ("+", "t", Fraction(-1))), "x"),),
            (("<=", Fraction(0), "t"),),
            ("t",),
            (Sequence("g"),),
        ),
        Statement((("=", ("at", "x", "t"), "x"),), (("<=", Fraction(0), "t"),), ("t",), (Sequence("x"),)),
        Statement((("=", "not a name", "x"),)),
        Statement(  # a hypothesis about every # that reads below 0
            (("<=", Fraction(0), "x"),),
            (("<=", ("at", "g", ("+", "#", Fraction(-2))), "x"),),
            (),
            (Sequence("g"),),
        ),
    ],
)
def test_what_would_say_something_else_is_not_printed(statement):
    with pytest.raises(Unsupported):
        statement_to_rocq(statement)


@rocq
def test_reserved_names_are_renamed():
    verdict = prove(2 * sp.Symbol("S", real=True) <= sp.Symbol("S", real=True) ** 2 + 1)
    result = run_rocq(verdict.certificate)
    assert result.accepted, result.output


# ---------------------------------------------------------------- tampering
ROOTED = "step_against_gradient[rmsprop]"


def edits(proof):
    """Every proof that differs from this one in a single number."""
    if isinstance(proof, tuple):
        for n, part in enumerate(proof):
            for edited in edits(part):
                yield (*proof[:n], edited, *proof[n + 1 :])
    elif isinstance(proof, Fraction):
        yield proof + 1


@rocq
@pytest.mark.parametrize("name", ["sign", "a fraction below one", "the first integers"])
def test_a_changed_step_is_rejected_or_still_a_proof_of_the_same(name):
    claim, given, _ = CLAIMS[name]
    certificate = prove(claim, given).certificate
    tampered = [replace(certificate, proof=p) for p in list(edits(certificate.proof))[:6]]
    results = [run_rocq(c) for c in tampered]
    assert any(not r.accepted for r in results)
    for one, result in zip(tampered, results, strict=True):
        if result.accepted:  # a step that nothing rests on
            assert theorem_text(certificate.statement) in to_rocq(one)


@rocq
def test_a_changed_combination_is_rejected():
    certificate = prove(SQUARES).certificate
    tag, steps, (combination,) = certificate.proof
    scale, terms, zeros = combination
    (c, factors, q), *rest = terms
    tampered = (tag, steps, ((scale, ((c + 1, factors, q), *rest), zeros),))
    result = run_rocq(replace(certificate, proof=tampered))
    assert not result.accepted
    assert "Error" in result.output


@rocq
def test_a_false_statement_with_the_proof_of_a_true_one_is_rejected():
    certificate = certificate_of("weights_sum")
    (op, left, right), *_ = certificate.statement.claim
    false = replace(certificate.statement, claim=((op, left, ("+", right, Fraction(1))),))
    lie = replace(certificate, statement=false)
    assert not run_rocq(lie).accepted
    text = to_rocq(certificate).replace(theorem_text(certificate.statement), theorem_text(false))
    result = run_text(text, lie)
    assert not result.accepted
    assert result.reason == "coqc rejects the proof"


@rocq
def test_a_missing_hypothesis_is_rejected():
    certificate = certificate_of(ROOTED)
    for n in range(len(certificate.statement.given)):
        if certificate.statement.given[n] not in (("<", Fraction(0), "lr"),):
            continue
        given = certificate.statement.given[:n] + certificate.statement.given[n + 1 :]
        assert not run_rocq(replace(certificate, statement=replace(certificate.statement, given=given))).accepted
        return
    pytest.fail("the hypothesis to leave out is not there")


@rocq
def test_a_file_that_states_something_else_is_rejected():
    certificate = certificate_of(ROOTED)
    text = to_rocq(certificate)
    assert flaw(text, certificate) == ""
    more = replace(certificate.statement, given=(*certificate.statement.given, ("<", Fraction(0), "x")))
    assert run_text(text, replace(certificate, statement=more)).reason == "the file does not state the statement"
    stronger = text.replace("(0 < lr) ->", "(0 < lr) -> (0 < g) ->", 1)
    assert stronger != text
    assert run_text(stronger, certificate).reason == "the file does not state the statement"
    other = text.replace(
        "Definition ite (a b c d : R) : R := if Rle_dec a b then c else d", "Definition ite a b c d := a"
    )
    assert other != text
    assert run_text(other, certificate).reason == "the file does not state the statement"


@rocq
@pytest.mark.parametrize(
    ("planted", "word"),
    [
        ("Proof.\nAdmitted.\n", "Admitted"),
        ("Proof.\nadmit.\n", "admit"),
        ("Proof.\nQed.\nAxiom cheat : False.\n", "Qed"),
        ("Proof.\nAxiom cheat : False.\n", "Axiom"),
        ("Proof.\nParameter cheat : False.\n", "Parameter"),
    ],
)
def test_what_is_declared_within_a_proof_is_rejected(planted, word):
    certificate = certificate_of(ROOTED)
    head, _, tail = to_rocq(certificate).rpartition("\nProof.\n")
    result = run_text(f"{head}\n{planted}{tail}", certificate)
    assert (result.accepted, result.reason) == (False, f"the proof says {word}")


@rocq
def test_an_axiom_in_the_assumptions_is_rejected(monkeypatch):
    certificate = certificate_of(ROOTED)
    import symopt.proof.rocq as module

    honest = module.prelude()
    monkeypatch.setattr(module, "prelude", lambda: honest + "\nAxiom cheat : forall P : Prop, P.\n")
    head = to_rocq(certificate).partition("\nProof.\nintros")[0]
    result = run_text(f"{head}\nProof.\napply cheat.\n{module.ENDING}", certificate)
    assert (result.accepted, result.reason) == (False, "the proof rests on other axioms")
    assert "cheat" in result.assumptions


@rocq
@pytest.mark.parametrize("place", range(3))
def test_an_axiom_of_one_among_several_is_found_and_is_that_ones_alone(monkeypatch, place):
    import symopt.proof.rocq as module

    judged = [theorems.judge(LIBRARY[name]) for name in ("accumulator_nonnegative", "mean_square_between", ROOTED)]
    honest, printed = module.prelude(), module.to_rocq
    monkeypatch.setattr(module, "prelude", lambda: honest + "\nAxiom cheat : forall P : Prop, P.\n")

    def cheating(certificate):
        opening, mark, rest = (text := printed(certificate)).partition(f"\nTheorem {module.THEOREM} :\n")
        stated = rest.partition("\nProof.\n")[0]
        mine = certificate is judged[place].certificate
        return f"{opening}{mark}{stated}\nProof.\napply cheat.\n{module.ENDING}" if mine else text

    monkeypatch.setattr(module, "to_rocq", cheating)
    answers = [result for _, result in judge_by_rocq(judged)]
    assert [result.accepted for result in answers] == [n != place for n in range(3)]
    assert answers[place].reason == "the proof rests on other axioms"


@rocq
def test_a_wrong_counterexample_is_rejected():
    certificate = prove(sp.sqrt(X) > X, [X > 0]).certificate
    for value in (Fraction(1, 4), Fraction(-1)):  # the claim holds there; the hypothesis does not
        assert not run_rocq(replace(certificate, point={"x": value})).accepted


@rocq
def test_a_hypothesis_that_fails_later_on_is_no_counterexample():
    """It holds of # = 1 alone."""
    statement = Statement((("<", Fraction(0), Fraction(0)),), (("<=", "#", Fraction(1)),))
    assert run_rocq(Certificate(statement, {}, None)).rejected


def test_without_coqc_the_message_says_what_is_missing(monkeypatch):
    certificate = prove(SQUARES).certificate
    monkeypatch.setattr(shutil, "which", lambda _: None)
    for run in (lambda: run_rocq(certificate), lambda: list(judge_by_rocq([]))):
        with pytest.raises(SymoptError, match="coqc is not on the PATH"):
            run()


@rocq
def test_too_long_a_proof_is_given_up():
    result = run_rocq(prove(SQUARES).certificate, timeout=0.001)
    assert (result.accepted, result.rejected, result.reason) == (False, False, "coqc took more than 0.001 s")


def judgement_of(certificate):
    return SimpleNamespace(name="planted", certificate=certificate)


@rocq
def test_judgements_come_in_order_and_leave_their_files(tmp_path):
    judgements = [judgement_of(prove(c).certificate) for c in (SQUARES, X > 0, X**2 - 2 * X >= -1)]
    judgements.insert(1, judgement_of(None))
    answers = list(judge_by_rocq(judgements))
    assert [judgement for judgement, _ in answers] == judgements
    assert [result and result.accepted for _, result in answers] == [True, None, True, True]
    run_rocq(judgements[0].certificate, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["judged.v"]
    assert (tmp_path / "judged.v").read_text() == to_rocq(judgements[0].certificate)
