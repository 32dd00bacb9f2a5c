"""Z3, where it is installed, as an oracle: it may find points, for the checker to judge, and proves nothing.

In Z3 every quotient and every root has some value. Here a point counts only if the terms have values there, so each
divisor and each radicand that is met goes with its condition.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

from .certificate import Relation, Statement, Term
from .evaluation import Evaluation
from .normal import CASES, Rejected, is_universal, put
from .solving import closed, real_roots

SECONDS, WORK = 2, 3_000_000  # the answer is the same on every machine that does the work in that time
MOST_FACTORS = 16  # of a power, and terms of a sum


@dataclass(frozen=True)
class Answer:
    """ "sat" with a point (of variables alone), "unsat", or "unknown"."""

    says: str
    point: dict[str, Term] | None = None


class Untranslatable(Exception):
    """What is not put to Z3: sequences, sums and powers that depend on variables."""


def ask(statement: Statement, refuting: bool) -> Answer:
    """Is there a point that satisfies the hypotheses (``refuting``: and makes the claim false)?"""
    try:
        import z3
    except ImportError:
        return Answer("unknown")
    translation = Translation(z3, statement)
    try:
        question = translation.question(refuting)
    except (Untranslatable, RecursionError):
        return Answer("unknown")
    solver = z3.Solver(ctx=translation.context)
    solver.set("timeout", 1000 * SECONDS)
    solver.set("rlimit", WORK)
    solver.set("random_seed", 0)
    solver.add(question)
    try:
        says = str(solver.check())
        return Answer(says, translation.point(solver.model()) if says == "sat" else None)
    except z3.Z3Exception:
        return Answer("unknown")


class Translation:
    """Terms and relations as Z3's, with what must hold for them to have a value."""

    def __init__(self, z3: Any, statement: Statement) -> None:
        self.z3, self.statement, self.context = z3, statement, z3.Context()
        self.variables: dict[str, Any] = {}
        self.conditions: list[Any] = []
        self.roots = 0

    def question(self, refuting: bool) -> Any:
        """Every hypothesis has a value and holds; and, refuting, a relation of the claim has one and does not."""
        z3 = self.z3
        given = z3.And(*map(self.holds, self.statement.given), z3.BoolVal(True, self.context))
        if not refuting:
            return given
        before, ways = [given], []
        for relation in self.statement.claim:
            ways.append(z3.And(*before, self.holds(relation, negated=True)))
            before.append(self.holds(relation))
        return z3.Or(*ways)

    def holds(self, relation: Relation, negated: bool = False) -> Any:
        """The relation's sides have values, and it holds (or does not)."""
        if is_universal(relation):
            raise Untranslatable
        self.conditions = []
        op, a, b = relation[0], self.read(relation[1]), self.read(relation[2])
        said = {"=": a == b, "!=": a != b, "<": a < b, "<=": a <= b}[op]
        return self.z3.And(*self.conditions, self.z3.Not(said) if negated else said)

    def read(self, term: Term) -> Any:
        """The term, its conditions being added to the others."""
        z3 = self.z3
        if isinstance(term, (Fraction, int)):
            return z3.RealVal(str(term), self.context)
        if isinstance(term, str):
            if term not in self.variables:
                kind = z3.Int if term in self.statement.integers else z3.Real
                self.variables[term] = kind(term, self.context)
            variable = self.variables[term]
            return z3.ToReal(variable) if term in self.statement.integers else variable
        op, *args = term
        if op in CASES:
            return self.read(CASES[op](*args))
        if op == "if":
            return self.case(self.read(args[0]) <= self.read(args[1]), args[2], args[3])
        if op == "sum":
            low, high = number(args[1]), number(args[2])
            indices = range(low, min(high, low + MOST_FACTORS) + 1)
            if high - low >= MOST_FACTORS:
                raise Untranslatable
            return self.read(("+", 0, *(put(args[3], {args[0]: Fraction(n)}) for n in indices)))
        if op == "^":
            n = number(args[1])
            if abs(n) > MOST_FACTORS:
                raise Untranslatable
            self.read(args[0])  # it has a value even where the exponent is 0
            product = ("*", 1, *[args[0]] * abs(n))
            return self.read(product if n >= 0 else ("/", 1, product))
        if op in ("at", "exp", "log"):
            raise Untranslatable
        values = [self.read(arg) for arg in args]
        if op == "sqrt":
            return self.square_root(values[0])
        if op == "/":
            self.conditions.append(values[1] != 0)
            return values[0] / values[1]
        return reduce(lambda a, b: a + b if op == "+" else a * b, values)

    def case(self, condition: Any, then: Term, otherwise: Term) -> Any:
        """A case distinction, of whose branches only the chosen one needs a value."""
        outside, branches = self.conditions, []
        for part, chosen in ((then, condition), (otherwise, self.z3.Not(condition))):
            self.conditions = []
            branches.append(self.read(part))
            outside += [self.z3.Implies(chosen, needed) for needed in self.conditions]
        self.conditions = outside
        return self.z3.If(condition, *branches)

    def square_root(self, radicand: Any) -> Any:
        """A new real r >= 0 with r^2 = radicand, which is therefore >= 0."""
        self.roots += 1
        root = self.z3.Real(f"sqrt {self.roots}", self.context)
        self.conditions += [root >= 0, root * root == radicand]
        return root

    def point(self, model: Any) -> dict[str, Term] | None:
        """The model's values of the variables, None if they cannot be read."""
        point: dict[str, Term] = {}
        for name, variable in self.variables.items():
            value = model.eval(variable, model_completion=True)
            if self.z3.is_algebraic_value(value):
                near = value.approx(30).as_fraction()
                roots = real_roots([Fraction(str(c)) for c in value.poly()])
                root = min(roots, key=lambda root: abs(root.evalf(30) - near), default=None)
                if root is None:
                    return None
                point[name] = closed(root)
            elif self.z3.is_rational_value(value) or self.z3.is_int_value(value):
                point[name] = Fraction(str(value))
            else:
                return None
        return point


def number(term: Term) -> int:
    """An exponent or the end of a sum that is a number."""
    try:
        return Evaluation(Statement(()), {}).integer(term)
    except Rejected as error:
        raise Untranslatable from error
