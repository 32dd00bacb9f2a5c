"""Does an implementation conform to a rule? If not: what differs, with a witness. Without a rule: which is it?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import islice
from typing import Any

from symopt.language import Program, Rule
from symopt.lifting import LiftedStep, LiftError
from symopt.rules import find, names

from .conformance import Conformance, Nearest
from .edits import find_edit
from .evidence import common_states, confirm, differing_line, find_witness
from .matching import DEFAULTED, FIXED, NAMED, ORDERED, Naming, candidates, fixed, namings
from .rewriting import as_powers, of_x_alone, solved
from .simulation import Simulation, rename, simulate, told_apart
from .target import Target, find_target
from .variants import catalog, find_variant
from .words import changes, distance

#: Rules that are the same function for an implementation, of which so many are reported.
EQUAL = 6
SEARCHES = (NAMED, ORDERED, DEFAULTED, FIXED)
#: Variants beside the rule of which every edit is tried.
TRIED = 2
#: Variants that agree for a few steps and are put to the proof.
PROVED = 3


def check(target: str | Any, rule: str | Rule | None = None, **settings: Any) -> Conformance:
    """Is an implementation a rule, for all steps, gradients and hyperparameters in their domains?

    ``target``: as for ``lift``. ``rule``: a catalog name, with options as in ``adam[decay=coupled]``, or a Rule;
    without one the target is looked for among all rules and variants. ``settings``: arguments for the target; numbers
    among them are the defaults of hyperparameters. InputError for what is no target or rule. What cannot be lifted is
    run instead, and compared within derived tolerances: that is "sampled", and the reason says why.
    """
    found = find_target(target)
    wanted = None if rule is None else find_variant(rule)
    return check_target(found, wanted, settings)


def check_target(target: Target, rule: Rule | None, settings: Mapping[str, Any]) -> Conformance:
    """``check`` of a target that was found."""
    try:
        lifted = target.lift(settings)
    except LiftError as error:
        from .sampling import sample  # with the bounds' machinery, which takes a second to import

        return sample(target, rule, settings, error)
    answer = identify(lifted, target.name) if rule is None else compare(lifted, rule)
    return replace(answer, target=target.name, location=target.location, given=tuple(map(str, lifted.conditions)))


def compare(lifted: LiftedStep, rule: Rule, *others: Rule) -> Conformance:
    """The lifted step against one rule, or several of which it may be any; what differs is told of the first."""
    forms, elsewhere = _forms(lifted), ""
    for match in (match for search in SEARCHES for match in _agreeing(forms, (rule, *others), search)):
        defaults = {h.name: h.default for h in match.rule.program.hypers}
        if all(value == defaults[name] for name, value in match.naming.rule):
            return _judged(match, match.rule.label)
        elsewhere = elsewhere or ", ".join(f"{name} = {value}" for name, value in match.naming.rule)
    step, own = forms[0].step, forms[0].own
    near, difference = _explained(forms, rule, elsewhere)
    naming = _likely(own, rule.program)
    witness = find_witness(told_apart(rename(step, naming, rule.program)), fixed(rule.program, dict(naming.rule)))
    verdict = "differs" if witness else "unknown"
    reason = "" if witness else "no relation between the two was found, and no input that tells them apart"
    return Conformance("", rule.label, verdict, "", near, difference, witness, dict(naming.names), reason=reason)


def identify(lifted: LiftedStep, name: str) -> Conformance:
    """The lifted step among all rules and variants of the catalog; if it is none, against the likest."""
    if answer := recognise(lifted, name):
        return answer
    rule = _resembling(name, _forms(lifted)[0].own)
    answer = compare(lifted, rule)
    return replace(answer, rule=None, difference=f"no rule of the catalog; against {rule.label}: {answer.difference}")


def recognise(lifted: LiftedStep, name: str) -> Conformance | None:
    """The variant of the catalog that the lifted step is, and those that are the same function; None if it is none."""
    matched = list(islice(_matching(_forms(lifted), name), EQUAL + 1))
    if not matched:
        return None
    answers = [(match.rule, _judged(match, None)) for match in matched[:EQUAL]]
    rule, answer = max(answers, key=lambda one: (one[1].scope == "all steps", one[1].verdict == "conforms"))
    equal = (other.label for other, found in answers if other is not rule and found.verdict == "conforms")
    return replace(answer, equal=tuple(equal))


@dataclass(frozen=True)
class _Form:
    """A lifted step, and the Program that tells its first step apart."""

    step: LiftedStep
    own: Program


@dataclass(frozen=True)
class _Match:
    """A rule that a form of the lifted step agrees with for a few steps, under a naming."""

    rule: Rule
    step: LiftedStep
    naming: Naming


def _forms(lifted: LiftedStep) -> list[_Form]:
    """The same step in other words, the shortest first."""
    plain = solved(lifted)
    steps = {id(step): step for step in (of_x_alone(plain), plain, as_powers(plain))}
    return [_Form(step, told_apart(step)) for step in steps.values()]


def _agreeing(forms: Sequence[_Form], rules: Iterable[Rule], search: int) -> Iterator[_Match]:
    for rule in rules:
        for form in forms:
            for naming in namings(form.own, rule.program, search):
                yield _Match(rule, form.step, naming)


def _matching(forms: Sequence[_Form], name: str) -> Iterator[_Match]:
    """Every variant of the catalog that agrees, those with the fewest options first."""
    rules = catalog()
    for search in SEARCHES:
        like = _resembling(name, forms[0].own).name if search >= DEFAULTED else ""
        found = False
        for rule in (r for r in rules if like in ("", r.name)):
            for match in islice(_agreeing(forms, [rule], search), 1):
                found = True
                yield match
        if found:
            return


def _judged(match: _Match, asked: str | None) -> Conformance:
    """What agrees for a few steps, put to the proof; where that fails at a point, they may differ after all."""
    rule, naming = match.rule, match.naming
    simulation = simulate(match.step, rule, naming)
    goal = fixed(rule.program, dict(naming.rule))
    own = told_apart(rename(match.step, naming, goal))
    for point in simulation.refuted:
        if witness := confirm(own, goal, point):
            difference = "none where both were tried on ordinary numbers; it shows at the inputs of the witness"
            near = Nearest(rule.name, rule.label, 1)
            return Conformance("", asked, "differs", "", near, difference, witness, dict(naming.names))
    return _conforming(rule, naming, simulation, asked)


def _conforming(rule: Rule, naming: Naming, simulation: Simulation, asked: str | None) -> Conformance:
    numbers = {n: str(value) for n, value in (*naming.own, *naming.rule)}
    meant = {b: a for a, b in reversed(naming.names)}  # of two that are one in the rule, the other is tied to this
    numbers |= {a: meant[b] for a, b in naming.names if meant[b] != a}
    reason = ""
    if simulation.scope != "all steps":
        verdict = simulation.verdict
        reason = verdict.reason if verdict is not None and verdict.reason else "no proof for all steps was found"
    return Conformance(
        target="",
        rule=asked,
        verdict="conforms",
        scope=simulation.scope,
        nearest=Nearest(rule.name, rule.label, 0),
        hyper_map=dict(naming.names),
        state_map=dict(simulation.states),
        fixed=numbers,
        reason=reason,
        certificate=simulation.verdict.certificate if simulation.verdict else None,
    )


def _resembling(name: str, own: Program) -> Rule:
    """The rule that has the most states in common with the implementation; of those, the one with the likest name."""
    word = re.sub(r"[^a-z0-9]", "", name.rpartition(":")[2].rpartition(".")[2].lower())

    def likeness(rule: Rule) -> tuple[float, float, float]:
        plain = rule.name.replace("_", "")
        naming = _likely(own, rule.program)
        common = common_states(_named(own, naming, rule.program), fixed(rule.program, dict(naming.rule)))
        named, goal = len(naming.names), rule.program
        share = (common + named) / (max(len(goal.states), len(own.states)) + max(len(goal.hypers), len(own.hypers), 1))
        return share, len(plain) if plain in word else 0, SequenceMatcher(a=word, b=plain).ratio()

    return max(map(find, names()), key=likeness)


def _explained(forms: Sequence[_Form], rule: Rule, elsewhere: str) -> tuple[Nearest | None, str]:
    """The nearest variant and what differs, in words: another option, an edit of a line, more options, another rule.

    ``elsewhere``: numbers of hyperparameters at which, and at which alone, it is the rule; "" for none.
    """
    own = forms[0].own
    variants = sorted(rule.combinations(), key=lambda v: distance(rule, v))
    close = [v for v in variants if distance(rule, v) == 1]
    if found := _nearest(forms, rule, close):
        return found
    if elsewhere:
        return Nearest(rule.name, rule.label, 1), f"it is the rule at {elsewhere} alone"
    if edit := find_edit(own, rule.program):
        return Nearest(rule.name, rule.label, 1), str(edit)
    if found := _nearest(forms, rule, [v for v in variants if distance(rule, v) > 1]):
        return found
    if found := _nearest(forms, rule, (other for other in catalog() if other.name != rule.name)):
        return found
    for variant in close[:TRIED]:
        if edit := find_edit(own, variant.program):
            return Nearest(rule.name, variant.label, 2), f"{changes(rule, variant)}; {edit}"
    naming = _likely(own, rule.program)
    line = differing_line(_named(own, naming, rule.program), fixed(rule.program, dict(naming.rule)))
    return Nearest(rule.name, rule.label, len(variants)), f"in the line {line}, or in what it reads"


def _nearest(forms: Sequence[_Form], rule: Rule, others: Iterable[Rule]) -> tuple[Nearest, str] | None:
    """The first variant that agrees for a few steps, how far it is proved to be it, and what it changes.

    Where that is not for all steps, another one may be: variants that differ at a single point agree elsewhere.
    """
    others = list(others)
    agreeing = (match for search in (NAMED, DEFAULTED) for match in _agreeing(forms, others, search))
    matches = list(islice(agreeing, PROVED))
    if not matches:
        return None
    quickly = (simulate(match.step, match.rule, match.naming, runs=False) for match in matches)
    shown = (match for match, found in zip(matches, quickly, strict=True) if found.scope == "all steps")
    match = next(shown, matches[0]) if len(matches) > 1 else matches[0]
    answer, variant = _judged(match, None), match.rule
    far = distance(rule, variant) if variant.name == rule.name else 1 + len(variant.chosen)
    scope = answer.scope if answer.verdict == "conforms" else ""
    return Nearest(variant.name, variant.label, far, scope), changes(rule, variant)


def _named(own: Program, naming: Naming, goal: Program) -> Program:
    return rename(LiftedStep(own, own.outputs), naming, goal).program


def _likely(own: Program, goal: Program) -> Naming:
    """How the hyperparameters are called, judged by their names alone: the rest is fixed at its defaults."""
    first = next(candidates(own, goal), None)
    if first is not None and len(first.names) == len(own.hypers) == len(goal.hypers):
        return first
    found = next(candidates(own, goal, FIXED), None) or Naming(())
    named = {a for a, _ in found.names} | {a for a, _ in found.own}
    used = {b for _, b in found.names} | {b for b, _ in found.rule}
    mine = tuple((h.name, h.default) for h in own.hypers if h.name not in named)
    theirs = tuple((h.name, h.default) for h in goal.hypers if h.name not in used)
    return Naming(found.names, found.own + mine, found.rule + theirs)
