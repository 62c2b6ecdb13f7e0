"""Figure 1: how often g answers wrongly, on the way past the boundary of f."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from certiball.attacks.oracle import Oracle
from certiball.errors import InputError
from certiball.statistics.binomial import lower_bound, upper_bound
from certiball.study.asking import wrong_answers
from certiball.study.way import Way

PLACES = 21
FURTHER = 1.6  # the way is drawn so much further than where g is wrong
DOUBLINGS = 8
MOSTLY = 0.9  # wrong so often: far enough
TAIL = 0.025  # of the bounds, on either side


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """Answers of g at places along a way.

    Args:
        n: votes of each answer.
        calls: answers at each place.
        places: distances from the boundary of f, negative on the side of the image.
        wrong: how many of the answers there are another class than the image's.
    """

    n: int
    calls: int
    places: tuple[float, ...]
    wrong: tuple[int, ...]

    @property
    def shares(self) -> tuple[float, ...]:
        """How often g is wrong at each place, as measured."""
        return tuple(count / self.calls for count in self.wrong)

    @property
    def bounds(self) -> tuple[tuple[float, float], ...]:
        """Two-sided 95 % Clopper–Pearson intervals of each by itself."""
        return tuple(
            (lower_bound(count, self.calls, TAIL), upper_bound(count, self.calls, TAIL))
            for count in self.wrong
        )

    @property
    def half(self) -> float | None:
        """Where the share first reaches ½, interpolated; None where it never does."""
        return first_crossing(self.places, self.shares)


def first_crossing(places: tuple[float, ...], shares: tuple[float, ...]) -> float | None:
    """Where values first reach ½ between two places, on a straight line between them.

    Example:
        >>> first_crossing((0.0, 1.0, 2.0), (0.1, 0.3, 0.7))
        1.5
    """
    for place in range(1, len(places)):
        before, after = shares[place - 1], shares[place]
        if before < 0.5 <= after:
            part = (0.5 - before) / (after - before)
            return places[place - 1] + part * (places[place] - places[place - 1])
    return None


def crossings(
    oracles: Mapping[int, Oracle], way: Way, sigma: float, calls: int
) -> tuple[Crossing, ...]:
    """How often g answers wrongly along a way, for each number of votes.

    Args:
        oracles: of g, by n.
        way: through the boundary of f.
        sigma: of the noise; the range is found by doubling it.
        calls: answers at each place.

    Raises:
        InputError: if there is no oracle.
    """
    if not oracles:
        raise InputError("the figure needs g at 1 number of votes at least, and got none")
    far = reach(oracles[max(oracles)], way, sigma, calls)
    places = np.linspace(-min(way.boundary, far / 2), far, PLACES)
    return tuple(
        Crossing(
            n=n,
            calls=calls,
            places=tuple(map(float, places)),
            wrong=tuple(map(int, wrong_answers(oracle, way.at(places), way.label, calls))),
        )
        for n, oracle in sorted(oracles.items())
    )


def reach(oracle: Oracle, way: Way, sigma: float, calls: int) -> float:
    """How far behind the boundary of f an oracle is mostly wrong, and somewhat further.

    Where it never is, 256σ: g may answer the first class as far as that, or a third one.
    """
    far = sigma
    for _ in range(DOUBLINGS):
        if wrong_answers(oracle, way.at(np.array([far])), way.label, calls)[0] >= MOSTLY * calls:
            break
        far *= 2
    return FURTHER * far
