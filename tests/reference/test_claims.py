"""What docstrings say that a framework computes: the framework's own optimizer against the rule in sixty digits."""

import os

import numpy as np
import pytest

from symopt import chain, rules, wrappers

from .test_exact import DIGITS, agree, digits, exact_trajectory

pytestmark = pytest.mark.frameworks
STEPS = 8
#: Numbers that float64, float32 and decimals hold alike, far enough from 0 and 1 for each place to show.
LR, B1, B2, B3, EPS, ROOT, DECAY = 1 / 16, 7 / 8, 15 / 16, 13 / 16, 1 / 32, 1 / 64, 1 / 8
ADAM = {"lr": LR, "beta1": B1, "beta2": B2, "eps": EPS}


def torch_run(name, options, x, gradients, module="torch.optim"):
    torch = pytest.importorskip("torch", reason="torch is not installed (the extra 'frameworks')")
    where = pytest.importorskip(module, reason=f"{module} is not installed (the extra 'frameworks')")
    parameter = torch.nn.Parameter(torch.from_numpy(x.copy()))
    made = getattr(where, name)([parameter], **options)
    for g in gradients:
        parameter.grad = torch.from_numpy(g.copy())
        made.step()
        yield parameter.detach().numpy().copy()


def optax_run(name, options, x, gradients):
    jax = pytest.importorskip("jax", reason="jax is not installed (the extra 'frameworks')")
    optax = pytest.importorskip("optax", reason="optax is not installed (the extra 'frameworks')")
    with jax.enable_x64(True):
        make = optax
        for part in name.split("."):
            make = getattr(make, part)
        made, params = make(**options), jax.numpy.asarray(x)
        state = made.init(params)
        for g in gradients:
            updates, state = made.update(jax.numpy.asarray(g), state, params)
            params = optax.apply_updates(params, updates)
            yield np.asarray(params)


def keras_run(name, options, x, gradients):
    os.environ.setdefault("KERAS_BACKEND", "jax")
    keras = pytest.importorskip("keras", reason="keras is not installed (the extra 'frameworks')")
    jax = pytest.importorskip("jax", reason="jax is not installed (the extra 'frameworks')")
    with jax.enable_x64(True):
        variable = keras.Variable(x, dtype="float64")
        made = getattr(keras.optimizers, name)(**options)
        made.build([variable])
        for g in gradients:
            made.apply([keras.ops.convert_to_tensor(g, dtype="float64")], [variable])
            yield np.asarray(variable.value)


def collected_run(name, options, x, gradients):
    return torch_run(name, options, x, gradients, "pytorch_optimizer")


RUN = {"torch": torch_run, "optax": optax_run, "keras": keras_run, "pytorch_optimizer": collected_run}

#: (framework, its optimizer, its arguments) and (rule, options, hyperparameters).
CLAIMS = [
    # torch
    ("torch", "SGD", {"lr": LR, "weight_decay": DECAY}, "sgd", {"decay": "coupled"}, {"lr": LR, "weight_decay": DECAY}),
    ("torch", "SGD", {"lr": LR, "momentum": B1, "dampening": 1 / 4}, "momentum", {"velocity": "undamped-first"},
     {"lr": LR, "momentum": B1, "dampening": 1 / 4}),
    ("torch", "SGD", {"lr": LR, "momentum": B1, "nesterov": True, "maximize": True}, "momentum",
     {"nesterov": True, "maximize": True}, {"lr": LR, "momentum": B1}),
    ("torch", "Adagrad", {"lr": LR, "lr_decay": DECAY, "initial_accumulator_value": 1 / 4, "eps": EPS}, "adagrad",
     {"lr_falls": True, "start": "positive"},
     {"lr": LR, "lr_decay": DECAY, "initial_accumulator": 1 / 4, "eps": EPS}),
    ("torch", "Adadelta", {"lr": LR, "rho": B1, "eps": EPS}, "adadelta", {}, {"lr": LR, "rho": B1, "eps": EPS}),
    ("torch", "RMSprop", {"lr": LR, "alpha": B1, "eps": EPS, "centered": True, "momentum": B2}, "rmsprop",
     {"eps_placement": "outside", "centered": True, "velocity": "outside"},
     {"lr": LR, "rho": B1, "eps": EPS, "momentum": B2}),
    ("torch", "Adam", {"lr": LR, "betas": (B1, B2), "eps": EPS, "weight_decay": DECAY, "maximize": True}, "adam",
     {"decay": "coupled", "maximize": True}, ADAM | {"weight_decay": DECAY}),
    ("torch", "Adam", {"lr": LR, "betas": (B1, B2), "eps": EPS, "amsgrad": True}, "amsgrad", {"correction": "after"},
     ADAM),
    ("torch", "AdamW", {"lr": LR, "betas": (B1, B2), "eps": EPS, "weight_decay": DECAY}, "adamw", {},
     ADAM | {"weight_decay": DECAY}),
    ("torch", "AdamW", {"lr": LR, "betas": (B1, B2), "eps": EPS, "weight_decay": DECAY, "amsgrad": True}, "amsgrad",
     {"correction": "after", "decay": "decoupled"}, ADAM | {"weight_decay": DECAY}),
    ("torch", "Adamax", {"lr": LR, "betas": (B1, B2), "eps": EPS, "weight_decay": DECAY}, "adamax",
     {"decay": "coupled"}, ADAM | {"weight_decay": DECAY}),
    ("torch", "NAdam", {"lr": LR, "betas": (B1, B2), "eps": EPS, "momentum_decay": 1 / 4, "weight_decay": DECAY,
                        "decoupled_weight_decay": True}, "nadam", {"schedule": True, "decay": "decoupled"},
     ADAM | {"mu_decay": 0.96 ** (1 / 4), "weight_decay": DECAY}),
    ("torch", "RAdam", {"lr": LR, "betas": (B1, B2), "eps": EPS, "weight_decay": DECAY, "maximize": True}, "radam",
     {"threshold": "5", "eps_placement": "hat", "decay": "coupled", "maximize": True}, ADAM | {"weight_decay": DECAY}),
    ("torch", "Rprop", {"lr": LR, "etas": (1 / 2, 5 / 4), "step_sizes": (1 / 128, 1 / 64)}, "rprop",
     {"after_change": "stay", "clamp": "always"},
     {"lr": LR, "eta_minus": 1 / 2, "eta_plus": 5 / 4, "min_step": 1 / 128, "max_step": 1 / 64}),
    ("torch", "ASGD", {"lr": LR, "lambd": DECAY, "t0": 3.0}, "asgd", {}, {"lr": LR, "lambd": DECAY, "t0": 3.0}),
    ("torch", "Adafactor", {"lr": LR, "beta2_decay": -3 / 4, "eps": (EPS, ROOT), "d": 5 / 4, "weight_decay": DECAY,
                            "maximize": True}, "adafactor",
     {"factors": "mean", "eps_placement": "floor", "decay": "decoupled", "maximize": True},
     {"lr": LR, "decay_rate": 3 / 4, "eps1": EPS, "eps2": ROOT, "clip_threshold": 5 / 4, "weight_decay": DECAY}),
    # optax
    ("optax", "sgd", {"learning_rate": LR, "momentum": B1, "nesterov": True}, "momentum", {"nesterov": True},
     {"lr": LR, "momentum": B1}),
    ("optax", "adam", {"learning_rate": LR, "b1": B1, "b2": B2, "eps": EPS, "eps_root": ROOT}, "adam",
     {"eps_placement": "both"}, ADAM | {"eps_root": ROOT}),
    ("optax", "adam", {"learning_rate": LR, "b1": B1, "b2": B2, "eps": EPS, "nesterov": True}, "nadam", {}, ADAM),
    ("optax", "nadamw", {"learning_rate": LR, "b1": B1, "b2": B2, "eps": EPS, "weight_decay": DECAY}, "nadam",
     {"decay": "decoupled"}, ADAM | {"weight_decay": DECAY}),
    ("optax", "adamw", {"learning_rate": LR, "b1": B1, "b2": B2, "eps": EPS, "eps_root": ROOT, "weight_decay": DECAY},
     "adamw", {"eps_placement": "both"}, ADAM | {"eps_root": ROOT, "weight_decay": DECAY}),
    ("optax", "adamax", {"learning_rate": LR, "b1": B1, "b2": B2, "eps": EPS}, "adamax", {}, ADAM),
    ("optax", "adamaxw", {"learning_rate": LR, "b1": B1, "b2": B2, "eps": EPS, "weight_decay": DECAY}, "adamax",
     {"decay": "decoupled"}, ADAM | {"weight_decay": DECAY}),
    ("optax", "amsgrad", {"learning_rate": LR, "b1": B1, "b2": B2, "eps": EPS, "eps_root": ROOT}, "amsgrad",
     {"correction": "before", "eps_placement": "both"}, ADAM | {"eps_root": ROOT}),
    ("optax", "adabelief", {"learning_rate": LR, "b1": B1, "b2": B2, "eps": EPS, "eps_root": EPS, "nesterov": True},
     "adabelief", {"nesterov": True}, ADAM),
    ("optax", "adagrad", {"learning_rate": LR, "initial_accumulator_value": 1 / 4, "eps": EPS}, "adagrad",
     {"eps_placement": "inside", "start": "positive"}, {"lr": LR, "initial_accumulator": 1 / 4, "eps": EPS}),
    ("optax", "adadelta", {"learning_rate": LR, "rho": B1, "eps": EPS, "weight_decay": DECAY}, "adadelta",
     {"decay": "coupled"}, {"lr": LR, "rho": B1, "eps": EPS, "weight_decay": DECAY}),
    ("optax", "adan", {"learning_rate": LR, "b1": B1, "b2": B2, "b3": B3, "eps": EPS, "eps_root": 0.0,
                       "weight_decay": DECAY}, "adan", {"difference": "1 - beta2", "decay": "before"},
     ADAM | {"beta3": B3, "weight_decay": DECAY}),
    ("optax", "rmsprop", {"learning_rate": LR, "decay": B1, "eps": EPS, "initial_scale": 1 / 4, "centered": True,
                          "momentum": B2, "nesterov": True}, "rmsprop",
     {"centered": True, "velocity": "nesterov", "start": "positive"},
     {"lr": LR, "rho": B1, "eps": EPS, "initial_accumulator": 1 / 4, "momentum": B2}),
    ("optax", "rmsprop", {"learning_rate": LR, "decay": B1, "eps": EPS, "centered": True, "bias_correction": True},
     "rmsprop", {"centered": True, "bias_correction": True}, {"lr": LR, "rho": B1, "eps": EPS}),
    ("optax", "rmsprop", {"learning_rate": LR, "decay": B1, "eps": EPS, "eps_in_sqrt": False}, "rmsprop",
     {"eps_placement": "outside"}, {"lr": LR, "rho": B1, "eps": EPS}),
    ("optax", "lion", {"learning_rate": LR, "b1": B1, "b2": B2, "weight_decay": DECAY}, "lion", {},
     {"lr": LR, "beta1": B1, "beta2": B2, "weight_decay": DECAY}),
    ("optax", "novograd", {"learning_rate": LR, "b1": B1, "b2": B2, "eps": EPS, "eps_root": ROOT,
                           "weight_decay": DECAY}, "novograd", {"first": "with eps", "eps_placement": "both"},
     ADAM | {"eps_root": ROOT, "weight_decay": DECAY}),
    ("optax", "lamb", {"learning_rate": LR, "b1": B1, "b2": B2, "eps": EPS, "eps_root": ROOT, "weight_decay": DECAY},
     "lamb", {"guard": True, "eps_placement": "both"}, ADAM | {"eps_root": ROOT, "weight_decay": DECAY}),
    ("optax", "lars", {"learning_rate": LR, "weight_decay": DECAY, "trust_coefficient": 1 / 4, "eps": EPS,
                       "momentum": B1, "nesterov": True}, "lars",
     {"measured": "together", "guard": True, "nesterov": True},
     {"lr": LR, "weight_decay": DECAY, "trust": 1 / 4, "eps": EPS, "momentum": B1}),
    ("optax", "radam", {"learning_rate": LR, "b1": B1, "b2": B2, "eps": EPS, "eps_root": ROOT, "nesterov": True},
     "radam", {"threshold": "5", "eps_placement": "both", "nesterov": True}, ADAM | {"eps_root": ROOT}),
    ("optax", "rprop", {"learning_rate": LR, "eta_minus": 1 / 2, "eta_plus": 5 / 4, "min_step_size": 1 / 128,
                        "max_step_size": 1 / 64}, "rprop", {"after_change": "late", "clamp": "both"},
     {"lr": LR, "eta_minus": 1 / 2, "eta_plus": 5 / 4, "min_step": 1 / 128, "max_step": 1 / 64}),
    ("optax", "sign_sgd", {"learning_rate": LR}, "signsgd", {}, {"lr": LR}),
    ("optax", "signum", {"learning_rate": LR, "beta": B1}, "signsgd", {"signum": True}, {"lr": LR, "beta1": B1}),
    ("optax", "yogi", {"learning_rate": LR, "b1": B1, "b2": B2, "eps": EPS}, "yogi",
     {"bias_correction": True, "start": "both"}, ADAM | {"initial_accumulator": 1e-6}),
    ("optax", "sm3", {"learning_rate": LR, "momentum": B1}, "sm3", {"momentum": True, "eps_placement": "inside"},
     {"lr": LR, "beta1": B1, "eps": 1e-8}),
    ("optax", "adafactor", {"learning_rate": 3 / 4, "min_dim_size_to_factor": 1, "decay_rate": 3 / 4, "momentum": B1,
                            "clipping_threshold": 1 / 2, "eps": EPS, "dtype_momentum": "float64"}, "adafactor",
     {"factors": "mean", "relative_step": False, "momentum": True},
     {"lr": 3 / 4, "decay_rate": 3 / 4, "eps1": EPS, "eps2": 1e-3, "clip_threshold": 1 / 2, "beta1": B1}),
    ("optax", "adafactor", {"learning_rate": 3 / 4, "decay_rate": 3 / 4, "factored": False,
                            "multiply_by_parameter_scale": False, "eps": EPS}, "adafactor",
     {"factored": False, "relative_step": False, "parameter_scale": False},
     {"lr": 3 / 4, "decay_rate": 3 / 4, "eps1": EPS, "clip_threshold": 1.0}),
    ("optax", "contrib.ademamix", {"learning_rate": LR, "b1": B1, "b2": B2, "b3": B3, "alpha": 5.0, "eps": EPS,
                                   "weight_decay": DECAY}, "ademamix", {},
     ADAM | {"beta3": B3, "alpha": 5.0, "weight_decay": DECAY}),
    ("optax", "contrib.adopt", {"learning_rate": LR, "b1": B1, "b2": B2, "eps": EPS}, "adopt", {"clipped": True}, ADAM),
    ("optax", "contrib.madgrad", {"learning_rate": LR, "momentum": B1, "eps": EPS}, "madgrad", {"lr_plus_eps": True},
     {"lr": LR, "momentum": B1, "eps": EPS}),
    ("optax", "contrib.schedule_free_sgd", {"learning_rate": LR, "b1": B1}, "schedule_free_sgd", {"average": "t"},
     {"lr": LR, "momentum": B1}),
    ("optax", "contrib.schedule_free_adamw", {"learning_rate": LR, "b1": B1, "b2": B2, "eps": EPS,
                                              "weight_decay": DECAY}, "schedule_free_adamw", {},
     ADAM | {"weight_decay": DECAY}),
    # Keras
    ("keras", "SGD", {"learning_rate": LR, "momentum": B1, "nesterov": True}, "classical_momentum", {"nesterov": True},
     {"lr": LR, "momentum": B1}),
    ("keras", "SGD", {"learning_rate": LR, "momentum": B1, "weight_decay": DECAY}, "sgdw", {},
     {"lr": LR, "momentum": B1, "weight_decay": DECAY}),
    ("keras", "Adam", {"learning_rate": LR, "beta_1": B1, "beta_2": B2, "epsilon": EPS}, "adam",
     {"eps_placement": "hat"}, ADAM),
    ("keras", "Adam", {"learning_rate": LR, "beta_1": B1, "beta_2": B2, "epsilon": EPS, "amsgrad": True}, "amsgrad",
     {"correction": "rate"}, ADAM),
    ("keras", "AdamW", {"learning_rate": LR, "beta_1": B1, "beta_2": B2, "epsilon": EPS, "weight_decay": DECAY},
     "adamw", {"eps_placement": "hat"}, ADAM | {"weight_decay": DECAY}),
    ("keras", "Adamax", {"learning_rate": LR, "beta_1": B1, "beta_2": B2, "epsilon": EPS, "weight_decay": DECAY},
     "adamax", {"eps_placement": "outside", "decay": "decoupled"}, ADAM | {"weight_decay": DECAY}),
    ("keras", "Nadam", {"learning_rate": LR, "beta_1": B1, "beta_2": B2, "epsilon": EPS}, "nadam", {"schedule": True},
     ADAM | {"mu_decay": 0.96}),
    ("keras", "Adagrad", {"learning_rate": LR, "initial_accumulator_value": 1 / 4, "epsilon": EPS,
                          "weight_decay": DECAY}, "adagrad",
     {"eps_placement": "inside", "start": "positive", "decay": "decoupled"},
     {"lr": LR, "initial_accumulator": 1 / 4, "eps": EPS, "weight_decay": DECAY}),
    ("keras", "Adadelta", {"learning_rate": LR, "rho": B1, "epsilon": EPS, "weight_decay": DECAY}, "adadelta",
     {"decay": "decoupled"}, {"lr": LR, "rho": B1, "eps": EPS, "weight_decay": DECAY}),
    ("keras", "RMSprop", {"learning_rate": LR, "rho": B1, "momentum": B2, "epsilon": EPS, "centered": True,
                          "weight_decay": DECAY}, "rmsprop",
     {"centered": True, "velocity": "inside", "decay": "decoupled"},
     {"lr": LR, "rho": B1, "momentum": B2, "eps": EPS, "weight_decay": DECAY}),
    ("keras", "Lion", {"learning_rate": LR, "beta_1": B1, "beta_2": B2, "weight_decay": DECAY}, "lion", {},
     {"lr": LR, "beta1": B1, "beta2": B2, "weight_decay": DECAY}),
    ("keras", "Lamb", {"learning_rate": LR, "beta_1": B1, "beta_2": B2, "epsilon": EPS}, "lamb", {"guard": True},
     ADAM | {"weight_decay": 0.0}),
    ("keras", "Adafactor", {"learning_rate": LR, "beta_2_decay": -3 / 4, "epsilon_1": EPS, "epsilon_2": ROOT,
                            "clip_threshold": 1 / 2}, "adafactor", {"factors": "mean"},
     {"lr": LR, "decay_rate": 3 / 4, "eps1": EPS, "eps2": ROOT, "clip_threshold": 1 / 2}),
    ("keras", "ScheduleFreeAdamW", {"learning_rate": LR, "beta_1": B1, "beta_2": B2, "epsilon": EPS,
                                    "warmup_steps": 4}, "schedule_free_adamw", {"warmup": True},
     ADAM | {"weight_decay": 0.0, "warmup_steps": 4.0}),
    ("keras", "SGD", {"learning_rate": LR, "clipvalue": 1 / 2}, chain("clip_by_value", "sgd"), {},
     {"lr": LR, "max_value": 1 / 2}),
    ("keras", "SGD", {"learning_rate": LR, "clipnorm": 1 / 2}, chain("clip_by_norm", "sgd"), {},
     {"lr": LR, "max_norm": 1 / 2}),
    ("keras", "SGD", {"learning_rate": LR, "global_clipnorm": 1 / 2}, chain("clip_by_global_norm", "sgd"), {},
     {"lr": LR, "max_norm": 1 / 2}),
    ("keras", "SGD", {"learning_rate": LR, "use_ema": True, "ema_momentum": B1, "ema_overwrite_frequency": 3},
     chain("sgd", wrappers.find("ema", overwrite=True)), {}, {"lr": LR, "decay": B1, "overwrite_period": 3.0}),
    # pytorch-optimizer
    ("pytorch_optimizer", "AdaMod", {"lr": LR, "betas": (B1, B2, B3), "eps": EPS, "weight_decay": DECAY}, "adamod",
     {"eps_placement": "hat", "decay": "decoupled"}, ADAM | {"beta3": B3, "weight_decay": DECAY}),
    ("pytorch_optimizer", "AdaPNM", {"lr": LR, "betas": (B1, B2, 1.0), "eps": EPS, "weight_decay": DECAY}, "adapnm",
     {"eps_placement": "hat", "decay": "decoupled"}, ADAM | {"beta0": 1.0, "weight_decay": DECAY}),
    ("pytorch_optimizer", "PNM", {"lr": LR, "betas": (B1, 1.0), "weight_decay": DECAY}, "pnm", {"decay": "decoupled"},
     {"lr": LR, "beta1": B1, "beta0": 1.0, "weight_decay": DECAY}),
    ("pytorch_optimizer", "QHAdam", {"lr": LR, "betas": (B1, B2), "nus": (3 / 4, 1 / 2), "eps": EPS,
                                     "weight_decay": DECAY}, "qhadam", {"decay": "coupled"},
     ADAM | {"nu1": 3 / 4, "nu2": 1 / 2, "weight_decay": DECAY}),
    ("pytorch_optimizer", "QHM", {"lr": LR, "momentum": B1, "nu": 3 / 4, "weight_decay": DECAY}, "qhm",
     {"decay": "coupled"}, {"lr": LR, "momentum": B1, "nu": 3 / 4, "weight_decay": DECAY}),
    ("pytorch_optimizer", "Yogi", {"lr": LR, "betas": (B1, B2), "initial_accumulator": 1 / 4, "eps": EPS}, "yogi",
     {"bias_correction": True, "start": "both"}, ADAM | {"initial_accumulator": 1 / 4}),
    ("pytorch_optimizer", "AggMo", {"lr": LR, "betas": (0.0, B1, B2)}, "aggmo", {},
     {"lr": LR, "beta1": 0.0, "beta2": B1, "beta3": B2}),
    ("pytorch_optimizer", "DiffGrad", {"lr": LR, "betas": (B1, B2), "eps": EPS, "weight_decay": DECAY}, "diffgrad",
     {"eps_placement": "hat", "decay": "decoupled"}, ADAM | {"weight_decay": DECAY}),
    ("pytorch_optimizer", "MADGRAD", {"lr": LR, "momentum": B1, "eps": EPS, "weight_decay": DECAY}, "madgrad",
     {"lr_plus_eps": True, "decay": "coupled"}, {"lr": LR, "momentum": B1, "eps": EPS, "weight_decay": DECAY}),
    ("pytorch_optimizer", "Tiger", {"lr": LR, "beta": B1, "weight_decay": DECAY}, "tiger", {},
     {"lr": LR, "beta1": B1, "weight_decay": DECAY}),
    ("pytorch_optimizer", "SGDW", {"lr": LR, "momentum": B1, "weight_decay": DECAY}, "sgdw",
     {"lr_placement": "outside"}, {"lr": LR, "momentum": B1, "weight_decay": DECAY}),
    ("pytorch_optimizer", "NovoGrad", {"lr": LR, "betas": (B1, B2), "eps": EPS}, "novograd",
     {"first": "with eps"}, ADAM | {"weight_decay": 0.0}),
    ("pytorch_optimizer", "Adan", {"lr": LR, "betas": (B1, B2, B3), "eps": EPS}, "adan", {},
     ADAM | {"beta3": B3, "weight_decay": 0.0}),
    ("pytorch_optimizer", "AdEMAMix", {"lr": LR, "betas": (B1, B2, B3), "alpha": 4.0, "t_alpha_beta3": 5.0,
                                       "eps": EPS}, "ademamix", {"schedule": "both"},
     ADAM | {"beta3": B3, "alpha": 4.0, "t_alpha": 5.0, "weight_decay": 0.0}),
    ("pytorch_optimizer", "AdaBound", {"lr": LR, "final_lr": 1 / 8, "betas": (B1, B2), "gamma": 1 / 4, "eps": EPS},
     "adabound", {"annealed": False, "bias_correction": True}, ADAM | {"final_lr": 1 / 8, "gamma": 1 / 4}),
    ("pytorch_optimizer", "SM3", {"lr": LR, "momentum": 0.0, "beta": 0.0, "eps": EPS}, "sm3",
     {"eps_placement": "inside"}, {"lr": LR, "eps": EPS}),
    ("pytorch_optimizer", "ScheduleFreeSGD", {"lr": LR, "momentum": B1}, "schedule_free_sgd", {"average": "t"},
     {"lr": LR, "momentum": B1}),
]  # fmt: skip


#: Those that keep a scalar in float32 whatever their parameters are, one or two of them in a step.
NARROW = {
    ("torch", "NAdam"),
    ("torch", "ASGD"),
    ("optax", "adafactor"),
    ("optax", "contrib.madgrad"),
    ("keras", "Adafactor"),
    ("pytorch_optimizer", "QHAdam"),
}


def allowed(claim):
    """As ``agree`` derives it, with two roundings of 2**-24 in each step where scalars are narrow."""
    return STEPS * 2 * 32 * 2.0**-24 if claim[:2] in NARROW else 2.0**-38


def both(claim, **changed):
    """x along the framework's run, in float64, and along the rule's, in decimals."""
    framework, name, arguments, rule, options, hypers = claim
    found, draw = rules.find(rule, **options), np.random.default_rng(7)
    shape = (2, 3) if "adafactor" in name.lower() or rule == "sm3" else (5,)
    x, gradients = draw.normal(size=shape), draw.normal(size=(STEPS, *shape))
    observed = [np.ravel(now) for now in RUN[framework](name, arguments, x, gradients)]
    with digits(DIGITS):
        exact = exact_trajectory(found, x, gradients, hypers | changed)["x"]
        return {"x": observed}, {"x": exact}


def label(claim):
    return f"{claim[0]}.{claim[1]} is {rules.find(claim[3], **claim[4]).label}"


@pytest.mark.parametrize("claim", CLAIMS, ids=label)
def test_the_framework_computes_the_rule(claim):
    observed, exact = both(claim)
    with digits(DIGITS):
        assert agree(observed, exact, allowed(claim))


#: What x shows nothing of here: how factors are scaled, what is done where a norm is 0, where a constant rate stands.
SILENT = {"factors", "guard", "lr_placement"}


@pytest.mark.parametrize("claim", [claim for claim in CLAIMS if claim[4].keys() - SILENT], ids=label)
def test_every_option_is_needed(claim):
    """With one of them as it is by default, the rule is another function than the framework's."""
    for name in claim[4].keys() - SILENT:
        rest = {key: value for key, value in claim[4].items() if key != name}
        defaults = {h.name: float(h.default) for h in rules.find(claim[3], **rest).program.hypers}
        observed, exact = both((*claim[:4], rest, defaults | claim[5]))
        with digits(DIGITS):
            assert not agree(observed, exact, allowed(claim)), name


@pytest.mark.parametrize("framework", RUN)
def test_another_rate_is_told_apart(framework):
    claim = next(claim for claim in CLAIMS if claim[0] == framework)
    observed, exact = both(claim, lr=LR + 2.0**-30)
    with digits(DIGITS):
        assert not agree(observed, exact)
