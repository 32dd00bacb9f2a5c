"""Known equalities that replace an atom: what was known of it, and of what is made of it, stays known."""

import pytest
import sympy as sp

from symopt.codegen import kernel_source
from symopt.language import decay, maximum, rate, rule, sign, small, sqrt, state, where
from symopt.lifting import lift_source
from symopt.proof import check, prove, trajectory
from symopt.proof.equality import same_step


@rule(cites="here", lr=rate(1), beta2=decay(0.9), eps=small("1e-8"), v=state(nonnegative=True))
def signed_moment(s):
    """Where the sign is 0, v is g**2, which the root is to be read with."""
    s.v = s.v - (1 - s.beta2) * sign(s.v - s.g**2) * s.g**2
    s.x = s.x - s.lr * s.g / (sqrt(s.v) + s.eps)


@rule(cites="here", lr=rate(1), beta2=decay(0.9), eps=small("1e-8"), v=state(nonnegative=True), z=state())
def started(s):
    """At the first step t is 1, in the power too."""
    s.v = s.beta2 * s.v + (1 - s.beta2) * s.g**2
    s.z = where(s.t > 1, s.z, s.x) - s.lr * s.g / (sqrt(s.v / (1 - s.beta2**s.t)) + s.eps)
    s.x = s.z


@pytest.mark.parametrize("made", [signed_moment, started], ids=lambda r: r.name)
def test_a_root_is_read_again(made):
    program = made.program
    answer = same_step(program, lift_source(kernel_source(program, "float32"), program, "float32").outputs)
    assert answer.proved, answer.reason
    check(answer.certificate)


@rule(cites="here", lr=rate(1), eta=state(nonnegative=True), d=state())
def resilient(s):
    """Facts about g(t + 1) and d(t), in the case t = 0."""
    s.eta = where(s.t > 1, s.eta, s.lr)
    s.same = sign(s.g) * sign(s.d)
    s.eta = where(abs(s.same) > 0, maximum(s.eta / 2, 0), s.eta)
    s.d = where(s.same < 0, 0, s.eta * sign(s.g))
    s.x = s.x - s.d


def test_an_index_in_use_is_not_replaced():
    run, t = trajectory(resilient), sp.Symbol("t", integer=True, nonnegative=True)
    answer = prove(run.eta(t) >= 0, [run])
    assert answer.proved, answer.reason
    check(answer.certificate)
    assert prove(run.eta(t) >= 1, [run]).verdict == "refuted"
