"""The suites that walk a part of the catalog miss no rule and no operation."""

from symopt import rules

from .catalog import COVERING, DEFAULTS, VARIANTS, covering, operations


def test_every_rule_is_walked():
    assert {rule.name for rule in COVERING} == {rule.name for rule in VARIANTS} == set(rules.names())
    assert {rule.label for rule in DEFAULTS} <= {rule.label for rule in COVERING} <= {rule.label for rule in VARIANTS}
    assert len(VARIANTS) == len({rule.label for rule in VARIANTS}) > len(COVERING)


def test_every_operation_is_walked():
    assert set().union(*map(operations, VARIANTS)) == set().union(*map(operations, COVERING))


def test_a_variant_that_does_something_new_is_taken():
    """Of Adam's variants and AMSGrad's defaults, the maximum; of two that do the same, the first."""
    adam, amsgrad, lamb = (rules.find(name) for name in ("adam", "amsgrad", "lamb"))
    plain = next(rule for rule in adam.variants() if rule.chosen and operations(rule) <= operations(adam))
    assert covering([adam, plain]) == [adam]
    assert operations(amsgrad) - operations(adam)
    assert operations(lamb) - operations(amsgrad)
    (sgd,) = (rule for rule in DEFAULTS if rule.name == "sgd")
    assert covering([plain, sgd]) == [sgd, plain]
