"""What the tests of proofs share: a judge of statements that owes nothing to the one under test."""

import pytest

from . import meaning


@pytest.fixture(scope="session")
def refutes():
    """Does the point satisfy every hypothesis and break the claim? False too where something is undefined."""
    return meaning.refutes
