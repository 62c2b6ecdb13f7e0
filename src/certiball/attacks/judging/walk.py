"""The search of one ray: from an input through a point, for the nearest place that passes."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from certiball.shapes import Array

STEPS = 8  # halvings of the ray
# Places beyond a point that does not pass itself: one lucky answer can lead far astray.
FURTHER = (1.25, 1.6, 2.2, 3.5, 6.0, *(12.0 * 2**k for k in range(9)))
# Proofs of the place that the search came to: estimates may have ended too near.
OUTWARDS = (1.0, 1.03, 1.08, 1.2, 1.6)
TRIES = len(OUTWARDS)
CAUTION = 10  # the search asks for a level so much smaller, for its place to pass once more


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A place on the ray that is to be judged.

    Args:
        place: 0 is the input, 1 the point that was found.
        alpha: how often the judgement may err.
        proof: whether it is to prove something; else it only guides the search.
    """

    place: float
    alpha: float
    proof: bool


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A lower bound on the level, 0 where the rule has none, and whether the place passes."""

    level: float
    passed: bool


# It yields trials and is sent verdicts. It returns the bound for the point that was found, and
# the nearest place that passed a proof.
Walk: TypeAlias = Generator[Trial, Verdict, tuple[float, float | None]]


def walk(alpha: float, *, moved: bool) -> Walk:
    """First the point that was found, then the nearest place, then proofs of that.

    Where to look may depend on all verdicts; every proof is on noise of its own. With α/2 for
    the point and α/(2j(j + 1)) for the j-th place, any of them is false with probability ≤ α.

    Args:
        alpha: of all that is said of the input.
        moved: whether the point differs from the input; else there is no ray.
    """
    first = yield Trial(place=1.0, alpha=alpha / 2, proof=True)
    found = 1.0 if first.passed else None
    if not moved:
        return first.level, found
    nearest = yield from _search(alpha, first.passed)
    if nearest is None:
        return first.level, None
    for j, further in enumerate(OUTWARDS, start=1):
        place = nearest * further
        if first.passed and place >= 1:
            break
        if (yield Trial(place=place, alpha=alpha_of_try(alpha, j), proof=True)).passed:
            return first.level, place
    return first.level, found


def alpha_of_try(alpha: float, j: int) -> float:
    """α/(2j(j + 1)) for the j-th proof after the first: over all j they sum to α/2."""
    return alpha / (2 * j * (j + 1))


def _search(alpha: float, passed: bool) -> Generator[Trial, Verdict, float | None]:
    """The nearest place that seems to pass, or None: estimates, which prove nothing."""
    low, high = 0.0, 1.0
    if not passed:
        for place in FURTHER:
            low, high = high, place
            if (yield _look(place, alpha)).passed:
                break
        else:
            return None
    for _ in range(STEPS):
        middle = (low + high) / 2
        passed = (yield _look(middle, alpha)).passed
        low, high = (low, middle) if passed else (middle, high)
    return high


def _look(place: float, alpha: float) -> Trial:
    return Trial(place=place, alpha=alpha / CAUTION, proof=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class Ray:
    """From an input through a point: places on it, clipped to the box.

    Args:
        clean: the input [...], in the units of the space.
        far: the point [...].
        bounds: of the box.
    """

    clean: Array
    far: Array
    bounds: tuple[float, float]

    @property
    def moved(self) -> bool:
        """Whether the point is another than the input."""
        return bool((self.far != self.clean).any())

    def at(self, place: float) -> Array:
        """The input at 0, the point at 1."""
        point: Array = np.clip((1 - place) * self.clean + place * self.far, *self.bounds)
        return point
