"""From what an attack gives to what is stored of each input, and back."""

from collections.abc import Sequence

import numpy as np

from certiball.attacks.attacked import Attacked, shown
from certiball.attacks.judging.verify import Verified
from certiball.balls import Norm
from certiball.campaigns.rows import Outcome, Verdict
from certiball.smoothed import encode_nearest
from certiball.spaces import Space


def outcomes_of(space: Space, numbers: Sequence[int], found: Attacked) -> list[Outcome]:
    """What an attack came to, input by input.

    Args:
        space: where inputs live.
        numbers: of the inputs in the data set.
        found: for no ε, or for one.
    """
    points = encode_nearest(space, found.raw)
    return [
        Outcome(
            input=number,
            status=found.status[place],
            queries=int(found.queries[place]),
            forwards=int(found.forwards[place]),
            backwards=int(found.backwards[place]),
            distance=float(found.distance[place]),
            history=found.history[place],
            point=points[place],
        )
        for place, number in enumerate(numbers)
    ]


def found_by(space: Space, norm: Norm, outcomes: Sequence[Outcome]) -> Attacked:
    """The attack's result again, of stored outcomes."""
    raw = shown(space, np.stack([each.point for each in outcomes]))
    distance = np.array([each.distance for each in outcomes])
    return Attacked(
        norm=norm,
        raw=raw,
        clipped=raw,
        success=np.isfinite(distance),
        queries=np.array([each.queries for each in outcomes]),
        forwards=np.array([each.forwards for each in outcomes]),
        backwards=np.array([each.backwards for each in outcomes]),
        distance=distance,
        status=tuple(each.status for each in outcomes),
        history=tuple(each.history for each in outcomes),
    )


def verdicts_of(space: Space, numbers: Sequence[int], verified: Verified) -> list[Verdict]:
    """What fresh noise confirmed, input by input."""
    levels, distances = verified.attacked.verified_level, verified.attacked.verified_distance
    assert distances is not None
    points = encode_nearest(space, verified.points)
    return [
        Verdict(
            input=number,
            level=0.0 if levels is None else float(levels[place]),  # by a rule that proves none
            distance=float(distances[place]),
            forwards=int(verified.forwards[place]),
            point=points[place],
        )
        for place, number in enumerate(numbers)
    ]
