"""How a rule is written: symbols, hyperparameters, states, options, and the Program they make."""

from .domain import Domain, Hyper, Option, State, choice, decay, exact, rate, small, state, switch, weight
from .errors import InputError, RuleError, SymoptError, refuse
from .functions import maximum, minimum, sign, sqrt, where
from .gradient import effective_gradient
from .program import GRADIENT, PARAMETER, STEP, Definition, Program, base_name, make_definitions, rebuild, substitute
from .rule import Rule, rule

__all__ = [
    "GRADIENT",
    "PARAMETER",
    "STEP",
    "Definition",
    "Domain",
    "Hyper",
    "InputError",
    "Option",
    "Program",
    "Rule",
    "RuleError",
    "State",
    "SymoptError",
    "base_name",
    "choice",
    "decay",
    "effective_gradient",
    "exact",
    "make_definitions",
    "maximum",
    "minimum",
    "rate",
    "rebuild",
    "refuse",
    "rule",
    "sign",
    "small",
    "sqrt",
    "state",
    "substitute",
    "switch",
    "weight",
    "where",
]
