"""Factories of optax as users write them, and what looks as if it could be followed but cannot."""

import pytest

from symopt.conform.target import find_target
from symopt.lifting import LiftError

pytestmark = pytest.mark.frameworks
jax = pytest.importorskip("jax")
optax = pytest.importorskip("optax")
jnp = jax.numpy


def coupled_by_little(lr=1e-6):
    """Every tensor's step has the norm of all, and is lost in the rounding of x."""
    return optax.chain(optax.normalize_by_update_norm(), optax.scale(-lr))


def narrow(lr=1e-3):
    """Moments in bfloat16."""
    return optax.adam(lr, mu_dtype=jnp.bfloat16)


def random(lr=1e-3):
    """Gradients with noise."""
    return optax.chain(optax.add_noise(0.1, 0.5, 1), optax.sgd(lr))


@pytest.mark.parametrize(
    ("make", "said"), [(coupled_by_little, "others"), (narrow, "rounding to bfloat16"), (random, "random_seed")]
)
def test_what_cannot_be_followed_is_said(make, said):
    with pytest.raises(LiftError, match=said):
        find_target(make).lift()


def test_a_step_that_rounding_hides_is_held_from_a_smaller_x(monkeypatch):
    """With a wrong meaning of an operation, whose effect on x is less than the rounding of x."""
    from symopt.lifting import jaxpr

    monkeypatch.setitem(jaxpr.PRIMITIVES, "rsqrt", lambda a, **_: 2 / a**0.5)
    with pytest.raises(LiftError, match="not followed"):
        find_target(optax.rmsprop(1e-10)).lift()
