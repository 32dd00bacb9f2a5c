"""The public functions that take a rule by name: each finds the rule and hands its Program to the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from symopt import proof, rounding, wrappers
from symopt.codegen import Kernel, compile_program
from symopt.language import InputError, Rule
from symopt.language.chain import chain as chain_rules
from symopt.proof import Verdict
from symopt.rules import find


def compile(rule: str | Rule, dtype: str = "float32") -> Kernel:
    """The kernel of a rule (a catalog name, ``path/to/file.py:rule`` or a Rule) on arrays of ``dtype``.

    ``kernel(x, g, m=…, v=…, t=1, lr=…)`` updates x and the states in place. Raises InputError for an unknown
    rule or dtype, LoweringError where the rule has no machine operation, CacheError where SYMOPT_CACHE_DIR
    cannot be used.
    """
    return compile_program(find(rule).program, dtype)


def chain(*parts: str | Rule) -> Rule:
    """One Rule of several: each part's step in turn, as one step (see ``symopt.language.chain``).

    Parts are names of rules and wrappers, ``path/to/file.py:rule`` or Rules. Hyperparameters and states keep their
    names, one that an earlier part has taken gets its own part's name before it. Raises InputError for an unknown part.
    """
    return chain_rules(*map(_part, parts))


def _part(part: str | Rule) -> Rule:
    if isinstance(part, str) and part in wrappers.names():
        return wrappers.find(part)
    try:
        return find(part)
    except InputError as error:
        raise InputError(f"{error}; wrappers: {', '.join(wrappers.names())}") from None


def equivalent(a: str | Rule, b: str | Rule, given: Iterable[Any] = (), using: Iterable[Any] = ()) -> Verdict:
    """Do two rules give the same x at every step, from the same start and on the same gradients?

    The verdict is "proved" for all steps, "refuted" with a witness, or "unknown" with a reason. Hyperparameters and
    states of one name correspond; ``using`` states the relation between the states where it is another one (those
    of ``b`` are written with a prime, m'(t)); ``given`` adds hypotheses.
    """
    return proof.equivalent(find(a), find(b), given, using)


def invariant(rule: str | Rule, claim: Any, given: Iterable[Any] = (), using: Iterable[Any] = ()) -> Verdict:
    """Does a claim about x and the states of a rule hold at the start and after every step?

    ``claim``: SymPy relations between symbols called as x, the states and the hyperparameters. ``using``: claims of
    the same form that hold too and help the induction.
    """
    return proof.invariant(find(rule), claim, given, using)


def error_bound(
    rule: str | Rule,
    inputs: Mapping[str, Any],
    dtype: str = "float32",
    engine: str = "arrays",
    storage: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """For "x" and each state of one step in ``dtype``, an array of bounds on |kernel result - exact real value|.

    ``inputs``: x, g and the states as arrays of one shape, or as tuples (low, high) of such arrays for a bound that
    holds everywhere between; t; and hyperparameters (defaults where missing), which stand for the decimals they are
    written as. ``engine``: "arrays" (float64, vectorised), "intervals" or "fractions" (exact rationals, slow; they
    return Fractions). ``storage``: the narrower format in which x, g or a state is kept, as {"m": "bfloat16"}.
    Infinity where nothing can be promised. Raises InputError for missing or unknown names, for values outside their
    domains, and for elements that their storage format does not hold.
    """
    return rounding.error_bound(find(rule).program, inputs, dtype, engine, storage)
