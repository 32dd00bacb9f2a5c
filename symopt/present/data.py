"""A Rule or Program as plain data, ready for JSON."""

from __future__ import annotations

import json as standard_json
from typing import Any

from symopt.language import Program, Rule

from .infix import infix
from .notation import decimal


def data(subject: Rule | Program) -> dict[str, Any]:
    """Dicts, lists, strings, bools and None in a stable order; numbers are strings, exact.

    A Rule adds to its Program the summary and each option's allowed values.
    """
    program = subject.program if isinstance(subject, Rule) else subject
    allowed = {o.name: list(o.values) for o in subject.options} if isinstance(subject, Rule) else {}
    summary = {"summary": subject.summary} if isinstance(subject, Rule) else {}
    return {
        "name": program.name,
        **summary,
        "cites": program.cites,
        "options": [
            {"name": name, "value": value} | ({"allowed": allowed[name]} if name in allowed else {})
            for name, value in program.options
        ],
        "hyperparameters": [
            {
                "name": hyper.name,
                "default": decimal(hyper.default),
                "default_exact": str(hyper.default),
                "domain": hyper.domain.describe(hyper.name),
                "lower": None if hyper.domain.lower is None else str(hyper.domain.lower),
                "lower_open": hyper.domain.lower_open,
                "upper": None if hyper.domain.upper is None else str(hyper.domain.upper),
                "upper_open": hyper.domain.upper_open,
            }
            for hyper in program.hypers
        ],
        "states": [
            {
                "name": state.name,
                "initial": decimal(state.initial),
                "nonnegative": state.nonnegative,
                "scope": state.scope,
            }
            for state in program.states
        ],
        "lines": [
            {"symbol": line.symbol.name, "name": line.name, "scope": line.scope, "expression": infix(line.expr)}
            for line in program.definitions
        ],
        "results": {name: symbol.name for name, symbol in program.results},
    }


def extent(state: dict[str, Any]) -> str:
    """Of what there is one value of a state, where that is not each element."""
    return {"element": "", **{scope: f"one value per {scope}" for scope in ("tensor", "row", "column")}}.get(
        state["scope"], "one value for all tensors"
    )


def json(subject: Rule | Program) -> str:
    """``data`` as JSON text."""
    return standard_json.dumps(data(subject), indent=2, ensure_ascii=False)
