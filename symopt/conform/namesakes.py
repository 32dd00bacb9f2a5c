"""Which rules an optimizer of a framework names: those of its name, with what its settings switch on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product

from symopt.language import Rule
from symopt.rules import find, names

from .frameworks import Case

Called = tuple[tuple[str, dict[str, str | bool]], ...]

#: Names that frameworks have for a rule of the catalog, and the options that are part of such a name.
CALLED: dict[str, Called] = {
    "rms": (("rmsprop", {}),),
    "stddev": (("rmsprop", {"centered": True}),),
    "rss": (("adagrad", {}),),
    "belief": (("adabelief", {}),),
    "nadamw": (("nadam", {"decay": "decoupled"}),),
    "adamaxw": (("adamax", {"decay": "decoupled"}),),
    "signum": (("signsgd", {"signum": True}),),
}
#: What a rule is called with such a setting.
TURNED: dict[tuple[str, str], Called] = {
    ("adam", "amsgrad"): (("amsgrad", {}),),
    ("adamw", "amsgrad"): (("amsgrad", {"decay": "decoupled"}),),
    ("adam", "weight_decay"): (("adam", {}), ("adamw", {})),
    ("adam", "nesterov"): (("nadam", {}),),
    ("adamw", "nesterov"): (("nadam", {"decay": "decoupled"}),),
    ("sgd", "momentum"): (("momentum", {}), ("classical_momentum", {})),
}
#: Values of options that a setting asks for; where it leaves open which, all are.
SETTINGS: dict[str, dict[str, tuple[str | bool, ...]]] = {
    "weight_decay": {"decay": ("coupled", "decoupled", "proximal", "before")},
    "nesterov": {"nesterov": (True,), "velocity": ("nesterov",)},
    "maximize": {"maximize": (True,)},
    "centered": {"centered": (True,)},
    "momentum": {"velocity": ("outside", "inside"), "momentum": (True,)},
    "dampening": {"velocity": ("damped",)},
    "initial_accumulator_value": {"start": ("positive",)},
    "lr_decay": {"lr_falls": (True,)},
    "bias_correction": {"bias_correction": (True,)},
    "multiply_by_parameter_scale": {"parameter_scale": (True,)},
    "rescaling": {"version": ("II",)},
}


TRANSFORMATION = "scale_by_"


def is_transformation(case: Case) -> bool:
    """Whether a case gives what is to be added to x, uphill and without a learning rate."""
    return case.target.rpartition(":")[2].startswith(TRANSFORMATION)


def namesakes(case: Case) -> tuple[Rule, ...]:
    """The variants that a case names, the likeliest first; none if the catalog has no such rule.

    A setting that is on asks for options; every other option stands as in the rule's source, and weight decay is off.
    A transformation, whose name begins with ``scale_by_``, is the rule at lr = 1.
    """
    word = re.sub(r"[^a-z0-9]", "", case.target.rpartition(":")[2].removeprefix(TRANSFORMATION).lower())
    plain = {rule.replace("_", ""): rule for rule in names()}
    called = CALLED.get(word) or (((plain[word], {}),) if word in plain else ())
    on = {n: v for n, v in case.settings.items() if v is not None and v is not False}
    for setting in on:
        called = tuple(turned for rule, _ in called for turned in TURNED.get((rule, setting), ())) or called
    return tuple(v for rule, options in called for v in _asked(find(rule), options, set(on), is_transformation(case)))


def _asked(rule: Rule, options: dict[str, str | bool], on: set[str], alone: bool) -> Iterator[Rule]:
    values = {option.name: option.values for option in rule.options}
    asked: dict[str, tuple[str | bool, ...]] = {name: (value,) for name, value in options.items()}
    for setting in SETTINGS:
        for option, wanted in SETTINGS[setting].items() if setting in on else ():
            allowed = tuple(value for value in wanted if value in values.get(option, ()))
            asked |= {option: allowed} if allowed else {}
    defaults = ({"lr": Fraction(1)} if alone else {}) | ({} if "weight_decay" in on else {"weight_decay": Fraction(0)})
    hypers = (replace(h, default=defaults.get(h.name, h.default)) for h in rule.hypers)
    rule = replace(rule, hypers=tuple(hypers))
    for chosen in product(*asked.values()):
        yield rule.with_options(**dict(zip(asked, chosen, strict=True)))
