"""The arrows between rules: found, proved, and none that does not hold."""

import xml.etree.ElementTree as xml
from fractions import Fraction

import pytest

from symopt.conform.relations import relations
from symopt.language import InputError, decay, rate, rule, state
from symopt.present.relations import show_relations
from symopt.rules import find


@pytest.fixture(scope="module")
def arrows():
    return list(relations(["sgd", "momentum", "rmsprop", "adam"]))


def labels(arrows):
    return {(a.source.label, a.target.label, a.condition) for a in arrows}


def test_the_known_ones_are_found(arrows):
    assert {
        ("momentum", "sgd", "momentum = 0"),
        ("momentum[nesterov=True]", "sgd", "momentum = 0"),
        ("adam[bias_correction=False]", "rmsprop[eps_placement=outside]", "beta1 = 0, beta2 = rho"),
        ("adam[eps_placement=inside, bias_correction=False]", "rmsprop", "beta1 = 0, beta2 = rho"),
    } <= labels(arrows)
    assert all(a.verdict.proved and a.verdict.certificate for a in arrows)


def test_five_rules_of_momentum_have_more_than_forty():
    found = list(relations(["sgd", "momentum", "sgdw", "classical_momentum", "qhm"]))
    assert len(found) >= 40
    assert all(arrow.verdict.proved and arrow.verdict.certificate for arrow in found)


def test_rules_that_fold_elements_are_left_out():
    assert list(relations(["lamb", "adafactor", "sm3", "novograd"])) == []


def test_none_takes_another_place_of_epsilon(arrows):
    assert ("adam[bias_correction=False]", "rmsprop", "beta1 = 0, beta2 = rho") not in labels(arrows)


@rule(cites="a plausible slip", lr=rate(0.01), momentum=decay(0.9), v=state())
def near_momentum(s):
    """Momentum whose first hundred steps are sgd's."""
    s.v = s.momentum * s.v + s.g
    s.x = s.x - s.lr * s.v - s.lr * (s.t - 1) * (s.t - 2) * (s.t - 3) * (s.t - 4) * (s.t - 5)


def test_what_agrees_for_the_steps_that_are_run_alone_is_not_an_arrow():
    assert labels(relations([near_momentum, find("sgd")])) == set()


def test_an_arrow_is_json(arrows):
    data = next(a for a in arrows if a.fixed == (("momentum", Fraction(0)),)).to_json()
    assert (data["at"], data["verdict"]) == ({"momentum": "0"}, "proved")


def test_the_formats(arrows):
    table = show_relations(arrows, "markdown").splitlines()
    assert len(table) == len(arrows) + 2
    assert show_relations(arrows, "dot").count(" -> ") == len(arrows)
    drawing = xml.fromstring(show_relations(arrows, "svg"))  # noqa: S314 - our own output
    names = {a.source.label for a in arrows} | {a.target.label for a in arrows}
    assert len(drawing.findall("{*}line")) == len(arrows)
    assert len(drawing.findall("{*}rect")) == len(names)
    with pytest.raises(InputError, match="markdown, dot, svg"):
        show_relations(arrows, "png")
