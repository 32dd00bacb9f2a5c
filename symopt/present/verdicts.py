"""A theorem with what the engine said of it, as Markdown: statement, verdict, and the proof's steps or the witness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from symopt.proof import Rejected, Statement, show
from symopt.proof.certificate import Term
from symopt.proof.evaluation import Evaluation
from symopt.theorems import Judgement, Theorem

from .statement import latex_statement
from .steps import show_point, steps

Decided = tuple[Theorem, Judgement]

#: What a reader of proofs and formulas needs to know, once a document.
NOTE = (
    "Every verdict below was made by machine: *proved* rests on a certificate that the checker accepted, *refuted* on "
    "a point at which the claim was evaluated exactly, *unknown* is neither. Formulas are printed without factors 1 "
    "and summands 0, and without recurrences that they do not read. The steps of a proof are those that the checker "
    'follows. In "since p is q", divisors that are known to be positive are cleared; $0^0$ is 1, an empty sum is 0.'
)


def theorem_blocks(decided: Iterable[Decided]) -> str:
    """The theorems in their order, each sentence once, followed by its statements."""
    parts = []
    for _, group in groupby(decided, key=lambda pair: (pair[0].summary, pair[0].cites)):
        pairs = list(group)
        parts.append(f"**{code_words(pairs[0][0].summary)}** ({pairs[0][0].cites})")
        parts += [_block(theorem, judgement) for theorem, judgement in pairs]
    return "\n\n".join(parts)


def verdict_counts(decided: Sequence[Decided]) -> str:
    """How many were proved, refuted and neither, in one line; what is not as expected is said."""
    if not decided:
        return "no verdict yet"
    counts = Counter(judgement.verdict for _, judgement in decided)
    text = ", ".join(f"{counts[verdict]} {verdict}" for verdict in ("proved", "refuted", "unknown") if counts[verdict])
    wrong = sum(judgement.verdict != judgement.expected for _, judgement in decided)
    return text + (f" ({wrong} not as expected)" if wrong else "")


def code_words(text: str) -> str:
    """A theorem's sentence for Markdown: what Markdown would read as its own is escaped."""
    return text.replace("*", r"\*").replace("_", r"\_").replace("<", r"\<").replace("|", r"\|")


def _block(theorem: Theorem, judgement: Judgement) -> str:
    certificate = judgement.certificate
    kind = f" ({certificate.kind})" if certificate else ""
    expected = "" if judgement.verdict == judgement.expected else f", **expected {judgement.expected}**"
    reason = f": {judgement.reason}" if judgement.verdict == "unknown" else ""
    under = "".join(f", under the axiom that {name}" for name in judgement.axioms)
    head = f"`{theorem.name}`: **{judgement.verdict}**{kind}{under}{expected}{reason}."
    parts = [head, latex_statement(theorem.statement)]
    if certificate and certificate.proof is None:
        parts.append(f"Witness: {show_point(certificate.point)}. {sides(theorem.statement, certificate.point)}".strip())
    elif certificate:
        lines = steps(certificate)
        title = f"<summary>The proof, in {len(lines)} step{'s' if len(lines) > 1 else ''}</summary>"
        parts.append(f"<details>{title}\n\n" + "\n".join(lines) + "\n\n</details>")
    if theorem.expected == "refuted":
        parts += [f"Changed to this it is **{judgement.mutant}**:", latex_statement(theorem.mutant)]
    else:
        parts.append(f"Its mutant, a false neighbour that must not be provable, is {judgement.mutant}.")
    return "\n\n".join(parts)


def sides(statement: Statement, point: Mapping[str, Any]) -> str:
    """The values of the claim's sides where it fails at the point; irrational ones to nine digits."""
    evaluation = Evaluation(statement, point)
    shown = []
    for op, left, right in statement.claim:
        try:
            if not evaluation.holds((op, left, right)):
                a, b = (_number(evaluation, side) for side in (left, right))
                shown.append(f"There the left side is {a}, the right side {b}.")
        except Rejected:
            continue
    return " ".join(shown)


def _number(evaluation: Evaluation, side: Term) -> str:
    low, high, _ = evaluation.value(side)
    near = low if low == high else low.limit_denominator(1000)
    exact = low == high or evaluation.holds(("=", side, near))
    return show(near) if exact and len(str(near)) < 30 else f"about {float(low):.9g}"
