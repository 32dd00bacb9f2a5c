"""Multinomial logistic regression on scikit-learn's digits: the data, the loss, its gradient, and what bounds them."""

from functools import cached_property

import numpy as np
import pytest
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

STEPS, BATCH, HELD_OUT = 300, 128, 450


class Digits:
    """1797 images of 64 pixels in [0, 1], a constant 1 beside them; weights x have shape (65, 10)."""

    def __init__(self):
        data = load_digits()
        order = np.random.default_rng(0).permutation(len(data.target))
        images = np.hstack([data.data / 16, np.ones((len(order), 1))]).astype("float32")
        self.test = images[order[:HELD_OUT]], data.target[order[:HELD_OUT]]
        self.train = images[order[HELD_OUT:]], data.target[order[HELD_OUT:]]
        draw = np.random.default_rng(1)
        self.batches = [draw.integers(len(self.train[1]), size=BATCH) for _ in range(STEPS)]

    def start(self):
        return np.zeros((65, 10), "float32")

    def gradient(self, x, t):
        """Of the mean cross-entropy of the t-th batch, in float32."""
        images, labels = (part[self.batches[t - 1]] for part in self.train)
        scores = images @ x
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        chances[np.arange(BATCH), labels] -= 1
        return (images.T @ chances / np.float32(BATCH)).astype("float32")

    @cached_property
    def _wide(self):
        return self.train[0].astype(float)

    def loss(self, x):
        """The mean cross-entropy on all training images, in float64."""
        scores = self._wide @ x.astype(float)
        top = scores.max(axis=1)
        logs = top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
        return float((logs - scores[np.arange(len(top)), self.train[1]]).mean())

    def loss_error(self, x):
        """A bound on what ``loss`` errs by in float64, with u = 2**-53 and S the largest sum of |pixel * weight|.

        A score is a sum of 65 products, so off by 66uS at most in any order; log-sum-exp and the score taken off
        are 1-Lipschitz in the largest change: 132uS. Evaluation: the difference from the top, at most 2S large,
        2uS; exp and log within 4 ulp, 8u and 8u*log(10); the sum of ten, 9u; two more sums, u(3S + 2 log(10)).
        Together less than u(140S + 50). The mean of N losses, each below 2S + log(10), adds (N + 1)u of that size.
        """
        sums = float((np.abs(self._wide) @ np.abs(x.astype(float))).max()) * (1 + 2**-40)
        count = len(self.train[1])
        return 2.0**-53 * (140 * sums + 50 + (count + 1) * (2 * sums + 3)) * (1 + 2**-20)

    @cached_property
    def slope(self):
        """A Lipschitz constant of the exact loss in the Frobenius norm of x.

        The gradient of one loss is the outer product of its image a and p - e, p the chances and e the label's unit
        vector; ||p - e|| <= sqrt(2), so the mean's gradient is at most sqrt(2) times the mean of ||a||.
        """
        return float(np.sqrt(2) * np.linalg.norm(self._wide, axis=1).mean()) * (1 + 2**-40)

    def accuracy(self, x):
        """On the held-out images."""
        images, labels = self.test
        return float(((images @ x).argmax(axis=1) == labels).mean())


@pytest.fixture(scope="package")
def digits():
    """On one thread, so that sums have one order and the tests repeat."""
    with threadpool_limits(limits=1):
        yield Digits()
