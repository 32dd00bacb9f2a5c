"""Many tensors in one call: the same numbers as the kernel's, tensor by tensor, for every rule."""

import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

import symopt
from symopt.codegen import compile_program
from symopt.runtime import tables

from ..catalog import COVERING

SHAPES = [(5,), (), (0,), (50, 70), (tables.BLOCK + 3,), (1,)]


def arrays(seed, dtype="float32", shapes=SHAPES):
    draw = np.random.default_rng(seed)
    return [np.asarray(draw.normal(size=shape), dtype) for shape in shapes]


def by_kernel(rule, params, gradients, **hypers):
    """What the rule's kernel makes of each tensor alone, and the states; with how far two sums may lie apart."""
    kernel = compile_program(rule.program, params[0].dtype)
    states = [kernel.init(x) for x in params]
    for t, grads in enumerate(gradients, 1):
        for x, g, state in zip(params, grads, states, strict=True):
            if x.size:
                kernel(x, g, t=t, **state, **hypers)
    return states


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", COVERING, ids=lambda rule: rule.label)
def test_it_is_the_kernel_on_every_tensor(rule, dtype):
    params, gradients = arrays(0, dtype), [arrays(n, dtype) for n in range(1, 4)]
    own = [x.copy() for x in params]
    optimizer = symopt.Optimizer(rule, own)
    for grads in gradients:
        optimizer.step(grads)
    states = by_kernel(rule, params, gradients)
    sums = not (rule.program.is_elementwise or rule.program.has_matrices)  # of which blocks have another order
    for place, (x, y) in enumerate(zip(own, params, strict=True)):
        close = 64 * np.finfo(dtype).eps if sums else 0
        np.testing.assert_allclose(x, y, rtol=close, atol=close)
        for name, state in states[place].items():
            if x.size:
                np.testing.assert_allclose(optimizer.states[name][place], state, rtol=close, atol=close)
    assert optimizer.t == 3


def test_norms_of_all_tensors_are_those_of_one_that_has_all_elements():
    rule = symopt.chain("clip_by_global_norm", "adamw", "ema")
    params, gradients = arrays(0), [arrays(n) for n in range(1, 4)]
    whole = np.concatenate([x.ravel() for x in params])
    optimizer, alone = symopt.Optimizer(rule, params), symopt.Optimizer(rule, whole)
    for grads in gradients:
        optimizer.step(grads)
        alone.step(np.concatenate([g.ravel() for g in grads]))
    np.testing.assert_allclose(np.concatenate([x.ravel() for x in params]), whole, rtol=1e-6, atol=1e-7)
    mixed = [x.astype("float64") if n % 2 else x for n, x in enumerate(arrays(0))]
    optimizer = symopt.Optimizer(rule, mixed)
    for grads in gradients:
        optimizer.step([g.astype(x.dtype) for g, x in zip(grads, mixed, strict=True)])
    np.testing.assert_allclose(np.concatenate([x.ravel() for x in mixed]), whole, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["adam", "lamb", "adamax", "adafactor", "sm3"])
def test_the_result_does_not_depend_on_threads(name, monkeypatch):
    monkeypatch.setattr(tables, "SHARED", 0)
    results = []
    for threads in (1, 2, 3, None):
        params = arrays(0, shapes=[(5 * tables.BLOCK,), (7, 11), (3 * tables.BLOCK + 1,)])
        optimizer = symopt.Optimizer(name, params, threads=threads)
        for n in range(1, 30):
            optimizer.step([np.sin(x * n) for x in params])
        results.append(params)
    for other in results[1:]:
        for x, y in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(x, y)


def test_trees_groups_and_schedules():
    tree = {"a": [np.ones(3), (np.ones(2),)], "b": np.ones(())}
    optimizer = symopt.Optimizer("sgd", tree, lr=lambda t: 1 / t)
    one = {"a": [np.ones(3), [np.ones(2)]], "b": np.ones(())}
    optimizer.step(one)
    optimizer.step(one)
    assert tree["a"][1][0].tolist() == [-0.5, -0.5]
    assert tree["b"] == -0.5
    optimizer.step(one, lr=0.25)
    assert tree["a"][0].tolist() == [-0.75] * 3
    optimizer.groups[0]["lr"] = 1
    optimizer.step(one)
    assert tree["a"][0].tolist() == [-1.75] * 3
    x, y = np.zeros(2), np.zeros(3)
    grouped = symopt.Optimizer("sgd", [{"params": [x], "lr": 1}, {"params": y}], lr=2)
    for _ in range(2):
        grouped.step([[np.ones(2)], np.ones(3)])
    assert (x.tolist(), y.tolist()) == ([-2, -2], [-4, -4, -4])
    assert [dict(group) for group in grouped.groups] == [{"lr": 1.0}, {"lr": 2.0}]
    momentum = symopt.Optimizer("adam", {"w": np.ones((2, 3), "float32")})
    assert momentum.states["m"]["w"].shape == (2, 3)
    assert momentum.states["v"]["w"].dtype == np.float32


def test_a_tensor_without_gradient_is_left_alone_with_its_own_t():
    params = arrays(0)
    expected = [x.copy() for x in params]
    optimizer = symopt.Optimizer("adam", params)
    kernel = symopt.compile("adam")
    states, steps = [kernel.init(x) for x in expected], [0] * len(params)
    for n in range(1, 6):
        grads = [None if (n + place) % 3 == 0 else g for place, g in enumerate(arrays(n))]
        optimizer.step(grads)
        for place, g in enumerate(grads):
            if g is not None:
                steps[place] += 1
                if g.size:
                    kernel(expected[place], g, t=steps[place], **states[place])
    for x, y in zip(params, expected, strict=True):
        np.testing.assert_array_equal(x, y)
    optimizer.step([None] * len(params))


def test_the_same_list_may_hold_other_arrays():
    x = np.zeros(2)
    optimizer, grads = symopt.Optimizer("sgd", [x], lr=1), [np.ones(2)]
    optimizer.step(grads)
    grads[0] = np.full(2, 2.0)
    optimizer.step(grads)
    grads[0][:] = 3
    optimizer.step(grads)
    assert x.tolist() == [-6, -6]


ONE = np.ones(4, "float32")


@pytest.mark.parametrize(
    ("params", "grads", "message"),
    [
        ([ONE.copy()], [], "length of grads = 0: must be 1"),
        ([ONE.copy()], [ONE, ONE], "length of grads = 2: must be 1"),
        ({"a": ONE.copy()}, {"b": ONE}, "grads: must be a dict with the keys"),
        ([ONE.copy()], [ONE.astype("float64")], r"dtype of grads\[0\] = 'float64': must be float32"),
        ([ONE.copy()], [np.ones(3, "float32")], r"shape of grads\[0\] = \(3,\): must be \(4,\)"),
        ([ONE.copy()], [np.ones(8, "float32")[::2]], r"strides of grads\[0\]"),
        ([ONE.copy()], [3.0], r"grads\[0\] = 3.0: must be a NumPy array of float32"),
    ],
)
def test_wrong_gradients_are_named_and_change_nothing(params, grads, message):
    optimizer = symopt.Optimizer("adam", params)
    with pytest.raises(symopt.InputError, match=message):
        optimizer.step(grads)
    assert optimizer.t == 0
    assert np.array_equal(params[0] if isinstance(params, list) else params["a"], ONE)


@pytest.mark.parametrize(
    ("params", "hypers", "message"),
    [
        ([np.ones(3, "int64")], {}, r"dtype of params\[0\] = 'int64': must be float32 or float64"),
        ([1.0], {}, r"params\[0\] = 1.0: must be a NumPy array"),
        ([ONE], {"lr": -1}, "lr = -1"),
        ([ONE], {"speed": 1}, "no hyperparameter 'speed'"),
        ([ONE], {"nonfinite": "ignore"}, "nonfinite = 'ignore': must be one of propagate, raise, skip"),
        ([ONE], {"threads": 0}, "threads = 0: must be a whole number >= 1"),
        ([np.ones(6, "float32")[::2]], {}, "must be C-contiguous"),
        ([ONE, ONE], {}, "overlaps"),
        ([np.frombuffer(bytes(8), "float32")], {}, "must be writable"),
    ],
)
def test_wrong_parameters_are_named(params, hypers, message):
    with pytest.raises(symopt.InputError, match=message):
        symopt.Optimizer("adam", params, **hypers)


def test_gradients_that_overlap_parameters_are_refused():
    whole = np.ones(8, "float32")
    optimizer = symopt.Optimizer("adam", [whole[:4]])
    with pytest.raises(symopt.InputError, match=r"grads\[0\] overlaps params\[0\]"):
        optimizer.step([whole[2:6]])
    optimizer.step([whole[4:]])


def test_what_is_not_finite():
    bad = np.array([1, np.nan, 1, 1], "float32")
    x = ONE.copy()
    skipping = symopt.Optimizer("adam", [x], nonfinite="skip")
    skipping.step([bad])
    assert (skipping.t, skipping.skipped, x.tolist()) == (0, 1, ONE.tolist())
    skipping.step([ONE])
    assert skipping.t == 1
    raising = symopt.Optimizer("adam", [x := ONE.copy()], nonfinite="raise")
    raising.step([g := ONE.copy()])
    before, g[1] = x.copy(), np.inf
    with pytest.raises(symopt.InputError, match=r"grads\[0\]: has NaN or infinity"):
        raising.step([g])
    assert np.array_equal(x, before)
    propagating = symopt.Optimizer("adam", [x := ONE.copy()])
    propagating.step([bad])
    assert np.isnan(x).tolist() == [False, True, False, False]


@pytest.mark.parametrize("shared", [0, 1 << 40])
def test_an_interrupt_waits_for_the_end_of_the_step(shared, monkeypatch):
    monkeypatch.setattr(tables, "SHARED", shared)
    shapes = [(4 * tables.BLOCK,), (3,), (2 * tables.BLOCK,)]
    params, other, grads = arrays(0, shapes=shapes), arrays(0, shapes=shapes), arrays(1, shapes=shapes)
    optimizer, interrupts = symopt.Optimizer("lamb", params), 0
    optimizer.step(grads)
    for n in range(60):
        try:
            signal.signal(signal.SIGALRM, signal.default_int_handler)
            signal.setitimer(signal.ITIMER_REAL, 1e-5 * (1 + n % 40))
            while True:
                optimizer.step(grads)
        except KeyboardInterrupt:
            interrupts += 1
    assert interrupts == 60
    again = symopt.Optimizer("lamb", other)
    for _ in range(optimizer.t):
        again.step(grads)
    for x, y in zip(params, other, strict=True):
        np.testing.assert_array_equal(x, y)


def test_two_threads_may_step_two_optimizers(monkeypatch):
    monkeypatch.setattr(tables, "SHARED", 0)
    shapes = [(3 * tables.BLOCK,), (5,)]
    sets = [arrays(0, shapes=shapes) for _ in range(4)]
    grads = arrays(1, shapes=shapes)

    def work(params):
        optimizer = symopt.Optimizer("adam", params)
        for _ in range(200):
            optimizer.step(grads)

    threads = [threading.Thread(target=work, args=(params,)) for params in sets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for params in sets[1:]:
        for x, y in zip(sets[0], params, strict=True):
            np.testing.assert_array_equal(x, y)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_it_works_in_a_forked_process(monkeypatch):
    monkeypatch.setattr(tables, "SHARED", 0)
    params, grads = arrays(0, shapes=[(4 * tables.BLOCK,)]), arrays(1, shapes=[(4 * tables.BLOCK,)])
    optimizer = symopt.Optimizer("adam", params)
    optimizer.step(grads)
    child = os.fork()
    if not child:
        code = 1
        try:
            optimizer.step(grads)
            code = 0 if optimizer.t == 2 else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


COLD = """
import sys
import numpy as np
import symopt
x = np.ones(3, "float32")
optimizer = symopt.Optimizer("adam", [x], lr=0.5)
optimizer.step([np.ones(3, "float32")])
assert x.tolist() == [0.5] * 3, x
print(*sorted({"sympy", "numba"} & set(sys.modules)))
"""


def test_a_second_process_needs_neither_sympy_nor_numba(tmp_path):
    environment = {**os.environ, "SYMOPT_CACHE_DIR": str(tmp_path)}

    def run():
        done = subprocess.run(
            [sys.executable, "-c", COLD], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    assert run() == ["numba", "sympy"]
    assert run() == []
    (code,) = tmp_path.glob("*.o")
    code.write_bytes(code.read_bytes()[:-1])
    assert run() == ["numba", "sympy"]  # damaged, so made anew
    assert run() == []


def test_norms_of_all_tensors_beside_rows_are_refused_in_words():
    with pytest.raises(symopt.SymoptError, match="rows and columns beside a sum over all tensors"):
        symopt.Optimizer(symopt.chain("clip_by_global_norm", "adafactor"), [ONE.copy()])
