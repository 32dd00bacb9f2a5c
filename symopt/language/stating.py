"""The Rule: a body written like the published algorithm, traced into a Program."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sympy as sp

from .domain import INDICES, Hyper, Option, State, exact
from .errors import InputError, RuleError, refuse
from .program import GRADIENT, PARAMETER, STEP, Definition, Program, make_definitions, scope_of
from .totals import reductions

Body = Callable[..., Generator[None, None, None] | None]


@dataclass(frozen=True)
class Rule:
    """An update rule with its options chosen; ``rule.program`` is one step of it."""

    name: str
    body: Body
    hypers: tuple[Hyper, ...]
    states: tuple[State, ...]
    options: tuple[Option, ...]
    cites: str
    summary: str
    chosen: tuple[tuple[str, str | bool], ...] = ()

    def __post_init__(self) -> None:
        taken = [PARAMETER, GRADIENT, STEP, *(h.name for h in self.hypers), *(s.name for s in self.states)]
        for name in taken:
            if not name.isidentifier() or name.startswith("_"):
                raise RuleError(f"rule {self.name}: {name!r} is not a usable name")
            if taken.count(name) > 1:
                raise RuleError(f"rule {self.name}: {name!r} is declared twice, or is one of x, g, t")
        for hyper in self.hypers:
            hyper.check(hyper.default)

    @property
    def setting(self) -> dict[str, str | bool]:
        """Every option with its value, chosen or default."""
        return {option.name: dict(self.chosen).get(option.name, option.default) for option in self.options}

    @property
    def label(self) -> str:
        """The rule's name followed by what differs from its defaults."""
        chosen = ", ".join(f"{name}={value}" for name, value in self.chosen)
        return f"{self.name}[{chosen}]" if chosen else self.name

    def with_options(self, **options: object) -> Rule:
        """The same rule with other option values; InputError names what is allowed."""
        known = {option.name: option for option in self.options}
        setting = self.setting
        for name, value in options.items():
            if name not in known:
                allowed = ", ".join(known) or "none"
                raise InputError(f"{self.name} has no option {name!r}; its options are: {allowed}")
            setting[name] = _option_value(known[name], value)
        chosen = tuple((o.name, setting[o.name]) for o in self.options if setting[o.name] != o.default)
        return replace(self, chosen=chosen)

    def variants(self) -> Iterator[Rule]:
        """The rule at its defaults, then with one option at a time set to each other value."""
        yield self.with_options(**{option.name: option.default for option in self.options})
        for option in self.options:
            for value in option.values[1:]:
                yield self.with_options(**{o.name: o.default for o in self.options} | {option.name: value})

    def combinations(self) -> Iterator[Rule]:
        """The rule at every combination of its options' values."""
        names = [option.name for option in self.options]
        for values in itertools.product(*(option.values for option in self.options)):
            yield self.with_options(**dict(zip(names, values, strict=True)))

    def start(self, namespace: Any) -> Callable[[], None]:
        """Run the body on a namespace, up to its ``yield`` if it has one; what is returned runs the rest."""
        running = self.body(namespace, **self.setting)
        if not inspect.isgenerator(running):
            return lambda: None
        next(running, None)

        def finish() -> None:
            for _ in running:
                raise RuleError(f"rule {self.name} yields twice: a wrapper has one place for what it is put around")

        return finish

    @cached_property
    def program(self) -> Program:
        """One step as data. States and hyperparameters that these options never touch are left out."""
        trace = _Trace(self)
        with sp.evaluate(False):
            self.start(trace)()
        return trace.finish()

    def run(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Run the body on numbers or arrays: new values of x and the states from the inputs by name."""
        names = _Values(dict(values))
        self.start(names)()
        kept = (PARAMETER, *(state.name for state in self.program.states))
        return {name: names._values[name] for name in kept}


class _Values:
    """The namespace of a body that runs on plain values."""

    _values: dict[str, Any]

    def __init__(self, values: dict[str, Any]) -> None:
        object.__setattr__(self, "_values", values)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise InputError(f"no value was given for {name}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self._values[name] = value


class _Trace:
    """The namespace of a body that is being traced: assignments become the Program's lines, in order."""

    def __init__(self, rule: Rule) -> None:
        inputs = [PARAMETER, GRADIENT, STEP, *(s.name for s in rule.states), *(h.name for h in rule.hypers)]
        put = object.__setattr__
        put(self, "_rule", rule)
        put(self, "_current", {name: sp.Symbol(name) for name in inputs})
        put(self, "_lines", [])
        put(self, "_fixed", {STEP, *(hyper.name for hyper in rule.hypers)})
        put(self, "_read", set())

    _rule: Rule
    _current: dict[str, sp.Symbol]
    _lines: list[tuple[sp.Symbol, sp.Expr]]
    _fixed: set[str]
    _read: set[str]

    def __getattr__(self, name: str) -> sp.Symbol:
        if name not in self._current:
            raise RuleError(f"rule {self._rule.name} reads {name!r} before it is declared or assigned")
        self._read.add(name)
        return self._current[name]

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._fixed:
            raise RuleError(f"rule {self._rule.name} assigns {name!r}, which a step may only read")
        before = self._current.get(name)
        symbol = sp.Symbol(name if before is None else before.name + "'")
        self._current[name] = symbol
        self._lines.append((symbol, _exact_tree(value, self._rule.name, name)))

    def finish(self) -> Program:
        rule, written = self._rule, {symbol.name.rstrip("'") for symbol, _ in self._lines}
        if PARAMETER not in written:
            raise RuleError(f"rule {rule.name} never assigns x")
        states = tuple(s for s in rule.states if s.name in self._read | written)
        hypers = tuple(h for h in rule.hypers if h.name in self._read)
        scopes = dict.fromkeys(self._fixed, "step") | {s.name: s.scope for s in rule.states}
        definitions = make_definitions(self._lines, scopes)
        _check_scopes(rule, definitions, scopes)
        return Program(
            name=rule.name,
            hypers=hypers,
            states=states,
            definitions=definitions,
            results=tuple((name, self._current[name]) for name in (PARAMETER, *(s.name for s in states))),
            options=tuple(rule.setting.items()),
            cites=rule.cites,
        )


def _check_scopes(rule: Rule, definitions: tuple[Definition, ...], scopes: Mapping[str, str]) -> None:
    """RuleError for a sum of what is the same for every element, and for a state with too many values."""
    known = dict(scopes) | {line.symbol.name: line.scope for line in definitions}
    declared = {state.name: state.scope for state in rule.states}
    for line in definitions:
        most = declared.get(line.name, "element")
        if not INDICES[line.scope] <= INDICES[most]:
            raise RuleError(
                f"rule {rule.name}: {line.name} has one value per {most} and is assigned one per {line.scope}"
            )
        for found in reductions(line.expr):
            operand, along = found.args[0], {found.along} if found.along else INDICES["element"]
            if operand != 1 and not along <= INDICES[scope_of(operand, known)]:
                verb = "sums" if found.fold == "sum" else "takes the largest of"
                raise RuleError(f"rule {rule.name}: {line.name} {verb} {operand}, which is the same for every element")


def _exact_tree(value: Any, rule_name: str, name: str) -> sp.Expr:
    """The expression with every float literal read as the decimal it was written as."""
    expr = sp.sympify(value, strict=True)
    if isinstance(expr, sp.Float):
        fraction = exact(float(expr))
        return sp.Rational(fraction.numerator, fraction.denominator)
    if isinstance(expr, sp.Basic) and expr.args:
        return expr.func(*(_exact_tree(arg, rule_name, name) for arg in expr.args))
    if expr in (sp.nan, sp.zoo, sp.oo, -sp.oo):
        raise RuleError(f"rule {rule_name}: {name} is assigned {expr}, which is not a number")
    return expr


def _option_value(option: Option, value: object) -> str | bool:
    for allowed in option.values:
        if value is allowed or (isinstance(allowed, str) and value == allowed):
            return allowed
        if isinstance(allowed, bool) and isinstance(value, str) and value.lower() == str(allowed).lower():
            return allowed
    raise refuse(option.name, value, "must be one of " + ", ".join(map(str, option.values)))


def rule(*, cites: str, **declared: Hyper | State) -> Callable[[Body], Rule]:
    """Make a Rule of a body. Keyword arguments declare hyperparameters and states by name.

    The body takes the namespace of symbols and, as keyword-only arguments, its options
    (``choice(...)`` or ``switch(...)`` as defaults). Its docstring's first line is the summary.
    """

    def decorate(body: Body) -> Rule:
        parameters = list(inspect.signature(body).parameters.values())[1:]
        options = []
        for parameter in parameters:
            if parameter.kind is not parameter.KEYWORD_ONLY or not isinstance(parameter.default, Option):
                raise RuleError(f"rule {body.__name__}: option {parameter.name!r} needs choice(...) or switch(...)")
            options.append(replace(parameter.default, name=parameter.name))
        return Rule(
            name=body.__name__,
            body=body,
            hypers=tuple(replace(d, name=name) for name, d in declared.items() if isinstance(d, Hyper)),
            states=tuple(replace(d, name=name) for name, d in declared.items() if isinstance(d, State)),
            options=tuple(options),
            cites=cites,
            summary=(inspect.getdoc(body) or "").strip().split("\n")[0],
        )

    return decorate
