"""How a rule is written: symbols, hyperparameters, states, options, and the Program they make.

What needs SymPy is fetched on first use: errors and domains are wanted where a kernel only runs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .domain import (
    INDICES,
    SCOPES,
    Domain,
    Hyper,
    Option,
    State,
    choice,
    decay,
    exact,
    join,
    period,
    rate,
    shape_of,
    share,
    small,
    state,
    switch,
    weight,
)
from .errors import InputError, RuleError, SymoptError, refuse

if TYPE_CHECKING:
    from .evaluation import evaluate
    from .folding import fold
    from .functions import cbrt, exp, log, maximum, minimum, sign, sqrt, where
    from .gradient import clip_to_norm, effective_gradient
    from .program import (
        GRADIENT,
        PARAMETER,
        STEP,
        Definition,
        Program,
        base_name,
        cases,
        input_scopes,
        make_definitions,
        one_tensor,
        rebuild,
        scope_of,
        substitute,
        with_lines,
        with_outputs,
    )
    from .restating import restate
    from .stating import Rule, rule
    from .totals import (
        REDUCTIONS,
        GlobalSum,
        Reduction,
        TensorSum,
        axes_of,
        fold_axes,
        largest,
        mean,
        norm,
        reductions,
        size,
        total,
    )

_LAZY = {
    "evaluation": "evaluate",
    "folding": "fold",
    "functions": "cbrt exp log maximum minimum sign sqrt where",
    "gradient": "clip_to_norm effective_gradient",
    "program": "GRADIENT PARAMETER STEP Definition Program base_name cases input_scopes make_definitions one_tensor"
    " rebuild scope_of substitute with_lines with_outputs",
    "restating": "restate",
    "stating": "Rule rule",
    "totals": "REDUCTIONS GlobalSum Reduction TensorSum axes_of fold_axes largest mean norm reductions size total",
}
_HOME = {name: module for module, names in _LAZY.items() for name in names.split()}

__all__ = [
    "GRADIENT",
    "INDICES",
    "PARAMETER",
    "REDUCTIONS",
    "SCOPES",
    "STEP",
    "Definition",
    "Domain",
    "GlobalSum",
    "Hyper",
    "InputError",
    "Option",
    "Program",
    "Reduction",
    "Rule",
    "RuleError",
    "State",
    "SymoptError",
    "TensorSum",
    "axes_of",
    "base_name",
    "cases",
    "cbrt",
    "choice",
    "clip_to_norm",
    "decay",
    "effective_gradient",
    "evaluate",
    "exact",
    "exp",
    "fold",
    "fold_axes",
    "input_scopes",
    "join",
    "largest",
    "log",
    "make_definitions",
    "maximum",
    "mean",
    "minimum",
    "norm",
    "one_tensor",
    "period",
    "rate",
    "rebuild",
    "reductions",
    "refuse",
    "restate",
    "rule",
    "scope_of",
    "shape_of",
    "share",
    "sign",
    "size",
    "small",
    "sqrt",
    "state",
    "substitute",
    "switch",
    "total",
    "weight",
    "where",
    "with_lines",
    "with_outputs",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return value
