"""The phases of a step over many tensors, put together again, are the kernel; what breaks them is seen."""

from contextlib import suppress

import pytest

from symopt import chain, rules
from symopt.codegen import kernel_source, phases_source
from symopt.lifting import LiftError, join_blocks, lift_source

from ..catalog import VARIANTS

DTYPES = ["float32", "float64"]


def joined(source, rule, dtype="float32"):
    return dict(lift_source(join_blocks(source, rule.program), rule.program, dtype).outputs)


@pytest.mark.parametrize("rule", VARIANTS, ids=lambda rule: rule.label)
def test_phases_are_the_kernel(rule):
    for dtype in DTYPES:
        kernel = lift_source(kernel_source(rule.program, dtype), rule.program, dtype)
        assert joined(phases_source(rule.program, dtype), rule, dtype) == dict(kernel.outputs)


def test_phases_of_chains_are_the_kernel():
    for rule in (
        chain("clip_by_global_norm", "adamw", "ema"),
        chain("lookahead", "lamb"),
        chain("clip_by_norm", "sgd"),
    ):
        kernel = lift_source(kernel_source(rule.program, "float32"), rule.program, "float32")
        assert joined(phases_source(rule.program, "float32"), rule) == dict(kernel.outputs)


PLANTED = [
    ("lamb", "total2 = totals[1]", "total2 = totals[0]"),
    ("lamb", "total1_lanes[:] = 0.0", "total1_lanes[:] = 1.0"),
    ("lamb", "min(128, x.size - start)", "min(127, x.size - start)"),
    ("lamb", "range(0, x.size, 128)", "range(128, x.size, 128)"),
    ("lamb", "shares[1] = total2_lanes[0]", "shares[1] = total1_lanes[0]"),
    ("lamb", "shares[1] = total2_lanes[0]", "shares[1] = total2_lanes[1]"),
    ("lamb", "total1_lanes[lane] + total1_lanes[half + lane]", "total1_lanes[lane] + total2_lanes[half + lane]"),
    ("lamb", "total1_lanes[lane] += np.float64(x_i * x_i)", "total1_lanes[lane] += np.float64(x_i)"),
    ("lamb", "total1_lanes[lane] += np.float64(x_i * x_i)", "total2_lanes[lane] += np.float64(x_i * x_i)"),
    ("lamb", "x_norm = np.sqrt(total1)", "x_norm = np.sqrt(total2)"),
    ("adam", "m[i] = m_1", "m[i] = m_i"),
    ("adam", "c3 = np.float32(1.0 - beta1**t)", "c3 = np.float32(1.0 - beta2**t)"),
    ("adam", "def block_0(", "def block_1("),
    ("adafactor", "scratch + np.uint64(8)", "scratch + np.uint64(0)"),
    ("adafactor", "scratch_end - np.uint64(16)", "scratch_end - np.uint64(8)"),
    ("adafactor", "scratch_end - np.uint64(8)", "scratch_end - np.uint64(0)"),
    ("adafactor", "scratch + np.uint64(8)", "scratch + np.uint64(4)"),
    ("adafactor", "np.uint64(x.shape[1])), (1, x.shape[1]))", "np.uint64(x.shape[1])), (x.shape[0], 1))"),
    ("adafactor", "scratch + np.uint64(8)", "scratch_end + np.uint64(8)"),
    ("adafactor", "np.uint64(8) * np.uint64(x.shape[0])", "np.uint64(8) * np.uint64(x.shape[1])"),
    ("adafactor", "[:, :] = 0.0", "[:, :] = 1.0"),
    ("adafactor", "r[row, 0] = r_1_f32[row, 0]", "r[row, 0] = np.float32(r_0[row, 0])"),
]


@pytest.mark.parametrize(("name", "old", "new"), PLANTED)
def test_what_is_planted_is_seen(name, old, new):
    rule = rules.find(name)
    source = phases_source(rule.program, "float32")
    assert old in source
    whole = joined(source, rule)
    for changed in {source.replace(old, new, 1), new.join(source.rsplit(old, 1))}:
        with suppress(LiftError):
            assert joined(changed, rule) != whole
