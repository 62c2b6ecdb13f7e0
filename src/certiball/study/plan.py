"""How large a study is: everything that its numbers depend on besides networks and data."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from certiball.errors import InputError
from certiball.numbers import as_whole

LEAST = {
    **dict.fromkeys(("images", "queries", "certified", "counted", "calls"), 1),
    "judged": 100,
    "samples": 100,
    "side": 3,
    "repeats": 2,
}
MOST = 10**6
SPACES = ("reals", "grid")


@dataclass(frozen=True, kw_only=True)
class StudyPlan:
    """How large a study is.

    Args:
        images: that are attacked in each cell.
        queries: about each, at most.
        votes: n of the smoothed defences, ascending.
        sigmas: of the base network under noise, ascending.
        trained: σ that networks were trained on noise for; each is deployed at its own, with the
            most votes.
        levels: P_a, ascending.
        judged: votes of a judgement on fresh noise.
        certified: images of the curves.
        samples: votes of each certificate.
        counted: images that accuracies are measured on.
        calls: answers of g at each place of figure 1.
        repeats: bisections of figure 3, for each n.
        side: points along a side of figure 2.
        space: "reals", where attacks move freely, or "grid", where a deployment rounds them.
        seed: of everything.

    Raises:
        InputError: for a number out of range, or lists that are empty or not ascending.

    Example:
        >>> StudyPlan(images=200, queries=2000, votes=(10, 50, 100)).levels
        (0.5, 0.8)
    """

    images: int = 16
    queries: int = 300
    votes: tuple[int, ...] = (1, 10, 50)
    sigmas: tuple[float, ...] = (0.12, 0.25)
    trained: tuple[float, ...] = (0.25,)
    levels: tuple[float, ...] = (0.5, 0.8)
    judged: int = 1000
    certified: int = 200
    samples: int = 1000
    counted: int = 200
    calls: int = 100
    repeats: int = 200
    side: int = 41
    space: str = "reals"
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in LEAST.items():
            number = as_whole(name, getattr(self, name))
            if not least <= number <= MOST:
                raise InputError(f"{name} must be from {least} to {MOST}, not {number}")
        for name in ("votes", "sigmas", "levels"):
            _check_ascending(name, getattr(self, name))
        if self.trained:
            _check_ascending("trained", self.trained)
        if max(self.levels) >= 1:
            raise InputError(f"levels must be below 1, not {max(self.levels)}: .5,.8 are usual")
        if self.space not in SPACES:
            raise InputError(f"space must be {' or '.join(SPACES)}, not {self.space!r}")
        if not 0 <= as_whole("seed", self.seed) < 2**64:
            raise InputError(f"seed must be from 0 to 2⁶⁴ − 1, not {self.seed}")

    @property
    def most_images(self) -> int:
        """As many are asked for at once."""
        return max(self.images, self.counted, self.certified)


def _check_ascending(name: str, numbers: Sequence[float | int]) -> None:
    ascending = all(a < b for a, b in pairwise(numbers))
    if not numbers or not ascending or not all(0 < x < math.inf for x in numbers):
        said = ", ".join(f"{number:g}" for number in numbers) or "none"
        raise InputError(
            f"{name} must be numbers > 0, ascending and not twice the same: not {said}"
        )
