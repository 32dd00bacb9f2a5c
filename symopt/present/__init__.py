"""A Rule or a Program written out: plain text, LaTeX, Markdown and JSON, all rendered from the Program."""

from __future__ import annotations

from symopt.language import Program, Rule, refuse

from .data import data, json
from .latex import latex as _latex
from .markdown import catalog_table, markdown
from .text import text

__all__ = ["FORMATS", "catalog_table", "data", "json", "latex", "markdown", "show", "text"]


def latex(subject: Rule | Program) -> str:
    """The step as an ``align*`` environment in the notation of the papers."""
    return _latex(subject.program if isinstance(subject, Rule) else subject)


FORMATS = {"text": text, "latex": latex, "markdown": markdown, "json": json}


def show(subject: Rule | Program, format: str = "text") -> str:
    """The Rule or Program in one of the FORMATS; InputError names what is allowed.

    A Rule adds its summary and the allowed values of its options to what its Program says.
    """
    if not isinstance(subject, (Rule, Program)):
        raise refuse("subject", subject, "must be a Rule or a Program")
    if not isinstance(format, str) or format not in FORMATS:
        raise refuse("format", format, f"must be one of {', '.join(FORMATS)}")
    return FORMATS[format](subject)
