"""Questions about whole runs: are two rules one algorithm, and what do the states of a rule keep?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp

from symopt.language import InputError, Program, Rule, substitute

from .certificate import Verdict
from .claims import Run, conjuncts, trajectory
from .correspondence import correspondence
from .prove import prove

t = sp.Symbol("t", integer=True, nonnegative=True)


def equivalent(a: Rule | Program, b: Rule | Program, given: Iterable[Any] = (), using: Iterable[Any] = ()) -> Verdict:
    """Do two rules give the same x at every step, from the same x(0) and on the same gradients?

    Hyperparameters of one name are the same number. The states of ``b`` are written with a prime: m'(t). The relation
    between the states, which each step keeps, is guessed (m'(t) = m(t), v'(t) = -lr v(t), ...); ``using`` states it
    where it is another one. Hypotheses may be added by ``given``; where the rules divide by a number whose domain
    includes 0, it is taken to be positive, and the statement says so. Raises InputError for what is not in the
    language of proofs.
    """
    return same_run(trajectory(a), trajectory(b, "'"), given, using)


def same_run(one: Run, two: Run, given: Iterable[Any] = (), using: Iterable[Any] = ()) -> Verdict:
    """Do two runs, with sequences of different names, have the same x at every step? As in ``equivalent``."""
    given = list(given)
    with sp.evaluate(False):
        relation = list(using) or correspondence(one, two, t)
        claim = sp.Eq(one.x(t), two.x(t))
    more = [r for r in _open_domains(one, two) if r not in given]
    answer = prove(claim, [one, two, *given], relation)
    if answer.verdict == "unknown" and more:
        answer = prove(claim, [one, two, *given, *more], relation)
    if answer.verdict == "unknown" and relation:
        answer = prove(claim, [one, two, *given, *more])
    return answer


def invariant(rule: Rule | Program, claim: Any, given: Iterable[Any] = (), using: Iterable[Any] = ()) -> Verdict:
    """Does a claim about x and the states hold at the start and after every step?

    ``claim``: SymPy relations between symbols called as x, the states and the hyperparameters (and t). ``given``:
    hypotheses about hyperparameters and x0, and ``every`` ones about g. ``using``: claims of the same form that hold
    too and help the induction.
    """
    run, given = trajectory(rule), list(given)
    states = {sp.Symbol(name): function(t) for name, function in run.functions.items() if name != "g"}
    states[sp.Symbol("t")] = t

    def along(relation: Any) -> Any:
        if any(symbol.name == "g" for symbol in relation.free_symbols):
            raise InputError("claim: an invariant is about x and the states; g belongs to a single step")
        plain = {s: sp.Symbol(s.name) for s in relation.free_symbols}
        return substitute(substitute(relation, plain), states)

    claims = [along(r) for r in conjuncts(claim)]
    helpers = [along(r) for r in conjuncts(list(using))]
    answer = prove(claims, [run, *given], helpers)
    more = [r for r in _open_domains(run) if r not in given]
    return answer if answer.verdict != "unknown" or not more else prove(claims, [run, *given, *more], helpers)


def _open_domains(*runs: Run) -> list[Any]:
    """Hyperparameters that may be 0, taken to be positive."""
    closed = dict.fromkeys(
        r[2] for run in runs for r in run.given if r[0] == "<=" and r[1] == 0 and isinstance(r[2], str)
    )
    return [sp.Symbol(name) > 0 for name in closed if name == "eps"]
