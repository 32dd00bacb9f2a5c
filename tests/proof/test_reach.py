"""How far the engine reaches: statements of many shapes, each decided, none of them in the library."""

from collections import namedtuple

import pytest
import sympy as sp
from sympy import Abs, Eq, Function, Max, Min, Ne, Piecewise, Rational, Sum, Symbol, sign, sqrt

from symopt.proof import check, every, prove

x, y, z, a, b, c, g, m, v, lr, eps, lam = (
    Symbol(n) for n in ("x", "y", "z", "a", "b", "c", "g", "m", "v", "lr", "eps", "lam")
)
beta, beta1, beta2 = Symbol("beta"), Symbol("beta1"), Symbol("beta2")
t = Symbol("t", integer=True, nonnegative=True)
n = Symbol("n", integer=True, positive=True)
i = Symbol("i", integer=True)
f, h, G = Function("f"), Function("h"), Function("G")
Question = namedtuple("Question", "name expected claim given")
QUESTIONS = []


def true(name, claim, given=()):
    QUESTIONS.append(Question(name, "proved", claim, given))


def false(name, claim, given=()):
    QUESTIONS.append(Question(name, "refuted", claim, given))


with sp.evaluate(False):
    true("amgm", x * y <= (x**2 + y**2) / 2)
    true("amgm3", x**3 + y**3 + z**3 >= 3 * x * y * z, [x >= 0, y >= 0, z >= 0])
    true("cauchy", (a * x + b * y) ** 2 <= (a**2 + b**2) * (x**2 + y**2))
    true("tri", Abs(x + y) <= Abs(x) + Abs(y))
    true("rtri", Abs(Abs(x) - Abs(y)) <= Abs(x - y))
    true("sqrtsub", sqrt(x + y) <= sqrt(x) + sqrt(y), [x >= 0, y >= 0])
    true("sqrtmono", sqrt(x) <= sqrt(y), [x >= 0, y >= x])
    true("sqrtsq", Eq(sqrt(x**2), Abs(x)))
    true("maxsum", Eq(Max(x, y) + Min(x, y), x + y))
    true("maxabs", Eq(Max(x, y), (x + y + Abs(x - y)) / 2))
    true("signabs", Eq(x * sign(x), Abs(x)))
    true("geom", Eq(Sum(beta**i, (i, 0, t)), (1 - beta ** (t + 1)) / (1 - beta)), [Ne(beta, 1)])
    true("geomb", Sum(beta**i, (i, 0, t)) <= 1 / (1 - beta), [beta >= 0, beta < 1])
    true("gauss", Eq(Sum(i, (i, 1, t)), t * (t + 1) / 2))
    true("sumsq", Eq(Sum(i**2, (i, 1, t)), t * (t + 1) * (2 * t + 1) / 6))
    true("sumcube", Eq(Sum(i**3, (i, 1, t)), (t * (t + 1) / 2) ** 2))
    true("bern", (1 + x) ** t >= 1 + t * x, [x >= 0])
    true("bern2", (1 + x) ** t >= 1 + t * x, [x >= -1])
    true("pow2", 2**t >= t + 1)
    true("pow2b", 2**t > t)
    true("betadec", beta ** (t + 1) <= beta**t, [beta >= 0, beta <= 1])
    true("betale1", beta**t <= 1, [beta >= 0, beta <= 1])
    true("corr", 1 - beta**n > 0, [beta >= 0, beta < 1])
    true(
        "ema bound",
        f(t) <= 1,
        [beta >= 0, beta < 1, Eq(f(0), 0), Eq(f(t), beta * f(t - 1) + (1 - beta) * G(t)), every(i, G(i) <= 1)],
    )
    true(
        "ema absbound",
        Abs(f(t)) <= c,
        [
            c >= 0,
            beta >= 0,
            beta < 1,
            Eq(f(0), 0),
            Eq(f(t), beta * f(t - 1) + (1 - beta) * G(t)),
            every(i, Abs(G(i)) <= c),
        ],
    )
    true(
        "ema tight",
        f(t) <= (1 - beta**t) * c,
        [c >= 0, beta >= 0, beta < 1, Eq(f(0), 0), Eq(f(t), beta * f(t - 1) + (1 - beta) * G(t)), every(i, G(i) <= c)],
    )
    true("fib-like", f(t) >= 0, [Eq(f(0), 1), Eq(f(t), f(t - 1) ** 2 + 1)])
    true("clip", Abs(Max(Min(g, c), -c)) <= c, [c >= 0])
    true("clipsame", Eq(Max(Min(g, c), -c), g), [c >= 0, Abs(g) <= c])
    true("huber", Piecewise((x**2 / 2, Abs(x) <= 1), (Abs(x) - Rational(1, 2), True)) >= 0)
    true("huberle", Piecewise((x**2 / 2, Abs(x) <= 1), (Abs(x) - Rational(1, 2), True)) <= x**2 / 2)
    true("relu", Eq(Max(x, 0) - Max(-x, 0), x))
    true("softsign", Abs(x / (1 + Abs(x))) < 1)
    true("normbound", Abs(g) / (sqrt(g**2 + eps)) < 1, [eps > 0])
    true("normbound2", Abs(g) / (sqrt(g**2) + eps) < 1, [eps > 0])
    true("hm", 2 * x * y / (x + y) <= (x + y) / 2, [x > 0, y > 0])
    true("gm", sqrt(x * y) <= (x + y) / 2, [x >= 0, y >= 0])
    true("young", x * y <= eps * x**2 / 2 + y**2 / (2 * eps), [eps > 0])
    true("conv", (a * x + (1 - a) * y) ** 2 <= a * x**2 + (1 - a) * y**2, [a >= 0, a <= 1])
    true("interval", x * (1 - x) <= Rational(1, 4))
    true("motzkin-ish", x**4 + y**4 >= x**3 * y + x * y**3)
    true("schur1", x * (x - y) * (x - z) + y * (y - x) * (y - z) + z * (z - x) * (z - y) >= 0, [x >= 0, y >= 0, z >= 0])
    true("quartic", x**4 - 2 * x**2 + 1 >= 0)
    true("quartic2", x**4 - 3 * x**2 + 3 > 0)
    true("odd", Ne(x**2 + 1, 0))
    true("rate", lr * Abs(m) / (sqrt(v) + eps) <= lr, [lr > 0, eps > 0, v >= 0, m**2 <= v])
    true("gd", (x - lr * x) ** 2 <= x**2, [lr >= 0, lr <= 2])
    true("gd quad", f(t) ** 2 <= f(0) ** 2, [lr >= 0, lr <= 2, Eq(f(0), a), Eq(f(t), f(t - 1) - lr * f(t - 1))])
    true("gd lin", Eq(f(t), (1 - lr) ** t * a), [Eq(f(0), a), Eq(f(t), f(t - 1) - lr * f(t - 1))])
    true("adagrad acc", f(t) >= f(0), [Eq(f(0), a), Eq(f(t), f(t - 1) + G(t) ** 2)])
    true("adagrad closed", Eq(f(t), Sum(G(i) ** 2, (i, 1, t))), [Eq(f(0), 0), Eq(f(t), f(t - 1) + G(t) ** 2)])
    true("amsgrad mono", f(n) >= f(n - 1), [Eq(f(0), 0), Eq(f(t), Max(f(t - 1), G(t)))])
    true("lr sched", 1 / sqrt(t + 1) <= 1)
    true("lr sched2", 1 / sqrt(n + 1) < 1 / sqrt(n))
    true("sqrt tele", 1 / sqrt(n) <= 2 * (sqrt(n) - sqrt(n - 1)))
    true("sum1/sqrt", Sum(1 / sqrt(i), (i, 1, t)) <= 2 * sqrt(t))
    true("sumlower", Sum(1 / sqrt(i), (i, 1, n)) >= sqrt(n))
    true("telescoping", Eq(Sum(1 / (i * (i + 1)), (i, 1, t)), t / (t + 1)))
    true("warmup", Min(1, t / 10) <= 1)
    true("swap", Eq(Sum(G(i) * a, (i, 1, t)), a * Sum(G(i), (i, 1, t))))
    true("lin", Eq(Sum(G(i) + 1, (i, 1, t)), t + Sum(G(i), (i, 1, t))))
    true(
        "emasum",
        Eq(f(t), (1 - beta) * Sum(beta ** (t - i) * G(i), (i, 1, t))),
        [Eq(f(0), 0), Eq(f(t), beta * f(t - 1) + (1 - beta) * G(t))],
    )
    true("poly ineq", 4 * x**2 + y**2 + 1 >= 2 * x * y + 2 * x)
    true("pw sign", Eq(Piecewise((1, x > 0), (-1, x < 0), (0, True)), sign(x)))
    true("ratio", (1 - beta1) / sqrt(1 - beta2) > 0, [beta1 >= 0, beta1 < 1, beta2 >= 0, beta2 < 1])
    true(
        "kingma sect2.1",
        (1 - beta1) * Abs(g) / sqrt((1 - beta2) * g**2) <= 1,
        [Ne(g, 0), beta1 >= 0, beta1 < 1, beta2 >= 0, beta2 < 1, 1 - beta1 <= sqrt(1 - beta2)],
    )
    true(
        "centered var",
        v - m**2 >= 0,
        [Eq(v, beta * a + (1 - beta) * g**2), Eq(m, beta * b + (1 - beta) * g), a >= b**2, beta >= 0, beta <= 1],
    )
    true("second-order rec", Eq(f(t), 2**t), [Eq(f(0), 1), Eq(f(t), 2 * f(t - 1))])
    true("two seqs", Eq(f(t), h(t) ** 2), [Eq(f(0), 1), Eq(f(t), 4 * f(t - 1)), Eq(h(0), 1), Eq(h(t), 2 * h(t - 1))])
    true("decay", f(t) <= a, [a >= 0, Eq(f(0), a), Eq(f(t), beta * f(t - 1)), beta >= 0, beta <= 1])
    true("gradnorm", sqrt(x**2 + y**2) <= Abs(x) + Abs(y))
    true(
        "clipnorm",
        sqrt((c * x / Max(c, sqrt(x**2 + y**2))) ** 2 + (c * y / Max(c, sqrt(x**2 + y**2))) ** 2) <= c,
        [c > 0],
    )
    true("sumpos", Sum((G(i) - 1) ** 2, (i, 1, t)) >= 0)
    true("summono", Sum(G(i), (i, 1, t)) <= Sum(h(i), (i, 1, t)), [every(i, G(i) <= h(i))])
    true("summono2", Sum(beta**i * G(i), (i, 1, t)) <= Sum(beta**i, (i, 1, t)), [beta >= 0, every(i, G(i) <= 1)])
    true("sumabs", Abs(Sum(G(i), (i, 1, t))) <= Sum(Abs(G(i)), (i, 1, t)))
    true("sumbias", Sum((1 - beta) / (1 - beta**i), (i, 1, t)) <= t, [beta >= 0, beta < 1])
    true(
        "jensen2",
        f(t) ** 2 <= h(t),
        [
            beta >= 0,
            beta < 1,
            Eq(f(0), 0),
            Eq(f(t), beta * f(t - 1) + (1 - beta) * G(t)),
            Eq(h(0), 0),
            Eq(h(t), beta * h(t - 1) + (1 - beta) * G(t) ** 2),
        ],
    )
    true(
        "amsgrad2",
        f(t) >= h(t),
        [
            Eq(f(0), 0),
            Eq(f(t), Max(f(t - 1), h(t))),
            Eq(h(0), 0),
            Eq(h(t), beta * h(t - 1) + (1 - beta) * G(t) ** 2),
            beta >= 0,
            beta < 1,
        ],
    )
    true("adamax", f(n) >= Abs(G(n)), [Eq(f(0), 0), Eq(f(t), Max(beta * f(t - 1), Abs(G(t)))), beta >= 0, beta < 1])
    true(
        "lion box",
        Abs(f(t)) <= 1 / lam,
        [
            lam > 0,
            lr > 0,
            lr * lam <= 1,
            Abs(a) <= 1 / lam,
            Eq(f(0), a),
            Eq(f(t), f(t - 1) - lr * (sign(G(t)) + lam * f(t - 1))),
        ],
    )
    true("sched", f(t) >= 0, [Eq(f(0), 1), Eq(f(t), f(t - 1) * (1 - 1 / (t + 1)))])
    true(
        "adagrad rate",
        lr / sqrt(f(n) + eps) <= lr / sqrt(f(n - 1) + eps),
        [lr > 0, eps > 0, Eq(f(0), 0), Eq(f(t), f(t - 1) + G(t) ** 2)],
    )
    false("f sumabs", Abs(Sum(G(i), (i, 1, t))) >= Sum(Abs(G(i)), (i, 1, t)))
    false("f summono", Sum(G(i), (i, 1, t)) <= t)
    false(
        "f lionbox",
        Abs(f(t)) <= 1,
        [lam > 0, lr > 0, Abs(a) <= 1, Eq(f(0), a), Eq(f(t), f(t - 1) - lr * (sign(G(t)) + lam * f(t - 1)))],
    )
    false("f amgm", x * y <= (x**2 + y**2) / 3)
    false("f tri", Abs(x + y) >= Abs(x) + Abs(y))
    false("f sqrt", sqrt(x + y) >= sqrt(x) + sqrt(y), [x >= 0, y >= 0])
    false("f sq", Eq(sqrt(x**2), x))
    false("f sum", Eq(Sum(i, (i, 1, t)), t * (t + 1) / 2 + 1))
    false("f bern", (1 + x) ** t >= 1 + t * x + 1, [x >= 0])
    false("f pow", 2**t > t**2)
    false("f pow3", 2**t >= t**3)
    false("f beta", beta ** (t + 1) < beta**t, [beta >= 0, beta < 1])
    false(
        "f ema",
        f(t) < c,
        [c >= 0, beta >= 0, beta < 1, Eq(f(0), 0), Eq(f(t), beta * f(t - 1) + (1 - beta) * G(t)), every(i, G(i) <= c)],
    )
    false("f quart", x**4 - 3 * x**2 + 2 > 0)
    false("f ineq", x**2 * y <= 3, [x >= 0, x <= 2, y >= 0, y <= 1])
    false("f young", x * y <= x**2 / 4 + y**2 / 2)
    false("f max", Eq(Max(x, y), x + y))
    false("f thin", (x - Rational(1, 3)) ** 2 > 0)
    false("f sys", x * y <= 1, [Eq(x + y, 3)])
    false("f pw", Piecewise((x, x < 5), (10 - x, True)) <= 4)
    false("f adamb", lr * Abs(m) / (sqrt(v) + eps) <= lr, [lr > 0, eps > 0, v >= 0])


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.name)
def test_it_is_decided(question):
    answer = prove(question.claim, question.given)
    assert answer.verdict == question.expected, answer.reason
    check(answer.certificate)


def test_the_names_are_told_apart():
    assert len({q.name for q in QUESTIONS}) == len(QUESTIONS)
