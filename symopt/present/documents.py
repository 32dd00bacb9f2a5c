"""The folder of derivations: one document a rule, and the audit of the article."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from symopt.language import Rule

from .article import article, decide_article
from .derivation import decide_about, derivation


def derivations(rules: Iterable[Rule], audit: bool = True) -> Iterator[tuple[str, str]]:
    """File names and texts: a document for each rule, and ``article.md`` unless ``audit`` is False."""
    for rule in rules:
        yield f"{rule.name}.md", derivation(rule, decide_about(rule))
    if audit:
        yield "article.md", article(decide_article())
