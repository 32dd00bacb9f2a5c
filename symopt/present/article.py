"""The audit of the article: each claim with the verdicts of the theorems that answer it."""

from __future__ import annotations

from collections.abc import Sequence

from symopt.theorems import judge, load

from .claims import CLAIMS, REMARKS, ArticleClaim
from .example import example
from .markdown import table
from .verdicts import NOTE, Decided, theorem_blocks, verdict_counts

TITLE = "# The article's claims, judged by machine"
ABOUT = (
    'The article "Adam优化器详解" (Adam explained) leads from gradient descent over AdaGrad, RMSProp and AdaDelta to '
    "Adam. Its claims are listed in our words, its formulas as it prints them, slips included. There $s$ is the "
    "running square and $v$ the running mean, the reverse of Adam's paper; the theorems have $m$ for the mean, $v$ for "
    "the square, $a$ for AdaGrad's sum and $u$ for AdaDelta's $\\Delta x$. All states start at 0."
)


def article(decided: Sequence[Decided]) -> str:
    """The audit, in Markdown, from theorems and their verdicts (see ``decide_article``)."""
    answers = {claim.number: answers_to(claim, decided) for claim in CLAIMS}
    rows = [(str(c.number), c.system, c.text, verdict_counts(answers[c.number])) for c in CLAIMS]
    parts = [TITLE, ABOUT, NOTE, table(("#", "system", "claim", "statements"), rows)]
    parts += [_chapter(claim, answers[claim.number]) for claim in CLAIMS]
    parts += ["## Remarks, without verdict", "\n".join(f"- {remark}" for remark in REMARKS)]
    if again := example(decided):
        parts += ["## Try it", again]
    return "\n\n".join(parts) + "\n"


def decide_article() -> list[Decided]:
    """The library's theorems that answer a claim of the article, each with its verdict."""
    return [(theorem, judge(theorem)) for theorem in load() if theorem.article]


def answers_to(claim: ArticleClaim, decided: Sequence[Decided]) -> list[Decided]:
    """The theorems tagged with the claim's number, those about its rules alone where it names some."""
    tagged = [pair for pair in decided if claim.number in pair[0].article]
    own = [pair for pair in tagged if set(claim.rules) & set(pair[0].rules)]
    return own or tagged


def _chapter(claim: ArticleClaim, answers: Sequence[Decided]) -> str:
    parts = [f"## {claim.number}. {claim.system}", claim.text]
    if claim.printed:
        parts.append(f"The formula, as the article prints or means it:\n\n$$\n{claim.printed}\n$$")
    if claim.corrected:
        parts.append(f"Corrected:\n\n$$\n{claim.corrected}\n$$")
    parts.append(f"Verdict: {verdict_counts(answers)}.")
    if answers:
        parts.append(theorem_blocks(answers))
    return "\n\n".join(parts)
