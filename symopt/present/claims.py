"""The claims of the article "Adam优化器详解" (Adam explained), in our words, and its remarks.

Its notation: s is the running square, v the running mean, Δx the second accumulator of AdaDelta, and all start at 0.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ArticleClaim:
    """One claim: what is asserted; the formula as printed and as it should be, in LaTeX, where there is one.

    ``rules`` are those that it speaks of: theorems about others are left to the claims on those.
    """

    number: int
    system: str
    text: str
    printed: str = ""
    corrected: str = ""
    rules: tuple[str, ...] = ()


PLUS_ADAGRAD = r"x_t = x_{t-1} + \frac{\eta}{\sqrt{s_t + \varepsilon}} \odot g_t"
MINUS_ADAGRAD = r"x_t = x_{t-1} - \frac{\eta}{\sqrt{s_t + \varepsilon}} \odot g_t"
PLUS_ADADELTA = r"x_t = x_{t-1} + \frac{\sqrt{\Delta x_{t-1} + \varepsilon}}{\sqrt{s_t + \varepsilon}} \odot g_t"
MINUS_ADADELTA = r"x_t = x_{t-1} - \frac{\sqrt{\Delta x_{t-1} + \varepsilon}}{\sqrt{s_t + \varepsilon}} \odot g_t"
ADADELTA_STEP = r"g'_t = \frac{\sqrt{\Delta x_{t-1} + \varepsilon}}{\sqrt{s_t + \varepsilon}} \odot g_t"
ADAM_MEANS = r"v_t = \beta_1 v_{t-1} + (1 - \beta_1) g_t,\quad s_t = \beta_2 s_{t-1} + (1 - \beta_2)\, g_t \odot g_t"

CLAIMS = (
    ArticleClaim(
        1,
        "SGD",
        "Gradient descent moves every coordinate with one and the same rate.",
        r"\Delta x_i = -\eta\, g_i",
    ),
    ArticleClaim(
        2,
        "AdaGrad",
        "The accumulator is the sum of all squared gradients so far.",
        r"s_t = s_{t-1} + g_t \odot g_t",
        rules=("adagrad",),
    ),
    ArticleClaim(
        3,
        "AdaGrad",
        "The update, printed with a plus, descends (tried on half the square of x).",
        PLUS_ADAGRAD,
        MINUS_ADAGRAD,
        ("adagrad",),
    ),
    ArticleClaim(
        4,
        "AdaGrad",
        "With a minus, the step never goes along the gradient, and is 0 only where the gradient is.",
        r"g \cdot \Delta x \le 0",
        rules=("adagrad",),
    ),
    ArticleClaim(
        5,
        "AdaGrad",
        "The small constant keeps the radicand from becoming negative. It never is: what the constant prevents is 0/0.",
        r"\frac{\eta}{\sqrt{s_t + \varepsilon}}",
        r"s_t \ge 0 \ \text{with every}\ \varepsilon \ge 0;\qquad s_t = 0 \ \text{while all gradients are}\ 0",
    ),
    ArticleClaim(
        6,
        "AdaGrad",
        "The accumulator grows with time: it never decreases, but stays where a gradient is 0.",
        r"s_{t+1} \ge s_t",
    ),
    ArticleClaim(
        7,
        "AdaGrad",
        "The effective rate never grows, and is at most the rate over the present gradient's absolute value.",
        r"\frac{\eta}{\sqrt{s_t + \varepsilon}} \le \frac{\eta}{\left|g_t\right|}",
    ),
    ArticleClaim(
        8,
        "AdaGrad",
        "The code beside the formula computes the formula. It steps before it adds the square, with 1 under the root.",
        r"x_t = x_{t-1} - \frac{\eta}{\sqrt{s_{t-1} + 1}}\, g_t \quad \text{(the code, minus for plus)}",
        MINUS_ADAGRAD,
    ),
    ArticleClaim(
        9,
        "RMSProp",
        "The running square is a weighted sum of squared gradients, between the least and the greatest of them times "
        "one minus the decay rate's power.",
        r"s_t = (1 - \gamma) \sum_{i=1}^{t} \gamma^{t-i} g_i^2",
        rules=("rmsprop",),
    ),
    ArticleClaim(
        10,
        "RMSProp",
        "The larger the decay rate, the slower the running square changes.",
        r"\left|s_t - s_{t-1}\right| = (1 - \gamma) \left|g_t^2 - s_{t-1}\right|",
    ),
    ArticleClaim(
        11,
        "RMSProp",
        "As with AdaGrad, the effective rate never grows. It may; bounded gradients keep it away from 0, whereas "
        "AdaGrad's falls to 0 under a constant gradient.",
        r"\frac{\eta}{\sqrt{s_{t+1} + \varepsilon}} \le \frac{\eta}{\sqrt{s_t + \varepsilon}}",
        r"\left|g_i\right| \le G \ \text{for all}\ i \implies "
        r"\frac{\eta}{\sqrt{s_t + \varepsilon}} \ge \frac{\eta}{\sqrt{G^2 + \varepsilon}}",
    ),
    ArticleClaim(
        12,
        "AdaDelta",
        "The update, printed with a plus, descends.",
        PLUS_ADADELTA,
        MINUS_ADADELTA,
        ("adadelta",),
    ),
    ArticleClaim(
        13,
        "AdaDelta",
        "No learning rate is needed, as the step has the units of x. That is so if the constant under each root has "
        "the units of what it is added to.",
    ),
    ArticleClaim(
        14,
        "AdaDelta",
        "The second recurrence, printed as an assignment to x, is Zeiler's algorithm.",
        r"x_t = \rho\, x_{t-1} + (1 - \rho)\, g'_t \odot g'_t,\quad " + ADADELTA_STEP,
        r"\Delta x_t = \rho\, \Delta x_{t-1} + (1 - \rho)\, g'_t \odot g'_t",
    ),
    ArticleClaim(
        15,
        "AdaDelta",
        "The first step is small, whatever the gradient.",
        r"\left|g'_1\right| < \frac{\sqrt{\varepsilon}}{\sqrt{1 - \rho}}",
    ),
    ArticleClaim(
        16,
        "Adam",
        "Both moments are weighted sums of the past.",
        ADAM_MEANS,
        rules=("adam",),
    ),
    ArticleClaim(
        17,
        "Adam",
        "The weights of the running mean sum to one minus the decay rate's power.",
        r"(1 - \beta_1) \sum_{i=1}^{t} \beta_1^{t-i} = 1 - \beta_1^t",
    ),
    ArticleClaim(
        18,
        "Adam",
        "After the correction the weights sum to 1, at every step.",
        r"\frac{1 - \beta_1}{1 - \beta_1^t} \sum_{i=1}^{t} \beta_1^{t-i} = 1",
    ),
    ArticleClaim(
        19,
        "Adam",
        "Under a constant gradient the corrected moments are the gradient and its square; under gradients of constant "
        "mean the corrected first moment has that mean.",
        r"\hat v_t = g,\quad \hat s_t = g^2,\qquad \mathbb{E}[\hat v_t] = \mathbb{E}[g]",
        rules=("adam",),
    ),
    ArticleClaim(
        20,
        "Adam",
        "Read as printed, the corrected moments overwrite the states: another algorithm from the second step on.",
        r"v_t = \frac{v_t}{1 - \beta_1^t},\quad s_t = \frac{s_t}{1 - \beta_2^t}",
        r"\hat v_t = \frac{v_t}{1 - \beta_1^t},\quad \hat s_t = \frac{s_t}{1 - \beta_2^t}",
    ),
    ArticleClaim(
        21,
        "Adam",
        "Without first moment and correction Adam is RMSProp. That is so with the small constant in the same place, "
        "and not otherwise.",
    ),
    ArticleClaim(
        22,
        "Adam",
        "Without second moment and correction Adam is momentum: a running mean is heavy ball with a smaller rate. With "
        "the correction kept it is not.",
        r"v_t = \beta_1 v_{t-1} + (1 - \beta_1) g_t,\ x_t = x_{t-1} - \eta v_t \quad\text{and}\quad "
        r"u_t = \beta_1 u_{t-1} + g_t,\ x_t = x_{t-1} - \eta (1 - \beta_1) u_t",
    ),
    ArticleClaim(
        23,
        "Adam",
        "Adam avoids divergent updates, read as: no step is longer than the rate. That is so for equal decay rates; in "
        "general a bound with a factor holds.",
        r"\left|\Delta x_t\right| \le \eta",
        r"\left|\Delta x_t\right| \le \eta\, \frac{\sqrt{K_t (1 - \beta_2^t)}}{1 - \beta_1^t},\quad "
        r"K_{t+1} = \frac{\beta_1^2}{\beta_2} K_t + \frac{(1 - \beta_1)^2}{1 - \beta_2},\quad K_0 = 0",
    ),
    ArticleClaim(24, "Adam", "The first step is shorter than the rate.", r"\left|\Delta x_1\right| < \eta"),
    ArticleClaim(
        25,
        "Adam",
        "As the second decay rate goes to 1, the corrected second moment goes to the plain mean of the squares, "
        "which is AdaGrad's sum over t.",
        r"\lim_{\beta_2 \to 1} \hat s_t = \frac{1}{t} \sum_{i=1}^{t} g_i^2",
    ),
)

REMARKS = (
    "The decay rates of RMSProp and of AdaDelta are usually given the same value.",
    "A rate that has become too small may stall the training.",
)
