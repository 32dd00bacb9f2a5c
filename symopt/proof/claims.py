"""From SymPy to statements: relations, hypotheses, and the trajectory or one step of a rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from symopt.language import GRADIENT, PARAMETER, STEP, InputError, Program, Rule, refuse, substitute

from .certificate import INDEX, Relation, Sequence, Statement, Term
from .checker import free_variables
from .evaluation import uses
from .normal import put
from .reading import to_relation, to_term
from .tensors import arrays_of, has_total, over_elements, signs, size_facts

#: Assumptions of symbols that statements have no hypothesis for.
_UNKNOWN = {"even", "odd", "prime", "composite", "irrational", "noninteger", "transcendental", "zero"}
_BEFORE = ("+", INDEX, Fraction(-1))


@dataclass(frozen=True)
class Run:
    """A rule's whole trajectory: ``run.x(t)``, ``run.g(t)`` and every state as functions of the step, from 0 on.

    g is an arbitrary sequence. Put the run among the hypotheses of a claim that speaks of its sequences.
    """

    functions: Mapping[str, Any]
    sequences: tuple[Sequence, ...]
    given: tuple[Relation, ...]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.functions[name]
        except KeyError:
            raise AttributeError(f"the run has no {name}; it has {', '.join(self.functions)}") from None

    def of(self, *names: str) -> Run:
        """The same run as far as these sequences and what they read: the others and their hypotheses are left out."""
        kept, bodies = set[str](), {s.name: (s.initial, s.body) for s in self.sequences}
        more = {str(self.functions[name]) for name in names}
        while more:
            kept |= more
            read = _sequences_in([part for name in more for part in bodies[name] if part is not None])
            more = (read & set(bodies)) - kept
        known = set().union(*(free_variables(part) for name in kept for part in bodies[name] if part is not None))
        given = tuple(r for r in self.given if set(free_variables(r)) <= known)
        return Run(self.functions, tuple(s for s in self.sequences if s.name in kept), given)


@dataclass(frozen=True)
class Axiom:
    """Hypotheses about something that is not itself in the statement, such as an objective function."""

    name: str
    relations: tuple[Any, ...]


def axiom(name: str, *claims: Any) -> Axiom:
    """Relations that are taken for granted because of what ``name`` says; a verdict that uses them names them."""
    return Axiom(name, tuple(conjuncts(list(claims))))


@dataclass(frozen=True)
class Every:
    """A hypothesis about sequences at every index >= 1."""

    relations: tuple[Relation, ...]


def every(index: sp.Symbol, *claims: Any) -> Every:
    """The hypothesis that the relations hold for every value >= 1 of ``index``, as in every(i, abs(g(i)) <= G)."""
    return Every(tuple(put(to_relation(r), {index.name: INDEX}) for r in conjuncts(list(claims))))


@dataclass(frozen=True)
class Step:
    """One step of a rule: ``step.new["x"]`` and every state's new value, written in the inputs' symbols.

    ``arrays``: the inputs of which a statement means a whole tensor's first element, as sums are over its elements.
    """

    new: Mapping[str, sp.Expr]
    given: tuple[Relation, ...]
    sequences: tuple[Sequence, ...] = ()
    arrays: tuple[str, ...] = ()


def domain_of(program: Program, values: Mapping[str, Any]) -> tuple[Relation, ...]:
    """The hyperparameters' domains as hypotheses (of the expressions put in their place, where there are any)."""
    relations: list[Relation] = []
    for hyper in program.hypers:
        term, domain = to_term(values.get(hyper.name, sp.Symbol(hyper.name))), hyper.domain
        if domain.lower is not None:
            relations.append(("<" if domain.lower_open else "<=", domain.lower, term))
        if domain.upper is not None:
            relations.append(("<" if domain.upper_open else "<=", term, domain.upper))
    return tuple(r for r in relations if not all(isinstance(side, Fraction) for side in r[1:]))


def _program(rule: Rule | Program, values: Mapping[str, Any]) -> Program:
    """The rule's Program; InputError where ``values`` name none of its inputs, read by these options or not."""
    program = rule.program if isinstance(rule, Rule) else rule
    named = [h.name for h in rule.hypers] + [s.name for s in rule.states]
    if unknown := sorted(set(values) - {*program.inputs, *named}):
        raise InputError(f"{program.name} has no input {unknown[0]!r}; it takes {', '.join(program.inputs)}")
    return program


def one_step(rule: Rule | Program, **values: Any) -> Step:
    """One step from arbitrary states of the declared signs; ``values`` put expressions for inputs.

    Where the rule sums over elements, it is the step of one element of a tensor, and claims about it may sum too
    (``total``, ``mean``, ``norm``): in statements x(k), k = 1 ... size (or size_all) are the elements, x is x(1).
    """
    program = _program(rule, values)
    if not program.is_elementwise:
        return tensor_step(program, **values)
    signs = [("<=", Fraction(0), s.name) for s in program.states if s.nonnegative and s.name not in values]
    step = [] if STEP in values else [("<=", Fraction(1), STEP)]
    return Step(_put(program, values), (*domain_of(program, values), *signs, *step))


def tensor_step(program: Program, **values: Any) -> Step:
    """One step of a whole tensor's first element, as in ``one_step``."""
    step: list[Relation] = [] if STEP in values else [("<=", Fraction(1), STEP)]
    given = (*domain_of(program, values), *signs(program, values), *step)
    return Step(_put(program, values), given, arrays=arrays_of(program))


def _put(program: Program, values: Mapping[str, Any]) -> dict[str, sp.Expr]:
    known: dict[sp.Symbol, Any] = {}
    for name, value in values.items():
        try:
            known[sp.Symbol(name)] = sp.sympify(value, strict=True)  # no text is evaluated
        except sp.SympifyError:
            raise refuse(name, value, "must be a number or a SymPy expression") from None
    return {name: substitute(expr, known) for name, expr in program.outputs.items()}


def trajectory(rule: Rule | Program, label: str = "", **values: Any) -> Run:
    """The run of a rule from its initial states, at any x(0) = x0, on any gradients.

    ``label`` is appended to the names of x and the states, so that two runs can stand in one claim (they share
    g). ``values`` put expressions for hyperparameters, or for g when the gradient is the same at every step.
    InputError for a rule that sums over elements: its sequences would have two indices.
    """
    program = _program(rule, values)
    if not program.is_elementwise:
        raise InputError(
            f"rule {program.name} sums over the elements of a tensor: statements about whole runs have sequences in "
            "one index, the step; state it of one_step"
        )
    names = [PARAMETER, *(s.name for s in program.states)]
    now: dict[str, Term] = {STEP: INDEX, GRADIENT: ("at", GRADIENT, INDEX)}
    now |= {name: ("at", name + label, _BEFORE) for name in names}
    now |= {name: to_term(value) for name, value in values.items()}
    results = {symbol: name for name, symbol in program.results}
    bodies: dict[str, Term] = {}
    for line in program.definitions:
        term = put(to_term(line.expr), now)
        result = results.get(line.symbol)
        now[line.symbol.name] = ("at", result + label, INDEX) if result else term
        if result:
            bodies[result] = term
    start = {s.name: s.initial for s in program.states} | {PARAMETER: PARAMETER + "0"}
    order = [*bodies, *(name for name in names if name not in bodies)]
    sequences = [Sequence(n + label, start[n], bodies.get(n, ("at", n + label, _BEFORE))) for n in order]
    free = () if GRADIENT in values else (Sequence(GRADIENT),)
    functions = {name: sp.Function(name + label) for name in names} | {GRADIENT: sp.Function(GRADIENT)}
    return Run(functions, (*free, *sequences), domain_of(program, values))


def statement(claim: Any, given: Iterable[Any] = ()) -> Statement:
    """The statement of a SymPy claim (one relation, an And, or several) under hypotheses.

    ``given``: relations, Runs, Steps, Every and Axioms. ``Eq(f(0), a)`` with ``Eq(f(t), ...)``, whose right side reads
    some sequence at t - 1, is the recurrence that defines f for all t >= 1. Assumptions of symbols (positive,
    integer ...) become hypotheses. With a Step of a rule that sums over elements, x, g and states are those of a
    tensor's first element, and sums (``total``, ``norm``) are over all of them.
    """
    claims = conjuncts(claim)
    parts = [p for part in given for p in (part.relations if isinstance(part, Axiom) else (part,))]
    runs = [part for part in parts if isinstance(part, (Run, Step))]
    always = [r for part in parts if isinstance(part, Every) for r in part.relations]
    relations = [r for part in parts if not isinstance(part, (Run, Step, Every)) for r in conjuncts(part)]
    symbols = _symbols([*claims, *relations])
    defined, relations = _recurrences(relations)
    arrays = {name for run in runs if isinstance(run, Step) for name in run.arrays}
    claims, relations = [to_relation(r) for r in claims], [to_relation(r) for r in relations]
    assumed = _assumed(symbols)
    if arrays:
        claims, relations, assumed = ([over_elements(r, arrays) for r in part] for part in (claims, relations, assumed))
    if any(map(has_total, (*claims, *relations))):
        raise InputError("claim: sums over elements need a step of a rule that has them, which says what an element is")
    sequences = {s.name: s for run in runs for s in run.sequences} | {s.name: s for s in defined}
    hypotheses = [r for run in runs for r in run.given] + assumed + relations + always
    used = _sequences_in([*claims, *hypotheses, *(s.body for s in sequences.values())])
    free = tuple(Sequence(name) for name in sorted(used - set(sequences)))
    integers = {name for name, symbol in symbols.items() if symbol.is_integer}
    if any(STEP in free_variables(r) for run in runs if isinstance(run, Step) for r in run.given):
        integers.add(STEP)
    if arrays:
        sizes, facts = size_facts(set().union(*map(free_variables, (*claims, *hypotheses))))
        integers, hypotheses = integers | set(sizes), [*hypotheses, *facts]
    return Statement(
        claim=tuple(claims),
        given=tuple(dict.fromkeys(hypotheses)),
        integers=tuple(sorted(integers)),
        sequences=(*free, *sequences.values()),
    )


def conjuncts(claim: Any) -> list[Any]:
    """The relations of a claim: one, an And of several, or a list."""
    if isinstance(claim, (list, tuple)):
        return [part for item in claim for part in conjuncts(item)]
    if isinstance(claim, sp.And):
        return list(claim.args)
    if claim in (True, False, sp.true, sp.false):
        raise InputError(
            f"claim = {claim}: SymPy evaluated it before it could be read; build it inside sympy.evaluate(False)"
        )
    if not isinstance(claim, Relational):
        raise InputError(f"claim = {claim!r}: must be a SymPy relation, an And of them, or a list of them")
    return [claim]


def _symbols(relations: list[Any]) -> dict[str, sp.Symbol]:
    """The free symbols by name; two different symbols of one name are refused."""
    found: dict[str, sp.Symbol] = {}
    for symbol in set().union(*(r.free_symbols for r in relations)):
        if not isinstance(symbol, sp.Symbol):
            continue
        if found.setdefault(symbol.name, symbol) != symbol:
            raise InputError(
                f"claim: two different symbols are both called {symbol.name!r}; give them the same assumptions"
            )
    return found


def _assumed(symbols: Mapping[str, sp.Symbol]) -> list[Relation]:
    relations: list[Relation] = []
    zero = Fraction(0)
    for name, symbol in sorted(symbols.items()):
        unknown = sorted(fact for fact in _UNKNOWN if symbol.assumptions0.get(fact))
        if symbol.is_real is False or (symbol.is_complex and symbol.is_real is None) or unknown:
            what = f"{', '.join(unknown)}, which no hypothesis says" if unknown else "not real"
            raise InputError(f"claim: symbol {name!r} is {what}; symbols are real, with a sign, or integer")
        least = Fraction(1) if symbol.is_integer else zero
        if symbol.is_positive:
            relations.append(("<=", least, name) if symbol.is_integer else ("<", zero, name))
        elif symbol.is_negative:
            relations.append(("<", name, zero))
        elif symbol.is_nonnegative:
            relations.append(("<=", zero, name))
        elif symbol.is_nonpositive:
            relations.append(("<=", name, zero))
        elif symbol.is_nonzero:
            relations.append(("!=", name, zero))
    return relations


def _recurrences(relations: list[Any]) -> tuple[list[Sequence], list[Any]]:
    """Split off pairs Eq(f(0), a), Eq(f(t), ... f(t - 1) ...) as definitions of f."""
    starts = {r.lhs.func: r for r in relations if _defines(r) and r.lhs.args[0] == 0}
    defined: list[Sequence] = []
    used: list[Any] = []
    for relation in relations:
        if not (_defines(relation) and isinstance(relation.lhs.args[0], sp.Symbol) and relation.lhs.func in starts):
            continue
        f, index = relation.lhs.func, relation.lhs.args[0]
        body = _shift_index(put(to_term(relation.rhs), {index.name: INDEX}))
        if all(where != _BEFORE for _, where in uses(body)):
            continue
        if any(s.name == f.__name__ for s in defined):
            raise InputError(f"given: two recurrences define {f.__name__}")
        start = starts[f]
        defined.append(Sequence(f.__name__, to_term(start.rhs), body))
        used += [start, relation]
    return _in_order(defined), [r for r in relations if not any(r is u for u in used)]


def _in_order(defined: list[Sequence]) -> list[Sequence]:
    """Each sequence after those whose value at the same index it reads, as far as that can be."""
    ordered: list[Sequence] = []
    left = list(defined)
    while left:
        waiting = {s.name for s in left}
        ready = [s for s in left if not {n for n, at in uses(s.body) if at == INDEX and n != s.name} & waiting]
        ordered += ready or left
        left = [s for s in left if s not in ordered]
    return ordered


def _defines(relation: Any) -> bool:
    return isinstance(relation, sp.Eq) and isinstance(relation.lhs, AppliedUndef) and len(relation.lhs.args) == 1


def _shift_index(term: Term) -> Term:
    """Write # - 1 in the one form that the checker reads."""
    if not isinstance(term, tuple):
        return term
    if term[0] == "+" and len(term) == 3 and {INDEX, Fraction(-1)} == set(term[1:]):
        return _BEFORE
    return (term[0], *map(_shift_index, term[1:]))


def _sequences_in(terms: Iterable[Any]) -> set[str]:
    found: set[str] = set()
    for term in terms:
        if isinstance(term, tuple):
            found |= {term[1]} if term[0] == "at" else set()
            found |= _sequences_in(term[1:])
    return found
