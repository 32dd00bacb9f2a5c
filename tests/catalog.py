"""The catalog as the suites walk it: every variant, or one rule for everything that is done in any of them.

What holds of each variant by proof, ``symopt verify`` holds all of them to. A suite that takes long for each walks
``COVERING``, where every rule stands with its defaults and every kind of operation occurs.
"""

from symopt import rules
from symopt.codegen import Var, lower
from symopt.rounding.straight import straighten

DEFAULTS = [rules.find(name) for name in rules.names()]
VARIANTS = [variant for rule in DEFAULTS for variant in rule.variants()]


def operations(rule):
    """What a kernel does, each with the types of what it is done to; and the kinds of its states."""
    lines = straighten(lower(rule.program, "float32")).instructions
    kinds = {line.name: [arg.type if isinstance(arg, Var) else "number" for arg in line.args] for line in lines}
    return {(line.op, line.type, *kinds[line.name]) for line in lines} | {state.scope for state in rule.program.states}


def covering(found):
    """The default of each rule, and each variant that does what none before it does."""
    chosen = [rule for rule in found if not rule.chosen]
    seen = set().union(*map(operations, chosen))
    for rule in found:
        if not operations(rule) <= seen:
            chosen.append(rule)
            seen |= operations(rule)
    return chosen


COVERING = covering(VARIANTS)
