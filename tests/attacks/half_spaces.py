"""Half-spaces with inputs at one distance from the boundary, which meets the middle of the box."""

from dataclasses import dataclass

import numpy as np

from certiball.attacks.linear import LinearOracle
from certiball.spaces import Reals

BOX = Reals(low=0.0, high=1.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Half:
    oracle: LinearOracle
    inputs: np.ndarray

    @property
    def labels(self):
        return np.ones(len(self.inputs), dtype=np.int64)

    def times(self, found):
        """Distances in L2, as reported and to the boundary in the same direction, in true ones."""
        reported = np.linalg.norm((found.raw - self.inputs).reshape(len(self.inputs), -1), axis=1)
        rest = self.oracle.distance(found.raw)
        truth = self.oracle.distance(self.inputs)
        return reported / truth, reported / np.maximum(truth - rest, 1e-9)


def half_space(weights, count=4, sigma=0.0, n=1, space=BOX, apart=1.0):
    """Inputs [count, ...] of class 1; few dimensions have no room for a distance of 1."""
    weights = weights / np.linalg.norm(weights)
    bias = -weights.sum() / 2
    x = np.random.default_rng(0).uniform(0.2, 0.8, (count, *weights.shape))
    margins = np.tensordot(x, weights, axes=weights.ndim) + bias
    x = x + np.multiply.outer(apart - margins, weights)
    x = np.round(x * 255) / 255 if space is not BOX else x
    oracle = LinearOracle(weights=weights, bias=bias, sigma=sigma, n=n, seed=1, space=space)
    return Half(oracle=oracle, inputs=x.astype(np.float32))


def gaussian_weights(*shape):
    return np.random.default_rng(5).standard_normal(shape)


def drive(search, answer, most=10_000):
    """Run one search with answers(points) -> bool [k]; its asks, and what it returned."""
    asks = [next(search)]
    for _ in range(most):
        try:
            asks.append(search.send(answer(asks[-1].points)))
        except StopIteration as end:
            return asks, end.value
    return asks, None
