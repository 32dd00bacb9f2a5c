"""Factories of optax as users write them, and what looks as if it could be followed but cannot."""

from functools import reduce

import pytest
import sympy as sp

import symopt
from symopt.conform.target import find_target
from symopt.language import reductions
from symopt.lifting import LiftError

pytestmark = pytest.mark.frameworks
jax = pytest.importorskip("jax")
optax = pytest.importorskip("optax")
pytest.importorskip("optax.contrib")
jnp = jax.numpy


def clipped(lr=1e-3):
    """The norm of all tensors bounds their gradients."""
    return optax.chain(optax.clip_by_global_norm(1.0), optax.adam(lr))


def injected(lr=1e-3):
    """Hyperparameters in the state."""
    return optax.inject_hyperparams(optax.adam)(learning_rate=lr)


def coupled_by_little(lr=1e-6):
    """Every tensor's step has the norm of all, and is lost in the rounding of x."""
    return optax.chain(optax.normalize_by_update_norm(), optax.scale(-lr))


def narrow(lr=1e-3):
    """Moments in bfloat16."""
    return optax.adam(lr, mu_dtype=jnp.bfloat16)


def random(lr=1e-3):
    """Gradients with noise."""
    return optax.chain(optax.add_noise(0.1, 0.5, 1), optax.sgd(lr))


def every_tensor_counts(lr=1e-3):
    """The rate depends on how many tensors there are."""
    return optax.stateless(lambda g, _: jax.tree.map(lambda one: -lr / len(jax.tree.leaves(g)) * one, g))


def largest_of_all(lr=1e-3):
    """The largest value of all tensors."""

    def scaled(updates, _):
        greatest = reduce(jnp.maximum, [jnp.max(jnp.abs(g)) for g in jax.tree.leaves(updates)])
        return jax.tree.map(lambda g: -lr * g / greatest, updates)

    return optax.stateless(scaled)


def norms_of_norms(lr=1e-3):
    """Tensors' norms, not their squares, are added up."""

    def scaled(updates, _):
        total = sum(jnp.sqrt(jnp.sum(g * g)) for g in jax.tree.leaves(updates))
        return jax.tree.map(lambda g: -lr * g / total, updates)

    return optax.stateless(scaled)


def first_of_all(lr=1e-3):
    """The first tensor's norm scales every one's step."""

    def scaled(updates, _):
        return jax.tree.map(lambda g: -lr * g / jnp.linalg.norm(jax.tree.leaves(updates)[0]), updates)

    return optax.stateless(scaled)


def often(lr=1e-3):
    """Two counters, of which one counts every other step."""
    return optax.MultiSteps(optax.sgd(lr), 2)


def late(lr=1e-3):
    """A state that the first two steps leave as it began."""

    def update(updates, state, params=None):
        count, rate = state
        return jax.tree.map(lambda g: -lr * rate * g, updates), (count + 1, jnp.where(count < 2, rate, 0.5 * rate))

    return optax.GradientTransformation(lambda params: (jnp.zeros([], jnp.int32), jnp.ones([])), update)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (narrow, "rounding to bfloat16"),
        (random, "random_seed"),
        (every_tensor_counts, "others.*not followed"),
        (largest_of_all, "others"),
        (norms_of_norms, "others.*another way than by sums"),
        (first_of_all, "others"),
        (often, "rem"),
    ],
)
def test_what_cannot_be_followed_is_said(make, said):
    with pytest.raises(LiftError, match=said):
        find_target(make).lift()


@pytest.mark.parametrize(
    ("make", "scopes"),
    [
        (clipped, {"mu": "element", "nu": "element"}),
        (coupled_by_little, {}),
        (optax.contrib.dowg, {"init_params": "element", "weighted_sq_norm_grads": "global", "estim_sq_dist": "global"}),
    ],
)
def test_sums_over_all_tensors_are_followed(make, scopes):
    lifted = find_target(make).lift()
    assert {state.name: state.scope for state in lifted.program.states} == scopes
    assert {found.over for found in reductions(lifted.program.outputs["x"])} == {"all"}


def test_what_other_tensors_do_is_held_against_optax(monkeypatch):
    from symopt.lifting import optax_walk

    monkeypatch.setattr(optax_walk, "over_all", lambda outputs: {n: own(expr) for n, expr in outputs.items()})
    with pytest.raises(LiftError, match=r"others.*not followed"):
        find_target(clipped).lift()


def own(expr):
    """Without what is of the other tensor."""
    return expr.xreplace({s: sp.Integer(0) for s in expr.free_symbols if s.name.endswith("~")})


def test_states_that_no_step_changes_are_none():
    lifted = find_target(injected).lift()
    assert [state.name for state in lifted.program.states] == ["mu", "nu"]
    assert symopt.check(injected, "adam").scope == "all steps"


def test_a_state_that_changes_late_is_one():
    assert [state.scope for state in find_target(late).lift().program.states] == ["step"]


def test_a_counter_may_start_anywhere():
    lifted = find_target(optax.contrib.schedule_free_sgd).lift()
    assert "step_count" not in {state.name for state in lifted.program.states}


def test_a_step_that_rounding_hides_is_held_from_a_smaller_x(monkeypatch):
    """With a wrong meaning of an operation, whose effect on x is less than the rounding of x."""
    from symopt.lifting import jaxpr

    monkeypatch.setitem(jaxpr.PRIMITIVES, "rsqrt", lambda a, **_: 2 / a**0.5)
    with pytest.raises(LiftError, match="not followed"):
        find_target(optax.rmsprop(1e-10)).lift()
