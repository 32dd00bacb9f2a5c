"""Tracing a body: names and order survive, nothing is evaluated, and a body that is no rule is refused."""

from typing import Any

import pytest
import sympy as sp

from symopt.language import (
    GlobalSum,
    InputError,
    Rule,
    RuleError,
    TensorSum,
    choice,
    decay,
    mean,
    norm,
    one_tensor,
    rate,
    reductions,
    rule,
    size,
    sqrt,
    state,
    substitute,
    switch,
    total,
    where,
)


def traced(body: Any, **declared: Any) -> Rule:
    return rule(cites="nobody 2000", **declared)(body)


def lines(found: Rule) -> list[tuple[str, str]]:
    return [(line.symbol.name, line.scope) for line in found.program.definitions]


def test_lines_keep_their_order_and_get_primes():
    def body(s):
        s.d = s.m + s.g
        s.m = s.d * s.m
        s.m = s.m + 1
        s.x = s.x - s.lr * s.m

    found = traced(body, lr=rate(1), m=state())
    assert [line.symbol.name for line in found.program.definitions] == ["d", "m'", "m''", "x'"]
    assert [line.name for line in found.program.definitions] == ["d", "m", "m", "x"]
    assert found.program.results == (("x", sp.Symbol("x'")), ("m", sp.Symbol("m''")))
    assert found.program.definitions[1].expr.args == (sp.Symbol("d"), sp.Symbol("m"))


def test_nothing_is_simplified_away():
    def body(s):
        s.one = s.g / s.g
        s.zero = s.g - s.g
        s.x = s.x + s.one + s.zero

    one, zero, _ = traced(body).program.definitions
    assert one.expr != 1
    assert one.expr.free_symbols == {sp.Symbol("g")}
    assert zero.expr != 0
    assert len(zero.expr.args) == 2


def test_a_float_literal_is_the_decimal_it_was_written_as():
    def body(s):
        s.x = s.x + 0.9 * s.g

    (line,) = traced(body).program.definitions
    assert line.expr.atoms(sp.Number) == {sp.Rational(9, 10)}


def test_scopes_follow_what_a_line_reads():
    def body(s):
        s.warm = s.lr * s.t
        s.rate = s.warm / 2
        s.d = s.rate * s.g
        s.e = s.d + s.lr
        s.x = s.x - s.e

    assert lines(traced(body, lr=rate(1))) == [
        ("warm", "step"),
        ("rate", "step"),
        ("d", "element"),
        ("e", "element"),
        ("x'", "element"),
    ]


def test_scopes_of_sums_and_of_states():
    def body(s):
        s.k = s.k * s.lr
        s.whole = norm(s.g, "all")
        s.own = s.whole * norm(s.x)
        s.count = size(s.x)
        s.v = s.k * s.v + mean(s.x * s.own)
        s.u = s.u + s.whole
        s.x = s.x - s.v * s.u * s.g

    states = {"k": state(1, scope="step"), "v": state(scope="tensor"), "u": state(scope="global")}
    found = traced(body, lr=rate(1), **states)
    scopes = ["step", "global", "tensor", "tensor", "tensor", "global", "element"]
    assert [scope for _, scope in lines(found)] == scopes
    assert [s.scope for s in found.program.states] == ["step", "tensor", "global"]
    assert not found.program.is_elementwise


def test_sums_are_never_evaluated():
    def body(s):
        s.x = s.x - total(s.g - s.g) - total(2 * s.g, "all")

    (line,) = traced(body).program.definitions
    inside, outside = (found for found in reductions(line.expr))
    assert (type(inside), type(outside)) == (TensorSum, GlobalSum)
    assert inside.args[0] == sp.Add(sp.Symbol("g"), sp.Mul(-1, sp.Symbol("g"), evaluate=False), evaluate=False)


def test_on_one_tensor_all_tensors_are_that_one():
    def body(s):
        s.size = norm(s.g, "all")
        s.x = s.x - s.size * s.g

    program = traced(body).program
    alone = one_tensor(program)
    assert [line.scope for line in program.definitions] == ["global", "element"]
    assert [line.scope for line in alone.definitions] == ["tensor", "element"]
    assert "GlobalSum" not in str(alone.outputs)
    assert one_tensor(alone) == alone


def test_what_an_option_never_touches_is_left_out():
    def body(s, *, keep: Any = switch()):
        if keep:
            s.m = s.momentum * s.m + s.g
        s.x = s.x - s.lr * (s.m if keep else s.g)

    found = traced(body, lr=rate(1), momentum=decay(0.9), m=state())
    assert found.program.inputs == ("x", "g", "t", "lr")
    assert found.with_options(keep=True).program.inputs == ("x", "g", "t", "m", "lr", "momentum")


def reads_undeclared(s):
    s.x = s.x - s.nothing


def assigns_hyper(s):
    s.lr = s.lr / 2
    s.x = s.x - s.lr * s.g


def assigns_step(s):
    s.t = s.t + 1
    s.x = s.x - s.lr * s.g


def never_assigns_x(s):
    s.d = s.lr * s.g


def assigns_infinity(s):
    s.x = s.x + sp.oo


def sums_a_number(s):
    s.x = s.x - total(s.lr)


def sums_a_norm(s):
    s.x = s.x - total(norm(s.g), "all")


def keeps_too_much(s):
    s.v = s.v + s.g
    s.x = s.x - s.v


def keeps_a_tensor_for_all(s):
    s.k = norm(s.g)
    s.x = s.x - s.k


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (reads_undeclared, "reads 'nothing' before"),
        (assigns_hyper, "assigns 'lr', which a step may only read"),
        (assigns_step, "assigns 't', which a step may only read"),
        (never_assigns_x, "never assigns x"),
        (assigns_infinity, "is not a number"),
        (sums_a_number, "x sums lr, which is the same for every element"),
        (sums_a_norm, r"x sums sqrt\(TensorSum\(g\*\*2\)\), which is the same for every element"),
        (keeps_too_much, "v has one value per tensor and is assigned one per element"),
        (keeps_a_tensor_for_all, "k has one value per step and is assigned one per tensor"),
    ],
)
def test_a_body_that_is_no_rule_is_refused_by_name(body, message):
    with pytest.raises(RuleError, match=message) as caught:
        _ = traced(body, lr=rate(1), v=state(scope="tensor"), k=state(scope="step")).program
    assert body.__name__ in str(caught.value)


@pytest.mark.parametrize("declared", [{"x": state()}, {"g": rate(1)}, {"t": rate(1)}, {"_m": state()}])
def test_names_that_cannot_be_declared(declared):
    with pytest.raises(RuleError, match=next(iter(declared))):
        traced(never_assigns_x, **declared)


def test_a_default_outside_its_domain_is_refused():
    with pytest.raises(InputError, match=r"^momentum = .*must satisfy 0 <= momentum < 1"):
        traced(never_assigns_x, momentum=decay(1))


def with_options(s, *, place: Any = choice("outside", "inside"), fast: Any = switch()):
    s.x = s.x - (2 if fast else 1) * s.g * (1 if place == "inside" else 3)


def test_option_values_given_as_strings():
    found = traced(with_options)
    assert found.with_options(fast="true").setting == {"place": "outside", "fast": True}
    assert found.with_options(fast="True").setting["fast"] is True
    assert found.with_options(fast="false").setting["fast"] is False
    assert found.with_options(place="inside").label == "with_options[place=inside]"
    assert found.with_options(place="inside").with_options(place="outside") == found


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"place": "beside"}, r"^place = 'beside': must be one of outside, inside$"),
        ({"fast": "yes"}, r"^fast = 'yes': must be one of False, True$"),
        ({"fast": 1}, r"^fast = 1: must be one of False, True$"),
        ({"place": True}, r"^place = True: must be one of"),
        ({"speed": 1}, r"^with_options has no option 'speed'; its options are: place, fast$"),
    ],
)
def test_options_are_checked(option, message):
    with pytest.raises(InputError, match=message):
        traced(with_options).with_options(**option)


def test_variants_and_combinations():
    found = traced(with_options)
    assert [r.chosen for r in found.variants()] == [(), (("place", "inside"),), (("fast", True),)]
    assert len({r.chosen for r in found.combinations()}) == 4


def test_an_option_needs_choice_or_switch():
    def body(s, nesterov=False):
        s.x = s.x

    with pytest.raises(RuleError, match="option 'nesterov' needs choice"):
        traced(body)


def test_substitute_never_evaluates():
    a, b = sp.symbols("a b")
    with sp.evaluate(False):
        quotient = a / b
    image = substitute(quotient, {a: b})
    assert image != 1
    assert image.free_symbols == {b}
    assert quotient.subs(a, b) == 1, "what substitute is there to avoid"


def test_outputs_are_written_in_the_inputs_alone():
    def body(s):
        s.m = s.m + s.g
        s.x = s.x - s.lr * where(s.m > 0, s.m, sqrt(s.g))

    outputs = traced(body, lr=rate(1), m=state()).program.outputs
    assert set(outputs) == {"x", "m"}
    assert outputs["x"].free_symbols == set(sp.symbols("x lr m g"))
