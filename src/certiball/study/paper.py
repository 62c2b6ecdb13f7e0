"""The paper's own table: what the coordinates of its figures 4 and 5 say."""

import math

from certiball.study.table import Certified, Defence, Network, Results, Row

IMAGES, QUERIES = 200, 2000
LEVELS = (0.5, 0.8)
ATTACKS = ("HSJA", "SurFree", "RayS")
BASE, PGD, NOISE = (network.value for network in (Network.BASE, Network.PGD, Network.NOISE))

# Accuracy, and the mean L2 distance by each attack.
BARE = {BASE: (0.750, 17.5, 15.8, 13.4), PGD: (0.560, 22.8, 21.2, 12.9)}
# Accuracy, and for each attack the distances at P_a = .5 and .8.
SMOOTHED = {
    (BASE, 0.05, 10): (0.727, (46.6, 47.9), (38.6, 41.0), (15.0, 16.4)),
    (BASE, 0.05, 50): (0.731, (48.1, 48.1), (35.8, 36.7), (14.6, 15.3)),
    (BASE, 0.05, 100): (0.729, (48.5, 48.8), (33.7, 33.9), (14.4, 15.2)),
    (BASE, 0.15, 10): (0.600, (34.4, 38.8), (32.0, 36.6), (14.2, 16.8)),
    (BASE, 0.15, 50): (0.619, (36.2, 36.1), (33.5, 34.9), (13.9, 15.0)),
    (BASE, 0.15, 100): (0.634, (36.2, 36.9), (33.5, 33.9), (13.8, 14.9)),
    (NOISE, 0.25, 50): (0.641, (36.5, 37.1), (33.1, 35.9), (11.1, 11.6)),
}
# Where curves end at n = 10,000 and α = .001, which fit the paper's: σΦ⁻¹(α^(1/n)).
LARGEST = {(BASE, 0.05): 0.160, (BASE, 0.15): 0.480, (NOISE, 0.25): 0.800}


def paper() -> Results:
    """The paper's table, as claimed by its attacks: nothing there was verified on fresh noise.

    Example:
        >>> len(paper().rows)
        48
    """
    rows = [
        _row(Defence(network=network), attack, None, accuracy, mean)
        for network, (accuracy, *means) in BARE.items()
        for attack, mean in zip(ATTACKS, means, strict=True)
    ]
    rows += [
        _row(Defence(network=network, sigma=sigma, n=n), attack, level, accuracy, mean)
        for (network, sigma, n), (accuracy, *pairs) in SMOOTHED.items()
        for attack, pair in zip(ATTACKS, pairs, strict=True)
        for level, mean in zip(LEVELS, pair, strict=True)
    ]
    certified = tuple(
        Certified(network=network, sigma=sigma, images=IMAGES, radii=(radius,))
        for (network, sigma), radius in LARGEST.items()
    )
    return Results(rows=tuple(rows), certified=certified)


def _row(defence: Defence, attack: str, level: float | None, accuracy: float, mean: float) -> Row:
    """Only means are known; how misclassified images entered them is not said."""
    right = round(IMAGES * accuracy)
    return Row(
        defence=defence,
        attack=attack,
        level=level,
        space="reals",
        accuracy=accuracy,
        images=right,
        misclassified=IMAGES - right,
        found=right,
        mean_claimed=mean,
        median_claimed=math.nan,
        verified=0,
        mean_verified=math.nan,
        median_verified=math.nan,
        queries=float(QUERIES),
        forwards=0,
    )
