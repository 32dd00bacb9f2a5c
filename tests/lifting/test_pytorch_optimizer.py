"""The optimizers of pytorch_optimizer at their defaults: those that lift, and why the others do not."""

import pytest

from symopt.conform.frameworks import cases
from symopt.conform.target import find_target
from symopt.language import InputError
from symopt.lifting import LiftError

pytestmark = pytest.mark.frameworks
torch = pytest.importorskip("torch")
package = pytest.importorskip("pytorch_optimizer")

from .side_by_side import assert_kernel_does_the_same  # noqa: E402

#: What does not lift, and the reason that is given; an entry that lifts by now fails.
REFUSED = {
    # no optimizer of parameters alone: another optimizer, a model or a number is needed
    **dict.fromkeys(("FriendlySAM", "GSAM", "LookSAM", "SAM", "WSAM"), "base_optimizer"),
    **dict.fromkeys(("Lookahead", "OrthoGrad", "ScheduleFreeWrapper", "TRAC"), "need to pass `params`"),
    **dict.fromkeys(("AdaLOMO", "AdamMini", "LOMO"), "'list' object has no attribute 'named_parameters'|'parameters'"),
    "BSAM": "num_data", "PCGrad": "no attribute 'defaults'", "Ranger21": "num_iterations",
    "SafeFP16Optimizer": "no attribute 'param_groups'", "DeMo": "einops",
    **dict.fromkeys(("AdaGO", "AdaMuon", "DistributedMuon", "Muon", "MuonClip", "NorMuon"), "__contains__"),
    # more than a gradient
    "AliG": "requires closure", **dict.fromkeys(("AdaHessian", "SophiaH"), "does not require grad"),
    # random numbers
    "Gravity": "normal_", "Kron": "randn_like", "Magma": "bernoulli",
    # products of matrices, and blocks of them
    "Alice": "product of matrices", "SpectralSphere": "2D parameters", "Shampoo": "torch's new",
    **dict.fromkeys(("DASH", "ScalableShampoo"), "floordiv of the size"),
    # elements that are chosen, and fewer digits
    "SaRA": "mask", "StableSPAM": "sum or largest value of cases", "AdaFactor": "rounding to bfloat16",
    "FlashAdamW": "of the size|of a value that carries|mod of",
    # states that are there on some paths alone, and phases
    "DAdaptSGD": "is kept matters", "SWATS": "phase changes",
}  # fmt: skip
CASES = {case.target.partition(":")[2]: case for case in cases("pytorch_optimizer")}
#: Each takes a second or more: `symopt conform` walks all.
LONG = {
    "A2Grad", "ADOPT", "APOLLO", "AdaGC", "AdaShift", "Adai", "ApolloDQN", "ASGD", "DAdaptAdaGrad", "DAdaptAdam",
    "DAdaptAdan", "DAdaptLion", "LaProp", "Prodigy", "SRMM", "ScheduleFreeAdamW", "ScheduleFreeRAdam", "SPAM",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(CASES) - set(REFUSED) - LONG))
@pytest.mark.filterwarnings("ignore")
def test_it_lifts(name):
    """Lifting holds every lift against a run of the implementation itself."""
    lifted = find_target(CASES[name].target).lift()
    assert set(lifted.first) == {"x", *(state.name for state in lifted.program.states)}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.filterwarnings("ignore")
def test_it_is_refused_with_the_reason(name):
    with pytest.raises((LiftError, InputError), match=REFUSED[name]):
        find_target(CASES[name].target).lift()


def test_ninety_lift():
    assert set(REFUSED) | LONG <= set(CASES)
    assert len(CASES) - len(REFUSED) >= 90


@pytest.mark.parametrize("name", ["Lion", "Lamb", "PNM", "ScheduleFreeSGD", "AdamS"])
@pytest.mark.filterwarnings("ignore")
def test_the_kernel_does_what_the_optimizer_does(name):
    """symopt.compile(symopt.lift(...)) beside the implementation, in float64."""
    assert_kernel_does_the_same(CASES[name].target, getattr(package, name))
