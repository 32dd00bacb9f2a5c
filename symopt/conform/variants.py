"""The variants of the catalog's rules: each rule with its options."""

from __future__ import annotations

import re
from functools import cache

from symopt.language import InputError, Rule
from symopt.rules import find, names


def find_variant(rule: str | Rule) -> Rule:
    """The rule of a label: a name, or a name with options as in ``adam[eps_placement=hat, decay=coupled]``."""
    if isinstance(rule, str) and (match := re.fullmatch(r"(.+?)\[(.*)\]", rule)):
        pairs = [part.partition("=") for part in match[2].split(",") if part.strip()]
        if not all(equals for _, equals, _ in pairs):
            raise InputError(f"rule = {rule!r}: options are written name[option=value, ...]")
        return find(match[1].strip()).with_options(**{n.strip(): v.strip() for n, _, v in pairs})
    return find(rule)


@cache
def catalog() -> tuple[Rule, ...]:
    """Every variant of every rule, those with the fewest options first."""
    return tuple(sorted((r for n in names() for r in find(n).combinations()), key=lambda r: len(r.chosen)))
