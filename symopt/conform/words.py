"""Variants in words: what it means that an option of a rule has a value."""

from __future__ import annotations

from symopt.language import Rule

WORDS: dict[tuple[str, str | bool], str] = {
    ("eps_placement", "outside"): "eps added outside the root",
    ("eps_placement", "inside"): "eps added inside (under the root, or before the maximum)",
    ("eps_placement", "hat"): "eps added to the root before its bias correction (epsilon hat)",
    ("eps_placement", "both"): "a second eps added inside the root",
    ("eps_placement", "none"): "no eps",
    ("bias_correction", True): "bias correction of the moments",
    ("bias_correction", False): "no bias correction",
    ("decay", "none"): "no weight decay",
    ("decay", "coupled"): "weight decay coupled, as an L2 penalty in the gradient",
    ("decay", "decoupled"): "weight decay decoupled from the gradient",
    ("decay_times", "lr"): "weight decay multiplied by the learning rate",
    ("decay_times", "schedule"): "weight decay not multiplied by the learning rate",
    ("decay_when", "before"): "weight decay applied before the step",
    ("decay_when", "after"): "weight decay applied after the step",
    ("maximize", True): "the sign of the gradient turned (maximize)",
    ("maximize", False): "the gradient descended",
    ("nesterov", True): "Nesterov's momentum",
    ("nesterov", False): "plain momentum",
    ("centered", True): "the second moment centered",
    ("centered", False): "the second moment not centered",
    ("velocity", "damped"): "dampening applied from the first step on",
    ("velocity", "undamped-first"): "dampening skipped on the first step",
    ("velocity", "mean"): "the velocity an exponential mean of gradients",
    ("velocity", "sum"): "the velocity a discounted sum of gradients",
    ("velocity", "inside"): "the learning rate inside the velocity",
    ("velocity", "outside"): "the learning rate outside the velocity",
    ("velocity", "none"): "no momentum",
    ("lr_placement", "inside"): "the learning rate inside the velocity",
    ("lr_placement", "outside"): "the learning rate outside the velocity",
    ("start", "zero"): "the accumulator started at 0",
    ("start", "positive"): "the accumulator started at a positive number",
    ("correction", "none"): "the second moment uncorrected",
    ("correction", "after"): "the maximum corrected after it is taken",
    ("correction", "before"): "the second moment corrected before the maximum",
    ("correction", "ahead"): "the mean corrected for the next step",
    ("correction", "same"): "the mean corrected for this step",
    ("schedule", True): "the momentum scheduled",
    ("schedule", False): "a constant momentum",
    ("residual", "new"): "the residual against the new mean",
    ("residual", "old"): "the residual against the old mean",
    ("threshold", "4"): "the threshold of rectification 4",
    ("threshold", "5"): "the threshold of rectification 5",
    ("threshold", "from 5"): "rectification from 5 on",
    ("guard", True): "a trust ratio of 1 where a norm is 0",
    ("guard", False): "no guard of the trust ratio",
}


def words(option: str, value: str | bool) -> str:
    """A phrase for the value of an option."""
    return WORDS.get((option, value), f"{option} = {value}")


def changes(rule: Rule, variant: Rule) -> str:
    """What the variant has that the rule has not, in words; "" where they are the same rule with the same options."""
    before, after = rule.setting, variant.setting
    if rule.name != variant.name:
        return f"the rule {variant.label}"
    parts = [
        f"{words(name, value)} ({name} = {value}) instead of {words(name, before[name])}"
        for name, value in after.items()
        if before[name] != value
    ]
    return "; ".join(parts)


def distance(rule: Rule, variant: Rule) -> int:
    """How many options differ."""
    before = rule.setting
    return sum(before[name] != value for name, value in variant.setting.items())
