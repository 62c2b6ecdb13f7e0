"""The same points asked about many times: what a random oracle answers, and how often."""

import numpy as np

from certiball.attacks.oracle import Oracle, Questions
from certiball.shapes import Array, Batch
from certiball.smoothed import encode_nearest

ROWS = 2**14  # votes asked for at once


def answers(oracle: Oracle, points: Batch, times: int, first: int = 0) -> Array:
    """The classes that an oracle answers, int64 [points, times].

    Args:
        oracle: what is asked.
        points: [k, ...], in the units of its space; rounded as a deployment rounds them.
        times: how often each is asked about.
        first: the number of each point's first question; other numbers meet other noise.

    Example:
        >>> from certiball.attacks.linear import LinearOracle
        >>> oracle = LinearOracle(weights=np.ones(4), bias=-2.0)
        >>> answers(oracle, np.array([[0.0] * 4, [1.0] * 4]), times=2).tolist()
        [[0, 0], [1, 1]]
    """
    encoded = encode_nearest(oracle.space, points)
    owners = np.repeat(np.arange(len(points)), times)
    numbers = np.tile(np.arange(first, first + times), len(points))
    found = np.empty(len(owners), dtype=np.int64)
    size = max(1, ROWS // max(1, oracle.forwards))
    for start in range(0, len(owners), size):
        part = slice(start, start + size)
        counts = oracle.counts(
            Questions(points=encoded[owners[part]], owners=owners[part], numbers=numbers[part])
        )
        found[part] = counts.argmax(axis=1)
    return found.reshape(len(points), times)


def wrong_answers(oracle: Oracle, points: Batch, label: int, times: int) -> Array:
    """How many of so many answers about each point [k, ...] are another class, [k]."""
    wrong: Array = (answers(oracle, points, times) != label).sum(axis=1)
    return wrong
