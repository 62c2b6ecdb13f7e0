"""Figure 3: where bisections end that believe every answer of a random g."""

from dataclasses import dataclass

import numpy as np

from certiball.attacks.oracle import Oracle, Questions
from certiball.shapes import Array
from certiball.smoothed import encode_nearest
from certiball.study.way import Way

STEPS = 12


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """Where repeated bisections ended.

    Args:
        n: votes of each answer.
        places: of the ends, from the boundary of f; negative on the side of the image.
    """

    n: int
    places: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Their mean."""
        return float(np.mean(self.places))

    @property
    def deviation(self) -> float:
        """Their standard deviation."""
        return float(np.std(self.places, ddof=1)) if len(self.places) > 1 else 0.0


def endpoints(
    oracle: Oracle, way: Way, low: float, high: float, repeats: int, *, n: int
) -> Endpoints:
    """Bisect from a place taken as right to one taken as wrong, many times over.

    Each halving believes one answer. All repetitions go on together; each is its own owner, so
    that it meets its own noise.

    Args:
        oracle: g.
        way: to bisect along.
        low: a place where the answer is taken to be right.
        high: one where it is taken to be wrong.
        repeats: how often.
        n: votes of each answer, for the record.
    """
    lows, highs = np.full(repeats, low), np.full(repeats, high)
    for step in range(STEPS):
        middles = (lows + highs) / 2
        wrong = _wrong(oracle, way, middles, step)
        highs = np.where(wrong, middles, highs)
        lows = np.where(wrong, lows, middles)
    return Endpoints(n=n, places=tuple(map(float, (lows + highs) / 2)))


def _wrong(oracle: Oracle, way: Way, places: Array, step: int) -> Array:
    owners = np.arange(len(places))
    points = encode_nearest(oracle.space, way.at(places))
    asked = Questions(points=points, owners=owners, numbers=np.full(len(places), step))
    wrong: Array = oracle.counts(asked).argmax(axis=1) != way.label
    return wrong
