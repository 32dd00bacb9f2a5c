"""Schedule-free SGD by hand."""

from typing import Any


def schedule_free_sgd(
    x: Any,
    g: Any,
    state: dict[str, Any],
    t: int,
    *,
    lr: float,
    momentum: float,
    weight_decay: float = 0.0,
    average: str = "t + 1",
    decay: str = "none",
) -> tuple[Any, dict[str, Any]]:
    """One step of Defazio et al. 2024: z' = z - lr g(y), a' = (1 - c) a + c z', y' = (1 - momentum) z' + momentum a'.

    ``x`` is their y, ``mean`` (a here) their x.
    """
    if decay == "coupled":
        g = g + weight_decay * x
    z, mean = (x, x) if t == 1 else (state["z"], state["mean"])
    z = z - lr * g
    count = t if average == "t" else t + 1
    mean = mean + (z - mean) / count
    return z + momentum * (mean - z), {"z": z, "mean": mean}
