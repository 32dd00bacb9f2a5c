"""The four formats of every variant: complete, well formed, and made from the Program alone."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
import sympy as sp

from symopt import present, rules
from symopt.language import Definition, InputError, Program, decay, rate, rule, state, where
from symopt.present.latex import symbol_names

VARIANTS = [variant for name in rules.names() for variant in rules.find(name).variants()]
VARIANTS = [variant for name in rules.names() for variant in rules.find(name).variants()]

ADAM = """\
adam: Adam: the first moment divided by the root of the second, both corrected for their start at 0.
source: Kingma & Ba 2015, arXiv:1412.6980, Algorithm 1

options
  eps_placement    = outside  of outside, inside, hat, both
  bias_correction  = True     of True, False
  decay            = none     of none, coupled
  maximize         = False    of False, True

inputs
  x      parameter
  g      gradient
  t      step = 1, 2, ...
  m      state, 0 before the first step
  v      state, 0 before the first step, v >= 0
  lr     = 0.001, 0 < lr
  beta1  = 0.9, 0 <= beta1 < 1
  beta2  = 0.999, 0 <= beta2 < 1
  eps    = 1e-8, 0 <= eps

step
  m'     = beta1*m + (1 - beta1)*g
  v'     = beta2*v + (1 - beta2)*g**2
  m_hat  = m'/(1 - beta1**t)
  v_hat  = v'/(1 - beta2**t)
  x'     = x - lr*m_hat/(sqrt(v_hat) + eps)
  return x = x', m = m', v = v'"""

ADAM_LATEX = r"""\begin{align*}
m_{t} &= \beta_{1} m_{t-1} + \left(1 - \beta_{1}\right) g_{t} \\
v_{t} &= \beta_{2} v_{t-1} + \left(1 - \beta_{2}\right) g_{t}^{2} \\
\hat{m}_{t} &= \frac{m_{t}}{1 - \beta_{1}^{t}} \\
\hat{v}_{t} &= \frac{v_{t}}{1 - \beta_{2}^{t}} \\
x_{t} &= x_{t-1} - \frac{\eta \hat{m}_{t}}{\sqrt{\hat{v}_{t}} + \varepsilon}
\end{align*}"""


def test_adam_in_text():
    assert present.show(rules.find("adam")) == ADAM


def test_adam_in_latex():
    assert present.show(rules.find("adam"), "latex") == ADAM_LATEX


def unbalanced(tex):
    """What is opened in LaTeX and not closed, or closed and not opened."""
    opened = []
    pairs = {"}": "{", r"\right": r"\left", r"\end": r"\begin"}
    for token in re.findall(r"\\left|\\right|\\begin|\\end|(?<!\\)[{}]", tex):
        if token not in pairs:
            opened.append(token)
        elif not opened or opened.pop() != pairs[token]:
            return token
    return opened


@pytest.mark.parametrize(("tex", "fault"), [(r"\frac{a}{b", ["{"]), (r"a}", "}"), (r"\left(a", [r"\left"])])
def test_a_missing_brace_is_seen(tex, fault):
    assert unbalanced(tex) == fault


@pytest.mark.parametrize("found", VARIANTS, ids=lambda r: r.label)
def test_latex_is_well_formed_and_complete(found):
    tex, names = present.latex(found.program), symbol_names(found.program)
    assert not unbalanced(tex)
    terms = tex.replace(r"\\", "\n").replace(r"\begin{cases}", "\n").replace(r"\leq ", "<").replace(r"\geq ", ">")
    doubled = r"\\left\(\\left\([^()]*\\right\)\\right\)"
    assert not re.search(doubled + r"|\b1 [a-z\\]|[a-z}] \d|--|- -|\+ -|'", terms)
    assert len(set(names.values())) == len(names), "every symbol has a name of its own"
    read = {symbol for line in found.program.definitions for symbol in line.expr.free_symbols}
    assert all(names[symbol] in tex for symbol in read)
    assert {hyper.name for hyper in found.program.hypers} <= {symbol.name for symbol in read}
    assert tex.count("&=") == len(found.program.definitions)


@pytest.mark.parametrize("found", VARIANTS, ids=lambda r: r.label)
def test_every_name_appears_in_text_and_markdown(found):
    program = found.program
    for shown in (present.text(found), present.markdown(found), present.text(program), present.markdown(program)):
        for declared in (*program.hypers, *program.states):
            assert re.search(rf"\b{declared.name}\b", shown)
        for line in program.definitions:
            assert re.search(rf"^ *{line.symbol.name} +=", shown, re.MULTILINE)
        assert program.cites in shown
    assert found.summary in present.text(found)


def test_latex_follows_the_body():
    def shown(body):
        return present.latex(rule(cites="nobody 2000", lr=rate(1), m=state())(body))

    def one(s):
        s.x = s.x - s.lr * s.g

    def two(s):
        s.x = s.x + s.lr * s.g / (1 + s.g**2)

    assert shown(one).splitlines()[1] == r"x_{t} &= x_{t-1} - \eta g_{t}"
    assert shown(two).splitlines()[1] == r"x_{t} &= x_{t-1} + \frac{\eta g_{t}}{1 + g_{t}^{2}}"


def test_latex_of_names_and_versions():
    @rule(cites="nobody 2000", rho=decay(0.5), kappa=rate(1), theta1=rate(1), m=state(), v_max=state(), kept=state())
    def named(s: Any) -> None:
        """Names."""
        s.g = s.g * s.rho
        s.g = s.g + s.kept
        s.g = s.g + s.kappa
        s.m = s.m + s.g**2
        s.m = s.m / s.theta1
        s.m1_bar = s.m - s.v_max
        s.v_max = s.v_max + s.m1_bar
        s.x = where(s.g > 0, s.x, s.m)
        s.x = s.x + s.v_max

    cases = (
        r"\begin{cases} x_{t-1} & \text{for}\: \tilde{g}_{t}^{\prime\prime} > 0 \\m_{t} & \text{otherwise} \end{cases}"
    )
    assert present.latex(named).splitlines()[1:-1] == [
        r"\tilde{g}_{t} &= g_{t} \rho \\",
        r"\tilde{g}_{t}^{\prime} &= \tilde{g}_{t} + \mathrm{kept}_{t-1} \\",
        r"\tilde{g}_{t}^{\prime\prime} &= \tilde{g}_{t}^{\prime} + \kappa \\",
        r"\tilde{m}_{t} &= m_{t-1} + \left(\tilde{g}_{t}^{\prime\prime}\right)^{2} \\",
        r"m_{t} &= \frac{\tilde{m}_{t}}{\theta_{1}} \\",
        r"\bar{m}_{1,t} &= m_{t} - v_{\mathrm{max},t-1} \\",
        r"v_{\mathrm{max},t} &= v_{\mathrm{max},t-1} + \bar{m}_{1,t} \\",
        rf"\tilde{{x}}_{{t}} &= {cases} \\",
        r"x_{t} &= \tilde{x}_{t} + v_{\mathrm{max},t} \\",
        r"\mathrm{kept}_{t} &= \mathrm{kept}_{t-1}",
    ]


a, b, c = sp.symbols("a b c")


def latex_of(expr):
    """The expression with its own names, in a Program that assigns it to x."""
    line = Definition(sp.Symbol("x'"), expr, "element")
    hypers = tuple(replace(rate(1), name=symbol.name) for symbol in sorted(expr.free_symbols, key=str))
    program = Program("shown", hypers, (), (line,), (("x", line.symbol),))
    return present.latex(program).splitlines()[1].removeprefix("x_{t} &= ")


with sp.evaluate(False):
    RENDERED = [
        (a - b / b, r"a - \frac{b}{b}"),
        (a - (-b) * c, r"a - \left(- b c\right)"),
        (a / b / c, r"\frac{a}{b c}"),
        (a / b * c, r"\frac{a}{b} c"),
        (a * 2, r"a \cdot 2"),
        (a * sp.Rational(7, 2), r"a \cdot \frac{7}{2}"),
        (-(a + b) * c, r"- \left(a + b\right) c"),
        (-a / b, r"- \frac{a}{b}"),
        (a / (b / c), r"\frac{a}{\frac{b}{c}}"),
        (a**-2, r"\frac{1}{a^{2}}"),
        (1 / sp.sqrt(a), r"\frac{1}{\sqrt{a}}"),
        (sp.Abs(a - b) * sp.sign(c), r"\left|{a - b}\right| \operatorname{sign}{\left(c \right)}"),
        (sp.Max(a, b) ** 2, r"\max\left(a, b\right)^{2}"),
    ]


@pytest.mark.parametrize(("expr", "tex"), RENDERED, ids=[tex for _, tex in RENDERED])
def test_how_latex_looks(expr, tex):
    assert latex_of(expr) == tex


def test_latex_never_evaluates_where_sympy_does():
    """The reason for printing sums ourselves; when SymPy is cured, that can go."""
    with sp.evaluate(False):
        sum_of_sums = a + (-b + c - c)
    assert sp.latex(sum_of_sums, order="none") == "a - b"
    assert latex_of(sum_of_sums) == r"a + \left(- b + c - c\right)"


@pytest.mark.parametrize("found", VARIANTS, ids=lambda r: r.label)
def test_json_is_plain_exact_and_stable(found):
    data = present.data(found)
    assert json.loads(present.json(found)) == data
    assert present.json(found) == present.json(replace(found))
    assert list(data) == [
        "name", "summary", "cites", "options", "hyperparameters", "states", "lines", "results",
    ]  # fmt: skip
    assert {option["name"]: option["value"] for option in data["options"]} == found.setting
    for hyper, shown in zip(found.program.hypers, data["hyperparameters"], strict=True):
        assert (shown["name"], shown["default_exact"]) == (hyper.name, str(hyper.default))
    assert [line["symbol"] for line in data["lines"]] == [line.symbol.name for line in found.program.definitions]
    assert set(data["results"]) == {"x", *(s["name"] for s in data["states"])}
    assert "summary" not in present.data(found.program)


def test_the_same_in_another_process():
    """No order of a set or a hash shows."""
    code = (
        "from symopt import present, rules\n"
        "for f in present.FORMATS: print(present.show(rules.find('adam', decay='coupled', maximize=True), f))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(runs) == 1


def test_markdown_has_its_parts():
    shown = present.markdown(rules.find("adam"))
    assert shown.startswith("# adam\n\nAdam: the first moment")
    assert "| hyperparameter | `beta2` | 0.999 | `0 <= beta2 < 1` |" in shown
    assert "| option | `eps_placement` | `outside` | `outside`, `inside`, `hat`, `both` |" in shown
    assert "$$\n\\begin{aligned}\nm_{t} &=" in shown
    assert "```text\nm'     = beta1*m + (1 - beta1)*g\n" in shown


def test_the_catalogs_table_has_one_row_for_every_rule():
    found = [rules.find(name) for name in rules.names()]
    head, dashes, *rows = present.catalog_table(found).splitlines()
    assert [row.split(" | ")[0] for row in rows] == [f"| `{name}`" for name in rules.names()]
    assert len({line.count(" | ") for line in (head, dashes, *rows)}) == 1
    for rule_, row in zip(found, rows, strict=True):
        assert rule_.cites in row
        assert rule_.summary in row
        assert all(f"`{h.name}` = " in row for h in rule_.hypers)
        assert all(f"`{value}`" in row for option in rule_.options for value in option.values)


@pytest.mark.parametrize("format", ["html", "", "TEXT", None, ["text"]])
def test_an_unknown_format_is_refused(format):
    with pytest.raises(InputError, match=r"^format = .*must be one of text, latex, markdown, json$"):
        present.show(rules.find("sgd"), format)


@pytest.mark.parametrize("subject", ["adam", None, 3])
def test_only_rules_and_programs_are_shown(subject):
    with pytest.raises(InputError, match=r"^subject = .*must be a Rule or a Program$"):
        present.show(subject)
