"""The hand-written steps: plain NumPy functions that leave their arguments alone and keep dtype and shape."""

import ast
import inspect
import sys
from pathlib import Path

import numpy as np
import pytest

from symopt import reference, rules
from symopt.language import reductions, shape_of

FOLDER = Path(reference.__file__).parent
VARIANTS = [variant for name in rules.names() for variant in rules.find(name).variants()]
SHAPES = [(), (1,), (0,), (3, 0), (5,), (2, 3, 7)]


def foreign_imports(source):
    """What the source imports beside NumPy and the standard library."""
    tops = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            tops |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            tops.add("." if node.level else node.module.split(".")[0])
    return tops - {"numpy"} - set(sys.stdlib_module_names)


def knows_no_empty(program):
    """Whether NumPy refuses, or warns of, the largest or the mean of no elements."""
    folds = [fold for line in program.definitions for fold in reductions(line.expr)]
    return any(fold.fold == "max" or fold.args[0] == 1 for fold in folds) or program.has_matrices


def arrays(found, shape, dtype, seed=0):
    """x, g and a state with the signs that the rule declares."""
    draw = np.random.default_rng(seed)
    x, g = (np.asarray(draw.normal(size=shape), dtype) for _ in range(2))
    state = {s.name: np.asarray(draw.normal(size=shape_of(s.scope, shape)), dtype) for s in found.program.states}
    state |= {s.name: np.asarray(np.abs(state[s.name])) for s in found.program.states if s.nonnegative}
    return x, g, state


def defaults(found):
    return {hyper.name: float(hyper.default) for hyper in found.program.hypers}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_nothing_of_ours_is_imported(path):
    assert not foreign_imports(path.read_text())


@pytest.mark.parametrize(
    "planted",
    ["from symopt.rules import adam", "import symopt.language as l", "from . import sgd", "import scipy.special"],
)
def test_a_planted_import_is_seen(planted):
    assert foreign_imports(f"import numpy as np\ndef f():\n    {planted}\n")


def test_find_by_name():
    assert reference.names() == rules.names()
    assert reference.find("adam").__name__ == "adam"
    for name in ("made_up", "", "__init__", "../rules/adam"):
        with pytest.raises(LookupError, match="written by hand are: adabelief"):
            reference.find(name)


@pytest.mark.parametrize("name", reference.names())
def test_options_and_hyperparameters_have_the_rules_names_and_defaults(name):
    keywords = {
        parameter.name: parameter.default
        for parameter in inspect.signature(reference.find(name)).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    found = rules.find(name)
    options = {option.name: option.default for option in found.options}
    assert {key: keywords[key] for key in options} == options
    assert keywords.keys() == options.keys() | {hyper.name for hyper in found.hypers}
    assert inspect.getdoc(reference.find(name))


@pytest.mark.parametrize("found", VARIANTS, ids=lambda r: r.label)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arguments_are_left_alone_and_dtype_and_shape_are_kept(found, dtype):
    step = reference.find(found.name)
    for shape in SHAPES:
        if 0 in shape and knows_no_empty(found.program):
            continue
        x, g, state = arrays(found, shape, dtype)
        before = x.copy(), g.copy(), {key: value.copy() for key, value in state.items()}
        for array in (x, g, *state.values()):
            array.flags.writeable = False
        for t, given in ((1, {}), (7, state)):
            with np.errstate(invalid="ignore"):  # such states may belong to no trajectory
                new_x, new_state = step(x, g, given, t, **defaults(found), **found.setting)
            assert new_state.keys() == {s.name for s in found.program.states}
            assert (new_x.dtype, new_x.shape) == (dtype, shape)
            for s in found.program.states:
                array = new_state[s.name]
                assert (array.dtype, array.shape) == (dtype, shape_of(s.scope, shape))
        assert state.keys() == before[2].keys()
        for array, copy in zip((x, g, *state.values()), (*before[:2], *before[2].values()), strict=True):
            np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("found", VARIANTS, ids=lambda r: r.label)
def test_nan_infinity_and_overflow_propagate(found):
    """After two steps, as some rules move x late; what float64 makes finite of -0.0 and 1e-45, float32 makes finite."""
    step, g = reference.find(found.name), np.array([np.nan, np.inf, -np.inf, 3e38, -0.0, 1e-45], np.float32)

    def after(g):
        x, state = np.ones_like(g), {}
        for t in (1, 2):
            x, state = step(x, g, state, t, **defaults(found), **found.setting)
        return x

    with np.errstate(all="ignore"):
        new, wide = after(g), after(g.astype(np.float64))
    assert np.isnan(new[0])
    assert new.dtype == np.float32
    assert np.isfinite(new[4:][np.isfinite(wide[4:])]).all()


class Recorder(np.lib.mixins.NDArrayOperatorsMixin):
    """A duck array that only counts the NumPy functions called on it."""

    def __init__(self, array, calls):
        self.array, self.calls = array, calls

    def _through(self, function, args, kwargs):
        plain = [arg.array if isinstance(arg, Recorder) else arg for arg in args]
        self.calls.append(function.__name__)
        return Recorder(function(*plain, **kwargs), self.calls)

    def __array_ufunc__(self, ufunc, method, *args, **kwargs):
        assert method == "__call__"
        return self._through(ufunc, args, kwargs)

    def __array_function__(self, function, types, args, kwargs):
        return self._through(function, args, kwargs)

    def astype(self, dtype):
        return Recorder(self.array.astype(dtype), self.calls)

    def __getitem__(self, place):
        return Recorder(self.array[place], self.calls)

    def reshape(self, *shape):
        return Recorder(self.array.reshape(*shape), self.calls)

    @property
    def dtype(self):
        return self.array.dtype

    @property
    def ndim(self):
        return self.array.ndim

    def __bool__(self):
        raise AssertionError("a step branches on the values of an array")


@pytest.mark.parametrize("found", VARIANTS, ids=lambda r: r.label)
def test_a_duck_array_runs_through(found):
    step, calls = reference.find(found.name), []
    x, g, _ = arrays(found, (4,), np.float64)
    ducks, plain = {}, {}
    duck_x, duck_g = Recorder(x, calls), Recorder(g, calls)
    for t in (1, 2):
        duck_x, ducks = step(duck_x, duck_g, ducks, t, **defaults(found), **found.setting)
        x, plain = step(x, g, plain, t, **defaults(found), **found.setting)
    assert calls
    np.testing.assert_allclose(duck_x.array, x, rtol=2**-50)
